"""Workers on PostgreSQL: every due timer fires once, whoever dies, and none that moved."""

from __future__ import annotations

import json
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

import psycopg
import pytest
import sqlalchemy as sa

from engine import commands
from engine.context import Context
from engine.firing import loop, queue
from engine.integrity import verification
from engine.storage import database, loading, tables
from tests.builders.caseload import CASES, fill
from tests.builders.world import actor
from workflows.permanence.domain import DOMAIN

Start = Callable[..., "subprocess.Popen[bytes]"]
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

    def start(*options: str) -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [*command, "worker", *options],
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
    t = tables.event.c
    with database.reading(engine) as connection:
        return Counter(connection.scalars(sa.select(t.case_id).where(t.kind == "timer_fired")))


def wait_for(engine: sa.Engine, cases: int) -> None:
    """Return when timers have fired in so many cases."""
    wait_until(lambda: len(fired(engine)) >= cases, f"not fired in {cases} cases")


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return when it holds; two minutes are too long."""
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)


def plain(url: str) -> str:
    """Return a URL as psycopg spells it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def left_in_queue(engine: sa.Engine, status: str) -> int:
    with database.reading(engine) as connection:
        query = sa.text("SELECT count(*) FROM procrastinate_jobs WHERE status::text = :status")
        return int(connection.scalar(query, {"status": status}) or 0)


def cut_all_connections(url: str, name: str) -> int:
    """Let a database go away and come back, as at a restart; return how many connections it had."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(plain(url), autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        cut = len(other.execute(query, [name]).fetchall())
        wait_until(lambda: other.execute(query, [name]).fetchall() == [], "still connected")
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    return cut


def broken_chains(engine: sa.Engine) -> list[Any]:
    with database.reading(engine) as connection:
        return [id for id in CASES if verification.verify_case(connection, id) is not None]


class TestWorkers:
    def test_fire_every_timer_once_though_one_is_killed_and_the_database_goes_away(
        self, engine: sa.Engine, postgresql_url: str, start: Start
    ) -> None:
        killed, other = start("--concurrency", "3"), start("--concurrency", "2")
        wait_for(engine, 10)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        wait_for(engine, 20)
        cut = cut_all_connections(postgresql_url, str(engine.url.database))

        wait_for(engine, len(CASES))
        other.send_signal(signal.SIGTERM)

        assert cut > 1
        assert other.wait(timeout=60) == 0
        assert fired(engine) == dict.fromkeys(CASES, 1)
        assert broken_chains(engine) == []

    def test_stop_within_seconds_when_told_to(self, engine: sa.Engine, start: Start) -> None:
        only = start()
        wait_for(engine, 1)

        only.send_signal(signal.SIGTERM)

        assert only.wait(timeout=60) == 0
        done = fired(engine)
        assert len(done) < len(CASES)
        assert set(done.values()) == {1}
        # What was in hand was finished; the rest waits for the next worker.
        assert left_in_queue(engine, "doing") == 0
        assert left_in_queue(engine, "todo") > 0

    def test_pass_over_a_case_in_other_hands_and_clear_up_after_the_dead(
        self, engine: sa.Engine, start: Start
    ) -> None:
        # One case is held by a step that never ends, another by the job of a dead worker.
        held, lost = CASES[3], CASES[5]
        _leave_job_of_the_dead(engine, lost)
        with database.transaction(engine) as holder:
            loading.load_case(holder, held)
            only = start()
            wait_for(engine, len(CASES) - 1)
            assert fired(engine) == dict.fromkeys(set(CASES) - {held}, 1)
        wait_for(engine, len(CASES))
        wait_until(lambda: left_in_queue(engine, "doing") == 0, "a dead worker's job was left")
        only.send_signal(signal.SIGTERM)

        assert only.wait(timeout=60) == 0
        assert fired(engine) == dict.fromkeys(CASES, 1)


def _leave_job_of_the_dead(engine: sa.Engine, case_id: UUID) -> None:
    with database.transaction(engine) as connection:
        worker_id = connection.exec_driver_sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
            " RETURNING id"
        ).scalar_one()
        connection.exec_driver_sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
            " VALUES ('default', 'fire_timers', %s::jsonb, 'doing', %s)",
            (json.dumps({"cases": [str(case_id)]}), worker_id),
        )


class TestSearch:
    def test_defers_each_due_case_once(self, engine: sa.Engine) -> None:
        with database.transaction(engine) as connection:
            first = queue.defer_due(connection, NOW, limit=50)
        with database.transaction(engine) as connection:
            rest, none = queue.defer_due(connection, NOW), queue.defer_due(connection, NOW)

        assert (first, rest, none) == (50, 30, 0)
        waiting = _waiting(engine)
        assert len(waiting) == len(CASES)
        assert set(waiting) == set(CASES)

    def test_defers_nothing_when_its_transaction_fails(self, engine: sa.Engine) -> None:
        def defer_and_fail() -> None:
            with database.transaction(engine) as connection:
                assert queue.defer_due(connection, NOW) == len(CASES)
                raise LookupError

        with pytest.raises(LookupError):
            defer_and_fail()

        assert left_in_queue(engine, "todo") == 0

    def test_finds_nothing_before_its_time(self, engine: sa.Engine) -> None:
        with database.transaction(engine) as connection:
            assert queue.defer_due(connection, datetime(2024, 3, 5, tzinfo=UTC)) == 0


def test_a_timer_that_moved_meanwhile_does_not_fire(engine: sa.Engine) -> None:
    # It was due and its job waits; then the date it hangs on is corrected.
    due = datetime(2024, 3, 20, 9, 0, tzinfo=UTC)
    with database.transaction(engine) as connection:
        assert queue.defer_due(connection, due, limit=1) == 1
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

    assert loop.fire_case(engine, first, DOMAIN, due) == 0
    assert fired(engine) == {}


def _waiting(engine: sa.Engine) -> list[UUID]:
    """Return the cases that jobs name, as often as they do."""
    query = "SELECT jsonb_array_elements_text(args -> 'cases') FROM procrastinate_jobs"
    with database.reading(engine) as connection:
        return [UUID(each) for each in connection.exec_driver_sql(query).scalars()]
