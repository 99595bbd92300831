"""What task lists read: work items in order of their dates, counted, narrowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypedDict, TypeVar, Unpack
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import first_day
from engine.open_work.case_heads import subjects
from engine.people.case_circle import naming
from engine.step.scope import name_of
from engine.storage import tables

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Part of a list; `next` is what to pass as `after` for more, None at the end."""

    items: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True)
class WorkItemRow:
    """A work item as lists show it. `reason` is the sentence of its governing deadline.

    `booked_on` and `booked_time` ("14:30") are its deadline's appointment, in London.

    `subject` is the child's name, personal content, or the title of another case.
    """

    id: UUID
    case_ref: str
    subject: str
    pack: str
    definition: str
    process: str
    name: str
    element: str
    title: str
    role: str
    form: str
    assignee: str | None
    manager: str | None
    needs_allocating: bool
    optional: bool
    status: str
    opened_at: datetime
    act_by_on: date | None
    limit_on: date | None
    booked_on: date | None
    booked_time: str | None
    deadline: str | None
    reason: str | None
    completed_by: str | None
    completed_at: datetime | None
    own_role: str | None = None

    @property
    def done_by(self) -> str:
        """The role whose people may do it, whoever has it to allocate."""
        return self.own_role or self.role

    @property
    def first_on(self) -> date | None:
        """The day that comes first: the one that is booked, or the one to act by."""
        return first_day(self.booked_on, self.act_by_on)


@dataclass(frozen=True)
class WorkCounts:
    """How much work waits, by its first day: before today, through Sunday, later."""

    overdue: int
    this_week: int
    later: int


class Wanted(TypedDict, total=False):
    """What narrows a list of work; what is None or left out does not."""

    assignee: str | None
    not_with: str | None
    """Leaves out what is assigned to this person."""
    team: str | None
    """A manager's user name: the work of all their cases."""
    pool_roles: Iterable[str]
    """Roles whose unclaimed work to list."""
    pack: str | None
    case_id: UUID | None
    case_ref: str | None
    visible_to: Collection[str] | None
    """Only cases whose current facts name one of these people."""
    needs_allocating: bool | None
    name: str | None
    role: str | None
    status: str | None
    """ "open" unless given; None for all."""
    due_before: date | None
    """Whose first day, booked or to act by, is before this one."""
    optional: bool | None
    """False (the default) leaves out work that is only offered, None takes all."""


@dataclass(frozen=True)
class WorkChoices:
    """What a list of work can be narrowed to, each in the order of its words.

    `tasks` are (name, title), `cases` (case reference, what it is about).
    """

    roles: tuple[str, ...]
    tasks: tuple[tuple[str, str], ...]
    cases: tuple[tuple[str, str], ...]


def list_work(
    connection: Connection, *, limit: int = 50, after: str | None = None, **wanted: Unpack[Wanted]
) -> Page[WorkItemRow]:
    """Return work items by the day that comes first, booked or to act by; at most `limit`.

    Args:
        after: the `next` of the page before.
    """
    t = tables.work_item.c
    query = work_query().where(*_conditions(wanted))
    if after is not None:
        sort_on, _, id = after.partition("_")
        day = date.fromisoformat(sort_on)
        query = query.where(sa.or_(t.sort_on > day, sa.and_(t.sort_on == day, t.id > UUID(id))))
    rows = connection.execute(query.order_by(t.sort_on, t.id).limit(limit + 1)).all()
    names = subjects(connection, {row.case_id for row in rows[:limit]})
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        tuple(work_row(row, names.get(row.case_id, "")) for row in rows[:limit]),
        None if last is None else f"{last.sort_on.isoformat()}_{last.id}",
    )


def work_choices(
    connection: Connection, *, limit: int = 100, **wanted: Unpack[Wanted]
) -> WorkChoices:
    """Return what there is to choose from in a list of work; at most `limit` of each."""
    t, c = tables.work_item.c, tables.case.c
    where = _conditions(wanted)
    join = tables.work_item.join(tables.case, c.id == t.case_id)

    def distinct(*columns: sa.ColumnElement[Any]) -> Sequence[Any]:
        query = sa.select(*columns).select_from(join).where(*where).distinct()
        return connection.execute(query.order_by(*columns).limit(limit)).all()

    tasks = {row.name: row.title for row in distinct(t.name, t.title)}
    cases = {row.id: row.ref for row in distinct(c.ref, c.id)}
    names = subjects(connection, set(cases))
    about = [(ref, names.get(id, "")) for id, ref in cases.items()]
    return WorkChoices(
        tuple(row.role for row in distinct(t.role)),
        tuple(sorted(tasks.items(), key=lambda each: each[1])),
        tuple(sorted(about, key=lambda each: (each[1], each[0]))),
    )


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    t, c = tables.work_item.c, tables.case.c
    equal: list[tuple[sa.ColumnElement[Any], object]] = [
        (t.assignee, wanted.get("assignee")),
        (t.manager, wanted.get("team")),
        (t.pack, wanted.get("pack")),
        (t.case_id, wanted.get("case_id")),
        (c.ref, wanted.get("case_ref")),
        (t.needs_allocating, wanted.get("needs_allocating")),
        (t.name, wanted.get("name")),
        (t.role, wanted.get("role")),
        (t.status, wanted.get("status", "open")),
        (t.optional, wanted.get("optional", False)),
    ]
    where: list[sa.ColumnElement[bool]] = [
        column == value for column, value in equal if value is not None
    ]
    if (due_before := wanted.get("due_before")) is not None:
        where.append(_first_on() < due_before)
    if (not_with := wanted.get("not_with")) is not None:
        where.append(sa.or_(t.assignee.is_(None), t.assignee != not_with))
    if roles := list(wanted.get("pool_roles", ())):
        where += [t.role.in_(roles), t.assignee.is_(None)]
    if (people := wanted.get("visible_to")) is not None:
        where.append(t.case_id.in_(naming(people)))
    return where


def drafted(connection: Connection, work_item_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these work items have a saved draft."""
    d = tables.draft.c
    query = sa.select(d.work_item_id).where(d.work_item_id.in_(work_item_ids))
    return frozenset(connection.scalars(query))


def _first_on() -> sa.ColumnElement[date]:
    """The day that comes first, booked or to act by, null when there is neither."""
    t = tables.work_item.c
    before = sa.or_(t.act_by_on.is_(None), t.booked_on < t.act_by_on)
    return sa.case((sa.and_(t.booked_on.is_not(None), before), t.booked_on), else_=t.act_by_on)


def count_work(
    connection: Connection, *, today: date, assignee: str | None = None, team: str | None = None
) -> WorkCounts:
    """Return how much open work a person, or a manager's team, has."""
    t = tables.work_item.c
    monday = today + timedelta(days=7 - today.weekday())
    first_on = _first_on()
    query = sa.select(
        sa.func.count().filter(first_on < today),
        sa.func.count().filter(first_on >= today, first_on < monday),
        sa.func.count().filter(sa.or_(first_on.is_(None), first_on >= monday)),
    ).where(t.status == "open", t.optional == sa.false())
    if assignee is not None:
        query = query.where(t.assignee == assignee)
    if team is not None:
        query = query.where(t.manager == team)
    return WorkCounts(*connection.execute(query).one())


def work_query() -> sa.Select[Any]:
    """Return the query of work items as lists show them, for `work_row`."""
    t = tables.work_item.c
    return sa.select(
        t.id,
        t.case_id,
        t.instance_id,
        tables.case.c.ref.label("case_ref"),
        tables.case.c.definition,
        t.pack,
        t.process,
        t.name,
        t.element,
        t.title,
        t.role,
        t.form,
        t.assignee,
        t.manager,
        t.needs_allocating,
        t.optional,
        t.status,
        t.opened_at,
        t.act_by_on,
        t.limit_on,
        t.booked_on,
        t.booked_time,
        t.deadline,
        t.reason,
        t.completed_by,
        t.closed_at,
        t.sort_on,
        t.own_role,
    ).join(tables.case, tables.case.c.id == t.case_id)


def work_row(row: Any, subject: str) -> WorkItemRow:
    """Return a row of `work_query` as lists show it."""
    return WorkItemRow(
        id=row.id,
        case_ref=row.case_ref,
        subject=subject,
        pack=row.pack,
        definition=row.definition,
        process=row.process,
        name=row.name,
        element=row.element,
        title=row.title,
        role=row.role,
        form=row.form,
        assignee=row.assignee,
        manager=row.manager,
        needs_allocating=row.needs_allocating,
        optional=row.optional,
        status=row.status,
        opened_at=row.opened_at,
        act_by_on=row.act_by_on,
        limit_on=row.limit_on,
        booked_on=row.booked_on,
        booked_time=row.booked_time,
        deadline=None if row.deadline is None else name_of(row.deadline),
        reason=row.reason,
        completed_by=row.completed_by,
        completed_at=row.closed_at,
        own_role=row.own_role,
    )
