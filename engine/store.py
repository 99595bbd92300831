"""`Step` to rows: every write of a case, under its version, as one event.

The statements of a step do not depend on the age of the case; none commits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import incidents, ledger, records
from engine.context import Context
from engine.definitions import Definition
from engine.errors import ConcurrentUpdate
from engine.events import event_body
from engine.process import JsonValue
from engine.rows import deadline_row, work_row
from engine.step import (
    DeadlineWrite,
    FactWrite,
    InstanceWrite,
    KeptWorkItem,
    LoadedCase,
    NewWorkItem,
    Notice,
    Step,
)

# Statements of the hot path are built once; building one costs as much as running it.
_INSERT_EVENT = records.event.insert()
_INSERT_SUBMISSION = records.submission.insert()
_INSERT_FACT = records.fact.insert()
_INSERT_DEADLINE = records.deadline.insert()
_INSERT_INSTANCE = records.instance.insert()
_INSERT_STEP = records.step.insert()
_INSERT_WORK = records.work_item.insert()
_INSERT_TIMER = records.timer.insert()
_INSERT_NOTICE = records.notice.insert()
_ADVANCE = records.case.update().where(
    records.case.c.id == sa.bindparam("case_id"),
    records.case.c.version == sa.bindparam("loaded_version"),
)
_END_FACTS = records.fact.update().where(
    records.fact.c.case_id == sa.bindparam("of_case"),
    records.fact.c.to_sequence.is_(None),
    records.fact.c.name.in_(sa.bindparam("names", expanding=True)),
)
_CLOSE_DEADLINE = records.deadline.update().where(
    records.deadline.c.id == sa.bindparam("deadline_id")
)
_UPDATE_INSTANCE = records.instance.update().where(
    records.instance.c.id == sa.bindparam("instance_id")
)
_work = records.work_item
_CLOSE_WORK = _work.update().where(_work.c.id == sa.bindparam("item"), _work.c.status == "open")
_MOVE_WORK = (
    _work.update()
    .where(_work.c.id == sa.bindparam("item"))
    .values(
        {
            name: sa.bindparam(name)
            for name in (
                "assignee",
                "team_manager",
                "needs_allocating",
                "follows_deadline",
                "act_by_on",
                "limit_on",
                "reason",
            )
        }
        | {"sort_on": sa.func.coalesce(sa.bindparam("moved_to", type_=sa.Date), _work.c.sort_on)}
    )
)
_DELETE_DRAFT = records.draft.delete().where(
    records.draft.c.work_item_id == sa.bindparam("of_item")
)
_DELETE_TIMER = records.timer.delete().where(
    records.timer.c.instance_id == sa.bindparam("of_instance"),
    records.timer.c.task == sa.bindparam("of_task"),
)

ENGINE_VERSION = f"permanence {version('permanence')}, SpiffWorkflow {version('SpiffWorkflow')}"


@dataclass(frozen=True)
class SavedStep:
    """What a command did: the case's new version, the work it opened, who was told.

    `deadlines_changed` holds the deadlines opened and closed, in order.
    """

    case_id: UUID
    ref: str
    version: int
    opened: tuple[NewWorkItem, ...]
    notices: tuple[Notice, ...]
    deadlines_changed: tuple[DeadlineWrite, ...]
    case_closed: bool = False


def insert_case(
    connection: Connection,
    case_id: UUID,
    *,
    ref: str,
    definition: Definition,
    policy: str,
    secret: bytes,
    now: datetime,
) -> LoadedCase:
    """Write a new case at version 0 and return it; its first event makes it version 1."""
    connection.execute(
        records.case.insert().values(
            id=case_id,
            ref=ref,
            pack=definition.pack.id,
            policy=policy,
            definition=definition.hash,
            version=0,
            status="open",
            opened_at=now,
            secret=secret,
            last_hash=ledger.GENESIS,
        )
    )
    return LoadedCase(case_id, ref, policy, 0, "open", secret, ledger.GENESIS, definition)


def save_step(
    ctx: Context,
    case: LoadedCase,
    step: Step,
    *,
    kind: str,
    work_item: KeptWorkItem | None = None,
) -> SavedStep:
    """Write a step as the next event of its case, with all that follows from it.

    Raises:
        ConcurrentUpdate: another step has this version already; roll back, then retry.
    """
    sequence = case.version + 1
    body = ledger.canonical(event_body(ctx, case, step, kind=kind, work_item=work_item))
    leaf = ledger.leaf_of(body)
    hashed = ledger.chain(case.last_hash, leaf)
    _advance(ctx, case, step, hashed)
    ctx.connection.execute(
        _INSERT_EVENT,
        {
            "case_id": case.id,
            "sequence": sequence,
            "at": ctx.now,
            "recorded_at": ctx.recorded_at or ctx.now,
            "actor": ctx.actor.name,
            "acting_for": ctx.acting_for,
            "kind": kind,
            "body": body,
            "leaf": leaf,
            "hash": hashed,
            "engine_version": ENGINE_VERSION,
        },
    )
    _save_submission(ctx.connection, case.id, sequence, step.answers, work_item)
    _save_facts(ctx.connection, case.id, sequence, step.facts)
    _save_deadlines(ctx.connection, case.id, sequence, step.deadlines)
    _save_instances(ctx.connection, case, sequence, step.instances)
    _save_work(ctx, case, sequence, step)
    _save_timers(ctx.connection, case.id, step)
    held = {each.key for each in case.timers if each.hold is not None}
    incidents.resolve(ctx, held.intersection(step.timers_gone))
    _save_notices(ctx, case.id, sequence, step.notices)
    return SavedStep(
        case.id,
        case.ref,
        sequence,
        step.opened,
        step.notices,
        step.deadlines,
        step.case_closed,
    )


def _advance(ctx: Context, case: LoadedCase, step: Step, hashed: str) -> None:
    values: dict[str, Any] = {"version": case.version + 1, "last_hash": hashed}
    if any(each.name == "team_manager" for each in step.facts):
        values["team_manager"] = step.team_manager
    if step.case_closed:
        values |= {"status": "closed", "closed_at": ctx.now}
    updated = ctx.connection.execute(
        _ADVANCE, {"case_id": case.id, "loaded_version": case.version, **values}
    )
    if updated.rowcount != 1:
        raise ConcurrentUpdate(f"case {case.ref} has moved on from version {case.version}")


def _save_submission(
    connection: Connection,
    case_id: UUID,
    sequence: int,
    answers: Mapping[str, JsonValue],
    work_item: KeptWorkItem | None,
) -> None:
    if answers:
        connection.execute(
            _INSERT_SUBMISSION,
            {
                "case_id": case_id,
                "sequence": sequence,
                "work_item_id": work_item.id if work_item else None,
                "element": work_item.element if work_item else None,
                "answers": json.dumps(answers, ensure_ascii=False),
            },
        )


def _save_facts(
    connection: Connection, case_id: UUID, sequence: int, facts: tuple[FactWrite, ...]
) -> None:
    if not facts:
        return
    set_now = [each for each in facts if each.value is not None]
    names = [each.name for each in facts]
    connection.execute(_END_FACTS, {"of_case": case_id, "names": names, "to_sequence": sequence})
    if not set_now:
        return
    connection.execute(
        _INSERT_FACT,
        [
            {
                "case_id": case_id,
                "name": each.name,
                "from_sequence": sequence,
                "to_sequence": sequence if each.ended else None,
                "value": json.dumps(each.value, ensure_ascii=False),
                "effective_on": each.effective_on,
                "corrects": each.corrects,
                "reason": each.reason,
            }
            for each in set_now
        ],
    )


def _save_deadlines(
    connection: Connection, case_id: UUID, sequence: int, writes: tuple[DeadlineWrite, ...]
) -> None:
    opened = [deadline_row(case_id, sequence, each) for each in writes if each.derived]
    if opened:
        connection.execute(_INSERT_DEADLINE, opened)
    closed = [
        {
            "deadline_id": each.id,
            "status": each.closed_as,
            "met_on": each.met_on,
            "superseded_by": each.superseded_by,
            "reason": each.reason,
            "closed_sequence": sequence,
        }
        for each in writes
        if each.closed_as
    ]
    if closed:
        connection.execute(_CLOSE_DEADLINE, closed)


def _save_instances(
    connection: Connection, case: LoadedCase, sequence: int, writes: tuple[InstanceWrite, ...]
) -> None:
    for each in writes:
        ended = sequence if each.status != "running" else None
        values = {
            "status": each.status,
            "state": each.text,
            "waiting": json.dumps(each.waiting),
            "ended_sequence": ended,
        }
        if each.started:
            connection.execute(
                _INSERT_INSTANCE,
                {
                    "id": each.id,
                    "case_id": case.id,
                    "process": each.process,
                    "definition": case.definition.hash,
                    "correlation": each.correlation,
                    "started_sequence": sequence,
                    **values,
                },
            )
        else:
            connection.execute(_UPDATE_INSTANCE, {"instance_id": each.id, **values})
    if writes:
        connection.execute(
            _INSERT_STEP,
            [
                {
                    "case_id": case.id,
                    "instance_id": each.id,
                    "sequence": sequence,
                    "ran": json.dumps(each.ran),
                    "waiting": json.dumps(each.waiting),
                }
                for each in writes
            ],
        )


def _save_work(ctx: Context, case: LoadedCase, sequence: int, step: Step) -> None:
    if step.closed:
        ctx.connection.execute(
            _CLOSE_WORK, [_closed(ctx, sequence, *each) for each in step.closed.items()]
        )
        ctx.connection.execute(_DELETE_DRAFT, [{"of_item": id} for id in step.closed])
    if step.moved:
        ctx.connection.execute(_MOVE_WORK, [_moved(item) for item in step.moved])
    if step.opened:
        rows = [work_row(ctx, case, sequence, each) for each in step.opened]
        ctx.connection.execute(_INSERT_WORK, rows)


def _closed(ctx: Context, sequence: int, id: UUID, how: str) -> dict[str, Any]:
    return {
        "item": id,
        "status": how,
        "closed_at": ctx.now,
        "closed_sequence": sequence,
        "completed_by": ctx.actor.name if how == "completed" else None,
    }


def _moved(item: KeptWorkItem) -> dict[str, Any]:
    return {
        "item": item.id,
        "assignee": item.assignee,
        "team_manager": item.team_manager,
        "needs_allocating": item.needs_allocating,
        "follows_deadline": item.follows_deadline,
        "act_by_on": item.act_by_on,
        "limit_on": item.limit_on,
        "reason": item.reason,
        "moved_to": item.act_by_on,
    }


def _save_timers(connection: Connection, case_id: UUID, step: Step) -> None:
    replaced = [(each.instance_id, each.task) for each in step.timers]
    gone = [*step.timers_gone, *replaced]
    if gone:
        connection.execute(
            _DELETE_TIMER, [{"of_instance": instance, "of_task": task} for instance, task in gone]
        )
    if step.timers:
        connection.execute(
            _INSERT_TIMER,
            [
                {
                    "instance_id": each.instance_id,
                    "task": each.task,
                    "case_id": case_id,
                    "element": each.element,
                    "due_at": each.due_at,
                }
                for each in step.timers
            ],
        )


def _save_notices(ctx: Context, case_id: UUID, sequence: int, notices: tuple[Notice, ...]) -> None:
    if notices:
        ctx.connection.execute(
            _INSERT_NOTICE,
            [
                {
                    "id": each.id,
                    "case_id": case_id,
                    "sequence": sequence,
                    "at": ctx.now,
                    "role": each.role,
                    "person": each.person,
                    "text": each.text,
                }
                for each in notices
            ],
        )
