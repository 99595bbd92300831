"""Who has to do with a case, as `engine.permissions` judges it: named people and open roles."""

from __future__ import annotations

import json
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import records
from engine.definitions import get_definition
from engine.errors import CaseNotFound
from engine.permissions import CaseCircle


def circle_of(connection: Connection, case_id: UUID) -> CaseCircle:
    """Return the people named in the case's facts and the roles with open work in it.

    Raises:
        CaseNotFound: no such case.
    """
    t = records.case.c
    row = connection.execute(sa.select(t.pack, t.definition).where(t.id == case_id)).one_or_none()
    if row is None:
        raise CaseNotFound(str(case_id))
    pack = get_definition(connection, row.definition).pack
    names = [name for name, kind in pack.facts.items() if kind.type == "user"]
    f, w = records.fact.c, records.work_item.c
    people = connection.scalars(
        sa.select(f.value).where(f.case_id == case_id, f.to_sequence.is_(None), f.name.in_(names))
    )
    named = {str(json.loads(value)) for value in people}
    work = connection.execute(
        sa.select(w.role, w.assignee).where(w.case_id == case_id, w.status == "open")
    ).all()
    pool = {role for role in pack.roles if pack.roles[role].work_goes_to == "pool"}
    return CaseCircle(
        pack=row.pack,
        people=named | {each.assignee for each in work if each.assignee},
        open_roles={each.role for each in work if each.assignee is None and each.role in pool},
    )
