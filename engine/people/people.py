"""People, their sessions and their tokens. Only digests of secrets are kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.storage import tables

SESSION_LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class PersonRow:
    """A person. `team_manager` is the user name of their manager, or their own."""

    name: str
    display_name: str
    pack: str | None
    roles: tuple[str, ...]
    team_manager: str | None
    active: bool


def add_person(
    connection: Connection,
    name: str,
    *,
    display_name: str,
    roles: Collection[str],
    pack: str | None = None,
    team_manager: str | None = None,
) -> None:
    """Add a person; a name that exists is brought up to date."""
    table = tables.person
    values = {
        "display_name": display_name,
        "roles": json.dumps(sorted(roles)),
        "pack": pack,
        "team_manager": team_manager,
        "active": True,
    }
    # Updated in place: the person's tokens and sessions refer to the row.
    known = connection.execute(table.update().where(table.c.name == name).values(**values))
    if known.rowcount == 0:
        connection.execute(table.insert().values(name=name, **values))


def get_person(connection: Connection, name: str) -> PersonRow | None:
    """Return a person by user name, or None."""
    row = connection.execute(_people().where(tables.person.c.name == name)).one_or_none()
    return None if row is None else _person(row)


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
        connection.execute(
            t.update().where(t.c.team_manager == name).values(team_manager=next_manager)
        )


def create_token(connection: Connection, name: str, *, now: datetime) -> str:
    """Return a new bearer token for a person; it is shown once and kept as a digest."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        tables.token.insert().values(digest=_digest(secret), person=name, created_at=now)
    )
    return secret


def actor_for_token(connection: Connection, token: str) -> Actor | None:
    """Return who a bearer token speaks for, or None."""
    t = tables.token.c
    name = connection.scalar(sa.select(t.person).where(t.digest == _digest(token)))
    return None if name is None else actor_named(connection, name)


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


def close_session(connection: Connection, secret: str) -> None:
    """End a session; using its secret afterwards is like having none."""
    table = tables.session
    connection.execute(table.delete().where(table.c.digest == _digest(secret)))


def actor_named(connection: Connection, name: str) -> Actor | None:
    """Return an active person as an actor, or None."""
    person = get_person(connection, name)
    if person is None or not person.active:
        return None
    return Actor(
        person.name, person.display_name, frozenset(person.roles), person.pack, person.team_manager
    )


def _people() -> sa.Select[Any]:
    t = tables.person.c
    return sa.select(t.name, t.display_name, t.pack, t.roles, t.team_manager, t.active)


def _person(row: Any) -> PersonRow:
    return PersonRow(
        row.name,
        row.display_name,
        row.pack,
        tuple(json.loads(row.roles)),
        row.team_manager,
        row.active,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
