"""Who has to do with a case, as `permissions` judges it: named people, open roles, onlookers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.domain import Domain
from engine.errors import CaseNotFound
from engine.packs.manifest import Pack
from engine.people.permissions import CaseCircle, SeenWork, may_see_case, may_see_own_task
from engine.step.model import LoadedCase
from engine.storage import tables
from engine.storage.loading import WorkItemHead, find_case, find_work_item
from engine.storage.published_versions import get_definition

__all__ = [
    "WorkItemHead",
    "at_work",
    "circle_of",
    "circle_of_loaded",
    "find_case",
    "find_case_of",
    "find_work_item",
    "looking_as",
    "looking_on",
    "naming",
    "near",
    "sees",
    "sees_own_task",
]

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c
_onlooker = tables.onlooker.c
_OF_CASE: sa.BindParameter[UUID] = sa.bindparam("case_id")
_CASE = sa.select(_case.definition).where(_case.id == _OF_CASE)
_PEOPLE = sa.select(_fact.name, _fact.value).where(
    _fact.case_id == _OF_CASE,
    _fact.to_sequence.is_(None),
    _fact.name.in_(sa.bindparam("names", expanding=True)),
)
_WORK = sa.select(_work.role, _work.assignee).where(
    _work.case_id == _OF_CASE, _work.status == "open"
)


def circle_of(connection: Connection, case_id: UUID, *, today: date | None) -> CaseCircle:
    """Return the people named in the case's facts, the roles with open work in it, and those
    that look on.

    Args:
        today: the London day to look on at; None leaves those out who only look on.

    Raises:
        CaseNotFound: no such case.
    """
    row = connection.execute(_CASE, {"case_id": case_id}).one_or_none()
    if row is None:
        raise CaseNotFound(str(case_id))
    pack = get_definition(connection, row.definition).pack
    names = [name for name, kind in pack.facts.items() if kind.type == "user"]
    people = connection.execute(_PEOPLE, {"case_id": case_id, "names": names})
    work = connection.execute(_WORK, {"case_id": case_id}).all()
    named = [(name, str(json.loads(value))) for name, value in people]
    onlookers = set() if today is None else _onlookers(connection, case_id, today)
    return _circle(pack, named, [(each.role, each.assignee) for each in work], onlookers)


def _onlookers(connection: Connection, case_id: UUID, today: date) -> set[str]:
    query = sa.select(_onlooker.role).where(_onlooker.case_id == case_id, *looking_on(today))
    return set(connection.scalars(query))


def find_case_of(connection: Connection, ref: str, actor: Actor) -> UUID:
    """Return the id of a case of the actor's council, whoever may see it. Raises CaseNotFound."""
    case_id = find_case(connection, ref)
    if not actor.is_of(connection.scalar(sa.select(_case.pack).where(_case.id == case_id))):
        raise CaseNotFound(ref)
    return case_id


def circle_of_loaded(case: LoadedCase) -> CaseCircle:
    """Return the same of a case that is loaded anyway, without those who look on."""
    pack = case.definition.pack
    named = [
        (name, str(case.facts[name]))
        for name, kind in pack.facts.items()
        if kind.type == "user" and name in case.facts
    ]
    return _circle(pack, named, [(item.role, item.assignee) for item in case.work_items])


def sees(connection: Connection, actor: Actor, case: LoadedCase, *, today: date) -> bool:
    """Return whether somebody may see a loaded case; who looks on is asked only if need be."""
    circle = circle_of_loaded(case)
    if may_see_case(actor, circle):
        return True
    pack = case.definition.pack
    return may_see_case(actor, _circle(pack, (), (), _onlookers(connection, case.id, today)))


def sees_own_task(
    connection: Connection, actor: Actor, head: WorkItemHead, *, now: datetime, domain: Domain
) -> bool:
    """Return whether somebody of an outside agency may see a work item as theirs."""
    definition = connection.scalar(sa.select(_case.definition).where(_case.id == head.case_id))
    role = get_definition(connection, str(definition)).pack.roles.get(head.role)
    closed_on = domain.today(head.closed_at) if head.closed_at else None
    is_open = head.status == "open"
    work = SeenWork(head.pack, head.role, head.assignee, head.completed_by, is_open, closed_on)
    return may_see_own_task(actor, work, role, today=domain.today(now))


def _circle(
    pack: Pack,
    facts: Iterable[tuple[str, str]],
    open_work: Iterable[tuple[str, str | None]],
    onlookers: Collection[str] = (),
) -> CaseCircle:
    # An outside agency's work lets its people see that work, and not the case.
    outside = {role.name for role in pack.roles.values() if role.outside_agency}
    work = [each for each in open_work if each[0] not in outside]
    people = list(facts)
    return CaseCircle(
        pack=pack.id,
        people={who for _, who in people} | {assignee for _, assignee in work if assignee},
        # Of a pool role; or of a child's worker for whom nobody is named, not even a stand-in.
        open_roles={role for role, assignee in work if assignee is None},
        onlookers=set(onlookers) - outside,
        named={
            who: frozenset(name for name, whom in people if whom == who and name in pack.roles)
            for _, who in people
        },
        pooled=[each for each in work if each[0] in pack.roles and pack.roles[each[0]].is_pool],
    )


def near(actor: Actor, *, today: date) -> sa.ColumnElement[bool]:
    """The cases that name the actor, have work for them, or that they look on at `today`.

    All that they may see, maybe more.
    """
    looked_on = _case.id.in_(looked_on_by(actor, today=today))
    named = naming(actor.stands_for)
    return sa.or_(_case.id.in_(named), _case.id.in_(at_work(actor)), looked_on)


def naming(people: Collection[str]) -> sa.Select[tuple[UUID]]:
    """The cases of which a fact that holds a person names one of these user names."""
    return sa.select(_fact.case_id).where(
        _fact.to_sequence.is_(None),
        _fact.is_person.is_not(sa.false()),
        _fact.value.in_([json.dumps(each, ensure_ascii=False) for each in sorted(people)]),
    )


def looked_on_by(actor: Actor, *, today: date) -> sa.Select[tuple[UUID]]:
    """The cases that people of a role of the actor's look on at `today`."""
    return sa.select(_onlooker.case_id).where(*looking_on(today), looking_as(actor))


def looking_on(today: date) -> list[sa.ColumnElement[bool]]:
    """What holds of a row of `onlooker` by which people see a case on a London day."""
    return [_onlooker.to_sequence.is_(None), _onlooker.until_on >= today]


def looking_as(actor: Actor) -> sa.ColumnElement[bool]:
    """What holds of a row of `onlooker` that is of a role of the actor's."""
    return _onlooker.role.in_(sorted(actor.roles))


def at_work(actor: Actor) -> sa.Select[tuple[UUID]]:
    """The cases in which work waits for the actor, or for anybody of a role of theirs.

    Without an outside agency's: its people see the work alone.
    """
    return sa.select(_work.case_id).where(
        _work.status == "open",
        _work.role.not_in(sorted(actor.outside)),
        sa.or_(
            _work.assignee.in_(sorted(actor.stands_for)),
            sa.and_(_work.assignee.is_(None), _work.role.in_(sorted(actor.roles))),
        ),
    )
