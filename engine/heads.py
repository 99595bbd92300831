"""Which case, and whose: what every page and answer about a case begins with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import records
from engine.errors import CaseNotFound


@dataclass(frozen=True)
class CaseHead:
    """Which case, and whose. Names are personal content: never in a URL, title or log."""

    id: UUID
    ref: str
    pack: str
    policy: str
    definition: str
    version: int
    status: str
    opened_at: datetime
    closed_at: datetime | None
    child_name: str
    preferred_name: str


def get_case_head(connection: Connection, ref: str) -> CaseHead:
    """Return which case `ref` is. Raises CaseNotFound."""
    return case_head_where(connection, records.case.c.ref == ref, ref)


def case_head_where(connection: Connection, where: sa.ColumnElement[bool], ref: str) -> CaseHead:
    c = records.case.c
    row = connection.execute(
        sa.select(
            c.id,
            c.ref,
            c.pack,
            c.policy,
            c.definition,
            c.version,
            c.status,
            c.opened_at,
            c.closed_at,
        ).where(where)
    ).one_or_none()
    if row is None:
        raise CaseNotFound(ref)
    f = records.fact.c
    names = {
        name: str(json.loads(value))
        for name, value in connection.execute(
            sa.select(f.name, f.value).where(
                f.case_id == row.id,
                f.to_sequence.is_(None),
                f.name.in_(["child_name", "preferred_name"]),
            )
        )
    }
    return CaseHead(*row, names.get("child_name", ""), names.get("preferred_name", ""))


def child_names(connection: Connection, case_ids: set[UUID]) -> dict[UUID, str]:
    f = records.fact.c
    rows = connection.execute(
        sa.select(f.case_id, f.value).where(
            f.case_id.in_(case_ids), f.to_sequence.is_(None), f.name == "child_name"
        )
    )
    return {case_id: str(json.loads(value)) for case_id, value in rows}
