"""A case as it stands, lists of cases, and what the expressions of its pack say of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn.scripting import Surroundings
from engine.context import Actor
from engine.domain import Domain, JsonValue
from engine.open_work.case_heads import (
    CaseHead,
    case_head_where,
    get_case_head,
    kind_of,
    subjects,
)
from engine.open_work.work_list import Page, WorkItemRow, list_work
from engine.packs.ending_words import Ending, ending_of
from engine.packs.kinds import Kind
from engine.packs.manifest import MessageType
from engine.packs.version import Definition
from engine.people.case_circle import naming
from engine.reads.linked_cases import LinkedCase, linked_cases
from engine.rules.expressions import evaluate
from engine.step.scope import facts_of, owner_of, surroundings
from engine.storage import loading, tables
from engine.storage.published_versions import get_definition


@dataclass(frozen=True)
class InstanceRow:
    """A running instance; `waiting` are element ids, containers of waiting work included.

    `facts` are its own: what tells one assessment from another.
    """

    id: UUID
    process: str
    definition: str
    status: str
    waiting: tuple[str, ...]
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class DeadlineRow:
    """A deadline with its sentence. `status` says `breached` when open past its LIMIT."""

    id: UUID
    name: str
    label: str
    rule_ids: tuple[str, ...]
    day_0: date
    day_0_fact: str
    limit_on: date
    act_by_on: date
    governing: bool
    assumption: bool
    status: str
    met_on: date | None
    superseded_by: UUID | None
    reason: str
    explanation: str
    source_sentence: str
    opened_sequence: int
    closed_sequence: int | None


@dataclass(frozen=True)
class CaseView:
    """A case as it stands: current facts, running instances, open work, open deadlines."""

    head: CaseHead
    facts: Mapping[str, JsonValue]
    instances: tuple[InstanceRow, ...]
    work_items: tuple[WorkItemRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    linked: tuple[LinkedCase, ...] = ()


@dataclass(frozen=True)
class OwnCase:
    """A case in a worker's list: what is next, and who is being waited for."""

    ref: str
    name: str
    kind: Kind
    next_deadline: DeadlineRow | None
    waiting_for: tuple[WorkItemRow, ...]
    flag: str
    flag_reason: str

    @property
    def next_booked(self) -> WorkItemRow | None:
        """The first appointment, if it comes before every limit."""
        limit = self.next_deadline.limit_on if self.next_deadline else None
        booked = [(each.booked_on, each) for each in self.waiting_for if each.booked_on]
        first = min(booked, key=lambda pair: pair[0], default=None)
        return first[1] if first and (limit is None or first[0] <= limit) else None


@dataclass(frozen=True)
class SoleCase:
    """A case of which there is one at a time, as lists call it."""

    ref: str
    title: str


def get_case(connection: Connection, ref: str, *, today: date) -> CaseView:
    """Return a case as it stands, current things only. Raises CaseNotFound."""
    head = get_case_head(connection, ref)
    facts = loading.current_facts(connection, head.id)
    return CaseView(
        head=head,
        facts=facts_of(facts, None),
        instances=tuple(_instances(connection, head.id, facts)),
        work_items=list_work(connection, case_id=head.id, optional=None, limit=200).items,
        deadlines=tuple(list_deadlines(connection, head.id, today=today)),
        linked=tuple(linked_cases(connection, head.id)),
    )


def list_deadlines(
    connection: Connection, case_id: UUID, *, today: date, all: bool = False
) -> list[DeadlineRow]:
    """Return a case's deadlines: open ones by name and LIMIT; with `all` every one there was."""
    t = tables.deadline.c
    query = sa.select(tables.deadline).where(t.case_id == case_id)
    if not all:
        query = query.where(t.closed_sequence.is_(None))
    rows = connection.execute(query.order_by(t.name, t.opened_sequence, t.limit_on)).all()
    labels = _labels(connection, case_id)
    return deadline_rows(rows, today=today, labels=labels)


def deadline_rows(
    rows: Sequence[Any], *, today: date, labels: Mapping[str, str]
) -> list[DeadlineRow]:
    """Return `deadline` records as rows; the earliest open LIMIT of a name governs.

    One piece of work's own deadlines, such as one assessment's, are governed apart.
    """
    governing: dict[tuple[str, UUID | None], Any] = {}
    for row in rows:
        best = governing.get((row.name, owner_of(row.key)))
        if row.status == "open" and (
            best is None or (row.limit_on, row.key) < (best.limit_on, best.key)
        ):
            governing[row.name, owner_of(row.key)] = row
    return [
        DeadlineRow(
            id=row.id,
            name=row.name,
            label=labels.get(row.name, row.name.replace("_", " ").capitalize()),
            rule_ids=tuple(row.rule_ids.split()),
            day_0=row.day_0,
            day_0_fact=row.day_0_fact,
            limit_on=row.limit_on,
            act_by_on=row.act_by_on,
            governing=governing.get((row.name, owner_of(row.key))) is row,
            assumption=row.assumption,
            status="breached" if row.status == "open" and row.limit_on < today else row.status,
            met_on=row.met_on,
            superseded_by=row.superseded_by,
            reason=row.reason,
            explanation=row.explanation,
            source_sentence=row.source_sentence,
            opened_sequence=row.opened_sequence,
            closed_sequence=row.closed_sequence,
        )
        for row in rows
    ]


def list_own(
    connection: Connection,
    *,
    of: Actor,
    today: date,
    limit: int = 50,
    after: str | None = None,
) -> Page[OwnCase]:
    """Return the open cases that name a person, by reference; at most `limit`.

    Those of which there is one at a time are told by `list_sole`.
    """
    c = tables.case.c
    query = sa.select(c.id, c.ref, c.kind, c.definition).where(*_open_naming(of), ~c.sole)
    if after is not None:
        query = query.where(c.ref > after)
    rows = connection.execute(query.order_by(c.ref).limit(limit + 1)).all()
    names = subjects(connection, {row.id for row in rows[:limit]})
    own = [_own_case(connection, row, names.get(row.id, ""), today) for row in rows[:limit]]
    return Page(tuple(own), rows[limit - 1].ref if len(rows) > limit else None)


def list_sole(connection: Connection, of: Actor, *, limit: int = 50) -> list[SoleCase]:
    """Return the open cases that name a person, of which there is one at a time: a panel."""
    c = tables.case.c
    rows = connection.execute(
        sa.select(c.ref, c.kind, c.definition)
        .where(*_open_naming(of), c.sole)
        .order_by(c.kind, c.ref)
        .limit(limit)
    )
    return [SoleCase(row.ref, kind_of(connection, row.definition, row.kind).title) for row in rows]


def _open_naming(person: Actor) -> list[sa.ColumnElement[bool]]:
    c = tables.case.c
    own_pack = [] if person.pack is None else [c.pack == person.pack]
    return [c.id.in_(naming([person.name])), c.status == "open", *own_pack]


def list_cases(
    connection: Connection,
    *,
    pack: str | None = None,
    within: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[CaseHead]:
    """Return all cases by reference, for auditors; at most `limit`.

    Args:
        within: the council outside which none is looked for.
    """
    c = tables.case.c
    query = sa.select(c.id, c.ref)
    for wanted in (pack, within):
        if wanted is not None:
            query = query.where(c.pack == wanted)
    if after is not None:
        query = query.where(c.ref > after)
    rows = connection.execute(query.order_by(c.ref).limit(limit + 1)).all()
    heads = tuple(case_head_where(connection, c.id == row.id, row.ref) for row in rows[:limit])
    return Page(heads, rows[limit - 1].ref if len(rows) > limit else None)


def _own_case(connection: Connection, row: Any, name: str, today: date) -> OwnCase:
    deadlines = [each for each in list_deadlines(connection, row.id, today=today) if each.governing]
    following = min(deadlines, key=lambda each: each.limit_on, default=None)
    work = list_work(connection, case_id=row.id).items
    late = [each for each in deadlines if each.status == "breached"]
    needs = [each for each in work if each.needs_allocating]
    flag, reason = "", ""
    if late:
        flag, reason = "Late", f"{late[0].label} was due by {late[0].limit_on:%-d %B %Y}"
    elif needs:
        flag, reason = "Needs allocating", needs[0].title
    return OwnCase(
        ref=row.ref,
        name=name,
        kind=kind_of(connection, row.definition, row.kind),
        next_deadline=following,
        waiting_for=work,
        flag=flag,
        flag_reason=reason,
    )


def case_first(connection: Connection, rows: Iterable[Any]) -> list[Any]:
    """Return rows of instances in their order, but first the one that the case is."""

    def beside(row: Any) -> bool:
        pack = get_definition(connection, row.definition).pack
        return row.process not in pack.opening_processes

    return sorted(rows, key=beside)


def _instances(
    connection: Connection, case_id: UUID, facts: Mapping[str, JsonValue]
) -> Iterable[InstanceRow]:
    t = tables.instance.c
    rows = connection.execute(
        sa.select(t.id, t.process, t.definition, t.status, t.waiting)
        .where(t.case_id == case_id, t.status == "running")
        .order_by(t.started_sequence, t.id)
    )
    for row in case_first(connection, rows):
        waiting = tuple(json.loads(row.waiting))
        own = facts_of(facts, row.id)
        yield InstanceRow(row.id, row.process, row.definition, row.status, waiting, own)


def _labels(connection: Connection, case_id: UUID) -> Mapping[str, str]:
    c = tables.case.c
    definition = connection.scalar(sa.select(c.definition).where(c.id == case_id))
    return get_definition(connection, str(definition)).pack.deadlines


def ending(
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> Ending | None:
    """Return the first of the pack's endings that fits a case, None if none does."""
    reads = _reads(definition, case, facts, now=now, domain=domain)
    return ending_of(definition.pack.endings, reads.names, reads.functions)


def fitting(
    messages: Iterable[MessageType],
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> list[MessageType]:
    """Return the messages that fit the case as it stands, in the pack's order."""
    reads = _reads(definition, case, facts, now=now, domain=domain)
    return [
        each
        for each in messages
        if not each.offered or evaluate(each.offered, reads.names, reads.functions) is True
    ]


def _reads(
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> Surroundings:
    return surroundings(
        definition, policy=case.policy, facts=facts, deadlines=(), now=now, domain=domain
    )
