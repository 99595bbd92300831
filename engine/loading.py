"""Rows to `LoadedCase`: what a command needs before its step, in a fixed number of statements."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import records
from engine.definitions import get_definition
from engine.errors import CaseNotFound, WorkItemNotFound
from engine.process import Amount, DerivedDeadline, JsonValue
from engine.step import KeptDeadline, KeptInstance, KeptTimer, KeptWorkItem, LoadedCase


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
    team_manager: str | None
    completed_by: str | None
    closed_at: datetime | None


def find_work_item(connection: Connection, work_item_id: UUID) -> WorkItemHead:
    """Return a work item, open or not. Raises WorkItemNotFound."""
    t = records.work_item.c
    row = connection.execute(
        sa.select(
            t.id,
            t.case_id,
            t.pack,
            t.role,
            t.form,
            t.element,
            t.status,
            t.assignee,
            t.team_manager,
            t.completed_by,
            t.closed_at,
        ).where(t.id == work_item_id)
    ).one_or_none()
    if row is None:
        raise WorkItemNotFound(str(work_item_id))
    return WorkItemHead(*row)


def find_case(connection: Connection, ref: str) -> UUID:
    """Return a case's id by its reference. Raises CaseNotFound."""
    query = sa.select(records.case.c.id).where(records.case.c.ref == ref)
    found: UUID | None = connection.scalar(query)
    if found is None:
        raise CaseNotFound(ref)
    return found


def load_case(connection: Connection, case_id: UUID) -> LoadedCase:
    """Return a case with everything a step can touch. Raises CaseNotFound."""
    t = records.case.c
    # The version is read first: whatever is read after it is checked against it when saving.
    # PostgreSQL lets steps of one case queue here, where they would else lose races to each
    # other until their tries run out; SQLite has let in one writer alone.
    query = sa.select(t.ref, t.policy, t.version, t.status, t.secret, t.last_hash, t.definition)
    row = connection.execute(
        query.where(t.id == case_id).with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise CaseNotFound(str(case_id))
    timers = _timers(connection, case_id)
    with_timers = {timer.instance_id for timer in timers}
    return LoadedCase(
        id=case_id,
        ref=row.ref,
        policy=row.policy,
        version=row.version,
        status=row.status,
        secret=bytes(row.secret or b""),
        last_hash=row.last_hash,
        definition=get_definition(connection, row.definition),
        facts=current_facts(connection, case_id),
        deadlines=tuple(_open_deadlines(connection, case_id)),
        instances=tuple(_instances(connection, case_id, with_timers)),
        work_items=tuple(_open_work(connection, case_id)),
        timers=timers,
    )


def current_facts(connection: Connection, case_id: UUID) -> dict[str, JsonValue]:
    """Return the facts of a case as they stand: name -> JSON value."""
    t = records.fact.c
    rows = connection.execute(
        sa.select(t.name, t.value).where(t.case_id == case_id, t.to_sequence.is_(None))
    )
    return {name: json.loads(value) for name, value in rows}


def was_started(connection: Connection, case_id: UUID, process: str, correlation: str) -> bool:
    """Return whether an instance with this correlation key was ever started in the case."""
    t = records.instance.c
    query = sa.select(t.id).where(
        t.case_id == case_id, t.process == process, t.correlation == correlation
    )
    return connection.execute(query.limit(1)).first() is not None


def _timers(connection: Connection, case_id: UUID) -> tuple[KeptTimer, ...]:
    t = records.timer.c
    query = sa.select(t.instance_id, t.task, t.element, t.due_at).where(t.case_id == case_id)
    return tuple(KeptTimer(*row) for row in connection.execute(query))


def _open_deadlines(connection: Connection, case_id: UUID) -> Iterable[KeptDeadline]:
    t = records.deadline.c
    query = sa.select(records.deadline).where(t.case_id == case_id, t.closed_sequence.is_(None))
    for row in connection.execute(query.order_by(t.key)):
        yield KeptDeadline(row.id, derived_of(row))


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


def _instances(
    connection: Connection, case_id: UUID, with_timers: set[UUID]
) -> Iterable[KeptInstance]:
    t = records.instance.c
    query = sa.select(t.id, t.process, t.state).where(t.case_id == case_id, t.status == "running")
    for row in connection.execute(query.order_by(t.started_sequence, t.id)):
        yield KeptInstance(row.id, row.process, row.state, row.id in with_timers)


def _open_work(connection: Connection, case_id: UUID) -> Iterable[KeptWorkItem]:
    t = records.work_item.c
    query = sa.select(
        t.id,
        t.instance_id,
        t.task,
        t.name,
        t.element,
        t.role,
        t.form,
        t.deadline,
        t.follows_deadline,
        t.assignee,
        t.team_manager,
        t.needs_allocating,
        t.act_by_on,
        t.limit_on,
        t.reason,
    ).where(t.case_id == case_id, t.status == "open")
    for row in connection.execute(query.order_by(t.opened_sequence, t.id)):
        yield KeptWorkItem(*tuple(row))
