"""People: persons, their sessions and tokens, and who stands in for whom.

Only digests of secrets are kept. A cover is named from one day to another, and ends by itself.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor, Context
from engine.errors import AnswersRefused, CoverNotFound, NotPermitted, PersonNotFound
from engine.packs.authority import ALLOCATES
from engine.packs.forms import can_be_kept
from engine.packs.manifest import Pack
from engine.people import permissions
from engine.storage import published_versions, tables

SESSION_LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class PersonRow:
    """A person. `manager` is the user name of their manager, or their own."""

    name: str
    display_name: str
    pack: str | None
    roles: tuple[str, ...]
    manager: str | None
    active: bool


def add_person(
    connection: Connection,
    name: str,
    *,
    display_name: str,
    roles: Collection[str],
    pack: str | None = None,
    manager: str | None = None,
    now: datetime | None = None,
) -> None:
    """Add a person; a name that exists is brought up to date.

    Args:
        now: since when they are called so, where they were called otherwise; needed then.

    Raises:
        ValueError: they were called otherwise, and `now` is not given.
    """
    table = tables.person
    _keep_former_name(connection, name, display_name, now)
    values = {
        "display_name": display_name,
        "roles": json.dumps(sorted(roles)),
        "pack": pack,
        "manager": manager,
        "active": True,
    }
    # Updated in place: the person's tokens and sessions refer to the row.
    known = connection.execute(table.update().where(table.c.name == name).values(**values))
    if known.rowcount == 0:
        connection.execute(table.insert().values(name=name, **values))


def _keep_former_name(
    connection: Connection, name: str, display_name: str, now: datetime | None
) -> None:
    """Keep what a person was called until now, so that the history goes on saying so."""
    t = tables.person.c
    former = connection.scalar(sa.select(t.display_name).where(t.name == name))
    if former is None or former == display_name:
        return
    if now is None:
        raise ValueError(f"{name} was called {former}: say since when that has changed")
    connection.execute(
        tables.former_name.insert().values(person=name, until_at=now, display_name=former)
    )


def names_then(
    connection: Connection, people: Collection[tuple[str, datetime]]
) -> dict[tuple[str, datetime], str]:
    """Return what people were called at instants; without those who were never added."""
    t, f = tables.person.c, tables.former_name.c
    asked = {name for name, _ in people}
    known = connection.execute(sa.select(t.name, t.display_name).where(t.name.in_(asked)))
    names = {row.name: row.display_name for row in known}
    former = connection.execute(
        sa.select(f.person, f.until_at, f.display_name)
        .where(f.person.in_(asked))
        .order_by(f.until_at.desc())
    ).all()
    found = {(name, at): names[name] for name, at in people if name in names}
    for row in former:
        for name, at in found:
            if name == row.person and at < row.until_at:
                found[name, at] = row.display_name
    return found


def get_person(connection: Connection, name: str) -> PersonRow | None:
    """Return a person by user name, or None."""
    row = connection.execute(_people().where(tables.person.c.name == name)).one_or_none()
    return None if row is None else _person(row)


def find_colleague(ctx: Context, name: str) -> PersonRow:
    """Return an active person of the actor's council; of any council to who is of no one.

    Raises:
        PersonNotFound: there is nobody of that name, or they are another council's.
    """
    found = get_person(ctx.connection, name) if can_be_kept(name) else None
    if found is None or not found.active or not ctx.actor.is_of(found.pack):
        raise PersonNotFound(name)
    return found


def list_people(connection: Connection, *, pack: str | None = None) -> list[PersonRow]:
    """Return the active people by name; with `pack`, those of it and those of none."""
    t = tables.person.c
    query = _people().where(t.active)
    if pack is not None:
        query = query.where(sa.or_(t.pack == pack, t.pack.is_(None)))
    return [_person(row) for row in connection.execute(query.order_by(t.name))]


def display_names(connection: Connection) -> dict[str, str]:
    """Return user name -> display name of everybody ever added: history names leavers too."""
    t = tables.person.c
    rows = connection.execute(sa.select(t.name, t.display_name))
    return {row.name: row.display_name for row in rows}


def deactivate(connection: Connection, name: str, *, next_manager: str | None) -> None:
    """Make a person inactive and end their sessions and tokens.

    Whoever has them as manager gets `next_manager`, unless that is None.
    """
    t, s, k = tables.person, tables.session, tables.token
    connection.execute(t.update().where(t.c.name == name).values(active=False))
    connection.execute(s.delete().where(s.c.person == name))
    connection.execute(k.delete().where(k.c.person == name))
    if next_manager is not None:
        connection.execute(t.update().where(t.c.manager == name).values(manager=next_manager))


def create_token(connection: Connection, name: str, *, now: datetime) -> str:
    """Return a new bearer token for a person; it is shown once and kept as a digest."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        tables.token.insert().values(digest=_digest(secret), person=name, created_at=now)
    )
    return secret


def holder_of_token(connection: Connection, token: str) -> str | None:
    """Return for whom a bearer token was made, active or not, or None."""
    t = tables.token.c
    return connection.scalar(sa.select(t.person).where(t.digest == _digest(token)))


def open_session(connection: Connection, name: str, *, now: datetime) -> str:
    """Return the secret of a new signed-in session. `now` is the wall clock."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        tables.session.insert().values(digest=_digest(secret), person=name, opened_at=now)
    )
    return secret


def actor_for_session(connection: Connection, secret: str, *, now: datetime) -> Actor | None:
    """Return who is signed in, or None when the session is closed or older than 12 hours."""
    t = tables.session.c
    row = connection.execute(
        sa.select(t.person, t.opened_at).where(t.digest == _digest(secret))
    ).one_or_none()
    if row is None or now - row.opened_at > SESSION_LASTS:
        return None
    return actor_named(connection, row.person)


def holder_of_session(connection: Connection, secret: str) -> str | None:
    """Return whose session it was, over or not; None once they have signed out."""
    t = tables.session.c
    return connection.scalar(sa.select(t.person).where(t.digest == _digest(secret)))


def close_session(connection: Connection, secret: str) -> None:
    """End a session; using its secret afterwards is like having none."""
    table = tables.session
    connection.execute(table.delete().where(table.c.digest == _digest(secret)))


def actor_named(connection: Connection, name: str) -> Actor | None:
    """Return an active person as an actor, or None."""
    person = get_person(connection, name)
    if person is None or not person.active:
        return None
    packs = _packs_of(connection, person)
    given = [permissions.SYSTEM_POWERS.get(role, frozenset()) for role in person.roles]
    given += [frozenset(pack.authority.powers_of(person.roles)) for pack in packs]
    agencies = {role.name for pack in packs for role in pack.roles.values() if role.outside_agency}
    return Actor(
        person.name,
        person.display_name,
        frozenset(person.roles),
        person.pack,
        person.manager,
        powers=frozenset().union(*given),
        outside=frozenset(agencies.intersection(person.roles)),
    )


def _packs_of(connection: Connection, person: PersonRow) -> list[Pack]:
    """Return the packs in force by which somebody works: their council's, or every one."""
    return [
        published_versions.get_definition(connection, row.definition).pack
        for row in published_versions.list_packs(connection)
        if person.pack in (None, row.pack)
    ]


def _people() -> sa.Select[Any]:
    t = tables.person.c
    return sa.select(t.name, t.display_name, t.pack, t.roles, t.manager, t.active)


def _person(row: Any) -> PersonRow:
    return PersonRow(
        row.name,
        row.display_name,
        row.pack,
        tuple(json.loads(row.roles)),
        row.manager,
        row.active,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


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
        PersonNotFound: there is no such person in the actor's council.
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
    except (NotPermitted, PersonNotFound):
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
        absent = get_person(connection, row.person) if row.from_on <= today else None
        if absent is not None and absent.active and _may_cover(actor, absent):
            covered.add(absent.name)
    return replace(actor, covers=frozenset(covered)) if covered else actor


def who_may_cover(connection: Connection, absent: PersonRow) -> list[PersonRow]:
    """Return the active people who may do all the work of `absent`, by name."""
    return [
        each
        for each in list_people(connection, pack=absent.pack)
        if each.name != absent.name and _may_cover(each, absent)
    ]


def may_arrange(actor: Actor, person: PersonRow) -> bool:
    """Return whether `actor` may say who covers for `person`: themselves and their manager may."""
    is_manager = person.manager == actor.name and ALLOCATES in actor.powers
    return actor.name == person.name or (is_manager and actor.is_of(person.pack))


def _may_cover(person: Actor | PersonRow, absent: PersonRow) -> bool:
    same_council = person.pack is None or person.pack == absent.pack
    return same_council and bool(absent.roles) and set(absent.roles) <= set(person.roles)


def _require_arranger(ctx: Context, person: str) -> PersonRow:
    found = find_colleague(ctx, person)
    if not may_arrange(ctx.actor, found):
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
