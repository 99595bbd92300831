"""Who has to do with a case, as `permissions` judges it: named people and open roles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.errors import CaseNotFound
from engine.packs.manifest import Pack
from engine.people.permissions import CaseCircle
from engine.step.model import LoadedCase
from engine.storage import tables
from engine.storage.loading import find_case, find_work_item
from engine.storage.published_versions import get_definition

__all__ = [
    "at_work",
    "circle_of",
    "circle_of_loaded",
    "find_case",
    "find_case_of_work",
    "near",
]

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c
_OF_CASE: sa.BindParameter[UUID] = sa.bindparam("case_id")
_CASE = sa.select(_case.definition).where(_case.id == _OF_CASE)
_PEOPLE = sa.select(_fact.value).where(
    _fact.case_id == _OF_CASE,
    _fact.to_sequence.is_(None),
    _fact.name.in_(sa.bindparam("names", expanding=True)),
)
_WORK = sa.select(_work.role, _work.assignee).where(
    _work.case_id == _OF_CASE, _work.status == "open"
)


def circle_of(connection: Connection, case_id: UUID) -> CaseCircle:
    """Return the people named in the case's facts and the roles with open work in it.

    Raises:
        CaseNotFound: no such case.
    """
    row = connection.execute(_CASE, {"case_id": case_id}).one_or_none()
    if row is None:
        raise CaseNotFound(str(case_id))
    pack = get_definition(connection, row.definition).pack
    names = [name for name, kind in pack.facts.items() if kind.type == "user"]
    people = connection.scalars(_PEOPLE, {"case_id": case_id, "names": names})
    work = connection.execute(_WORK, {"case_id": case_id}).all()
    named = {str(json.loads(value)) for value in people}
    return _circle(pack, named, [(each.role, each.assignee) for each in work])


def find_case_of_work(connection: Connection, work_item_id: UUID) -> UUID:
    """Return the id of the case that a work item belongs to. Raises WorkItemNotFound."""
    return find_work_item(connection, work_item_id).case_id


def circle_of_loaded(case: LoadedCase) -> CaseCircle:
    """Return the same of a case that is loaded anyway."""
    pack = case.definition.pack
    named = {
        str(case.facts[name])
        for name, kind in pack.facts.items()
        if kind.type == "user" and name in case.facts
    }
    return _circle(pack, named, [(item.role, item.assignee) for item in case.work_items])


def _circle(pack: Pack, named: set[str], open_work: Iterable[tuple[str, str | None]]) -> CaseCircle:
    work = list(open_work)
    return CaseCircle(
        pack=pack.id,
        people=named | {assignee for _, assignee in work if assignee},
        # Of a pool role; or of a child's worker for whom nobody is named, not even a stand-in.
        open_roles={role for role, assignee in work if assignee is None},
    )


def near(actor: Actor) -> sa.ColumnElement[bool]:
    """The cases that name the actor or have work for them: all that they may see, maybe more."""
    people = sorted(actor.stands_for)
    named = sa.select(_fact.case_id).where(
        _fact.to_sequence.is_(None), _fact.value.in_([json.dumps(each) for each in people])
    )
    return sa.or_(_case.id.in_(named), _case.id.in_(at_work(actor)))


def at_work(actor: Actor) -> sa.Select[tuple[UUID]]:
    """The cases in which work waits for the actor, or for anybody of a role of theirs."""
    return sa.select(_work.case_id).where(
        _work.status == "open",
        sa.or_(
            _work.assignee.in_(sorted(actor.stands_for)),
            sa.and_(_work.assignee.is_(None), _work.role.in_(sorted(actor.roles))),
        ),
    )
