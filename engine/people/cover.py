"""Who stands in for whom while they are away: named from one day to another, ends by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor, Context
from engine.errors import AnswersRefused, CoverNotFound, NotPermitted
from engine.people import people, permissions
from engine.people.people import PersonRow
from engine.storage import tables

LONGEST = timedelta(days=366)

_cover = tables.cover.c


@dataclass(frozen=True)
class CoverRow:
    """One absence; both days are London calendar dates and count."""

    id: UUID
    person: str
    covered_by: str
    from_on: date
    to_on: date
    named_by: str


def name_cover(
    ctx: Context, person: str, covered_by: str, *, from_on: date, to_on: date, id: UUID
) -> None:
    """Have `covered_by` do the work of `person` from one day to another, both included.

    Args:
        id: chosen by the caller, so that a second click names nobody twice.

    Raises:
        NotPermitted: the actor is neither that person nor their manager.
        AnswersRefused: the days are in the wrong order or past, or nobody of that name may cover.
    """
    absent = _require_arranger(ctx, person)
    problems: dict[str, str] = {}
    if all(each.name != covered_by for each in who_may_cover(ctx.connection, absent)):
        problems["covered_by"] = (
            "Choose somebody of the same council with the same role: nobody else may do the work."
        )
    if to_on < from_on:
        problems["to_on"] = "The last day must not be before the first day."
    elif to_on < ctx.today:
        problems["to_on"] = "The last day must be today or later."
    elif to_on - from_on > LONGEST:
        problems["to_on"] = "Cover may last a year at most. Name a new cover after that."
    if problems:
        raise AnswersRefused(problems)
    if ctx.connection.scalar(sa.select(_cover.id).where(_cover.id == id)) is None:
        ctx.connection.execute(
            tables.cover.insert().values(
                id=id,
                person=person,
                covered_by=covered_by,
                from_on=from_on,
                to_on=to_on,
                named_by=ctx.actor.name,
                named_at=ctx.now,
            )
        )


def end_cover(ctx: Context, cover_id: UUID) -> str:
    """End a cover before its last day; return whose it was.

    Raises:
        CoverNotFound: there is none, it is over, or it is nobody's whom the actor may arrange for.
    """
    person = ctx.connection.scalar(
        sa.select(_cover.person).where(_cover.id == cover_id, _cover.ended_at.is_(None))
    )
    if person is None:
        raise CoverNotFound(str(cover_id))
    try:
        _require_arranger(ctx, person)
    except NotPermitted:
        raise CoverNotFound(str(cover_id)) from None
    ctx.connection.execute(
        tables.cover.update()
        .where(_cover.id == cover_id)
        .values(ended_by=ctx.actor.name, ended_at=ctx.now)
    )
    return str(person)


def list_cover(connection: Connection, person: str, *, today: date) -> list[CoverRow]:
    """Return who covers for a person today or later, the first day first."""
    return _rows(connection, _cover.person == person, today)


def list_covering(connection: Connection, covered_by: str, *, today: date) -> list[CoverRow]:
    """Return whom a person covers for today or later, the first day first."""
    return _rows(connection, _cover.covered_by == covered_by, today)


def standing_in(connection: Connection, actor: Actor, *, today: date) -> Actor:
    """Return the actor with the people whom they cover for today.

    Whoever lost the role since, or has left, covers for nobody and is covered by nobody.
    """
    covered = set()
    for row in list_covering(connection, actor.name, today=today):
        absent = people.get_person(connection, row.person) if row.from_on <= today else None
        if absent is not None and absent.active and _may_cover(actor, absent):
            covered.add(absent.name)
    return replace(actor, covers=frozenset(covered)) if covered else actor


def who_may_cover(connection: Connection, absent: PersonRow) -> list[PersonRow]:
    """Return the active people who may do all the work of `absent`, by name."""
    return [
        each
        for each in people.list_people(connection, pack=absent.pack)
        if each.name != absent.name and _may_cover(each, absent)
    ]


def may_arrange(actor: Actor, person: PersonRow) -> bool:
    """Return whether `actor` may say who covers for `person`: themselves and their manager may."""
    is_manager = person.team_manager == actor.name and actor.is_any(*permissions.ALLOCATES)
    return actor.name == person.name or is_manager


def _may_cover(person: Actor | PersonRow, absent: PersonRow) -> bool:
    same_council = person.pack is None or person.pack == absent.pack
    return same_council and bool(absent.roles) and set(absent.roles) <= set(person.roles)


def _require_arranger(ctx: Context, person: str) -> PersonRow:
    found = people.get_person(ctx.connection, person)
    if found is None or not found.active or not may_arrange(ctx.actor, found):
        raise NotPermitted(ctx.actor.name, f"say who covers for {person}")
    return found


def _rows(connection: Connection, where: sa.ColumnElement[bool], today: date) -> list[CoverRow]:
    found: Any = connection.execute(
        sa.select(
            _cover.id,
            _cover.person,
            _cover.covered_by,
            _cover.from_on,
            _cover.to_on,
            _cover.named_by,
        )
        .where(where, _cover.to_on >= today, _cover.ended_at.is_(None))
        .order_by(_cover.from_on, _cover.id)
    )
    return [CoverRow(*row) for row in found]
