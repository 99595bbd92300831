"""The demonstration caseload: there is work to do in it, and it is the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from engine import reads
from engine.integrity import look_over
from engine.open_work import work_list
from engine.storage import database, tables
from training import demo
from web.cli import main
from web.cli.pack_files import own_demos
from workflows.permanence.domain import DOMAIN

ALL = {"complaints": 8, "dudley": 9 + 1, "guidance_note": 6, "wokingham": 5}
"""The cases of each pack: children, Dudley's panel, complaints and requests."""
EVERY = sum(ALL.values())
TWO = ("--pack", "dudley", "--pack", "complaints")
"""What the caseload test with its many children is about."""
CLOCKS = ("2026-01-05T09:00Z", "2026-04-08T13:30Z", "2027-12-31T23:30Z")


@pytest.fixture
def init(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, object]]:
    """Run `init --demo` on a database and return what it printed."""
    monkeypatch.setenv("PERMANENCE_MODE", "training")

    def init(url: str, *arguments: str) -> dict[str, object]:
        monkeypatch.setenv("PERMANENCE_DATABASE_URL", url)
        capsys.readouterr()
        assert main(["init", "--demo", "--json", *arguments]) == 0, capsys.readouterr().err
        printed: dict[str, object] = json.loads(capsys.readouterr().out)
        return printed

    return init


def test_the_social_worker_finds_work_overdue_today_and_later(
    init: Callable[..., dict[str, object]], database_url: str
) -> None:
    printed = init(database_url)

    engine = database.create_engine(database_url)
    with database.reading(engine) as connection:
        today = date(2026, 3, 16)
        mine = work_list.count_work(connection, today=today, assignee="dudley.social_worker")
        manager = work_list.list_work(connection, assignee="dudley.team_manager").items
        colleague = work_list.list_work(connection, assignee="dudley.social_worker_2").items
        chair = work_list.list_work(connection, pool_roles=["pmp_chair"]).items
        heads = reads.list_cases(connection, pack="dudley").items
        found = {pack: len(reads.list_cases(connection, pack=pack).items) for pack in ALL}
        people = reads.training_people(connection, "dudley")
    engine.dispose()
    assert printed["clock"] == "2026-03-16T09:00:00Z"
    assert sum(head.kind == "child" for head in heads) == 9
    assert (printed["cases"], found) == (EVERY, ALL)
    [panel] = [head for head in heads if head.kind != "child"]
    assert ("record_monitoring_panel", panel.ref) in {(each.name, each.case_ref) for each in chair}
    assert min(mine.overdue, mine.this_week, mine.later) >= 1
    assert "explain_breach" in {item.name for item in manager}
    assert "conduct_review" in {item.name for item in manager if item.needs_allocating}
    assert {"record_care_entry", "update_care_plan"} <= {item.name for item in colleague}
    assert people == {
        role: f"dudley.{role}"
        for role in ("social_worker", "team_manager", "service_manager", "iro", "pmp_chair")
    }


def test_managers_and_panels_find_what_needs_them(
    init: Callable[..., dict[str, object]], database_url: str
) -> None:
    init(database_url)

    engine = database.create_engine(database_url)
    with database.reading(engine) as connection:
        waiting = work_list.list_work(connection, limit=200).items
        onlookers = connection.execute(sa.select(tables.onlooker.c.role)).scalars().all()
    engine.dispose()
    late = {item.name for item in waiting if item.limit_on and item.limit_on < date(2026, 3, 16)}
    names = {(item.name, item.role) for item in waiting}
    assert "complete_action" in late
    assert "review_child_at_aepp" not in late
    assert ("consider_escalated_delay", "pmp_chair") in names
    assert {("answer_dissent_aepp", "aepp_chair"), ("answer_dissent_iro", "iro")} <= names
    assert "pmp_chair" in onlookers


def test_every_time_and_on_both_databases_it_is_the_same(
    init: Callable[..., dict[str, object]], new_database: Callable[..., str]
) -> None:
    found = []
    for kind in ("sqlite", "postgresql"):
        url = new_database(kind)
        first, second = init(url), init(url)
        assert (first["cases"], second["cases"]) == (EVERY, 0)
        engine = database.create_engine(url)
        with database.reading(engine) as connection:
            found.append(_hashes(connection))
        engine.dispose()

    assert len(found[0]) == EVERY
    assert found[0] == found[1]


@pytest.mark.parametrize("clock", CLOCKS)
def test_it_fits_any_clock(
    init: Callable[..., dict[str, object]],
    new_database: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    clock: str,
) -> None:
    printed = init(new_database("sqlite"), "--clock", clock)
    assert main(["verify", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)

    assert printed["cases"] == EVERY
    assert str(printed["clock"]).startswith(clock.removesuffix("Z"))
    assert (verdict["open_cases"], verdict["problems"]) == (EVERY, [])


def test_a_caseload_has_children_in_every_state(
    init: Callable[..., dict[str, object]], new_database: Callable[..., str]
) -> None:
    url = new_database("sqlite")
    printed = init(url, *TWO, "--caseload", "19")

    today = date(2026, 3, 16)
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        waiting = work_list.list_work(connection, pack="dudley", limit=200, optional=None).items
        heads = reads.list_cases(connection, pack="dudley").items
        verdict = look_over.look_over(connection, now=demo.START, domain=DOMAIN)
        confirmed = _count_fact(connection, "permanence_confirmed", "true")
        hashes = _hashes(connection)
    engine.dispose()
    overdue = {item.name for item in waiting if item.limit_on and item.limit_on < today}
    assert (printed["cases"], len(heads), verdict.problems) == (19 + 19 + 1, 19 + 1, ())
    assert {"arrange_ppm", "draft_care_plan", "explain_breach", "update_care_plan"} <= overdue
    assert {item.name for item in waiting} >= {
        "answer_dissent_aepp",
        "answer_dissent_iro",
        "approve_ceasing",
        "book_review",
        "chair_ppm",
        "complete_assessment",
        "conduct_review",
        "reconsider_plan",
        "record_care_entry",
        "record_panel_outcome",
    }
    assert {head.policy for head in heads} == {"D-PG", "D-2021"}
    assert "closed" in {head.status for head in heads}
    assert confirmed >= 1
    _the_first_two_are_the_same_anywhere(init, new_database("postgresql"), hashes)


@pytest.mark.parametrize("pack", sorted(set(own_demos()) - {"dudley"}))
def test_a_caseload_of_each_pack_leaves_no_case_that_nothing_can_move(
    init: Callable[..., dict[str, object]], new_database: Callable[..., str], pack: str
) -> None:
    rules = own_demos()[pack].rules
    url = new_database("sqlite")

    init(url, "--pack", pack, "--caseload", str(len(rules.states)))

    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        waiting = work_list.list_work(connection, pack=pack, limit=200, optional=None).items
        verdict = look_over.look_over(connection, now=demo.START, domain=DOMAIN)
    engine.dispose()
    assert verdict.problems == ()
    assert {item.name for item in waiting} & {each for s in rules.states for each in s.neglects}


def _the_first_two_are_the_same_anywhere(
    init: Callable[..., dict[str, object]], url: str, hashes: dict[str, str]
) -> None:
    """A child's history depends on the seed alone, not on how many others there are."""
    made = [init(url, *TWO, "--caseload", "2")["cases"] for _ in range(2)]
    assert made == [5, 0]
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        found = _hashes(connection)
        c = tables.case.c
        panel = connection.scalars(sa.select(c.ref).where(c.kind == "monitoring_panel")).one()
    engine.dispose()
    assert len(found) == 5
    # The panel's history holds what all children's cases told it.
    del found[panel]
    assert found.items() <= hashes.items()


def test_a_caseload_belongs_to_the_demonstration(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERMANENCE_MODE", "training")
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", database_url)

    assert main(["init", "--caseload", "5"]) == 1
    assert "give both" in capsys.readouterr().err


def test_a_clock_that_has_begun_is_not_turned_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERMANENCE_MODE", "training")
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", database_url)
    assert main(["init"]) == 0

    assert main(["init", "--demo"]) == 1
    assert "needs a new database" in capsys.readouterr().err


def _hashes(connection: sa.Connection) -> dict[str, str]:
    table = tables.case
    rows = connection.execute(sa.select(table.c.ref, table.c.last_hash))
    return {row.ref: row.last_hash for row in rows}


def _count_fact(connection: sa.Connection, name: str, value: str) -> int:
    t = tables.fact.c
    where = (t.name == name, t.value == value, t.to_sequence.is_(None))
    return connection.scalar(sa.select(sa.func.count()).where(*where)) or 0
