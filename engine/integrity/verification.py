"""Can it be shown that nothing was altered? The chain of events, and the content beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.step import event
from engine.storage import tables


def verify_case(connection: Connection, case_id: UUID) -> str | None:
    """Return None when a case's events and content are as recorded, else where they are not."""
    return (
        verify_chain(connection, case_id)
        or verify_content(connection, case_id)
        or verify_sight(connection, case_id)
    )


def verify_chain(connection: Connection, case_id: UUID) -> str | None:
    """Return None when a case's chain holds, else one sentence saying where it breaks."""
    t = tables.event.c
    previous, expected = event.GENESIS, 1
    rows = connection.execute(
        sa.select(t.sequence, t.body, t.leaf, t.hash)
        .where(t.case_id == case_id)
        .order_by(t.sequence)
    )
    for row in rows:
        if row.sequence != expected:
            return f"Event {expected} is missing."
        if row.body is not None and event.leaf_of(row.body) != row.leaf:
            return f"Event {row.sequence} was altered."
        previous = event.chain(previous, row.leaf)
        if previous != row.hash:
            return f"The chain breaks at event {row.sequence}."
        expected += 1
    last = connection.scalar(sa.select(tables.case.c.last_hash).where(tables.case.c.id == case_id))
    return None if last == previous else "The newest events are missing."


def verify_content(connection: Connection, case_id: UUID) -> str | None:
    """Return None when answers and facts match their digests in the events, else where not.

    Content that was lawfully erased, with the case's secret, cannot be compared and passes.
    """
    secret = connection.scalar(sa.select(tables.case.c.secret).where(tables.case.c.id == case_id))
    if secret is None:
        return None
    answers, facts = _answers(connection, case_id), _facts(connection, case_id)
    ended = _ended(connection, case_id)
    t = tables.event.c
    rows = connection.execute(
        sa.select(t.sequence, t.body).where(t.case_id == case_id).order_by(t.sequence)
    )
    for sequence, text in rows:
        body = json.loads(text or "{}")
        kept = event.digests(bytes(secret), sequence, "answer", answers.get(sequence, {}))
        if kept != body.get("answers", {}):
            return f"What was typed at event {sequence} was altered."
        known = event.digests(bytes(secret), sequence, "fact", facts.get(sequence, {}))
        if known != {each["name"]: each["digest"] for each in body.get("facts", ())}:
            return f"A fact recorded at event {sequence} was altered."
        if not set(body.get("unset", ())) <= ended.get(sequence, set()):
            return f"A fact taken back at event {sequence} was altered."
    return None


def verify_sight(connection: Connection, case_id: UUID) -> str | None:
    """Return None when those look on at a case whom its events let, else where it is otherwise."""
    e, o = tables.event.c, tables.onlooker.c
    kept: dict[int, set[tuple[str, str, str]]] = {}
    for row in connection.execute(sa.select(tables.onlooker).where(o.case_id == case_id)):
        let = row.role, row.about, row.until_on.isoformat()
        kept.setdefault(row.from_sequence, set()).add(let)
    said: dict[int, set[tuple[str, str, str]]] = {}
    bodies = sa.select(e.sequence, e.body).where(e.case_id == case_id)
    for sequence, text in connection.execute(bodies.where(e.body.like('%"onlookers":%'))):
        for each in json.loads(text)["onlookers"]:
            let = each["role"], each["about"], each["until_on"]
            said.setdefault(sequence, set()).add(let)
    for sequence in sorted(kept.keys() | said.keys()):
        if kept.get(sequence) != said.get(sequence):
            return f"Who looks on since event {sequence} was altered."
    return None


def _answers(connection: Connection, case_id: UUID) -> dict[int, Mapping[str, Any]]:
    t = tables.submission.c
    rows = connection.execute(sa.select(t.sequence, t.answers).where(t.case_id == case_id))
    return {sequence: json.loads(answers) for sequence, answers in rows}


def _ended(connection: Connection, case_id: UUID) -> dict[int, set[str]]:
    """Return event -> the facts whose value it ended."""
    t = tables.fact.c
    ended: dict[int, set[str]] = {}
    rows = sa.select(t.to_sequence, t.name).where(t.case_id == case_id, t.to_sequence.is_not(None))
    for sequence, name in connection.execute(rows):
        ended.setdefault(sequence, set()).add(name)
    return ended


def _facts(connection: Connection, case_id: UUID) -> dict[int, dict[str, Any]]:
    t = tables.fact.c
    facts: dict[int, dict[str, Any]] = {}
    for row in connection.execute(
        sa.select(t.from_sequence, t.name, t.value).where(t.case_id == case_id)
    ):
        facts.setdefault(row.from_sequence, {})[row.name] = json.loads(row.value)
    return facts
