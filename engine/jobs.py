"""Hand timers out to workers on any number of machines: procrastinate, on PostgreSQL alone.

The rows of `timer` are the truth and a job is only a hint to look at a case now. A periodic job
finds the cases with due timers and defers one job for each; a job that is lost with its worker,
or fails, is deferred again from the rows, and one too many finds nothing due. So no job has a
lock and none is scheduled for later: with those, one that waits would hold back others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine

from engine import records, worker
from engine.database import create_engine, transaction
from engine.process import Domain

SEARCH = "* * * * * */2"
"""When due timers are looked for: every two seconds (the sixth field of a cron line)."""
RECOVERY = "* * * * * */15"
BATCH = 1_000
"""How many cases one search hands out at most."""
DEAD_AFTER = 30
"""Seconds without a sign of life after which a worker counts as dead."""
RECONNECT_AFTER = 5
POOL = 8

_FIRE = "fire_timers"
_FIND = "find_due_timers"
_RECOVER = "recover_stalled_jobs"
_queue = sa.table("procrastinate_jobs", sa.column("queueing_lock"), sa.column("status"))
# Jobs are deferred on the caller's connection, so this one never opens any of its own.
_deferring = App(connector=SyncPsycopgConnector())
_log = logging.getLogger(__name__)


def is_installed(engine: Engine) -> bool:
    """Return whether the queue's tables are there."""
    return sa.inspect(engine).has_table(_queue.name)


def install(engine: Engine) -> None:
    """Make the queue's tables on PostgreSQL if they are missing."""
    if not is_installed(engine):
        with transaction(engine) as connection:
            # Several statements at once, which only the driver itself takes.
            _driver(connection).execute(SchemaManager.get_schema())


def defer_due(connection: Connection, now: datetime, *, limit: int = BATCH) -> int:
    """Defer a job for each case with a timer due at `now` that has none waiting; return how many.

    The jobs appear when the caller's transaction is committed.
    """
    # A literal, so that the index on what waits is used.
    todo = _queue.c.status == sa.literal_column("'todo'")
    same = _queue.c.queueing_lock == sa.cast(records.timer.c.case_id, sa.String)
    query = worker.cases_due(now).where(~sa.exists().where(todo, same)).limit(limit)
    return sum(_defer(connection, case_id) for case_id in connection.scalars(query).all())


def _defer(connection: Connection, case_id: UUID) -> bool:
    deferring = _deferring.configure_task(
        _FIRE, queueing_lock=str(case_id), connection=_driver(connection)
    )
    try:
        with connection.begin_nested():
            deferring.defer(case_id=str(case_id))
    except AlreadyEnqueued:
        # Another search was here a moment ago.
        return False
    return True


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def run_worker(url: str, domain: Domain, *, concurrency: int = 1) -> None:
    """Work until told to stop by SIGTERM or SIGINT; the jobs in hand are finished first.

    A database that goes away is waited for.
    """
    # Each search and each case would be two lines.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    engine = create_engine(url)
    try:
        asyncio.run(_work(_make_app(engine, domain), concurrency=concurrency))
    finally:
        engine.dispose()


def _make_app(engine: Engine, domain: Domain) -> App:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=address, max_size=POOL))

    @app.task(name=_FIRE)
    def fire(case_id: str) -> None:
        worker.fire_or_log(engine, UUID(case_id), domain, worker.real_time())

    # Ahead of the cases: a full queue must not keep the next search or recovery waiting.
    @app.periodic(cron=SEARCH, periodic_id=_FIND)
    @app.task(name=_FIND, queueing_lock=_FIND, priority=1)
    def find(timestamp: int) -> None:  # noqa: ARG001
        with transaction(engine) as connection:
            defer_due(connection, worker.real_time())

    @app.periodic(cron=RECOVERY, periodic_id=_RECOVER)
    @app.task(name=_RECOVER, queueing_lock=_RECOVER, priority=1)
    async def recover(timestamp: int) -> None:  # noqa: ARG001
        # Their work is found again from the rows, so nothing but the entries is in the way.
        queue = app.job_manager
        for job in await queue.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            await queue.finish_job(job, status=Status.ABORTED, delete_job=True)
        await queue.prune_stalled_workers(DEAD_AFTER)

    return app


async def _work(app: App, *, concurrency: int) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
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
