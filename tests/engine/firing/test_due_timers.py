"""Looking for due timers costs what is due, not what is armed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
import sqlalchemy as sa

from engine.firing import due_cases
from engine.storage import database, tables
from tests.databases import Kind

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
NAMESPACE = UUID("3f0c1b52-8d0a-4b62-9a4f-5b0c9d6b1e77")
CASES = 1_500
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(days=1)


def case(number: int) -> UUID:
    return uuid5(NAMESPACE, str(number))


def fill(url: str) -> None:
    """Two armed timers in each of CASES cases, none due at NOW but those of cases 3, 7 and 9.

    The second timer of case 7 is the first of all. The first of 8 failed and is to be tried again
    at NOW, that of 9 failed for good.
    """
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    due = {(3, 0): NOW, (7, 0): NOW, (7, 1): EARLIER, (9, 0): EARLIER}
    every = [(number, task) for number in range(CASES) for task in range(2)]
    incident = {"kind": "timer", "cause": "", "attempts": 3, "reason": "", "element": "late"}
    incident |= {"task": 0, "first_at": EARLIER, "last_at": EARLIER}
    status = {8: ("failing", NOW), 9: ("open", None)}
    rows = {
        tables.case: [_case(number) for number in range(CASES)],
        tables.instance: [_instance(number) for number in range(CASES)],
        tables.timer: [
            {
                "instance_id": case(number),
                "task": task,
                "case_id": case(number),
                "element": "late",
                "due_at": due.get((number, task), LATER),
            }
            for number, task in every
        ],
        tables.incident: [
            {
                "id": case(number),
                "case_id": case(number),
                "instance_id": case(number),
                "status": how,
                "next_try_at": again,
                **incident,
            }
            for number, (how, again) in status.items()
        ],
    }
    with database.transaction(engine) as connection:
        for table, values in rows.items():
            connection.execute(table.insert(), values)
    with database.transaction(engine) as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _case(number: int) -> dict[str, object]:
    return {
        "id": case(number),
        "ref": f"D-{number}",
        "pack": "small",
        "policy": "P",
        "definition": "",
        "version": 1,
        "status": "open",
        "opened_at": EARLIER,
        "last_hash": "",
    }


def _instance(number: int) -> dict[str, object]:
    return {
        "id": case(number),
        "case_id": case(number),
        "process": "case",
        "definition": "",
        "correlation": "",
        "status": "running",
        "waiting": "[]",
        "started_sequence": 1,
    }


@pytest.fixture
def connection(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[sa.Connection]:
    engine = database.create_engine(new_database(database_kind, fill=fill))
    with database.reading(engine) as connection:
        yield connection
    engine.dispose()


def test_finds_each_case_once_the_longest_due_first(connection: sa.Connection) -> None:
    found = due_cases.cases_due(connection, NOW)

    assert set(found) == {case(3), case(7), case(8)}
    assert found[0] == case(7)
    assert due_cases.cases_due(connection, NOW, limit=1) == [case(7)]
    assert due_cases.next_due(connection, NOW) == (EARLIER, case(7))


def test_finds_nothing_before_its_time(connection: sa.Connection) -> None:
    before = EARLIER - timedelta(seconds=1)

    assert due_cases.cases_due(connection, before) == []
    assert due_cases.next_due(connection, before) is None


def test_walks_what_is_due_and_not_what_is_armed(connection: sa.Connection) -> None:
    plan = _plan(connection, due_cases.not_failed(NOW).limit(1_000))

    assert "ix_timer_due_at" in plan
    assert "ix_timer_case" not in plan
    assert not any(each in plan for each in ("SCAN timer", "Seq Scan on timer"))


def _plan(connection: sa.Connection, query: sa.Select[object]) -> str:
    words = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    text = query.compile(connection, compile_kwargs={"literal_binds": True})
    rows = connection.exec_driver_sql(f"{words} {text}")
    return "\n".join(str(row) for row in rows)
