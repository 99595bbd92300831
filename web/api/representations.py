"""How the API writes cases, work items, deadlines and events as JSON.

The types say it: mypy holds the functions to them, and the API's description is made from them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, NotRequired, TypeAlias, TypedDict, cast
from uuid import UUID

from msgspec import Meta

from engine import reads
from engine.commands import comments
from engine.context import Actor
from engine.open_work.work_list import WorkItemRow
from engine.reads import CaseView, DeadlineRow, InstanceRow
from engine.reads.history import EventRow, Picture, WorkThen
from engine.reads.linked_cases import LinkedCase
from engine.storage.database import Connection

Json: TypeAlias = Annotated[object, Meta(description="Any JSON value.")]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]


def one_of(*words: str) -> Meta:
    """Return what says that a text is one of these."""
    return Meta(extra_json_schema={"enum": list(words)})


CaseStatus: TypeAlias = Annotated[str, one_of("open", "closed")]
InstanceStatus: TypeAlias = Annotated[str, one_of("running", "completed", "cancelled")]
WorkItemStatus: TypeAlias = Annotated[str, one_of("open", "completed", "withdrawn", "cancelled")]
DeadlineStatus: TypeAlias = Annotated[
    str, one_of("open", "breached", "met", "late", "superseded", "cancelled")
]
HowDeadlineChanged: TypeAlias = Annotated[
    str, one_of("opened", "met", "late", "superseded", "cancelled")
]


class WorkItem(TypedDict):
    """A piece of work that waits, or waited, for a person."""

    id: UUID
    case_ref: str
    process: str
    name: str
    title: str
    role: str
    assignee: str | None
    needs_allocating: bool
    optional: bool
    status: WorkItemStatus
    opened_at: Instant
    deadline: str | None
    act_by_on: date | None
    limit_on: date | None
    booked_on: date | None
    booked_time: str | None
    reason: str | None
    completed_by: str | None
    completed_at: Instant | None


class Deadline(TypedDict):
    """A dated duty, with its sentence."""

    id: UUID
    name: str
    label: str
    rule_ids: list[str]
    day_0: date
    day_0_fact: str
    limit_on: date
    act_by_on: date
    governing: bool
    assumption: bool
    status: DeadlineStatus
    met_on: date | None
    superseded_by: UUID | None
    reason: str
    explanation: str
    source_sentence: str


class Instance(TypedDict):
    """A running process of a case, and the facts that are its own."""

    id: UUID
    process: str
    definition: str
    status: InstanceStatus
    waiting: list[str]
    facts: dict[str, Json]


class Linked(TypedDict):
    """Another case that stands beside this one."""

    ref: str
    pack: str
    kind: str
    status: CaseStatus


class Case(TypedDict):
    """A case: current things only, however old it is."""

    ref: str
    pack: str
    kind: str
    policy: str
    definition: str
    version: int
    status: CaseStatus
    opened_at: Instant
    closed_at: Instant | None
    facts: dict[str, Json]
    instances: list[Instance]
    work_items: list[WorkItem]
    deadlines: list[Deadline]
    linked: list[Linked]


class WorkOfEvent(TypedDict):
    """The work item that an event is about."""

    id: UUID
    name: str
    title: str


class Step(TypedDict):
    """What an event did to one instance: elements that ran, elements that wait."""

    instance: UUID
    process: str
    definition: str
    status: InstanceStatus
    ran: list[str]
    waiting: list[str]


class Decision(TypedDict):
    """A table that was asked, and the rows that held."""

    table: str
    hit_policy: str
    matched: list[str]
    element: NotRequired[str]
    inputs: NotRequired[dict[str, Json]]


class FactChange(TypedDict):
    """A fact that was set, or taken back (null, no day); `instance`: the one whose own it is."""

    name: str
    instance: UUID | None
    label: str
    value: Json
    old: Json
    effective_on: date | None
    corrects: bool
    reason: str


class DeadlineChange(TypedDict):
    """A deadline that was opened or closed, and its sentence while personal content is kept."""

    id: UUID
    name: str
    change: HowDeadlineChanged
    key: str | None
    limit_on: date | None
    met_on: date | None
    superseded_by: UUID | None
    reason: NotRequired[str]
    explanation: NotRequired[str]
    rule_ids: NotRequired[list[str]]
    governs: NotRequired[bool]


class Notice(TypedDict):
    """Who was told what."""

    role: str
    person: str | None
    text: str
    at: Instant


class Onlooker(TypedDict):
    """A role whose people see the case until a day for what they were told; `about` says what."""

    role: str
    about: str
    until_on: date


class Event(TypedDict):
    """One recorded step. `dated_before` is an earlier event that is dated later, if any is."""

    sequence: int
    at: Instant
    recorded_at: Instant
    actor: str
    acting_for: str | None
    kind: str
    dated_before: int | None
    work_item: WorkOfEvent | None
    steps: list[Step]
    decisions: list[Decision]
    facts_changed: list[FactChange]
    deadlines_changed: list[DeadlineChange]
    notices: list[Notice]
    onlookers: list[Onlooker]
    comment: Json
    hash: str


class WorkItemThen(TypedDict):
    """A work item as it stood at an event."""

    id: UUID
    name: str
    title: str
    element: str
    role: str
    assignee: str | None


class CaseThen(TypedDict):
    """A case as it stood just after one event."""

    sequence: int
    first: int
    last: int
    definition: str
    event: Event
    facts: dict[str, Json]
    instances: list[Instance]
    deadlines: list[Deadline]
    work_items: list[WorkItemThen]


def read_case(connection: Connection, ref: str, *, today: date) -> Case:
    """Return a case as it stands, read on this connection."""
    return case(reads.get_case(connection, ref, today=today))


def read_case_for(connection: Connection, ref: str, actor: Actor, *, today: date) -> Case:
    """Return a case as it stands; to an outside agency its own tasks and nothing of the record."""
    whole = read_case(connection, ref, today=today)
    if not actor.is_outsider:
        return whole
    theirs = [
        each
        for each in whole["work_items"]
        if each["role"] in actor.roles and each["assignee"] in (None, *actor.stands_for)
    ]
    return {
        **whole,
        "facts": {},
        "instances": [],
        "deadlines": [],
        "work_items": theirs,
        "linked": [],
    }


def case(view: CaseView) -> Case:
    return {
        "ref": view.head.ref,
        "pack": view.head.pack,
        "kind": view.head.kind,
        "policy": view.head.policy,
        "definition": view.head.definition,
        "version": view.head.version,
        "status": view.head.status,
        "opened_at": view.head.opened_at,
        "closed_at": view.head.closed_at,
        "facts": dict(view.facts),
        "instances": [instance(each) for each in view.instances],
        "work_items": [work_item(each) for each in view.work_items],
        "deadlines": [deadline(each) for each in view.deadlines],
        "linked": [linked(each) for each in view.linked],
    }


def linked(row: LinkedCase) -> Linked:
    return {"ref": row.ref, "pack": row.pack, "kind": row.kind, "status": row.status}


def work_item(row: WorkItemRow) -> WorkItem:
    return {
        "id": row.id,
        "case_ref": row.case_ref,
        "process": row.process,
        "name": row.name,
        "title": row.title,
        "role": row.role,
        "assignee": row.assignee,
        "needs_allocating": row.needs_allocating,
        "optional": row.optional,
        "status": row.status,
        "opened_at": row.opened_at,
        "deadline": row.deadline,
        "act_by_on": row.act_by_on,
        "limit_on": row.limit_on,
        "booked_on": row.booked_on,
        "booked_time": row.booked_time,
        "reason": row.reason,
        "completed_by": row.completed_by,
        "completed_at": row.completed_at,
    }


def deadline(row: DeadlineRow) -> Deadline:
    return {
        "id": row.id,
        "name": row.name,
        "label": row.label,
        "rule_ids": list(row.rule_ids),
        "day_0": row.day_0,
        "day_0_fact": row.day_0_fact,
        "limit_on": row.limit_on,
        "act_by_on": row.act_by_on,
        "governing": row.governing,
        "assumption": row.assumption,
        "status": row.status,
        "met_on": row.met_on,
        "superseded_by": row.superseded_by,
        "reason": row.reason,
        "explanation": row.explanation,
        "source_sentence": row.source_sentence,
    }


def instance(row: InstanceRow) -> Instance:
    return {
        "id": row.id,
        "process": row.process,
        "definition": row.definition,
        "status": row.status,
        "waiting": list(row.waiting),
        "facts": dict(row.facts),
    }


def event(row: EventRow) -> Event:
    # The engine keeps these as JSON, so no type vouches for them: the tests hold every answer to
    # the description.
    work = row.work_item and cast(WorkOfEvent, dict(row.work_item, title=row.work_title))
    return {
        "sequence": row.sequence,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "actor": row.actor,
        "acting_for": row.acting_for,
        "kind": row.kind,
        "dated_before": row.dated_before,
        "work_item": work or None,
        "steps": cast(list[Step], list(row.steps)),
        "decisions": cast(list[Decision], list(row.decisions)),
        "facts_changed": cast(list[FactChange], list(row.facts_changed)),
        "deadlines_changed": cast(list[DeadlineChange], list(row.deadlines_changed)),
        "notices": cast(list[Notice], list(row.notices)),
        "onlookers": cast(list[Onlooker], list(row.onlookers)),
        "comment": row.answers.get("comment") if row.kind == comments.KIND else None,
        "hash": row.hash,
    }


def picture(then: Picture) -> CaseThen:
    return {
        "sequence": then.event.sequence,
        "first": then.first,
        "last": then.last,
        "definition": then.definition,
        "event": event(then.event),
        "facts": dict(then.facts),
        "instances": [instance(each) for each in then.instances],
        "deadlines": [deadline(each) for each in then.deadlines],
        "work_items": [_work_item_then(each) for each in then.work_items],
    }


def _work_item_then(row: WorkThen) -> WorkItemThen:
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "element": row.element,
        "role": row.role,
        "assignee": row.assignee,
    }
