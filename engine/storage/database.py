"""Connections, transactions and the schema. The one place that commits.

SQLite (WAL, synchronous=FULL, BEGIN IMMEDIATE for every writing transaction) or PostgreSQL.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection as Connection
from sqlalchemy import Engine as Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError

from engine.errors import ConcurrentUpdate
from engine.storage.compiled_sql import run_text

T = TypeVar("T")

Unreachable = DBAPIError
"""What is raised when the database or its connection fails."""

CONNECTIONS = 16
"""At once in one process: each of its 8 threads may read while it writes."""

ATTEMPTS = 3
"""How often a step that lost a race against another step of its case is tried."""


def create_engine(url: str) -> Engine:
    """Return an engine for a `sqlite:///…` or `postgresql+psycopg://…` URL."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Parameters hold what people typed: they must not reach a log with an error.
        # A database in memory has one connection a thread, and no pool to size.
        pool = {"max_overflow": CONNECTIONS - 5} if parsed.database else {}
        engine = sa.create_engine(url, connect_args={"timeout": 30}, hide_parameters=True, **pool)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(parsed, hide_parameters=True, max_overflow=CONNECTIONS - 5)
    sa.event.listen(engine, "checkout", _require_alive)
    return engine


def _require_alive(connection: Any, _record: Any, _proxy: Any) -> None:
    """Let the pool open another connection in the place of one whose server has gone away.

    Asking the server (`pool_pre_ping`) costs a journey of its own before each step. On an idle
    connection nothing is to be read but its end.

    Raises:
        DisconnectionError: the other end hung up; the pool tries again.
    """
    poll = select.poll()
    if not connection.closed:
        poll.register(connection.fileno(), select.POLLIN)
    if connection.closed or poll.poll(0):
        raise DisconnectionError("the server has closed this connection")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Transactions are begun by `_begin_sqlite`; the driver's own handling begins too late.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    run_text(connection, "BEGIN" if only_reads(connection) else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Yield a connection; everything written is committed together, or not at all."""
    with engine.connect() as connection, connection.begin() as begun:
        yield connection
        try:
            begun.commit()
        except BaseException:
            # It may still be open there, and the connection would take its locks to the pool.
            connection.invalidate()
            raise


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection for queries, all on one picture; nothing that is written on it stays.

    PostgreSQL refuses to write, so there it can end with a commit: a rollback makes the driver
    forget the statements that it has prepared, which costs the next step more than running them.
    """
    with engine.connect() as connection:
        far = is_for_many_machines(engine)
        # SQLite keeps to the picture of a transaction's first query by itself.
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if far else {}
        connection = connection.execution_options(reads_only=True, **options)
        with connection.begin() as begun:
            yield connection
            if far:
                begun.commit()
            else:
                begun.rollback()


def only_reads(connection: Connection) -> bool:
    """Return whether this is a connection of `reading`, which may take no lock."""
    return bool(connection.get_execution_options().get("reads_only", False))


def in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run `work` in a transaction; retry when another step of the same case was first.

    Raises:
        ConcurrentUpdate: lost the race `ATTEMPTS` times; nothing was written.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction(engine) as connection:
                return work(connection)
        except (ConcurrentUpdate, IntegrityError, OperationalError) as error:
            if attempt == ATTEMPTS or not _is_race(error):
                raise
    raise AssertionError("unreachable")


def _is_race(error: Exception) -> bool:
    if isinstance(error, ConcurrentUpdate):
        return True
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    # 40001 serialisation failure, 40P01 deadlock, 23505 two opened the same row at once.
    return code in ("40001", "40P01", "23505") or "database is locked" in str(error)


def is_for_many_machines(engine: Engine) -> bool:
    """Return whether workers may run beside the servers; else a server does their work itself."""
    return engine.dialect.name == "postgresql"


def has_schema(url: str) -> bool:
    """Return whether there are tables at `url`; looking makes no SQLite file.

    Raises:
        OperationalError: the database cannot be reached.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return False
    engine = create_engine(url)
    try:
        return sa.inspect(engine).has_table("setting")
    finally:
        engine.dispose()


def upgrade_schema(url: str, *, to: str = "head") -> None:
    """Bring the schema at `url` to the newest revision, or to that named `to`."""
    # Loaded here only: it takes longer than most commands.
    import alembic.command
    import alembic.config

    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(url)
    try:
        with transaction(engine) as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, to)
    finally:
        engine.dispose()
