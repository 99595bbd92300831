"""Is every case watched? Cheap enough to be asked every few seconds by a machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.firing import due_cases
from engine.storage import incidents, tables
from engine.storage.incidents import IncidentRow

GRACE = timedelta(minutes=1)
"""How late a timer may fire before it counts as overdue: a worker looks every few seconds."""

MOST = 100
"""Of each kind of trouble, as many are listed; more is one cause with one remedy."""


@dataclass(frozen=True)
class Overdue:
    """A timer that should have fired."""

    case_ref: str
    element: str
    due_at: datetime


@dataclass(frozen=True)
class Pulse:
    """What is wrong now, at most `MOST` of each. `silent` holds references of cases.

    `lag` is how long the timer that is due longest has waited. Incidents that are being tried
    again are listed and do not make it unwell.
    """

    silent: tuple[str, ...]
    overdue: tuple[Overdue, ...]
    incidents: tuple[IncidentRow, ...]
    lag: timedelta

    @property
    def open_incidents(self) -> int:
        return sum(each.status == "open" for each in self.incidents)

    @property
    def refs(self) -> set[str]:
        """The references of the cases that it names."""
        overdue = (each.case_ref for each in self.overdue)
        return {*self.silent, *overdue, *(each.case_ref for each in self.incidents)}

    @property
    def is_well(self) -> bool:
        return not (self.silent or self.overdue or self.open_incidents)


def take(connection: Connection, *, now: datetime, pack: str | None = None) -> Pulse:
    """Return what is wrong at `now`, of one council when `pack` is given."""
    due = overdue_timers(connection, now=now, pack=pack)
    return Pulse(
        silent=tuple(silent_cases(connection, pack=pack)),
        overdue=tuple(each for each in due if each.due_at <= now - GRACE),
        incidents=tuple(incidents.list_incidents(connection, pack=pack, limit=MOST)),
        lag=max((now - each.due_at for each in due), default=timedelta()),
    )


def silent_cases(
    connection: Connection, *, pack: str | None = None, limit: int = MOST
) -> list[str]:
    """Return the open cases that nobody and nothing can move, by reference."""
    c, w, t = tables.case.c, tables.work_item.c, tables.timer.c
    has_work = sa.exists().where(w.case_id == c.id, w.status == "open")
    has_timer = sa.exists().where(t.case_id == c.id, t.due_at.is_not(None))
    query = sa.select(c.ref).where(c.status == "open", ~has_work, ~has_timer)
    if pack is not None:
        query = query.where(c.pack == pack)
    return list(connection.scalars(query.order_by(c.ref).limit(limit)))


def overdue_timers(
    connection: Connection, *, now: datetime, pack: str | None = None, limit: int = MOST
) -> list[Overdue]:
    """Return the timers due at `now` that no incident explains, the longest due first."""
    c, t = tables.case.c, tables.timer.c
    query = (
        sa.select(c.ref, t.element, t.due_at)
        .join(tables.case, t.case_id == c.id)
        .where(t.due_at <= now, c.status == "open", ~due_cases.keeps_timer())
    )
    if pack is not None:
        query = query.where(c.pack == pack)
    rows = connection.execute(query.order_by(t.due_at, t.case_id).limit(limit))
    return [Overdue(*tuple(row)) for row in rows]
