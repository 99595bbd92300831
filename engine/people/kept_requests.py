"""What is kept of requests: who saw what, answers under a key, typing that came too late.

Who read or was refused what is written by the one access check, without names and content; a list
is one line, which says whom it showed. Wrong tokens are counted there, whatever process heard them.
An answer is kept under its `Idempotency-Key`, so that a repeated request has one effect. What
somebody sent after their session had ended is kept for them for one day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import EngineError
from engine.storage import tables

Outcome: TypeAlias = Literal["read", "changed", "refused"]


def write_access(
    connection: Connection,
    *,
    actor: str | None,
    at: datetime,
    route: str,
    method: str,
    outcome: Outcome,
    case_id: UUID | None = None,
    cases: Collection[str] = (),
    address: str | None = None,
) -> None:
    """Write one line. No names, no content.

    Args:
        cases: the references of the cases that a list showed.
        address: where a wrong token came from, None of everything else.
    """
    connection.execute(
        tables.access_log.insert().values(
            actor=actor,
            at=at,
            route=route,
            method=method,
            outcome=outcome,
            case_id=case_id,
            cases=" ".join(sorted(cases)) or None,
            address=address,
        )
    )


MOST_WRONG = 10
"""Wrong tokens from one address, or of one person, after which none is looked at for a while."""

WRONG_COUNTS_FOR = timedelta(minutes=10)


def wait_after_wrong_tokens(
    connection: Connection, *, now: datetime, address: str = "", person: str = ""
) -> timedelta:
    """Return how long no token is looked at from an address, or of a person; zero if one is.

    Args:
        now: the wall clock.
    """
    t = tables.access_log.c
    whose = t.address == address if address else t.actor == person
    newest = connection.scalars(
        sa.select(t.at)
        .where(t.address.is_not(None), whose, t.at > now - WRONG_COUNTS_FOR)
        .order_by(t.at.desc())
        .limit(MOST_WRONG)
    ).all()
    if len(newest) < MOST_WRONG:
        return timedelta()
    wait: timedelta = newest[-1] + WRONG_COUNTS_FOR - now
    return wait


class KeyReused(EngineError):
    """The same key came with another body; nothing was done."""


def find_answer(
    connection: Connection, *, actor: str, route: str, key: str, body: bytes
) -> tuple[int, str] | None:
    """Return the status and JSON text kept for this key, or None.

    Raises:
        KeyReused: the key was used with a different body.
    """
    t = tables.idempotency.c
    row = connection.execute(
        sa.select(t.body_digest, t.status, t.response).where(
            t.actor == actor, t.route == route, t.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.body_digest != _digest(body):
        raise KeyReused(key)
    return row.status, row.response


def is_answered(connection: Connection, *, actor: str, route: str, key: str) -> bool:
    """Return whether this actor was answered under this key before, whatever the body was."""
    t = tables.idempotency.c
    query = sa.select(t.status).where(t.actor == actor, t.route == route, t.key == key)
    return connection.execute(query).first() is not None


def keep_answer(
    connection: Connection,
    *,
    actor: str,
    route: str,
    key: str,
    body: bytes,
    status: int,
    response: str,
    at: datetime,
) -> None:
    """Keep an answer; in the transaction of the effect it answers for."""
    connection.execute(
        tables.idempotency.insert().values(
            actor=actor,
            route=route,
            key=key,
            body_digest=_digest(body),
            status=status,
            response=response,
            at=at,
        )
    )


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


TYPING_LASTS = timedelta(hours=24)
_typing, _t = tables.unsent_typing, tables.unsent_typing.c


def keep_typing(
    connection: Connection,
    person: str,
    place: str,
    posted: Mapping[str, list[str]],
    *,
    now: datetime,
) -> None:
    """Keep what `person` sent from a form, in place of what was kept before; drop what is old.

    Args:
        place: the address at which the form stands.
    """
    mine = sa.and_(_t.person == person, _t.place == place)
    connection.execute(_typing.delete().where(sa.or_(mine, _t.kept_at < now - TYPING_LASTS)))
    text = json.dumps(posted, ensure_ascii=False)
    connection.execute(
        _typing.insert().values(person=person, place=place, posted=text, kept_at=now)
    )


def find_typing(
    connection: Connection, person: str, place: str, *, now: datetime
) -> dict[str, list[str]] | None:
    """Return what is kept of `person` for the form at an address, or None."""
    query = sa.select(_t.posted).where(
        _t.person == person, _t.place == place, _t.kept_at >= now - TYPING_LASTS
    )
    text = connection.scalar(query)
    return None if text is None else dict(json.loads(text))


def forget_typing(connection: Connection, person: str, place: str) -> None:
    """Drop what is kept of `person` for a form: it was saved, submitted or thrown away."""
    connection.execute(_typing.delete().where(_t.person == person, _t.place == place))
