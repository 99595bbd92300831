"""The rows of what a step opens, deadlines and work items, and of what it sends."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.domain import first_day
from engine.step.model import DeadlineWrite, LoadedCase, NewWorkItem, SentMessage


def deadline_row(case_id: UUID, sequence: int, write: DeadlineWrite) -> dict[str, Any]:
    """Return the row of a deadline that a step opened."""
    derived = write.derived
    assert derived is not None
    return {
        "id": write.id,
        "case_id": case_id,
        "key": derived.key,
        "name": derived.name,
        "rule_ids": " ".join(derived.rule_ids),
        "day_0": derived.day_0,
        "day_0_fact": derived.day_0_fact,
        "amount": derived.amount.count,
        "unit": derived.amount.unit,
        "direction": derived.direction,
        "met_by": derived.met_by,
        "limit_on": derived.limit_on,
        "act_by_on": derived.act_by_on,
        "opens_on": derived.opens_on,
        "assumption": derived.assumption,
        "source_sentence": derived.source_sentence,
        "calendar_version": derived.calendar_version,
        "explanation": derived.explanation,
        "status": "open",
        "met_on": None,
        "superseded_by": None,
        "reason": write.reason,
        "opened_sequence": sequence,
        "closed_sequence": None,
    }


def work_row(ctx: Context, case: LoadedCase, sequence: int, item: NewWorkItem) -> dict[str, Any]:
    """Return the row of a work item that a step opened."""
    return {
        "id": item.id,
        "case_id": case.id,
        "instance_id": item.instance_id,
        "task": item.task,
        "name": item.name,
        "element": item.element,
        "process": item.process,
        "pack": case.definition.pack.id,
        "title": item.title,
        "role": item.role,
        "form": item.form,
        "deadline": item.deadline,
        "follows_deadline": item.deadline is not None,
        "optional": item.optional,
        "assignee": item.assignee,
        "manager": item.manager,
        "needs_allocating": item.needs_allocating,
        "status": "open",
        "opened_at": ctx.now,
        "opened_sequence": sequence,
        "act_by_on": item.act_by_on,
        "limit_on": item.limit_on,
        "reason": item.reason,
        "booked_on": item.booked_on,
        "booked_time": item.booked_time,
        "own_role": item.own_role,
        # Work without a date of its own is sorted by the day it came.
        "sort_on": first_day(item.booked_on, item.act_by_on) or ctx.today,
    }


def message_row(ctx: Context, case: LoadedCase, sequence: int, sent: SentMessage) -> dict[str, Any]:
    """Return the row of a message that a step sent to a case of another kind; it is due at once."""
    return {
        "id": sent.id,
        "case_id": case.id,
        "sequence": sequence,
        "pack": case.definition.pack.id,
        "to_kind": sent.to_kind,
        "name": sent.name,
        "payload": json.dumps(sent.payload, ensure_ascii=False),
        "sent_at": ctx.now,
        "due_at": ctx.now,
        "attempts": 0,
        "cause": "",
    }
