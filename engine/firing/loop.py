"""Fire timers as they fall due on real time.

On SQLite the production server does it in a loop beside the requests; on PostgreSQL
`engine.firing.queue` hands the same work out to any number of workers.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Event
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.domain import Domain
from engine.errors import EngineError
from engine.firing import fire
from engine.firing.due_cases import cases_due
from engine.storage.database import reading

_log = logging.getLogger(__name__)


def run_due_timers(engine: Engine, domain: Domain, now: datetime) -> int:
    """Fire every timer due at `now`, each case in its own transaction; return how many fired.

    A case that the database fails is left for the next call; it holds up no other.
    """
    with reading(engine) as connection:
        due = cases_due(connection, now)
    return sum(fire_or_log(engine, case_id, domain, now) for case_id in due)


def run_until(stop: Event, engine: Engine, domain: Domain, *, seconds: float = 5) -> None:
    """Fire due timers every `seconds` until `stop` is set."""
    while not stop.wait(seconds):
        try:
            run_due_timers(engine, domain, real_time())
        except SQLAlchemyError as error:
            # The database may be back at the next look; a dead loop would never be.
            _log.error("could not look for timers: %s", type(error).__name__)


def real_time() -> datetime:
    """Return the instant it is: here alone, so that everything else is told it."""
    return datetime.now(UTC)


def fire_or_log(engine: Engine, case_id: UUID, domain: Domain, now: datetime) -> int:
    """Fire what is due in one case; what the database fails is logged, and still due."""
    try:
        return fire_case(engine, case_id, domain, now)
    except (EngineError, SQLAlchemyError) as error:
        _log.error("timers of case %s were left: %s", case_id, type(error).__name__)
        return 0


def fire_case(engine: Engine, case_id: UUID, domain: Domain, now: datetime) -> int:
    """Fire what is due in one case; return how often something fired.

    Whoever else fires it at the same moment, or has fired it, costs nothing. A timer that fails
    is written down as an incident and does not raise.
    """
    return fire.fire_case(fire.Firing(engine, domain, now), case_id)
