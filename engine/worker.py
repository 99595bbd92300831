"""Fire timers as they fall due on real time: the production server's background loop on SQLite."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from engine import commands, records
from engine.context import CLOCK, Context
from engine.database import in_transaction, reading
from engine.errors import EngineError
from engine.process import Domain

_log = logging.getLogger(__name__)


def run_due_timers(engine: Engine, domain: Domain, now: datetime) -> int:
    """Fire every timer due at `now`, each case in its own transaction; return how many fired.

    A case that fails is logged and left for the next call; it holds up no other.
    """
    fired = 0
    for case_id in _cases_due(engine, now):
        try:
            fired += in_transaction(
                engine,
                lambda connection, id=case_id: _fire(connection, id, domain, now),  # type: ignore[misc]
            )
        except (EngineError, SQLAlchemyError) as error:
            _log.error("timer of case %s failed: %s", case_id, type(error).__name__)
    return fired


def run_until(stop: Event, engine: Engine, domain: Domain, *, seconds: float = 5) -> None:
    """Fire due timers every `seconds` until `stop` is set."""
    while not stop.wait(seconds):
        try:
            run_due_timers(engine, domain, datetime.now(UTC))
        except SQLAlchemyError as error:
            # The database may be back at the next look; a dead loop would never be.
            _log.error("could not look for timers: %s", type(error).__name__)


def _cases_due(engine: Engine, now: datetime) -> list[UUID]:
    t = records.timer.c
    with reading(engine) as connection:
        query = (
            sa.select(t.case_id)
            .where(t.due_at <= now)
            .group_by(t.case_id)
            .order_by(sa.func.min(t.due_at), t.case_id)
        )
        return list(connection.scalars(query))


def _fire(connection: Connection, case_id: UUID, domain: Domain, now: datetime) -> int:
    ctx = Context(connection, CLOCK, now, domain)
    return 0 if commands.fire_timers(ctx, case_id) is None else 1
