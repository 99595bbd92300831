"""What pages say of the past is what was sealed, and what was changed since is found."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.integrity import look_over
from engine.people import people
from engine.reads import history
from engine.storage import database, tables
from engine.storage.sealed_rows import GROUPS
from tests.builders.world import START, World
from tests.proofs import tampering
from workflows.permanence.domain import DOMAIN


@pytest.fixture
def met(world: World) -> World:
    """A case with a meeting, a correction, a notice, and work of several people."""
    world.open()
    world.complete("iro", "book_review", {"review_date": "2026-04-02"})
    world.go("2026-03-25")
    world.meeting("2026-03-25")
    world.correct("came_into_care_on", "2026-03-06")
    assert problems(world) == []
    return world


def problems(world: World) -> list[str]:
    with database.reading(world.engine) as connection:
        verdict = look_over.look_over(connection, now=world.now, domain=DOMAIN)
    return [words for _, words in verdict.problems]


def change(world: World, table: sa.Table, where: Any = None, **values: Any) -> None:
    """Change rows behind the engine's back."""
    query = table.update().values(values)
    with database.transaction(world.engine) as connection:
        connection.execute(query if where is None else query.where(where))


def remove(world: World, *queries: Any) -> None:
    with database.transaction(world.engine) as connection:
        for query in queries:
            connection.execute(query)


def event(world: World, sequence: int) -> history.EventRow:
    with database.reading(world.engine) as connection:
        [found] = history.list_history(connection, world.case_id, after=sequence - 1, limit=1)
    return found


LATER = datetime(2027, 1, 1, tzinfo=UTC)
FORGED = {
    "actor": "dudley.iro", "acting_for": "dudley.iro", "kind": "comment_added", "at": LATER,
    "recorded_at": LATER, "engine_version": "permanence 9",
}  # fmt: skip


class TestTheEvent:
    @pytest.mark.parametrize("column", FORGED)
    def test_r1_a_forged_column_is_found(self, met: World, column: str):
        change(met, tables.event, tables.event.c.sequence == 3, **{column: FORGED[column]})
        said = "What stands beside event 3 was altered."
        if column not in ("recorded_at", "engine_version"):
            said = f"The column {column} of event 3 is not what the event says."
        assert problems(met) == [said]

    def test_r1_what_is_shown_is_what_was_sealed(self, met: World):
        before = event(met, 3)
        forged = {name: FORGED[name] for name in ("actor", "acting_for", "kind", "at")}
        change(met, tables.event, tables.event.c.sequence == 3, **forged)
        assert event(met, 3) == before

    def test_r2_an_erasure_needs_its_event(self, met: World):
        change(met, tables.case, secret=None)
        assert problems(met) == ["The secret of the case is gone, and no event erased it."]


w, d, n, f, i = (
    tables.work_item, tables.deadline, tables.notice, tables.fact, tables.instance,
)  # fmt: skip
CHANGES: dict[str, tuple[sa.Table, Any, dict[str, Any]]] = {
    "a closed case": (tables.case, None, {"status": "closed"}),
    "another policy": (tables.case, None, {"policy": "D-2021"}),
    "another manager": (tables.case, None, {"manager": "dudley.iro"}),
    "a later limit": (d, d.c.status == "open", {"limit_on": START.date()}),
    "another sentence": (d, None, {"explanation": "Because."}),
    "a duty met": (d, d.c.status == "open", {"status": "met"}),
    "another assignee": (w, w.c.status == "open", {"assignee": "dudley.iro"}),
    "work done": (w, w.c.status == "open", {"status": "completed"}),
    "another title": (w, None, {"title": "Do nothing"}),
    "sorted otherwise": (w, w.c.act_by_on.is_not(None), {"sort_on": START.date()}),
    "another notice": (n, None, {"text": "Nothing happened."}),
    "told somebody else": (n, None, {"person": "dudley.iro2"}),
    "true since another day": (f, None, {"effective_on": START.date() - timedelta(days=9)}),
    "another reason": (f, None, {"reason": "None"}),
    "no value any more": (f, f.c.to_sequence.is_(None), {"to_sequence": 3}),
    "a fact that goes on": (f, f.c.to_sequence.is_not(None), {"to_sequence": None}),
    "another state": (i, None, {"state": "{}"}),
    "another process": (i, None, {"process": "other"}),
    "other steps": (tables.step, None, {"ran": "[]"}),
    "another drafter": (tables.submission, None, {"drafted_by": '["x"]'}),
    "held by another": (tables.holder, None, {"assignee": "dudley.iro"}),
    "held no longer": (tables.holder, None, {"to_sequence": 3}),
}


class TestTheTables:
    @pytest.mark.parametrize("what", CHANGES)
    def test_r2_a_changed_value_is_found(self, met: World, what: str):
        table, where, values = CHANGES[what]
        change(met, table, where, **values)
        assert problems(met)

    @pytest.mark.parametrize("table", [d, n, f, tables.step, tables.submission, tables.holder])
    def test_r2_a_removed_row_is_found(self, met: World, table: sa.Table):
        remove(met, table.delete())
        assert problems(met)

    def test_r2_an_added_row_is_found(self, met: World):
        with database.transaction(met.engine) as connection:
            row = dict(connection.execute(sa.select(n)).mappings().first() or {})
            connection.execute(n.insert().values({**row, "id": met.case_id}))
        assert problems(met)

    def test_r2_an_edited_definition_is_found(self, met: World):
        t = tables.definition_file
        change(met, t, t.c.path == "chair.dmn", content=b"<x/>")
        assert any("are not those that it is named by" in each for each in problems(met))

    def test_r2_a_case_that_was_removed_whole_is_missed(self, met: World):
        ordered = [t for t in reversed(tables.metadata.sorted_tables) if "case_id" in t.c]
        drafts = [tables.draft.delete()]
        remove(met, *drafts, *(t.delete() for t in ordered), tables.case.delete())
        assert problems(met) == ["Case number 1 of the register is missing."]

    def test_r2_a_case_that_nobody_opened_is_found(self, met: World):
        with database.transaction(met.engine) as connection:
            row = dict(connection.execute(sa.select(tables.case)).mappings().one())
            other = {"id": UUID(int=7), "ref": "P-AAAAA-AAAAA", "number": 2}
            connection.execute(tables.case.insert().values({**row, **other, "sole": False}))
        assert "The case stands in no place of the register of cases." in problems(met)


class TestWhoAndWhen:
    def test_r3_the_history_says_who_held_work_then(self, met: World):
        with database.reading(met.engine) as connection:
            before = history.get_picture(connection, met.case_id, 5)
        mine = [each for each in before.work_items if each.assignee == "dudley.social_worker"]
        assert mine

        saved = met.send(
            "transfer",
            "team_manager",
            social_worker="dudley.social_worker_2",
            **{"from": "2026-03-25"},
        )

        with database.reading(met.engine) as connection:
            then = history.get_picture(connection, met.case_id, 5)
            now = history.get_picture(connection, met.case_id, saved.version)
        assert then.work_items == before.work_items
        held = {each.assignee for each in now.work_items}
        assert "dudley.social_worker_2" in held
        assert "dudley.social_worker" not in held
        assert problems(met) == []

    def test_r3_the_history_says_what_people_were_called_then(self, met: World):
        before = event(met, 1)
        assert before.actor_name == "Social Worker"
        with database.transaction(met.engine) as connection:
            people.add_person(
                connection,
                "dudley.social_worker",
                display_name="Married Name",
                roles=["social_worker"],
                pack="dudley",
                manager="dudley.team_manager",
                now=met.now + timedelta(days=1),
            )
        met.go("2026-03-27")
        saved = met.correct("came_into_care_on", "2026-03-05")
        assert event(met, 1) == before
        assert event(met, saved.version).actor_name == "Married Name"

    def test_r3_who_is_called_otherwise_needs_a_day(self, met: World):
        with (
            pytest.raises(ValueError, match="say since when"),
            database.transaction(met.engine) as connection,
        ):
            people.add_person(connection, "dudley.iro", display_name="Other", roles=["iro"])

    def test_r6_what_a_late_clock_recorded_is_marked(self, met: World):
        right = met.correct("came_into_care_on", "2026-03-05")
        ahead = met.now
        met.now -= timedelta(days=3)
        behind = met.correct("came_into_care_on", "2026-03-04")
        met.now = ahead
        after = met.correct("came_into_care_on", "2026-03-03")
        assert event(met, right.version).dated_before is None
        marked = event(met, behind.version).dated_before
        assert marked is not None
        assert event(met, marked).at > event(met, behind.version).at
        assert event(met, after.version).dated_before is None

    def test_r6_a_day_leads_to_the_last_event_before_any_later_one(self, met: World):
        last = met.correct("came_into_care_on", "2026-03-05").version
        end = met.now.replace(hour=0)
        with database.reading(met.engine) as connection:
            before = history.last_until(connection, met.case_id, end)
        met.now -= timedelta(days=3)
        met.correct("came_into_care_on", "2026-03-04")
        with database.reading(met.engine) as connection:
            assert history.last_until(connection, met.case_id, end) == before < last
            assert history.last_until(connection, met.case_id, LATER) == last + 1

    def test_r5_only_the_limit_that_governs_is_announced(self, met: World):
        with database.reading(met.engine) as connection:
            events = history.list_history(connection, met.case_id)
        for each in events:
            opened = [c for c in each.deadlines_changed if c["change"] == "opened"]
            for name in {c["name"] for c in opened}:
                limits = [c for c in opened if c["name"] == name]
                governing = [c for c in limits if c["governs"]]
                assert len(governing) <= 1
                first = min(str(c["limit_on"]) for c in limits)
                assert all(c["limit_on"] == first for c in governing)
        told = [len(each.deadlines_changed) for each in events]
        said = [sum(bool(c["governs"]) for c in each.deadlines_changed) for each in events]
        assert told > said


def test_the_page_says_of_every_column_what_vouches_for_it():
    said = tampering.vouched_for()
    assert set(said) == set(tables.metadata.tables)
    for name, columns in said.items():
        table = tables.metadata.tables[name]
        assert set(columns) - {"*"} <= {column.name for column in table.c}
        assert "*" in columns
    apart = [each for columns in said.values() for each in columns.values()]
    assert all(re.match(r"nothing( yet)?: .{10,}", each) for each in apart if "nothing" in each)


def test_r2_random_changes_are_found(tmp_path: Path):
    """A seeded sample of `make prove`, which makes 1,000 changes."""
    filled = tmp_path / "filled.sqlite"
    now = tampering.fill_council(f"sqlite:///{filled}")
    figures = tampering.tried(filled, now, changes=12, seed=3)
    assert figures.found == figures.changes == 12


COMPARED = {
    ("case", "id"), ("case", "version"), ("case", "last_hash"), ("case", "secret"),
    ("case", "number"), ("submission", "answers"), ("fact", "to_sequence"), ("fact", "is_person"),
    ("onlooker", "to_sequence"), ("holder", "to_sequence"), ("work_item", "sort_on"),
    ("message", "received_by"), ("message", "received_sequence"), ("message", "due_at"),
    ("message", "attempts"), ("message", "cause"),
}  # fmt: skip
"""Columns of sealed tables that stand in no group; the page says what becomes of each."""


def test_every_column_of_a_sealed_table_stands_in_a_group_or_is_compared_otherwise():
    sealed = {
        (group.table.name, column)
        for group in GROUPS
        for column in (*group.key, *group.columns, "case_id")
    }
    names = {table for table, _ in sealed}
    columns = {(name, each.name) for name in names for each in tables.metadata.tables[name].c}
    assert columns - sealed == COMPARED
