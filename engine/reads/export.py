"""A case with its whole history as plain JSON data.

The chain can be checked elsewhere from `events` alone: leaf = SHA-256(body), hash =
SHA-256(previous hash + leaf), the first previous hash being 64 zeros, all as hexadecimal text.
With `secret` the digests in the bodies can be held against `submissions` and `facts`, as
`engine.step.event` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from engine.storage import loading, tables

FORMAT = "permanence case 1"
ORDERS: Mapping[str, tuple[str, ...]] = {
    "event": ("sequence",),
    "submission": ("sequence",),
    "fact": ("name", "from_sequence"),
    "deadline": ("opened_sequence", "id"),
    "instance": ("started_sequence", "id"),
    "step": ("sequence", "instance_id"),
    "work_item": ("opened_sequence", "id"),
    "timer": ("instance_id", "task"),
    "holder": ("from_sequence", "work_item_id"),
    "notice": ("sequence", "id"),
    "onlooker": ("from_sequence", "role", "about"),
    "message": ("sequence", "id"),
}
"""Table -> the columns its rows are exported by."""


def export_case(connection: Connection, ref: str) -> dict[str, Any]:
    """Return a case and every row that belongs to it, in a fixed order.

    Raises:
        CaseNotFound: no such case.
    """
    case_id = loading.find_case(connection, ref)
    [case] = _rows(connection, tables.case, tables.case.c.id == case_id)
    exported: dict[str, Any] = {"format": FORMAT, "case": case}
    for name, order in ORDERS.items():
        table = tables.metadata.tables[name]
        exported[f"{name}s"] = _rows(
            connection, table, table.c.case_id == case_id, *(table.c[each] for each in order)
        )
    return exported


def _rows(
    connection: Connection, table: Table, where: sa.ColumnElement[bool], *order: sa.Column[Any]
) -> list[dict[str, Any]]:
    rows = connection.execute(sa.select(table).where(where).order_by(*order))
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
