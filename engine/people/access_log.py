"""Who read or was refused what: written by the one access check, from the first day."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import Connection

from engine.storage import tables

Outcome: TypeAlias = Literal["read", "changed", "refused"]


def record(
    connection: Connection,
    *,
    actor: str | None,
    at: datetime,
    route: str,
    method: str,
    outcome: Outcome,
    case_id: UUID | None = None,
) -> None:
    """Write one line. No names, no content."""
    connection.execute(
        tables.access_log.insert().values(
            actor=actor, at=at, route=route, method=method, outcome=outcome, case_id=case_id
        )
    )
