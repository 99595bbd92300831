"""Timers that workers fire a second: real workers on a durable PostgreSQL, one timer a case.

Each firing is a whole step: load, run, prune, write, commit. All timers are overdue when the
workers start, and the figure is taken from the first event to the last.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid5

import sqlalchemy as sa

from engine import commands
from engine.context import Actor, Context
from engine.firing import queue, training_clock
from engine.people import people
from engine.storage import database, tables
from tests.benchmarks import cycle
from tests.databases import PostgresqlDatabases
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

CASES = int(os.environ.get("BENCH_TIMERS", "2000"))
WORKERS = (1, 2, 4)
OPENED = datetime(2024, 3, 4, 9, tzinfo=UTC)
PATIENCE = 120
"""Seconds after which workers that have not finished never will."""

COMMAND = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())"]


def rates(url: str) -> dict[str, float]:
    """Return figure -> timers a second, on the PostgreSQL server at `url`."""
    databases = PostgresqlDatabases(url, worker="timers")
    figures = {}
    for workers in WORKERS:
        name = f"timers_per_s_postgresql_{workers}_{'worker' if workers == 1 else 'workers'}"
        made = databases.create(fill)
        figures[name] = _rate(made, workers)
        databases.remove(made)
    databases.close()
    return figures


def fill(url: str) -> None:
    """A production database with CASES open cases, each waiting for a timer that is overdue."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    queue.install(engine)
    files = cycle.files()
    # The case begins with its pause, so that it takes one step to get there.
    began = b'sourceRef="began" targetRef="'
    files["case.bpmn"] = files["case.bpmn"].replace(began + b"again", began + b"pause")
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="production", now=None)
        people.add_person(
            connection, "worker", display_name="Worker", roles=["social_worker"], pack="cycle"
        )
        owner = Actor("owner", "owner", frozenset({"process_owner"}))
        published(Context(connection, owner, OPENED, DOMAIN), files, reason="bench")
    for number in range(CASES):
        with database.transaction(engine) as connection:
            commands.open_case(
                Context(connection, cycle.WORKER, OPENED, DOMAIN),
                pack="cycle",
                answers={"social_worker": "worker"},
                case_id=uuid5(cycle.NAMESPACE, f"timer {number}"),
            )
    with database.transaction(engine) as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _rate(url: str, workers: int) -> float:
    engine = database.create_engine(url)
    with _running(url, workers):
        until = time.monotonic() + PATIENCE
        while (fired := _fired(engine))[0] < CASES:
            assert time.monotonic() < until, f"{fired[0]} of {CASES} timers fired"
            time.sleep(0.5)
    count, first, last = fired
    engine.dispose()
    return (count - 1) / (last - first).total_seconds()


def _fired(engine: sa.Engine) -> tuple[int, datetime, datetime]:
    """Return how many timers fired, and when the first and the last did."""
    t = tables.event.c
    query = sa.select(sa.func.count(), sa.func.min(t.at), sa.func.max(t.at))
    with database.reading(engine) as connection:
        row = connection.execute(query.where(t.kind == "timer_fired")).one()
    return row[0], row[1], row[2]


@contextmanager
def _running(url: str, workers: int) -> Iterator[None]:
    settings = {k: v for k, v in os.environ.items() if not k.startswith("PERMANENCE_")}
    settings["PERMANENCE_DATABASE_URL"] = url
    started = [
        subprocess.Popen(
            [*COMMAND, "worker"],
            env=settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    try:
        yield
        for each in started:
            each.send_signal(signal.SIGTERM)
        for each in started:
            each.wait(30)
    finally:
        for each in started:
            each.kill()
            each.wait()
