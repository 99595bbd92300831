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

from sqlalchemy import Connection

from engine import ledger, records
from engine.context import Context
from engine.definitions import Definition
from engine.errors import ConcurrentUpdate
from engine.events import event_body
from engine.process import JsonValue
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
        records.event.insert().values(
            case_id=case.id,
            sequence=sequence,
            at=ctx.now,
            recorded_at=ctx.recorded_at or ctx.now,
            actor=ctx.actor.name,
            acting_for=ctx.acting_for,
            kind=kind,
            body=body,
            leaf=leaf,
            hash=hashed,
            engine_version=ENGINE_VERSION,
        )
    )
    _save_submission(ctx.connection, case.id, sequence, step.answers, work_item)
    _save_facts(ctx.connection, case.id, sequence, step.facts)
    _save_deadlines(ctx.connection, case.id, sequence, step.deadlines)
    _save_instances(ctx.connection, case, sequence, step.instances)
    _save_work(ctx, case, sequence, step)
    _save_timers(ctx.connection, case.id, step)
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
    t = records.case.c
    updated = ctx.connection.execute(
        records.case.update().where(t.id == case.id, t.version == case.version).values(**values)
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
            records.submission.insert().values(
                case_id=case_id,
                sequence=sequence,
                work_item_id=work_item.id if work_item else None,
                element=work_item.element if work_item else None,
                answers=json.dumps(answers, ensure_ascii=False),
            )
        )


def _save_facts(
    connection: Connection, case_id: UUID, sequence: int, facts: tuple[FactWrite, ...]
) -> None:
    if not facts:
        return
    t = records.fact.c
    names = [each.name for each in facts]
    connection.execute(
        records.fact.update()
        .where(t.case_id == case_id, t.to_sequence.is_(None), t.name.in_(names))
        .values(to_sequence=sequence)
    )
    connection.execute(
        records.fact.insert(),
        [
            {
                "case_id": case_id,
                "name": each.name,
                "from_sequence": sequence,
                "value": json.dumps(each.value, ensure_ascii=False),
                "effective_on": each.effective_on,
                "corrects": each.corrects,
                "reason": each.reason,
            }
            for each in facts
        ],
    )


def _save_deadlines(
    connection: Connection, case_id: UUID, sequence: int, writes: tuple[DeadlineWrite, ...]
) -> None:
    opened = [_deadline_row(case_id, sequence, each) for each in writes if each.derived]
    if opened:
        connection.execute(records.deadline.insert(), opened)
    for each in writes:
        if each.closed_as:
            connection.execute(
                records.deadline.update()
                .where(records.deadline.c.id == each.id)
                .values(
                    status=each.closed_as,
                    met_on=each.met_on,
                    superseded_by=each.superseded_by,
                    reason=each.reason,
                    closed_sequence=sequence,
                )
            )


def _deadline_row(case_id: UUID, sequence: int, write: DeadlineWrite) -> dict[str, Any]:
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
        "reason": write.reason,
        "opened_sequence": sequence,
    }


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
                records.instance.insert().values(
                    id=each.id,
                    case_id=case.id,
                    process=each.process,
                    definition=case.definition.hash,
                    correlation=each.correlation,
                    started_sequence=sequence,
                    **values,
                )
            )
        else:
            connection.execute(
                records.instance.update().where(records.instance.c.id == each.id).values(**values)
            )
    if writes:
        connection.execute(
            records.step.insert(),
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
    t = records.work_item.c
    for how in sorted(set(step.closed.values())):
        ids = [id for id, closed_as in step.closed.items() if closed_as == how]
        ctx.connection.execute(
            records.work_item.update()
            .where(t.id.in_(ids), t.status == "open")
            .values(
                status=how,
                closed_at=ctx.now,
                closed_sequence=sequence,
                completed_by=ctx.actor.name if how == "completed" else None,
            )
        )
    if step.closed:
        drafts = records.draft
        ctx.connection.execute(drafts.delete().where(drafts.c.work_item_id.in_(step.closed)))
    for item in step.moved:
        ctx.connection.execute(
            records.work_item.update()
            .where(t.id == item.id)
            .values(
                assignee=item.assignee,
                team_manager=item.team_manager,
                needs_allocating=item.needs_allocating,
                follows_deadline=item.follows_deadline,
                act_by_on=item.act_by_on,
                limit_on=item.limit_on,
                reason=item.reason,
                sort_on=item.act_by_on or t.sort_on,
            )
        )
    if step.opened:
        rows = [_work_row(ctx, case, sequence, each) for each in step.opened]
        ctx.connection.execute(records.work_item.insert(), rows)


def _work_row(ctx: Context, case: LoadedCase, sequence: int, item: NewWorkItem) -> dict[str, Any]:
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
        "team_manager": item.team_manager,
        "needs_allocating": item.needs_allocating,
        "status": "open",
        "opened_at": ctx.now,
        "opened_sequence": sequence,
        "act_by_on": item.act_by_on,
        "limit_on": item.limit_on,
        "reason": item.reason,
        # Work without a date of its own is sorted by the day it came.
        "sort_on": item.act_by_on or ctx.today,
    }


def _save_timers(connection: Connection, case_id: UUID, step: Step) -> None:
    t = records.timer.c
    replaced = [(each.instance_id, each.task) for each in step.timers]
    for instance_id, task in [*step.timers_gone, *replaced]:
        connection.execute(
            records.timer.delete().where(t.instance_id == instance_id, t.task == task)
        )
    if step.timers:
        connection.execute(
            records.timer.insert(),
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
            records.notice.insert(),
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
