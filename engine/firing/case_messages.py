"""Messages between cases: stored in the step that sends them, delivered later.

Tried until it worked, so at least once; the receipt is written with the receiving step, in one
transaction, so the effect is there exactly once. One that no open case can take waits for one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.domain import JsonValue
from engine.errors import ConcurrentUpdate, StepFailed
from engine.firing.due_cases import TAKES
from engine.step.model import LoadedCase, SentMessage
from engine.storage import loading, saving, tables
from engine.storage.incidents import DELAYS
from engine.storage.saving import SavedStep

KIND = "message_received"
LATER = timedelta(days=1)
"""How long to wait after what `DELAYS` says has failed too."""

_message, _case = tables.message.c, tables.case.c


@dataclass(frozen=True)
class WaitingMessage:
    """A message that is not received yet. `has_failed` when the last try did."""

    from_ref: str
    to_kind: str
    name: str
    sent_at: datetime
    has_receiver: bool
    attempts: int
    cause: str


def next_for(connection: Connection, case_id: UUID, now: datetime) -> UUID | None:
    """Return the message that a case is to take next, the longest due first."""
    query = (
        sa.select(_message.id)
        .join(tables.case, TAKES)
        .where(_case.id == case_id, _message.due_at <= now)
        .order_by(_message.due_at, _message.case_id, _message.sequence, _message.id)
    )
    found: UUID | None = connection.scalar(query.limit(1))
    return found


def deliver(ctx: Context, message_id: UUID) -> SavedStep | None:
    """Let the open case that a message is for take it, as one event with its receipt.

    None when it was taken already, or no open case can. Joins the caller's transaction.

    Raises:
        ConcurrentUpdate: somebody else was quicker; roll back, then retry.
    """
    # Locked, so that two who deliver the same one queue here.
    row = ctx.connection.execute(
        sa.select(tables.message, _case.ref)
        .join(tables.case, _case.id == _message.case_id)
        .where(_message.id == message_id, _message.due_at.is_not(None))
        .with_for_update(of=tables.message)
    ).one_or_none()
    case_id = None if row is None else _receiver(ctx.connection, message_id)
    if row is None or case_id is None:
        return None
    payload: dict[str, JsonValue] = {**json.loads(row.payload), "from_case": row.ref}
    saved = _take(ctx, case_id, SentMessage(message_id, row.name, row.to_kind, payload))
    receipt = {"due_at": None, "received_by": case_id, "received_sequence": saved.version}
    if not _write(ctx.connection, message_id, receipt):
        raise ConcurrentUpdate(f"message {message_id} was taken by somebody else")
    return saved


def _receiver(connection: Connection, message_id: UUID) -> UUID | None:
    query = sa.select(_case.id).join(tables.message, TAKES).where(_message.id == message_id)
    found: UUID | None = connection.scalar(query.limit(1))
    return found


def _take(ctx: Context, case_id: UUID, message: SentMessage) -> SavedStep:
    case = loading.load_case(ctx.connection, case_id)
    run = loading.run_of(ctx, case)
    run.receive(message)
    run.settle()
    step = run.finish()
    if not any(each["taken_by"] for each in step.messages) and not _is_known(case, message):
        raise StepFailed("case", f"nothing in its version of the pack takes {message.name}")
    answers: dict[str, JsonValue] = {"message": message.name, **message.payload}
    return saving.save_step(ctx, case, replace(step, answers=answers), kind=KIND)


def _is_known(case: LoadedCase, message: SentMessage) -> bool:
    """Whether a process begins with a message; one that was begun before is not begun again."""
    return bool(case.definition.started_by.get(message.name))


def record_failure(ctx: Context, message_id: UUID, cause: str) -> None:
    """Write down that a message could not be taken at `ctx.now`; it is tried again later."""
    t = tables.message.c
    attempts = ctx.connection.scalar(sa.select(t.attempts).where(t.id == message_id)) or 0
    delay = DELAYS[attempts] if attempts < len(DELAYS) else LATER
    failed = {
        "due_at": ctx.now + delay,
        "attempts": attempts + 1,
        "cause": cause,
    }
    _write(ctx.connection, message_id, failed)


def _write(connection: Connection, message_id: UUID, values: Mapping[str, Any]) -> bool:
    """Change a message that is not received; return whether it was there to change."""
    t = tables.message
    query = t.update().where(t.c.id == message_id, t.c.due_at.is_not(None)).values(values)
    return connection.execute(query).rowcount == 1


def list_waiting(connection: Connection) -> list[WaitingMessage]:
    """Return the messages that no case has received, the oldest first."""
    receiver = tables.case.alias("receiver")
    takes = sa.exists().where(
        receiver.c.pack == _message.pack,
        receiver.c.kind == _message.to_kind,
        receiver.c.sole,
        receiver.c.status == "open",
    )
    rows = connection.execute(
        sa.select(
            _case.ref,
            _message.to_kind,
            _message.name,
            _message.sent_at,
            takes,
            _message.attempts,
            _message.cause,
        )
        .join(tables.case, _case.id == _message.case_id)
        .where(_message.due_at.is_not(None))
        .order_by(_message.sent_at, _message.id)
    )
    return [WaitingMessage(*row) for row in rows]


def broken_receipts(connection: Connection) -> list[tuple[str, str]]:
    """Return (case reference, sentence) for messages whose rows and events do not agree.

    Each message stands in the event that sent it and, once it is taken, in exactly one event of
    the case that took it.
    """
    rows = connection.execute(
        sa.select(
            _message.id,
            _message.case_id,
            _message.sequence,
            _message.received_by,
            _message.received_sequence,
        )
    ).all()
    sent = {(each.case_id, each.sequence, str(each.id)) for each in rows}
    received = {
        (each.received_by, each.received_sequence, str(each.id))
        for each in rows
        if each.received_by is not None
    }
    said_sent, said_received = (
        Counter(_said(connection, "sent")),
        Counter(_said(connection, "received")),
    )
    refs = {row.id: row.ref for row in connection.execute(sa.select(_case.id, _case.ref))}
    found = [
        *((key, "sent a message that its row does not bear out") for key in sent ^ {*said_sent}),
        *(
            (key, "took a message that its receipt does not bear out")
            for key in received ^ {*said_received}
        ),
        *((key, "took a message twice") for key, times in said_received.items() if times > 1),
    ]
    return sorted(
        (refs[case_id], f"Event {number} {what}.") for (case_id, number, _), what in found
    )


def _said(connection: Connection, word: str) -> Iterator[tuple[UUID, int, str]]:
    """Yield case, event and message for each message that an event says it sent or received."""
    e = tables.event.c
    rows = connection.execute(
        sa.select(e.case_id, e.sequence, e.body).where(e.body.like(f'%"{word}":"%'))
    )
    for case_id, sequence, body in rows:
        for each in json.loads(body).get("messages", ()):
            if word in each:
                yield case_id, sequence, each[word]
