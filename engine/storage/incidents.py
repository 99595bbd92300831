"""Steps that failed: what is kept of them, and which timers must not fire for now.

An incident is `failing` while it is tried again by itself, `open` once nobody but an operator can
help, `retried` when one asked for another try, `skipped`, or `resolved`. Until it is resolved it
keeps its timer from firing with the others of its case. That of a person's task is over when the
task is no longer open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.errors import IncidentNotFound, cause_of
from engine.step.model import KeptTimer
from engine.storage import tables
from engine.storage.loading import kept_timers

DELAYS = (timedelta(minutes=1), timedelta(minutes=10))
"""How long to wait before the second and the third try; the third failure leaves it open."""

WAITING = ("failing", "retried")
UNRESOLVED = (*WAITING, "open")

_incident = tables.incident.c


@dataclass(frozen=True)
class IncidentRow:
    """An incident as an operator sees it: references and elements, no names."""

    id: UUID
    case_id: UUID
    case_ref: str
    pack: str
    process: str
    element: str
    kind: str
    cause: str
    attempts: int
    first_at: datetime
    last_at: datetime
    due_at: datetime | None
    next_try_at: datetime | None
    status: str
    instance_id: UUID
    task: int


@dataclass(frozen=True)
class Failed:
    """What failed: a timer, or a person's task when `kind` is work."""

    case_id: UUID
    instance_id: UUID
    task: int
    element: str
    kind: str
    due_at: datetime | None = None


def record_failure(ctx: Context, case_id: UUID, timer: KeptTimer, error: Exception) -> str | None:
    """Write down that a timer failed at `ctx.now`; return its incident's status.

    None when somebody else wrote this failure down, or the timer is no longer there.
    """
    _lock(ctx, case_id)
    if not any(each.key == timer.key for each in kept_timers(ctx.connection, case_id)):
        return None
    failed = Failed(
        case_id, timer.instance_id, timer.task, timer.element, kind="timer", due_at=timer.due_at
    )
    before = _unresolved(ctx, failed)
    if before is not None and (before.next_try_at is None or before.next_try_at > ctx.now):
        return None
    attempts = 1 if before is None else before.attempts + 1
    due = timer.due_at is not None and timer.due_at <= ctx.now
    # One whose date cannot be worked out before it is due will not mend by waiting.
    delay = DELAYS[attempts - 1] if due and attempts <= len(DELAYS) else None
    next_try_at = None if delay is None else ctx.now + delay
    status = "open" if delay is None else "failing"
    _put(ctx, failed, error, before, status=status, next_try_at=next_try_at)
    return status


def record_failed_work(ctx: Context, failed: Failed, error: Exception) -> str:
    """Write down that a person's step failed; return its incident's status.

    The person tries again when they like, so there is no next try to wait for.
    """
    _lock(ctx, failed.case_id)
    before = _unresolved(ctx, failed)
    status = "open" if before is not None and before.attempts >= len(DELAYS) else "failing"
    _put(ctx, failed, error, before, status=status, next_try_at=None)
    return status


def _lock(ctx: Context, case_id: UUID) -> None:
    query = sa.select(tables.case.c.version).where(tables.case.c.id == case_id)
    ctx.connection.execute(query.with_for_update(key_share=True))


def _unresolved(ctx: Context, failed: Failed) -> Any:
    """Return attempts, status, next_try_at and first_at of its incident, if that is not over."""
    query = sa.select(
        _incident.attempts, _incident.status, _incident.next_try_at, _incident.first_at
    ).where(
        _incident.id == incident_id(failed.instance_id, failed.task),
        _incident.status.in_(UNRESOLVED),
    )
    return ctx.connection.execute(query).one_or_none()


def _put(
    ctx: Context,
    failed: Failed,
    error: Exception,
    before: Any,
    *,
    status: str,
    next_try_at: datetime | None,
) -> None:
    id = incident_id(failed.instance_id, failed.task)
    # Of one that was over, the row is used again.
    ctx.connection.execute(tables.incident.delete().where(_incident.id == id))
    ctx.connection.execute(
        tables.incident.insert().values(
            **asdict(failed),
            id=id,
            cause=cause_of(error),
            attempts=1 if before is None else before.attempts + 1,
            first_at=ctx.now if before is None else before.first_at,
            last_at=ctx.now,
            next_try_at=next_try_at,
            status=status,
            resolved_by=None,
            reason="",
        )
    )


def incident_id(instance_id: UUID, task: int) -> UUID:
    """Return the id of the incident of a timer or task, whether there is one or not."""
    return uuid5(instance_id, f"incident:{task}")


def resolve(ctx: Context, timers: Iterable[tuple[UUID, int]]) -> None:
    """Close the incidents of timers that fired after all, or that nothing waits for any more."""
    set_status(ctx, [incident_id(*key) for key in timers], "resolved")


def set_status(
    ctx: Context,
    ids: Iterable[UUID],
    status: str,
    *,
    reason: str = "",
    next_try_at: datetime | None = None,
) -> None:
    """Move unresolved incidents on; `resolved_by` is who did it."""
    ctx.connection.execute(
        tables.incident.update()
        .where(_incident.id.in_(list(ids)), _incident.status != "resolved")
        .values(status=status, resolved_by=ctx.actor.name, reason=reason, next_try_at=next_try_at)
    )


def list_incidents(
    connection: Connection, *, pack: str | None = None, limit: int = 100
) -> list[IncidentRow]:
    """Return the incidents that are not over: open ones first, then by their first failure."""
    query = _ROWS.where(_incident.status.in_(UNRESOLVED), ~_DONE)
    if pack is not None:
        query = query.where(tables.case.c.pack == pack)
    order = (_incident.status != "open", _incident.first_at, _incident.id)
    return [
        IncidentRow(*tuple(row)) for row in connection.execute(query.order_by(*order).limit(limit))
    ]


def get_incident(connection: Connection, id: UUID, *, pack: str | None) -> IncidentRow:
    """Return an incident that is not over. Raises IncidentNotFound."""
    row = connection.execute(
        _ROWS.where(_incident.id == id, _incident.status.in_(UNRESOLVED), ~_DONE)
    ).one_or_none()
    if row is None or pack not in (None, row.pack):
        raise IncidentNotFound(str(id))
    return IncidentRow(*tuple(row))


_work = tables.work_item.c
_DONE = sa.and_(
    _incident.kind == "work",
    ~sa.exists().where(
        _work.case_id == _incident.case_id,
        _work.status == "open",
        _work.instance_id == _incident.instance_id,
        _work.task == _incident.task,
    ),
)

_ROWS = (
    sa.select(
        _incident.id,
        _incident.case_id,
        tables.case.c.ref,
        tables.case.c.pack,
        tables.instance.c.process,
        _incident.element,
        _incident.kind,
        _incident.cause,
        _incident.attempts,
        _incident.first_at,
        _incident.last_at,
        _incident.due_at,
        _incident.next_try_at,
        _incident.status,
        _incident.instance_id,
        _incident.task,
    )
    .join_from(tables.incident, tables.case)
    .join(tables.instance, tables.instance.c.id == _incident.instance_id)
)
