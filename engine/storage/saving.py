"""`Step` to rows: every write of a case, under its version, as one event.

The statements of a step do not depend on the age of the case; none commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.domain import JsonValue
from engine.errors import ConcurrentUpdate
from engine.packs.kinds import Kind
from engine.packs.version import Definition
from engine.step import event as sealing
from engine.step.event import event_body
from engine.step.model import (
    DeadlineWrite,
    FactWrite,
    InstanceWrite,
    KeptWorkItem,
    LoadedCase,
    NewWorkItem,
    Notice,
    Onlooker,
    Step,
)
from engine.step.scope import name_of
from engine.storage import case_register, incidents, tables
from engine.storage.compiled_sql import Statement, Values, Write, write_all
from engine.storage.row_values import deadline_row, message_row
from engine.storage.sealed_rows import (
    CASE,
    CASE_END,
    CASE_LINK,
    CASE_TEAM,
    DEADLINE,
    DEADLINE_END,
    FACT,
    INSTANCE,
    INSTANCE_STATE,
    MESSAGE,
    NOTICE,
    ONLOOKER,
    STEP,
    SUBMISSION,
    Sealing,
    sealed_beside,
)
from engine.storage.waiting_rows import timer_writes, work_item_writes

_JSON = json.JSONEncoder(ensure_ascii=False)

_INSERT_EVENT = Statement(tables.event.insert())
_INSERT_SUBMISSION = Statement(tables.submission.insert())
_INSERT_FACT = Statement(tables.fact.insert())
_INSERT_DEADLINE = Statement(tables.deadline.insert())
_INSERT_INSTANCE = Statement(tables.instance.insert())
_INSERT_STEP = Statement(tables.step.insert())
_INSERT_NOTICE = Statement(tables.notice.insert())
_INSERT_MESSAGE = Statement(tables.message.insert())
_INSERT_ONLOOKER = Statement(tables.onlooker.insert())
_END_ONLOOKER = Statement(
    tables.onlooker.update().where(
        tables.onlooker.c.case_id == sa.bindparam("of_case"),
        tables.onlooker.c.to_sequence.is_(None),
        tables.onlooker.c.role == sa.bindparam("of_role"),
        tables.onlooker.c.about == sa.bindparam("of_matter"),
    )
)
_ADVANCE = Statement(
    tables.case.update().where(
        tables.case.c.id == sa.bindparam("case_id"),
        tables.case.c.version == sa.bindparam("loaded_version"),
    )
)
_END_FACT = Statement(
    tables.fact.update().where(
        tables.fact.c.case_id == sa.bindparam("of_case"),
        tables.fact.c.to_sequence.is_(None),
        tables.fact.c.name == sa.bindparam("of_name"),
    )
)
_CLOSE_DEADLINE = Statement(
    tables.deadline.update().where(tables.deadline.c.id == sa.bindparam("deadline_id"))
)
_UPDATE_INSTANCE = Statement(
    tables.instance.update().where(tables.instance.c.id == sa.bindparam("instance_id"))
)


ENGINE_VERSION = f"permanence {version('permanence')}, SpiffWorkflow {version('SpiffWorkflow')}"


@dataclass(frozen=True)
class SavedStep:
    """What a command did: the case's new version, and the work it opened."""

    case_id: UUID
    ref: str
    version: int
    opened: tuple[NewWorkItem, ...]


def insert_case(
    connection: Connection,
    case_id: UUID,
    *,
    ref: str,
    definition: Definition,
    kind: Kind,
    policy: str,
    secret: bytes,
    now: datetime,
    linked_to: UUID | None = None,
) -> LoadedCase:
    """Write a new case at version 0 and return it; its first event makes it version 1."""
    connection.execute(
        tables.case.insert().values(
            id=case_id,
            ref=ref,
            pack=definition.pack.id,
            policy=policy,
            definition=definition.hash,
            version=0,
            status="open",
            opened_at=now,
            secret=secret,
            last_hash=sealing.GENESIS,
            kind=kind.id,
            number=case_register.enter(connection, ref),
            sole=kind.one_at_a_time,
            linked_to=linked_to,
        )
    )
    head = case_id, ref, policy, 0, "open", secret, sealing.GENESIS, definition
    return LoadedCase(*head, kind=kind.id, linked_to=linked_to)


def save_step(
    ctx: Context,
    case: LoadedCase,
    step: Step,
    *,
    kind: str,
    work_item: KeptWorkItem | None = None,
    drafted_by: Sequence[str] = (),
) -> SavedStep:
    """Write a step as the next event of its case, with all that follows from it.

    Raises:
        ConcurrentUpdate: another step has this version already; roll back, then retry.
    """
    sequence = case.version + 1
    seal = Sealing(case.secret, sequence)
    advanced = _advanced(ctx, case, step, seal)
    writes: list[Write] = [
        _submission(case.id, sequence, step.answers, work_item, drafted_by, seal),
        *_facts(case, sequence, step.facts, seal),
        *_deadlines(case.id, sequence, step.deadlines, seal),
        *_instances(case, sequence, step.instances, seal),
        *work_item_writes(ctx, case, sequence, step, seal),
        *timer_writes(case, step),
        (
            _INSERT_NOTICE,
            seal.add([NOTICE], (_notice(ctx, case.id, sequence, each) for each in step.notices)),
        ),
        (
            _INSERT_MESSAGE,
            seal.add([MESSAGE], (message_row(ctx, case, sequence, each) for each in step.sent)),
        ),
        *_onlookers(case.id, sequence, step.onlookers, seal),
    ]
    said = event_body(ctx, case, step, kind=kind, work_item=work_item)
    body = sealing.canonical({**said, "rows": seal.seals})
    leaf = sealing.leaf_of(body)
    hashed = sealing.chain(case.last_hash, leaf)
    event = {
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
    }
    event["beside"] = sealed_beside(case.secret, event)
    advance = _ADVANCE, [{**advanced, "last_hash": hashed}]
    if write_all(ctx.connection, advance, [(_INSERT_EVENT, [event]), *writes]) != 1:
        raise ConcurrentUpdate(f"case {case.ref} has moved on from version {case.version}")
    held = {each.key for each in case.timers if each.hold is not None}
    if gone := held.intersection(step.timers_gone):
        incidents.resolve(ctx, gone)
    return SavedStep(case.id, case.ref, sequence, step.opened)


def _advanced(ctx: Context, case: LoadedCase, step: Step, seal: Sealing) -> dict[str, Any]:
    """Return what changes of the case's row, but for the newest hash."""
    values: dict[str, Any] = {
        "case_id": case.id,
        "loaded_version": case.version,
        "version": case.version + 1,
    }
    if any(each.name == case.managed_by for each in step.facts):
        values["manager"] = step.manager
        seal.add([CASE_TEAM], [values])
    if step.case_closed:
        values |= {"status": "closed", "closed_at": ctx.now}
        seal.add([CASE_END], [values])
    if case.version == 0:
        seal.add([CASE], [_opened(ctx, case)])
        if case.linked_to is not None:
            seal.add([CASE_LINK], [{"linked_to": case.linked_to}])
    return values


def _opened(ctx: Context, case: LoadedCase) -> Values:
    """Return the row that `insert_case` has written, as far as it never changes."""
    pack = case.definition.pack
    return {
        "ref": case.ref,
        "pack": pack.id,
        "policy": case.policy,
        "definition": case.definition.hash,
        "opened_at": ctx.now,
        "kind": case.kind,
        "sole": pack.kinds[case.kind].one_at_a_time,
    }


def _submission(
    case_id: UUID,
    sequence: int,
    answers: Mapping[str, JsonValue],
    work_item: KeptWorkItem | None,
    drafted_by: Sequence[str],
    seal: Sealing,
) -> Write:
    if not answers:
        return _INSERT_SUBMISSION, []
    row = {
        "case_id": case_id,
        "sequence": sequence,
        "work_item_id": work_item.id if work_item else None,
        "element": work_item.element if work_item else None,
        "answers": _JSON.encode(answers),
        "drafted_by": _JSON.encode(drafted_by) if drafted_by else None,
    }
    return _INSERT_SUBMISSION, seal.add([SUBMISSION], [row])


def _facts(
    case: LoadedCase, sequence: int, facts: tuple[FactWrite, ...], seal: Sealing
) -> Iterator[Write]:
    types = case.definition.pack.facts
    yield (
        _END_FACT,
        [{"of_case": case.id, "of_name": each.name, "to_sequence": sequence} for each in facts],
    )
    # Own facts of work that ended are closed; those that the same step set were true in it.
    rows = (
        {
            "case_id": case.id,
            "name": each.name,
            "from_sequence": sequence,
            "to_sequence": sequence if each.ended else None,
            "value": _JSON.encode(each.value),
            "is_person": types[name_of(each.name)].type == "user",
            "effective_on": each.effective_on,
            "corrects": each.corrects,
            "reason": each.reason,
        }
        for each in facts
        if each.value is not None
    )
    yield _INSERT_FACT, seal.add([FACT], rows)


def _onlookers(
    case_id: UUID, sequence: int, onlookers: tuple[Onlooker, ...], seal: Sealing
) -> Iterator[Write]:
    """Yield the end of what each role saw the case for, and what it sees it for now."""
    of = [{"of_case": case_id, "of_role": o.role, "of_matter": o.about} for o in onlookers]
    yield _END_ONLOOKER, [{**each, "to_sequence": sequence} for each in of]
    rows = (
        {
            "case_id": case_id,
            "role": each.role,
            "about": each.about,
            "from_sequence": sequence,
            "until_on": each.until_on,
        }
        for each in onlookers
    )
    yield _INSERT_ONLOOKER, seal.add([ONLOOKER], rows)


def _deadlines(
    case_id: UUID, sequence: int, writes: tuple[DeadlineWrite, ...], seal: Sealing
) -> Iterator[Write]:
    closed = {each.id: _closed_deadline(sequence, each) for each in writes if each.closed_as}
    opened = {each.id: deadline_row(case_id, sequence, each) for each in writes if each.derived}
    # One that the same step opened and closed is written once.
    rows = [row | closed.pop(id, {}) for id, row in opened.items()]
    yield _INSERT_DEADLINE, seal.add([DEADLINE, DEADLINE_END], rows)
    seal.add([DEADLINE_END], ({"id": id, **values} for id, values in closed.items()))
    yield _CLOSE_DEADLINE, [{"deadline_id": id, **values} for id, values in closed.items()]


def _closed_deadline(sequence: int, write: DeadlineWrite) -> dict[str, Any]:
    return {
        "status": write.closed_as,
        "met_on": write.met_on,
        "superseded_by": write.superseded_by,
        "reason": write.reason,
        "closed_sequence": sequence,
    }


def _instances(
    case: LoadedCase, sequence: int, writes: tuple[InstanceWrite, ...], seal: Sealing
) -> Iterator[Write]:
    steps: list[Values] = []
    for each in writes:
        waiting = json.dumps(each.waiting)
        values = {
            "status": each.status,
            "state": each.text,
            "waiting": waiting,
            "ended_sequence": sequence if each.status != "running" else None,
        }
        if each.started:
            names = {
                "id": each.id,
                "case_id": case.id,
                "process": each.process,
                "definition": case.definition.hash,
                "correlation": each.correlation,
                "started_sequence": sequence,
            }
            yield _INSERT_INSTANCE, seal.add([INSTANCE, INSTANCE_STATE], [{**names, **values}])
        else:
            seal.add([INSTANCE_STATE], [{"id": each.id, **values}])
            yield _UPDATE_INSTANCE, [{"instance_id": each.id, **values}]
        steps.append(
            {
                "case_id": case.id,
                "instance_id": each.id,
                "sequence": sequence,
                "ran": json.dumps(each.ran),
                "waiting": waiting,
            }
        )
    yield _INSERT_STEP, seal.add([STEP], steps)


def _notice(ctx: Context, case_id: UUID, sequence: int, notice: Notice) -> Values:
    return {
        "id": notice.id,
        "case_id": case_id,
        "sequence": sequence,
        "at": ctx.now,
        "role": notice.role,
        "person": notice.person,
        "text": notice.text,
    }
