"""The same commands at the same instants give the same events, byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from engine.integrity import verification
from engine.reads import history
from engine.storage import database, tables
from tests.builders.world import World, fill


def play(world: World) -> list[tuple[str, str]]:
    """Run a short journey and return (body, hash) of each event."""
    world.open()
    world.complete("iro", "book_review", {"review_date": "2026-04-02"})
    world.go("2026-03-25")
    world.meeting("2026-03-25")
    world.follow_up("2026-03-25")
    world.send("significant_change", changed_on="2026-03-25", what="Placement ended")
    world.correct("came_into_care_on", "2026-03-06")
    t = tables.event.c
    with database.reading(world.engine) as connection:
        rows = connection.execute(sa.select(t.body, t.hash).order_by(t.sequence)).all()
    return [(body, hash) for body, hash in rows]


def test_is_the_same_on_both_databases(new_database: Callable[..., str]):
    played = []
    for kind in ("sqlite", "postgresql"):
        engine = database.create_engine(new_database(kind, fill=fill))
        played.append(play(World(engine)))
        engine.dispose()

    assert len(played[0]) >= 8
    assert played[0] == played[1]


class TestTheChain:
    def test_names_the_event_that_was_altered(self, world):
        play(world)
        t = tables.event.c

        with database.transaction(world.engine) as connection:
            body = connection.scalar(sa.select(t.body).where(t.sequence == 3))
            connection.execute(
                tables.event.update().where(t.sequence == 3).values(body=body.replace("ppm", "pqm"))
            )

        with database.reading(world.engine) as connection:
            assert verification.verify_case(connection, world.case_id) == "Event 3 was altered."

    def test_names_the_event_that_is_missing(self, world):
        play(world)

        with database.transaction(world.engine) as connection:
            connection.execute(tables.event.delete().where(tables.event.c.sequence == 2))

        with database.reading(world.engine) as connection:
            assert verification.verify_case(connection, world.case_id) == "Event 2 is missing."

    @pytest.mark.parametrize(
        ("table", "column", "says"),
        [
            (tables.submission, "answers", "What was typed at event 4 was altered."),
            (tables.fact, "value", "A fact recorded at event 4 was altered."),
        ],
    )
    def test_covers_the_content_beside_it(self, world, table, column, says):
        play(world)
        place = table.c.sequence if column == "answers" else table.c.from_sequence

        with database.transaction(world.engine) as connection:
            connection.execute(table.update().where(place == 4).values({column: '{"a": 1}'}))

        with database.reading(world.engine) as connection:
            assert verification.verify_case(connection, world.case_id) == says

    def test_holds_no_personal_content(self, world):
        bodies = " ".join(body for body, _ in play(world))

        for personal in ("Sam Example", "Placement ended", "Speech therapy", "2020-01-01"):
            assert personal not in bodies


class TestThePicture:
    def test_shows_what_stood_at_an_event(self, world):
        play(world)

        with database.reading(world.engine) as connection:
            first = history.get_picture(connection, world.case_id, 1)
            last = history.get_picture(connection, world.case_id, first.last)

        assert first.facts["came_into_care_on"] == "2026-03-09"
        assert last.facts["came_into_care_on"] == "2026-03-06"
        assert {each.name for each in first.work_items} == {
            "draft_care_plan",
            "arrange_ppm",
            "book_review",
        }
        assert "arrange_ppm" in first.instances[0].waiting
        assert [each.limit_on.isoformat() for each in first.deadlines if each.name == "ppm"] == [
            "2026-03-23"
        ]
