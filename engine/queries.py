"""What pages and the API read of work and cases. Frozen rows, never records; bounded lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import loading, records
from engine.definitions import get_definition
from engine.errors import CaseNotFound, WorkItemNotFound
from engine.forms import Form
from engine.process import JsonValue

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Part of a list; `next` is what to pass as `after` for more, None at the end."""

    items: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True)
class WorkItemRow:
    """A work item as lists show it. `reason` is the sentence of its governing deadline."""

    id: UUID
    case_ref: str
    child_name: str
    pack: str
    process: str
    name: str
    element: str
    title: str
    role: str
    assignee: str | None
    team_manager: str | None
    needs_allocating: bool
    optional: bool
    status: str
    opened_at: datetime
    act_by_on: date | None
    limit_on: date | None
    deadline: str | None
    reason: str | None
    completed_by: str | None
    completed_at: datetime | None


@dataclass(frozen=True)
class WorkCounts:
    """How much work waits, by its ACT-BY date: before today, in the next 7 days, later."""

    overdue: int
    this_week: int
    later: int


@dataclass(frozen=True)
class InstanceRow:
    """A running instance; `waiting` are element ids, containers of waiting work included."""

    id: UUID
    process: str
    definition: str
    status: str
    waiting: tuple[str, ...]


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
class CaseHead:
    """Which case, and whose. Names are personal content: never in a URL, title or log."""

    id: UUID
    ref: str
    pack: str
    policy: str
    definition: str
    version: int
    status: str
    opened_at: datetime
    closed_at: datetime | None
    child_name: str
    preferred_name: str


@dataclass(frozen=True)
class CaseView:
    """A case as it stands: current facts, running instances, open work, open deadlines."""

    head: CaseHead
    facts: Mapping[str, JsonValue]
    instances: tuple[InstanceRow, ...]
    work_items: tuple[WorkItemRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    people: Mapping[str, str]


@dataclass(frozen=True)
class WorkItemView:
    """A work item with its form; `carried` names the fields filled from an earlier meeting."""

    item: WorkItemRow
    case: CaseHead
    form: Form
    values: Mapping[str, JsonValue]
    carried: Mapping[str, date]
    draft_saved_at: datetime | None


@dataclass(frozen=True)
class ChildRow:
    """A child in a worker's list: what is next, and who is being waited for."""

    ref: str
    child_name: str
    next_deadline: DeadlineRow | None
    waiting_for: tuple[tuple[str, str], ...]
    flag: str
    flag_reason: str


def get_case_head(connection: Connection, ref: str) -> CaseHead:
    """Return which case `ref` is. Raises CaseNotFound."""
    return _case_head(connection, records.case.c.ref == ref, ref)


def get_case(connection: Connection, ref: str, *, today: date) -> CaseView:
    """Return a case as it stands, current things only. Raises CaseNotFound."""
    head = get_case_head(connection, ref)
    pack = get_definition(connection, head.definition).pack
    facts = loading.current_facts(connection, head.id)
    people = {
        name: str(facts[name])
        for name, kind in pack.facts.items()
        if kind.type == "user" and name in facts
    }
    return CaseView(
        head=head,
        facts=facts,
        instances=tuple(_instances(connection, head.id)),
        work_items=list_work(connection, case_id=head.id, optional=None, limit=200).items,
        deadlines=tuple(list_deadlines(connection, head.id, today=today)),
        people=people,
    )


def list_deadlines(
    connection: Connection, case_id: UUID, *, today: date, all: bool = False
) -> list[DeadlineRow]:
    """Return a case's deadlines: open ones by name and LIMIT; with `all` every one there was."""
    t = records.deadline.c
    query = sa.select(records.deadline).where(t.case_id == case_id)
    if not all:
        query = query.where(t.closed_sequence.is_(None))
    rows = connection.execute(query.order_by(t.name, t.opened_sequence, t.limit_on)).all()
    labels = _labels(connection, case_id)
    return deadline_rows(rows, today=today, labels=labels)


def deadline_rows(
    rows: Sequence[Any], *, today: date, labels: Mapping[str, str]
) -> list[DeadlineRow]:
    """Return `deadline` records as rows; the earliest open LIMIT of a name governs."""
    governing: dict[str, Any] = {}
    for row in rows:
        best = governing.get(row.name)
        if row.status == "open" and (
            best is None or (row.limit_on, row.key) < (best.limit_on, best.key)
        ):
            governing[row.name] = row
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
            governing=governing.get(row.name) is row,
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


def list_work(
    connection: Connection,
    *,
    assignee: str | None = None,
    team: str | None = None,
    pool_roles: Iterable[str] = (),
    pack: str | None = None,
    case_id: UUID | None = None,
    visible_to: str | None = None,
    name: str | None = None,
    role: str | None = None,
    status: str | None = "open",
    due_before: date | None = None,
    optional: bool | None = False,
    limit: int = 50,
    after: str | None = None,
) -> Page[WorkItemRow]:
    """Return work items by the date to act by, then id; at most `limit`.

    Args:
        team: a team manager's name: the work of all their children.
        pool_roles: roles whose unclaimed work to list.
        optional: False leaves out work that is only offered, None takes all.
        after: the `next` of the page before.
    """
    t = records.work_item.c
    query = _work_query()
    wanted = [
        None if assignee is None else t.assignee == assignee,
        None if team is None else t.team_manager == team,
        None if pack is None else t.pack == pack,
        None if case_id is None else t.case_id == case_id,
        None if name is None else t.name == name,
        None if role is None else t.role == role,
        None if status is None else t.status == status,
        None if optional is None else t.optional == optional,
        None if due_before is None else t.act_by_on < due_before,
    ]
    if roles := list(pool_roles):
        wanted += [t.role.in_(roles), t.assignee.is_(None)]
    if visible_to is not None:
        wanted.append(_visible_to(visible_to))
    query = query.where(*(each for each in wanted if each is not None))
    if after is not None:
        sort_on, _, id = after.partition("_")
        day = date.fromisoformat(sort_on)
        query = query.where(sa.or_(t.sort_on > day, sa.and_(t.sort_on == day, t.id > UUID(id))))
    rows = connection.execute(query.order_by(t.sort_on, t.id).limit(limit + 1)).all()
    names = _child_names(connection, {row.case_id for row in rows[:limit]})
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        tuple(_work_row(row, names.get(row.case_id, "")) for row in rows[:limit]),
        None if last is None else f"{last.sort_on.isoformat()}_{last.id}",
    )


def _visible_to(person: str) -> sa.ColumnElement[bool]:
    """The cases whose current facts name a person."""
    f, t = records.fact.c, records.work_item.c
    return t.case_id.in_(
        sa.select(f.case_id).where(f.to_sequence.is_(None), f.value == json.dumps(person))
    )


def count_work(
    connection: Connection, *, today: date, assignee: str | None = None, team: str | None = None
) -> WorkCounts:
    """Return how much open work a person, or a team manager's team, has."""
    t = records.work_item.c
    week = today + timedelta(days=7)
    query = sa.select(
        sa.func.count().filter(t.act_by_on < today),
        sa.func.count().filter(t.act_by_on >= today, t.act_by_on < week),
        sa.func.count().filter(sa.or_(t.act_by_on.is_(None), t.act_by_on >= week)),
    ).where(t.status == "open", t.optional == sa.false())
    if assignee is not None:
        query = query.where(t.assignee == assignee)
    if team is not None:
        query = query.where(t.team_manager == team)
    return WorkCounts(*connection.execute(query).one())


def get_work_item(connection: Connection, work_item_id: UUID) -> WorkItemView:
    """Return a work item with its form and what is already known. Raises WorkItemNotFound."""
    t = records.work_item.c
    row = connection.execute(_work_query().where(t.id == work_item_id)).one_or_none()
    if row is None:
        raise WorkItemNotFound(str(work_item_id))
    head = _case_head(connection, records.case.c.id == row.case_id, row.case_ref)
    definition = get_definition(connection, head.definition)
    form = definition.forms[row.form]
    carried = _carried(connection, row.case_id, form)
    drafts = records.draft
    draft = connection.execute(
        sa.select(drafts.c.answers, drafts.c.saved_at).where(drafts.c.work_item_id == row.id)
    ).one_or_none()
    values: dict[str, JsonValue] = {
        field.name: field.default for field in form.fields if field.default is not None
    }
    values |= {name: value for name, (value, _) in carried.items()}
    values |= json.loads(draft.answers) if draft else {}
    return WorkItemView(
        item=_work_row(row, head.child_name),
        case=head,
        form=form,
        values=values,
        carried={name: day for name, (_, day) in carried.items()},
        draft_saved_at=draft.saved_at if draft else None,
    )


def list_children(
    connection: Connection,
    *,
    person: str,
    today: date,
    limit: int = 50,
    after: str | None = None,
) -> Page[ChildRow]:
    """Return the open cases whose facts name a person, by reference; at most `limit`."""
    f, c = records.fact.c, records.case.c
    named = sa.select(f.case_id).where(f.to_sequence.is_(None), f.value == json.dumps(person))
    query = sa.select(c.id, c.ref).where(c.id.in_(named), c.status == "open")
    if after is not None:
        query = query.where(c.ref > after)
    rows = connection.execute(query.order_by(c.ref).limit(limit + 1)).all()
    names = _child_names(connection, {row.id for row in rows[:limit]})
    children = [
        _child(connection, row.id, row.ref, names.get(row.id, ""), today) for row in rows[:limit]
    ]
    return Page(tuple(children), rows[limit - 1].ref if len(rows) > limit else None)


def list_cases(
    connection: Connection, *, pack: str | None = None, limit: int = 50, after: str | None = None
) -> Page[CaseHead]:
    """Return all cases by reference, for auditors; at most `limit`."""
    c = records.case.c
    query = sa.select(c.id, c.ref)
    if pack is not None:
        query = query.where(c.pack == pack)
    if after is not None:
        query = query.where(c.ref > after)
    rows = connection.execute(query.order_by(c.ref).limit(limit + 1)).all()
    heads = tuple(_case_head(connection, c.id == row.id, row.ref) for row in rows[:limit])
    return Page(heads, rows[limit - 1].ref if len(rows) > limit else None)


def _child(
    connection: Connection, case_id: UUID, ref: str, child_name: str, today: date
) -> ChildRow:
    deadlines = [
        each for each in list_deadlines(connection, case_id, today=today) if each.governing
    ]
    following = min(deadlines, key=lambda each: each.limit_on, default=None)
    work = list_work(connection, case_id=case_id).items
    late = [each for each in deadlines if each.status == "breached"]
    needs = [each for each in work if each.needs_allocating]
    flag, reason = "", ""
    if late:
        flag, reason = "Late", f"{late[0].label} was due by {late[0].limit_on.isoformat()}"
    elif needs:
        flag, reason = "Needs allocating", needs[0].title
    return ChildRow(
        ref=ref,
        child_name=child_name,
        next_deadline=following,
        waiting_for=tuple((each.title, each.assignee or each.role) for each in work),
        flag=flag,
        flag_reason=reason,
    )


def _case_head(connection: Connection, where: sa.ColumnElement[bool], ref: str) -> CaseHead:
    c = records.case.c
    row = connection.execute(
        sa.select(
            c.id,
            c.ref,
            c.pack,
            c.policy,
            c.definition,
            c.version,
            c.status,
            c.opened_at,
            c.closed_at,
        ).where(where)
    ).one_or_none()
    if row is None:
        raise CaseNotFound(ref)
    f = records.fact.c
    names = {
        name: str(json.loads(value))
        for name, value in connection.execute(
            sa.select(f.name, f.value).where(
                f.case_id == row.id,
                f.to_sequence.is_(None),
                f.name.in_(["child_name", "preferred_name"]),
            )
        )
    }
    return CaseHead(*row, names.get("child_name", ""), names.get("preferred_name", ""))


def _instances(connection: Connection, case_id: UUID) -> Iterable[InstanceRow]:
    t = records.instance.c
    rows = connection.execute(
        sa.select(t.id, t.process, t.definition, t.status, t.waiting)
        .where(t.case_id == case_id, t.status == "running")
        .order_by(t.started_sequence, t.id)
    )
    for row in rows:
        waiting = tuple(json.loads(row.waiting))
        yield InstanceRow(row.id, row.process, row.definition, row.status, waiting)


def _labels(connection: Connection, case_id: UUID) -> Mapping[str, str]:
    c = records.case.c
    definition = connection.scalar(sa.select(c.definition).where(c.id == case_id))
    return get_definition(connection, str(definition)).pack.deadlines


def _work_query() -> sa.Select[Any]:
    t = records.work_item.c
    return sa.select(
        t.id,
        t.case_id,
        records.case.c.ref.label("case_ref"),
        t.pack,
        t.process,
        t.name,
        t.element,
        t.title,
        t.role,
        t.form,
        t.assignee,
        t.team_manager,
        t.needs_allocating,
        t.optional,
        t.status,
        t.opened_at,
        t.act_by_on,
        t.limit_on,
        t.deadline,
        t.reason,
        t.completed_by,
        t.closed_at,
        t.sort_on,
    ).join(records.case, records.case.c.id == t.case_id)


def _work_row(row: Any, child_name: str) -> WorkItemRow:
    return WorkItemRow(
        id=row.id,
        case_ref=row.case_ref,
        child_name=child_name,
        pack=row.pack,
        process=row.process,
        name=row.name,
        element=row.element,
        title=row.title,
        role=row.role,
        assignee=row.assignee,
        team_manager=row.team_manager,
        needs_allocating=row.needs_allocating,
        optional=row.optional,
        status=row.status,
        opened_at=row.opened_at,
        act_by_on=row.act_by_on,
        limit_on=row.limit_on,
        deadline=row.deadline,
        reason=row.reason,
        completed_by=row.completed_by,
        completed_at=row.closed_at,
    )


def _child_names(connection: Connection, case_ids: set[UUID]) -> dict[UUID, str]:
    f = records.fact.c
    rows = connection.execute(
        sa.select(f.case_id, f.value).where(
            f.case_id.in_(case_ids), f.to_sequence.is_(None), f.name == "child_name"
        )
    )
    return {case_id: str(json.loads(value)) for case_id, value in rows}


def _carried(
    connection: Connection, case_id: UUID, form: Form
) -> dict[str, tuple[JsonValue, date]]:
    """Return what the last submission of the same form opens this one with (`x-carry`)."""
    carries = [field.name for field in form.fields if field.carry]
    if not carries:
        return {}
    s, w = records.submission.c, records.work_item.c
    row = connection.execute(
        sa.select(s.answers, w.closed_at)
        .join(records.work_item, w.id == s.work_item_id)
        .where(s.case_id == case_id, w.form == form.id)
        .order_by(s.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        return {}
    answers = json.loads(row.answers)
    day = row.closed_at.date()
    return {name: (answers[name], day) for name in carries if name in answers}
