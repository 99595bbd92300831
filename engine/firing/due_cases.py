"""Which cases have something to do now: a timer to fire, or a message of another case to take.

Both are found by their dates, so that armed timers cost nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.storage import tables
from engine.storage.incidents import UNRESOLVED, WAITING

_timer, _incident = tables.timer.c, tables.incident.c
_OF_TIMER = sa.and_(_incident.instance_id == _timer.instance_id, _incident.task == _timer.task)

_message, _case = tables.message.c, tables.case.c
TAKES = sa.and_(
    _case.pack == _message.pack,
    _case.kind == _message.to_kind,
    _case.sole,
    _case.status == "open",
)
"""Whether a case is the one that a message is for, in a query of both."""

Found = sa.Select[datetime, UUID]
"""(when it may be tried, case), the earliest first."""


def next_due(connection: Connection, until: datetime) -> tuple[datetime, UUID] | None:
    """Return when the next timer or message may be tried, at `until` or before, and its case.

    The instant is its own, or that of its next try after a failure.
    """
    return next(iter(_rows(connection, until, limit=1)), None)


def cases_due(connection: Connection, now: datetime, *, limit: int | None = None) -> list[UUID]:
    """Return the cases with a timer or a message to try at `now`, the longest due first.

    Args:
        limit: looks at so many at most; several may be of one case.
    """
    return list(dict.fromkeys(case_id for _, case_id in _rows(connection, now, limit=limit)))


def receivers_due(connection: Connection, now: datetime) -> list[UUID]:
    """Return the cases that have a message of another case to take at `now`."""
    return list(dict.fromkeys(row[1] for row in connection.execute(to_take(now))))


def keeps_timer() -> sa.Exists:
    """Whether an incident that is not over keeps a `timer`; for use in a query of those."""
    return sa.exists().where(_OF_TIMER, _incident.status.in_(UNRESOLVED))


def not_failed(until: datetime) -> Found:
    """Timers that are due and have not failed."""
    # Ordered as the index on what is due is; grouped by case, SQLite would walk all timers.
    query = sa.select(_timer.due_at, _timer.case_id)
    return query.where(_timer.due_at <= until, ~keeps_timer()).order_by(
        _timer.due_at, _timer.case_id
    )


def to_retry(until: datetime) -> Found:
    """Timers that failed and may be tried once more."""
    query = sa.select(_incident.next_try_at, _incident.case_id).join(tables.timer, _OF_TIMER)
    return query.where(_incident.status.in_(WAITING), _incident.next_try_at <= until).order_by(
        _incident.next_try_at, _incident.case_id
    )


def to_take(until: datetime) -> Found:
    """Messages of other cases that an open case is there to take."""
    query = sa.select(_message.due_at, _case.id).join(tables.case, TAKES)
    return query.where(_message.due_at <= until).order_by(_message.due_at, _case.id)


def _rows(
    connection: Connection, until: datetime, *, limit: int | None
) -> list[tuple[datetime, UUID]]:
    queries = (not_failed(until), to_retry(until), to_take(until))
    found = [
        (row[0], row[1])
        for query in queries
        for row in connection.execute(query if limit is None else query.limit(limit))
    ]
    return sorted(found)[:limit]
