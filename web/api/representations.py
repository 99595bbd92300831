"""How the API writes cases, work items, deadlines and events as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine import reads
from engine.commands import comments
from engine.open_work.work_list import WorkItemRow
from engine.reads import CaseView, DeadlineRow, InstanceRow
from engine.reads.history import EventRow, Picture
from engine.storage.database import Connection

WORK_ITEM_FIELDS = (
    "id",
    "case_ref",
    "process",
    "name",
    "title",
    "role",
    "assignee",
    "needs_allocating",
    "optional",
    "status",
    "opened_at",
    "deadline",
    "act_by_on",
    "limit_on",
    "reason",
    "completed_by",
    "completed_at",
)
DEADLINE_FIELDS = (
    "id",
    "name",
    "label",
    "rule_ids",
    "day_0",
    "day_0_fact",
    "limit_on",
    "act_by_on",
    "governing",
    "assumption",
    "status",
    "met_on",
    "superseded_by",
    "reason",
    "explanation",
    "source_sentence",
)


def read_case(connection: Connection, ref: str, *, today: date) -> dict[str, Any]:
    """Return a case as it stands, read on this connection."""
    return case(reads.get_case(connection, ref, today=today))


def case(view: CaseView) -> dict[str, Any]:
    """Return a case: current things only, however old it is."""
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
    }


def work_item(row: WorkItemRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in WORK_ITEM_FIELDS}


def deadline(row: DeadlineRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DEADLINE_FIELDS}


def instance(row: InstanceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "process": row.process,
        "definition": row.definition,
        "status": row.status,
        "waiting": list(row.waiting),
        "facts": dict(row.facts),
    }


def event(row: EventRow) -> dict[str, Any]:
    work = dict(row.work_item, title=row.work_title) if row.work_item else None
    return {
        "sequence": row.sequence,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "actor": row.actor,
        "acting_for": row.acting_for,
        "kind": row.kind,
        "work_item": work,
        "steps": row.steps,
        "decisions": row.decisions,
        "facts_changed": row.facts_changed,
        "deadlines_changed": row.deadlines_changed,
        "notices": row.notices,
        "comment": row.answers.get("comment") if row.kind == comments.KIND else None,
        "hash": row.hash,
    }


def picture(then: Picture) -> dict[str, Any]:
    """Return the case as it stood after one event."""
    return {
        "sequence": then.event.sequence,
        "first": then.first,
        "last": then.last,
        "definition": then.definition,
        "event": event(then.event),
        "facts": dict(then.facts),
        "instances": [instance(each) for each in then.instances],
        "deadlines": [deadline(each) for each in then.deadlines],
        "work_items": [vars(each) for each in then.work_items],
    }
