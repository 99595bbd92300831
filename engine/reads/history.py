"""A case's history: its events in order, and the picture as it stood at any of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import JsonValue
from engine.errors import CaseNotFound
from engine.packs.manifest import Pack
from engine.people import people
from engine.reads.cases import DeadlineRow, InstanceRow, case_first, deadline_rows
from engine.reads.sealed_events import (
    dated_later,
    deadline_notes,
    governing_then,
    note_of,
    sealed_event,
)
from engine.step.scope import facts_of, name_of, owner_of
from engine.storage import tables
from engine.storage.published_versions import get_definition


@dataclass(frozen=True)
class EventRow:
    """One event. Facts and deadlines carry their values while the personal content is kept.

    Who, when and what kind are what was sealed. `dated_before`: an event of a lower sequence that
    is dated later, where a server's clock was behind.
    """

    sequence: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_name: str
    acting_for: str | None
    acting_for_name: str
    kind: str
    dated_before: int | None
    work_item: Mapping[str, str] | None
    work_title: str
    steps: tuple[Mapping[str, Any], ...]
    decisions: tuple[Mapping[str, Any], ...]
    facts_changed: tuple[Mapping[str, JsonValue], ...]
    deadlines_changed: tuple[Mapping[str, JsonValue], ...]
    notices: tuple[Mapping[str, JsonValue], ...]
    onlookers: tuple[Mapping[str, str], ...]
    answers: Mapping[str, JsonValue]
    hash: str


@dataclass(frozen=True)
class WorkThen:
    """A work item as it stood at an event."""

    id: UUID
    name: str
    title: str
    element: str
    role: str
    assignee: str | None
    assignee_name: str


@dataclass(frozen=True)
class Picture:
    """A case as it stood just after one event, on the definition then in force."""

    event: EventRow
    first: int
    last: int
    definition: str
    facts: Mapping[str, JsonValue]
    instances: tuple[InstanceRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    work_items: tuple[WorkThen, ...]


def list_history(
    connection: Connection,
    case_id: UUID,
    *,
    after: int = 0,
    limit: int = 50,
    newest_first: bool = False,
) -> list[EventRow]:
    """Return events after sequence `after` in order, or the newest `limit`, newest first."""
    t = tables.event.c
    query = sa.select(tables.event).where(t.case_id == case_id, t.sequence > after)
    order = t.sequence.desc() if newest_first else t.sequence
    rows = connection.execute(query.order_by(order).limit(limit)).all()
    return _events(connection, case_id, rows)


def get_picture(connection: Connection, case_id: UUID, sequence: int) -> Picture:
    """Return the case as it stood after event `sequence`, its deadlines as of that day.

    Raises:
        CaseNotFound: the case has no such event.
    """
    t = tables.event.c
    rows = connection.execute(
        sa.select(tables.event).where(t.case_id == case_id, t.sequence == sequence)
    ).all()
    if not rows:
        raise CaseNotFound(f"{case_id} has no event {sequence}")
    [event] = _events(connection, case_id, rows)
    c = tables.case.c
    version, definition = connection.execute(
        sa.select(c.version, c.definition).where(c.id == case_id)
    ).one()
    body = json.loads(rows[0].body or "{}")
    facts = _facts_at(connection, case_id, sequence)
    return Picture(
        event=event,
        first=1,
        last=version,
        definition=body.get("definition", definition),
        facts=facts_of(facts, None),
        instances=tuple(_instances_at(connection, case_id, sequence, facts)),
        deadlines=tuple(_deadlines_at(connection, case_id, sequence, event.at.date())),
        work_items=tuple(_work_at(connection, case_id, event)),
    )


def last_until(connection: Connection, case_id: UUID, end: datetime) -> int:
    """Return the last event before the first that is dated at or after `end`; at least 1."""
    t = tables.event.c
    later = connection.scalar(
        sa.select(sa.func.min(t.sequence)).where(t.case_id == case_id, t.at >= end)
    )
    last = connection.scalar(sa.select(sa.func.max(t.sequence)).where(t.case_id == case_id))
    return max(1, (last or 1) if later is None else later - 1)


def done_elements(
    connection: Connection, case_id: UUID, *, sequence: int | None = None
) -> frozenset[str]:
    """Return the ids of the elements that ever finished in a case, up to `sequence`."""
    t = tables.step.c
    query = sa.select(t.ran).where(t.case_id == case_id).distinct()
    if sequence is not None:
        query = query.where(t.sequence <= sequence)
    return frozenset(element for ran in connection.scalars(query) for element in json.loads(ran))


def _events(connection: Connection, case_id: UUID, rows: Sequence[Any]) -> list[EventRow]:
    sequences = [row.sequence for row in rows]
    answers = _answers(connection, case_id, sequences)
    facts = _facts_changed(connection, case_id, sequences, _corrections(rows, answers))
    deadlines = deadline_notes(connection, rows)
    notices = _notices(connection, case_id, sequences)
    sealed = [sealed_event(row) for row in rows]
    names = people.names_then(
        connection,
        {(name, each.at) for each in sealed for name in (each.actor, each.acting_for) if name},
    )
    titles = _titles(connection, rows)
    governing = governing_then(connection, case_id, rows)
    later = dated_later(connection, case_id, sealed)
    events = []
    for row, (body, at, actor, acting_for, kind) in zip(rows, sealed, strict=True):
        item = body.get("work_item")
        clock = "The clock" if actor == "clock" else actor
        events.append(
            EventRow(
                sequence=row.sequence,
                at=at,
                recorded_at=row.recorded_at,
                actor=actor,
                actor_name=names.get((actor, at), clock),
                acting_for=acting_for,
                acting_for_name=names.get((acting_for or "", at), acting_for or ""),
                kind=kind,
                dated_before=later.get(row.sequence),
                work_item=item,
                work_title=titles.get(item["id"], "") if item else "",
                steps=tuple(body.get("steps", ())),
                decisions=tuple(body.get("decisions", ())),
                facts_changed=tuple(facts.get(row.sequence, ())),
                deadlines_changed=tuple(
                    {
                        **each,
                        **note_of(deadlines, each),
                        "governs": each["change"] != "opened" or each["id"] in governing,
                    }
                    for each in body.get("deadlines", ())
                ),
                notices=tuple(notices.get(row.sequence, ())),
                onlookers=tuple(body.get("onlookers", ())),
                answers=answers.get(row.sequence, {}),
                hash=row.hash,
            )
        )
    return events


def _corrections(
    rows: Sequence[Any], answers: Mapping[int, Mapping[str, JsonValue]]
) -> dict[tuple[str, int], str]:
    """Return fact and sequence -> why it was corrected to nothing: no row of a value says so."""
    return {
        (name, row.sequence): str(answers.get(row.sequence, {}).get("reason", ""))
        for row in rows
        if row.kind == "fact_corrected"
        for name in json.loads(row.body or "{}").get("unset", ())
    }


def _facts_changed(
    connection: Connection,
    case_id: UUID,
    sequences: Sequence[int],
    corrections: Mapping[tuple[str, int], str],
) -> dict[int, list[dict[str, JsonValue]]]:
    t = tables.fact.c
    pack = get_definition(connection, _definition(connection, case_id)).pack
    set_then = connection.execute(
        sa.select(tables.fact)
        .where(t.case_id == case_id, t.from_sequence.in_(sequences))
        .order_by(t.from_sequence, t.name)
    ).all()
    replaced = connection.execute(
        sa.select(t.name, t.to_sequence, t.value).where(
            t.case_id == case_id, t.to_sequence.in_(sequences)
        )
    )
    old = {(row.name, row.to_sequence): json.loads(row.value) for row in replaced}
    changed: dict[int, list[dict[str, JsonValue]]] = {}
    for row in set_then:
        changed.setdefault(row.from_sequence, []).append(
            {
                **_named(pack, row.name),
                "value": json.loads(row.value),
                "old": old.get((row.name, row.from_sequence)),
                "effective_on": row.effective_on.isoformat(),
                "corrects": row.corrects,
                "reason": row.reason,
            }
        )
    is_set = {(row.name, row.from_sequence) for row in set_then}
    for (name, sequence), value in sorted(old.items()):
        corrects = (name, sequence) in corrections
        # What belongs to one piece of work ends with it; that is no news of the fact.
        if (name, sequence) not in is_set and (corrects or owner_of(name) is None):
            changed.setdefault(sequence, []).append(
                {
                    **_named(pack, name),
                    "value": None,
                    "old": value,
                    "effective_on": None,
                    "corrects": corrects,
                    "reason": corrections.get((name, sequence), ""),
                }
            )
    return changed


def _named(pack: Pack, key: str) -> dict[str, JsonValue]:
    name, owner = name_of(key), owner_of(key)
    label = pack.facts[name].label if name in pack.facts else name
    return {"name": name, "instance": str(owner) if owner else None, "label": label}


def _definition(connection: Connection, case_id: UUID) -> str:
    c = tables.case.c
    return str(connection.scalar(sa.select(c.definition).where(c.id == case_id)))


def _answers(
    connection: Connection, case_id: UUID, sequences: Sequence[int]
) -> dict[int, dict[str, JsonValue]]:
    t = tables.submission.c
    rows = connection.execute(
        sa.select(t.sequence, t.answers).where(t.case_id == case_id, t.sequence.in_(sequences))
    )
    return {sequence: json.loads(answers) for sequence, answers in rows}


def _notices(
    connection: Connection, case_id: UUID, sequences: Sequence[int]
) -> dict[int, list[dict[str, JsonValue]]]:
    t = tables.notice.c
    rows = connection.execute(
        sa.select(t.sequence, t.role, t.person, t.text, t.at)
        .where(t.case_id == case_id, t.sequence.in_(sequences))
        .order_by(t.sequence, t.id)
    )
    notices: dict[int, list[dict[str, JsonValue]]] = {}
    for row in rows:
        notices.setdefault(row.sequence, []).append(
            {"role": row.role, "person": row.person, "text": row.text, "at": row.at.isoformat()}
        )
    return notices


def _titles(connection: Connection, rows: Sequence[Any]) -> dict[str, str]:
    items = [json.loads(row.body or "{}").get("work_item") for row in rows]
    ids = [UUID(item["id"]) for item in items if item]
    t = tables.work_item.c
    found = connection.execute(sa.select(t.id, t.title).where(t.id.in_(ids)))
    return {str(id): title for id, title in found}


def _facts_at(connection: Connection, case_id: UUID, sequence: int) -> dict[str, JsonValue]:
    t = tables.fact.c
    rows = connection.execute(
        sa.select(t.name, t.value)
        .where(
            t.case_id == case_id,
            t.from_sequence <= sequence,
            sa.or_(t.to_sequence.is_(None), t.to_sequence > sequence),
        )
        .order_by(t.name)
    )
    return {name: json.loads(value) for name, value in rows}


def _instances_at(
    connection: Connection, case_id: UUID, sequence: int, facts: Mapping[str, JsonValue]
) -> list[InstanceRow]:
    s, i = tables.step.c, tables.instance.c
    newest = (
        sa.select(s.instance_id, sa.func.max(s.sequence).label("sequence"))
        .where(s.case_id == case_id, s.sequence <= sequence)
        .group_by(s.instance_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(i.id, i.process, i.definition, s.waiting)
        .join(tables.step, sa.and_(s.instance_id == i.id, s.case_id == case_id))
        .join(newest, sa.and_(newest.c.instance_id == i.id, newest.c.sequence == s.sequence))
        .where(
            i.case_id == case_id, sa.or_(i.ended_sequence.is_(None), i.ended_sequence > sequence)
        )
        .order_by(i.started_sequence, i.id)
    )
    return [
        InstanceRow(
            row.id,
            row.process,
            row.definition,
            "running",
            tuple(json.loads(row.waiting)),
            facts_of(facts, row.id),
        )
        for row in case_first(connection, rows)
    ]


def _deadlines_at(
    connection: Connection, case_id: UUID, sequence: int, today: date
) -> list[DeadlineRow]:
    t = tables.deadline.c
    rows = connection.execute(
        sa.select(tables.deadline)
        .where(
            t.case_id == case_id,
            t.opened_sequence <= sequence,
            sa.or_(t.closed_sequence.is_(None), t.closed_sequence > sequence),
        )
        .order_by(t.name, t.limit_on, t.key)
    ).all()
    labels = get_definition(connection, _definition(connection, case_id)).pack.deadlines
    as_open = [_OpenThen(row) for row in rows]
    return deadline_rows(as_open, today=today, labels=labels)


class _OpenThen:
    """A deadline row read as it stood while it was open, whatever became of it."""

    def __init__(self, row: Any) -> None:
        self._row = row
        self.status, self.met_on, self.superseded_by, self.reason = "open", None, None, ""
        self.closed_sequence = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _work_at(connection: Connection, case_id: UUID, event: EventRow) -> list[WorkThen]:
    """Return the work that was open just after an event, with whose it was by the name of then."""
    t, h, sequence = tables.work_item.c, tables.holder.c, event.sequence
    held = sa.and_(
        h.case_id == case_id,
        h.work_item_id == t.id,
        h.from_sequence <= sequence,
        sa.or_(h.to_sequence.is_(None), h.to_sequence > sequence),
    )
    rows = connection.execute(
        sa.select(t.id, t.name, t.title, t.element, t.role, h.assignee)
        .join(tables.holder, held, isouter=True)
        .where(
            t.case_id == case_id,
            t.opened_sequence <= sequence,
            sa.or_(t.closed_sequence.is_(None), t.closed_sequence > sequence),
        )
        .order_by(t.opened_sequence, t.id)
    ).all()
    names = people.names_then(connection, {(row.assignee or "", event.at) for row in rows})
    return [WorkThen(*row, names.get((row.assignee or "", event.at), "")) for row in rows]
