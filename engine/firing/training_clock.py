"""The training clock: a stored instant that moves only when told to, firing timers on the way.

Every timer due on the way fires at its own instant, in order of due time, each in its own
transaction; a crash in between leaves a clock that can simply be moved again.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from engine.domain import Domain
from engine.errors import ClockRefused
from engine.firing.due_cases import next_due
from engine.firing.fire import Firing, fire_case
from engine.storage import tables
from engine.storage.database import reading, transaction


def mode(connection: Connection) -> str:
    """Return "training" or "production", as stored at `init`."""
    return _setting(connection, "mode") or "production"


def current_time(connection: Connection) -> datetime:
    """Return the training clock's instant, aware, in UTC.

    Raises:
        ClockRefused: there is no training clock in production.
    """
    stored = _setting(connection, "clock")
    if stored is None:
        raise ClockRefused("this installation runs on real time")
    return datetime.fromisoformat(stored)


def set_up(connection: Connection, *, mode: str, now: datetime | None) -> None:
    """Store the mode, which cannot change afterwards, and the training clock's first instant.

    Raises:
        ClockRefused: the database has another mode.
    """
    known = _setting(connection, "mode")
    if known not in (None, mode):
        raise ClockRefused(f"this database is in {known} mode, and its mode cannot change")
    if known is None:
        connection.execute(tables.setting.insert().values(name="mode", value=mode))
        if mode == "training" and now is not None:
            connection.execute(tables.setting.insert().values(name="clock", value=now.isoformat()))


def advance(engine: Engine, to: datetime, *, domain: Domain, wall: datetime | None = None) -> int:
    """Move the training clock to `to` and return how many times timers fired on the way.

    Returns when settled: no timer due at or before `to` is left unfired but those that failed. They
    are tried again on the way, and then left to an operator as incidents.

    Raises:
        ClockRefused: `to` is earlier than the clock, or this is production.
    """
    with reading(engine) as connection:
        if mode(connection) != "training":
            raise ClockRefused("only the training clock can be moved")
        now = current_time(connection)
    if to < now:
        raise ClockRefused(f"the clock is at {now.isoformat()} and cannot move back")
    fired = 0
    while (due := _next_due(engine, to)) is not None:
        instant, case_id = max(due[0], now), due[1]
        firing = Firing(engine, domain, instant, wall, before=partial(_move, to=instant))
        fired += fire_case(firing, case_id)
    with transaction(engine) as connection:
        _move(connection, to)
    return fired


def _next_due(engine: Engine, until: datetime) -> tuple[datetime, UUID] | None:
    with reading(engine) as connection:
        return next_due(connection, until)


def _move(connection: Connection, to: datetime) -> None:
    stored = current_time(connection)
    if to > stored:
        table = tables.setting
        connection.execute(
            table.update().where(table.c.name == "clock").values(value=to.isoformat())
        )


def _setting(connection: Connection, name: str) -> str | None:
    t = tables.setting.c
    return connection.scalar(sa.select(t.value).where(t.name == name))
