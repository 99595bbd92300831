"""Answers kept under `Idempotency-Key`, so that a repeated request has one effect."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import EngineError
from engine.storage import tables


class KeyReused(EngineError):
    """The same key came with another body; nothing was done."""


def lookup(
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


def is_kept(connection: Connection, *, actor: str, route: str, key: str) -> bool:
    """Return whether this actor was answered under this key before, whatever the body was."""
    t = tables.idempotency.c
    query = sa.select(t.status).where(t.actor == actor, t.route == route, t.key == key)
    return connection.execute(query).first() is not None


def remember(
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
