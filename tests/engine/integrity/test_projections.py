"""`verify` names each list that shows something else than the diagrams wait for."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.integrity import look_over
from engine.storage import database, tables
from workflows.permanence.domain import DOMAIN


def problems(world) -> list[tuple[str, str]]:
    with database.reading(world.engine) as connection:
        return list(look_over.look_over(connection, now=world.now, domain=DOMAIN).problems)


@pytest.fixture
def under_way(world):
    """A case some weeks on: a breach, meetings held, boundary timers armed."""
    world.open()
    world.go("2026-03-26")
    world.meeting("2026-03-26")
    world.go("2026-04-20")
    return world


class TestVerify:
    def test_finds_nothing_in_a_case_that_went_its_way(self, under_way):
        assert problems(under_way) == []

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (
                tables.work_item.update()
                .where(tables.work_item.c.status == "open")
                .values(status="cancelled"),
                "waits for somebody, but no work item is open",
            ),
            (
                tables.work_item.update()
                .where(tables.work_item.c.status == "completed")
                .values(status="open"),
                "is open, but the diagram does not wait for it",
            ),
            (tables.timer.delete(), "is armed, but stands in no row"),
            (
                tables.timer.update()
                .where(tables.timer.c.due_at.is_not(None))
                .values(due_at=sa.null()),
                "but its row says at no time",
            ),
            (
                tables.timer.update().values(task=tables.timer.c.task + 9_000),
                "but the diagram does not wait for it",
            ),
            (tables.instance.update().values(waiting="[]"), "is said to wait at nothing"),
        ],
        ids=["work lost", "work risen", "timer lost", "timer disarmed", "timer made up", "waiting"],
    )
    def test_names_the_case_and_what_differs(self, under_way, spoil: sa.Update, said: str):
        with database.transaction(under_way.engine) as connection:
            assert connection.execute(spoil).rowcount > 0

        found = problems(under_way)

        assert any(said in words for _, words in found)
        assert {ref for ref, _ in found} == {under_way.ref}
