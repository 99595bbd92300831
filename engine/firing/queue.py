"""Hand timers out to workers on any number of machines: procrastinate, on PostgreSQL alone.

The rows of `timer` are the truth and a job is only a hint to look at a handful of cases now, each
in its own transaction. A periodic job finds the cases with due timers and defers the jobs; one that
is lost with its worker, or fails, is deferred again from the rows, and one too many finds nothing
due. So no job has a lock and none is scheduled for later: with those, one that waits would hold
back others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict, JSONValue
from sqlalchemy import Connection, Engine

from engine.domain import Domain
from engine.firing import loop
from engine.firing.due_cases import cases_due
from engine.firing.garbage_collection import collect_seldom
from engine.storage.database import create_engine, transaction

SEARCH = "* * * * * */2"
"""When due timers are looked for: every two seconds (the sixth field of a cron line)."""
RECOVERY = "* * * * * */15"
BATCH = 2_000
"""How many cases wait in jobs at most; the rest waits in the rows."""
HANDFUL = 10
"""Cases in one job: handing a job out costs as much as firing a timer."""
DEAD_AFTER = 30
"""Seconds without a sign of life after which a worker counts as dead."""
RECONNECT_AFTER = 5
PATIENCE = 2
"""Seconds to wait for a case that somebody else has in hand; it is found again."""
POOL = 8

_FIRE = "fire_timers"
_FIND = "find_due_timers"
_RECOVER = "recover_stalled_jobs"
_QUEUE = "procrastinate_jobs"
# A literal, so that the index on what waits is used.
_WAITING = sa.text(
    f"SELECT jsonb_array_elements_text(args -> 'cases') FROM {_QUEUE} WHERE status = 'todo'"
)
# One search at a time: two would defer the same cases.
_ALONE = sa.select(sa.func.pg_try_advisory_xact_lock(7_306_010_142))
# Jobs are deferred on the caller's connection, so this one never opens any of its own.
_deferring = App(connector=SyncPsycopgConnector())
_log = logging.getLogger(__name__)


def is_installed(engine: Engine) -> bool:
    """Return whether the queue's tables are there."""
    return sa.inspect(engine).has_table(_QUEUE)


def install(engine: Engine) -> None:
    """Make the queue's tables on PostgreSQL if they are missing."""
    if not is_installed(engine):
        with transaction(engine) as connection:
            # Several statements at once, which only the driver itself takes.
            _driver(connection).execute(SchemaManager.get_schema())


def defer_due(connection: Connection, now: datetime, *, limit: int = BATCH) -> int:
    """Defer jobs for the cases with a timer due at `now` that wait in none; return how many cases.

    The jobs appear when the caller's transaction is committed. None while somebody else searches.
    """
    if not connection.scalar(_ALONE):
        return 0
    waiting = set(connection.scalars(_WAITING))
    found = (str(case_id) for case_id in cases_due(connection, now, limit=limit))
    cases: list[JSONValue] = [each for each in found if each not in waiting]
    handfuls: list[JSONDict] = [
        {"cases": cases[n : n + HANDFUL]} for n in range(0, len(cases), HANDFUL)
    ]
    if handfuls:
        _deferring.configure_task(_FIRE, connection=_driver(connection)).batch_defer(*handfuls)
    return len(cases)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def run_worker(url: str, domain: Domain, *, concurrency: int = 1) -> None:
    """Work until told to stop by SIGTERM or SIGINT; the cases in hand are finished first.

    A database that goes away is waited for.
    """
    # Each search and each case would be two lines.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    engine = create_engine(url)
    sa.event.listen(engine, "connect", _limit_patience)
    stopping = Event()
    try:
        app = _make_app(engine, domain, stopping)
        collect_seldom()
        asyncio.run(_work(app, stopping, concurrency=concurrency))
    finally:
        engine.dispose()


def _limit_patience(connection: Any, _record: Any) -> None:
    # A machine that vanished in the middle of a step may hold its case for long, but no other.
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
    connection.autocommit = False


def _make_app(engine: Engine, domain: Domain, stopping: Event) -> App:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=address, max_size=POOL))

    @app.task(name=_FIRE)
    def fire(cases: list[str]) -> None:
        for each in cases:
            if stopping.is_set():
                # The rest is still due, for whoever looks next.
                break
            loop.fire_or_log(engine, UUID(each), domain, loop.real_time())

    # Ahead of the cases: a full queue must not keep the next search or recovery waiting.
    @app.periodic(cron=SEARCH, periodic_id=_FIND)
    @app.task(name=_FIND, queueing_lock=_FIND, priority=1)
    def find(timestamp: int) -> None:  # noqa: ARG001
        with transaction(engine) as connection:
            defer_due(connection, loop.real_time())

    @app.periodic(cron=RECOVERY, periodic_id=_RECOVER)
    @app.task(name=_RECOVER, queueing_lock=_RECOVER, priority=1)
    async def recover(timestamp: int) -> None:  # noqa: ARG001
        # Their work is found again from the rows, so nothing but the entries is in the way.
        queue = app.job_manager
        for job in await queue.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            await queue.finish_job(job, status=Status.ABORTED, delete_job=True)
        await queue.prune_stalled_workers(DEAD_AFTER)

    return app


async def _work(app: App, stopping: Event, *, concurrency: int) -> None:
    stop = asyncio.Event()

    def stop_all() -> None:
        stopping.set()
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop_all)
    while not stop.is_set():
        try:
            async with app.open_async():
                await _work_until(stop, app, concurrency)
        except ConnectorException as error:
            _log.error("the database is away: %s", type(error.__cause__ or error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RECONNECT_AFTER)


async def _work_until(stop: asyncio.Event, app: App, concurrency: int) -> None:
    """Return when `stop` is set and the jobs in hand are done, or when the database went away."""
    working = asyncio.create_task(
        app.run_worker_async(
            concurrency=concurrency,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=DEAD_AFTER / 4,
            stalled_worker_timeout=DEAD_AFTER,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    # Cancelled, it takes no further job and finishes those it has.
    if not working.done():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
