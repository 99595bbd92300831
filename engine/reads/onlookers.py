"""Who looks on at a case, and at which cases somebody looks on, for what they were told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.open_work.case_heads import subjects
from engine.open_work.work_list import Page
from engine.people.case_circle import looking_as, looking_on
from engine.storage import tables

_case, _notice, _onlooker = tables.case.c, tables.notice.c, tables.onlooker.c


@dataclass(frozen=True)
class LookedOn:
    """An open case at which somebody looks on up to `until_on`, a London day that counts.

    `told` is what they were told last, at `told_at`. Both it and the name are personal content.
    """

    ref: str
    name: str
    until_on: date
    told: str
    told_at: datetime


def list_looked_on(
    connection: Connection,
    actor: Actor,
    *,
    today: date,
    limit: int = 50,
    after: str | None = None,
) -> Page[LookedOn]:
    """Return the open cases at which the actor looks on, by reference; at most `limit`."""
    query = (
        sa.select(_case.id, _case.ref, sa.func.max(_onlooker.until_on).label("until_on"))
        .join(tables.onlooker, _onlooker.case_id == _case.id)
        .where(*looking_on(today), looking_as(actor), _case.status == "open")
        .group_by(_case.id, _case.ref)
    )
    if actor.pack is not None:
        query = query.where(_case.pack == actor.pack)
    if after is not None:
        query = query.where(_case.ref > after)
    rows = connection.execute(query.order_by(_case.ref).limit(limit + 1)).all()
    shown = rows[:limit]
    names = subjects(connection, {row.id for row in shown})
    told = _told_last(connection, [row.id for row in shown], actor.roles)
    # Nobody looks on without having been told.
    found = [LookedOn(row.ref, names.get(row.id, ""), row.until_on, *told[row.id]) for row in shown]
    return Page(tuple(found), shown[-1].ref if len(rows) > limit else None)


def list_onlookers(connection: Connection, case_id: UUID, *, today: date) -> dict[str, date]:
    """Return role -> the day up to which its people look on at a case, by role."""
    query = (
        sa.select(_onlooker.role, sa.func.max(_onlooker.until_on).label("until_on"))
        .where(_onlooker.case_id == case_id, *looking_on(today))
        .group_by(_onlooker.role)
        .order_by(_onlooker.role)
    )
    return {row.role: row.until_on for row in connection.execute(query)}


def _told_last(
    connection: Connection, case_ids: Collection[UUID], roles: Collection[str]
) -> dict[UUID, tuple[str, datetime]]:
    """Return case -> what everybody of one of these roles was told last, and when."""
    to_them = [
        _notice.case_id.in_(case_ids),
        _notice.role.in_(sorted(roles)),
        _notice.person.is_(None),
    ]
    newest = (
        sa.select(_notice.case_id, sa.func.max(_notice.sequence).label("sequence"))
        .where(*to_them)
        .group_by(_notice.case_id)
        .subquery()
    )
    last = sa.and_(newest.c.case_id == _notice.case_id, newest.c.sequence == _notice.sequence)
    rows = connection.execute(
        sa.select(_notice.case_id, _notice.text, _notice.at).join(newest, last).where(*to_them)
    )
    return {row.case_id: (row.text, row.at) for row in rows}
