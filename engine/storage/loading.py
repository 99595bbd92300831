"""Rows to `LoadedCase`: what a command needs before its step, in a fixed number of statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn.timers import Hold
from engine.context import Context
from engine.domain import Amount, DerivedDeadline, JsonValue
from engine.errors import CaseNotFound, WorkItemNotFound
from engine.packs.forms import can_be_kept
from engine.step.case_run import CaseRun
from engine.step.model import KeptDeadline, KeptInstance, KeptTimer, KeptWorkItem, LoadedCase
from engine.storage import tables
from engine.storage.compiled_sql import Reads, Statement
from engine.storage.database import only_reads
from engine.storage.published_versions import get_definition

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c
_timer, _incident = tables.timer.c, tables.incident.c
_OF_CASE: sa.BindParameter[UUID] = sa.bindparam("case_id")
_ITEM = sa.bindparam("work_item_id", type_=_work.id.type)
_HEAD_COLUMNS = (
    _work.id,
    _work.case_id,
    _work.pack,
    _work.role,
    _work.form,
    _work.element,
    _work.status,
    _work.assignee,
    _work.manager,
    _work.completed_by,
    _work.closed_at,
    _work.own_role,
)
_CASE_COLUMNS = (
    _case.ref,
    _case.policy,
    _case.version,
    _case.status.label("case_status"),
    _case.secret,
    _case.last_hash,
    _case.definition,
    _case.kind,
)
_HEAD = Statement(sa.select(*_HEAD_COLUMNS).where(_work.id == _ITEM))
_CASE_AS_IT_IS = sa.select(*_CASE_COLUMNS).where(_case.id == _OF_CASE)
_CASE = Statement(_CASE_AS_IT_IS)
# PostgreSQL lets steps of one case queue here, where they would else lose races to each other
# until their tries run out; SQLite has let in one writer alone.
_CASE_LOCKED = Statement(_CASE_AS_IT_IS.with_for_update(key_share=True))
_HEAD_AND_CASE_LOCKED = Statement(
    sa.select(*_HEAD_COLUMNS, *_CASE_COLUMNS)
    .join(tables.case, _case.id == _work.case_id)
    .where(_work.id == _ITEM)
    .with_for_update(key_share=True, of=tables.case)
)
_FACTS = sa.select(_fact.name, _fact.value).where(
    _fact.case_id == _OF_CASE, _fact.to_sequence.is_(None)
)
_FACTS_ALONE = Statement(_FACTS)
# Each with the incident that is not over.
_TIMERS = (
    sa.select(
        _timer.instance_id,
        _timer.task,
        _timer.element,
        _timer.due_at,
        _incident.status,
        _incident.due_at,
        _incident.next_try_at,
    )
    .outerjoin(
        tables.incident,
        sa.and_(
            _incident.instance_id == _timer.instance_id,
            _incident.task == _timer.task,
            _incident.status != "resolved",
        ),
    )
    .where(_timer.case_id == _OF_CASE)
)
_OPEN = Reads(
    facts=_FACTS,
    deadlines=sa.select(tables.deadline)
    .where(tables.deadline.c.case_id == _OF_CASE, tables.deadline.c.closed_sequence.is_(None))
    .order_by(tables.deadline.c.key),
    instances=sa.select(tables.instance.c.id, tables.instance.c.process, tables.instance.c.state)
    .where(tables.instance.c.case_id == _OF_CASE, tables.instance.c.status == "running")
    .order_by(tables.instance.c.started_sequence, tables.instance.c.id),
    work_items=sa.select(
        _work.id,
        _work.instance_id,
        _work.task,
        _work.name,
        _work.element,
        _work.role,
        _work.deadline,
        _work.follows_deadline,
        _work.assignee,
        _work.manager,
        _work.needs_allocating,
        _work.act_by_on,
        _work.limit_on,
        _work.reason,
        _work.booked_on,
        _work.booked_time,
        _work.opened_at,
        _work.own_role,
    )
    .where(_work.case_id == _OF_CASE, _work.status == "open")
    .order_by(_work.opened_sequence, _work.id),
    timers=_TIMERS,
)


@dataclass(frozen=True)
class WorkItemHead:
    """A work item as a command finds it before loading its case."""

    id: UUID
    case_id: UUID
    pack: str
    role: str
    form: str
    element: str
    status: str
    assignee: str | None
    manager: str | None
    completed_by: str | None
    closed_at: datetime | None
    own_role: str | None

    @property
    def done_by(self) -> str:
        """The role whose people may do it, whoever has it to allocate."""
        return self.own_role or self.role


def find_work_item(connection: Connection, work_item_id: UUID) -> WorkItemHead:
    """Return a work item, open or not. Raises WorkItemNotFound."""
    rows = _HEAD.rows(connection, work_item_id=work_item_id)
    if not rows:
        raise WorkItemNotFound(str(work_item_id))
    return WorkItemHead(*rows[0])


def find_case(connection: Connection, ref: str) -> UUID:
    """Return a case's id by its reference. Raises CaseNotFound."""
    query = sa.select(tables.case.c.id).where(tables.case.c.ref == ref)
    found: UUID | None = connection.scalar(query)
    if found is None:
        raise CaseNotFound(ref)
    return found


def is_open(connection: Connection, pack: str, kind: str) -> bool:
    """Return whether a case of this kind of a pack is open."""
    query = sa.select(_case.id).where(
        _case.pack == pack, _case.kind == kind, _case.status == "open"
    )
    return connection.scalar(query.limit(1)) is not None


def load_case(connection: Connection, case_id: UUID) -> LoadedCase:
    """Return a case with everything a step can touch. Raises CaseNotFound."""
    case = _CASE if only_reads(connection) else _CASE_LOCKED
    rows = case.rows(connection, case_id=case_id)
    if not rows:
        raise CaseNotFound(str(case_id))
    return _loaded(connection, case_id, rows[0])


def load_work_item(connection: Connection, work_item_id: UUID) -> tuple[WorkItemHead, LoadedCase]:
    """Return a work item, open or not, and its case, to be changed. Raises WorkItemNotFound.

    The case is as of now; the item may have been closed by the step that was waited for.
    """
    rows = _HEAD_AND_CASE_LOCKED.rows(connection, work_item_id=work_item_id)
    if not rows:
        raise WorkItemNotFound(str(work_item_id))
    head = WorkItemHead(*rows[0][: len(_HEAD_COLUMNS)])
    return head, _loaded(connection, head.case_id, rows[0])


def kept_timers(connection: Connection, case_id: UUID) -> tuple[KeptTimer, ...]:
    """Return the timers of a case, each with what holds it."""
    return tuple(map(_kept_timer, connection.execute(_TIMERS, {"case_id": case_id})))


def _kept_timer(row: Sequence[Any]) -> KeptTimer:
    instance_id, task, element, due_at, status, was_due_at, next_try_at = row
    hold = None if status is None else Hold(was_due_at, status == "skipped", next_try_at)
    return KeptTimer(instance_id, task, element, due_at, hold=hold)


def _loaded(connection: Connection, case_id: UUID, row: Any) -> LoadedCase:
    # The version is read first: whatever is read after it is checked against it when saving.
    found = _OPEN.rows(connection, case_id=case_id)
    timers = tuple(_kept_timer(each) for each in found["timers"])
    with_timers = {timer.instance_id for timer in timers}
    return LoadedCase(
        id=case_id,
        ref=row.ref,
        policy=row.policy,
        version=row.version,
        status=row.case_status,
        secret=bytes(row.secret or b""),
        last_hash=row.last_hash,
        definition=get_definition(connection, row.definition),
        facts=_facts(found["facts"]),
        deadlines=tuple(KeptDeadline(each.id, derived_of(each)) for each in found["deadlines"]),
        instances=tuple(
            KeptInstance(each.id, each.process, each.state, each.id in with_timers)
            for each in found["instances"]
        ),
        work_items=tuple(KeptWorkItem(*each) for each in found["work_items"]),
        timers=timers,
        kind=row.kind,
    )


def current_facts(connection: Connection, case_id: UUID) -> dict[str, JsonValue]:
    """Return the facts of a case as they stand: name -> JSON value."""
    return _facts(_FACTS_ALONE.rows(connection, case_id=case_id))


def _facts(rows: Iterable[Any]) -> dict[str, JsonValue]:
    return {name: json.loads(value) for name, value in rows}


def run_of(
    ctx: Context, case: LoadedCase, *, holds: Mapping[tuple[UUID, int], Hold] | None = None
) -> CaseRun:
    """Return a run of a loaded case that looks up here what it asks while it runs.

    `holds` names the timers that must not fire; by default those that incidents keep.
    """
    return CaseRun(
        case,
        domain=ctx.domain,
        now=ctx.now,
        was_started=partial(was_started, ctx.connection, case.id),
        roles_of=partial(roles_of, ctx.connection, case.definition.pack.id),
        holds=holds,
        actor=ctx.actor.name,
    )


def was_started(
    connection: Connection, case_id: UUID, process: str, correlation: str
) -> UUID | None:
    """Return the instance with this correlation key, if one was ever started in the case."""
    t = tables.instance.c
    query = sa.select(t.id).where(
        t.case_id == case_id, t.process == process, t.correlation == correlation
    )
    found: UUID | None = connection.scalar(query.limit(1))
    return found


def roles_of(connection: Connection, pack: str, name: str) -> frozenset[str] | None:
    """Return the roles of the active person of that pack, or of none, with this user name.

    None when there is no such person.
    """
    if not can_be_kept(name):
        return None
    t = tables.person.c
    query = sa.select(t.pack, t.roles).where(t.name == name, t.active)
    found = connection.execute(query).one_or_none()
    if found is None or found.pack not in (None, pack):
        return None
    return frozenset(json.loads(found.roles))


def derived_of(row: Any) -> DerivedDeadline:
    """Return the deadline that a `deadline` row holds."""
    return DerivedDeadline(
        key=row.key,
        name=row.name,
        rule_ids=tuple(row.rule_ids.split()),
        day_0=row.day_0,
        day_0_fact=row.day_0_fact,
        amount=Amount(row.amount, row.unit),
        direction=row.direction,
        met_by=row.met_by,
        limit_on=row.limit_on,
        act_by_on=row.act_by_on,
        opens_on=row.opens_on,
        assumption=row.assumption,
        calendar_version=row.calendar_version,
        explanation=row.explanation,
        source_sentence=row.source_sentence,
    )
