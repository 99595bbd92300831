"""What events say of themselves, by their sealed bodies, and what that means among the others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import JsonValue
from engine.storage import tables


class Sealed(NamedTuple):
    """What an event's body says of it; its columns stand in where the body was erased."""

    body: Mapping[str, Any]
    at: datetime
    actor: str
    acting_for: str | None
    kind: str


def sealed_event(row: Any) -> Sealed:
    """Return who, when and what kind an event was, as it was sealed."""
    body = json.loads(row.body or "{}")
    if not body:
        return Sealed(body, row.at, row.actor, row.acting_for, row.kind)
    at = datetime.fromisoformat(body["at"])
    return Sealed(body, at, body["actor"], body["acting_for"], body["kind"])


def dated_later(connection: Connection, case_id: UUID, events: Sequence[Sealed]) -> dict[int, int]:
    """Return event -> an event before it that is dated later, of those whose clock was behind."""
    if not events:
        return {}
    t = tables.event.c
    in_order = sorted(events, key=lambda each: int(each.body.get("sequence", 0)))
    first = in_order[0].body.get("sequence", 1)
    before = connection.execute(
        sa.select(t.at, t.sequence)
        .where(t.case_id == case_id, t.sequence < first)
        .order_by(t.at.desc(), t.sequence)
        .limit(1)
    ).one_or_none()
    newest = None if before is None else (before[0], int(before[1]))
    found: dict[int, int] = {}
    for each in in_order:
        sequence = each.body.get("sequence")
        if sequence is None:
            continue
        if newest is not None and newest[0] > each.at:
            found[sequence] = newest[1]
        else:
            newest = (each.at, sequence)
    return found


def governing_then(connection: Connection, case_id: UUID, rows: Sequence[Any]) -> frozenset[str]:
    """Return the ids of the deadlines that governed when an event of `rows` opened them."""
    opened = {
        each["name"]
        for row in rows
        for each in json.loads(row.body or "{}").get("deadlines", ())
        if each["change"] == "opened"
    }
    t = tables.deadline.c
    found = connection.execute(
        sa.select(t.id, t.name, t.limit_on, t.opened_sequence, t.closed_sequence)
        .where(t.case_id == case_id, t.name.in_(opened))
        .order_by(t.limit_on, t.id)
    ).all()
    governing = set()
    for row in rows:
        for name in opened:
            stood = (
                each
                for each in found
                if each.name == name
                and each.opened_sequence <= row.sequence
                and (each.closed_sequence is None or each.closed_sequence > row.sequence)
            )
            first = next(stood, None)
            if first is not None:
                governing.add(str(first.id))
    return frozenset(governing)


def note_of(
    notes: Mapping[str, Mapping[str, JsonValue]], change: Mapping[str, Any]
) -> Mapping[str, JsonValue]:
    """Return what is said of a deadline at this change: why it ended only where it ends."""
    note = notes.get(change["id"], {})
    return {**note, "reason": ""} if change["change"] == "opened" else note


def deadline_notes(connection: Connection, rows: Sequence[Any]) -> dict[str, dict[str, JsonValue]]:
    """Return deadline id -> the words of each that an event of `rows` changed."""
    ids = {each["id"] for row in rows for each in json.loads(row.body or "{}").get("deadlines", ())}
    t = tables.deadline.c
    found = connection.execute(
        sa.select(t.id, t.explanation, t.reason, t.rule_ids).where(
            t.id.in_([UUID(each) for each in ids])
        )
    )
    return {
        str(row.id): {
            "explanation": row.explanation,
            "reason": row.reason,
            "rule_ids": row.rule_ids.split(),
        }
        for row in found
    }
