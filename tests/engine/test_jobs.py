"""Workers on PostgreSQL: every due timer fires once, whoever dies, and none that moved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import commands, database, jobs, records, verification, worker
from engine.context import Context
from tests.engine.caseload import CASES, fill
from tests.engine.world import actor
from workflows.permanence.domain import DOMAIN

Start = Callable[[], "subprocess.Popen[bytes]"]
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    made: str = new_database("postgresql", fill=fill)
    return made


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = database.create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Start a worker as an operator does; those still running at the end are killed."""
    started: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())"]
    settings = {k: v for k, v in os.environ.items() if not k.startswith("PERMANENCE_")}

    def start() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [*command, "worker"],
                env={**settings, "PERMANENCE_DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def fired(engine: sa.Engine) -> Counter[UUID]:
    """Return how often timers fired in each case."""
    t = records.event.c
    with database.reading(engine) as connection:
        return Counter(connection.scalars(sa.select(t.case_id).where(t.kind == "timer_fired")))


def wait_for(engine: sa.Engine, cases: int) -> None:
    """Return when timers have fired in so many cases; two minutes are too long."""
    until = time.monotonic() + 120
    while len(fired(engine)) < cases:
        assert time.monotonic() < until, f"fired in {len(fired(engine))} of {cases} cases"
        time.sleep(0.1)


def left_in_queue(engine: sa.Engine, status: str) -> int:
    with database.reading(engine) as connection:
        query = sa.text("SELECT count(*) FROM procrastinate_jobs WHERE status::text = :status")
        return int(connection.scalar(query, {"status": status}) or 0)


def broken_chains(engine: sa.Engine) -> list[Any]:
    with database.reading(engine) as connection:
        return [id for id in CASES if verification.verify_case(connection, id) is not None]


class TestWorkers:
    def test_fire_every_timer_once_though_one_is_killed(
        self, engine: sa.Engine, start: Start
    ) -> None:
        killed, other = start(), start()
        wait_for(engine, 15)
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        wait_for(engine, len(CASES))
        other.send_signal(signal.SIGTERM)

        assert other.wait(timeout=10) == 0
        assert fired(engine) == dict.fromkeys(CASES, 1)
        assert broken_chains(engine) == []

    def test_stop_within_seconds_when_told_to(self, engine: sa.Engine, start: Start) -> None:
        only = start()
        wait_for(engine, 1)

        only.send_signal(signal.SIGTERM)

        assert only.wait(timeout=10) == 0
        done = fired(engine)
        assert len(done) < len(CASES)
        assert set(done.values()) == {1}
        # What was in hand was finished; the rest waits for the next worker.
        assert left_in_queue(engine, "doing") == 0
        assert left_in_queue(engine, "todo") > 0


class TestSearch:
    def test_defers_each_due_case_once(self, engine: sa.Engine) -> None:
        with database.transaction(engine) as connection:
            first = jobs.defer_due(connection, NOW, limit=50)
        with database.transaction(engine) as connection:
            rest, none = jobs.defer_due(connection, NOW), jobs.defer_due(connection, NOW)

        assert (first, rest, none) == (50, 30, 0)
        waiting = _waiting(engine)
        assert len(waiting) == len(CASES)
        assert set(waiting) == set(CASES)

    def test_defers_nothing_when_its_transaction_fails(self, engine: sa.Engine) -> None:
        with database.reading(engine) as connection:
            found = jobs.defer_due(connection, NOW)

        assert found == len(CASES)
        assert left_in_queue(engine, "todo") == 0

    def test_finds_nothing_before_its_time(self, engine: sa.Engine) -> None:
        with database.transaction(engine) as connection:
            assert jobs.defer_due(connection, datetime(2024, 3, 5, tzinfo=UTC)) == 0


def test_a_timer_that_moved_meanwhile_does_not_fire(engine: sa.Engine) -> None:
    # It was due and its job waits; then the date it hangs on is corrected.
    due = datetime(2024, 3, 20, 9, 0, tzinfo=UTC)
    with database.transaction(engine) as connection:
        assert jobs.defer_due(connection, due, limit=1) == 1
    [first] = _waiting(engine)
    with database.transaction(engine) as connection:
        team = Context(connection, actor("social_worker"), due, DOMAIN)
        commands.correct_fact(
            team,
            commands.ref_of(first),
            "came_into_care_on",
            "2024-03-18",
            effective_on=None,
            reason="Wrong date",
        )

    assert worker.fire_case(engine, first, DOMAIN, due) == 0
    assert fired(engine) == {}


def _waiting(engine: sa.Engine) -> list[UUID]:
    """Return the cases that jobs name, as often as they do."""
    query = "SELECT jsonb_array_elements_text(args -> 'cases') FROM procrastinate_jobs"
    with database.reading(engine) as connection:
        return [UUID(each) for each in connection.exec_driver_sql(query).scalars()]
