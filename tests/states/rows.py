"""A database's rows as JSON, and back into the tables as an older release made them.

Written with the types that the release knows, read with what the tables of the kept revision say:
today's `engine.storage.tables` has no part in reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.storage import database, tables

Rows = dict[str, list[dict[str, Any]]]
"""Table -> its rows: column -> JSON value. Bytes are hexadecimal, ids and instants text."""

OF_A_VERSION = "definition_file"
"""Left out: the files of a pack are kept once, beside the rows."""


def written(connection: Connection) -> Rows:
    """Return all rows, tables after those they refer to, empty tables left out."""
    rows: Rows = {}
    for table in tables.metadata.sorted_tables:
        if table.name == OF_A_VERSION:
            continue
        found = connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        kept = [{name: _plain(value) for name, value in row.items()} for row in found]
        if kept:
            rows[table.name] = kept
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def fill(url: str, *, revision: str, rows: Rows, packs: Mapping[str, Mapping[str, bytes]]) -> None:
    """Make the tables of `revision` in an empty database, with these rows and packs in them.

    Args:
        packs: hash of a version -> its files.
    """
    database.upgrade_schema(url, to=revision)
    engine = database.create_engine(url)
    try:
        with database.transaction(engine) as connection:
            insert(connection, rows)
            for definition, files in packs.items():
                insert(connection, {OF_A_VERSION: _files(definition, files)})
    finally:
        engine.dispose()


def _files(definition: str, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [
        {"definition": definition, "path": path, "content": content.hex()}
        for path, content in files.items()
    ]


def insert(connection: Connection, rows: Rows) -> None:
    """Put rows into the tables as they are there."""
    tables = sa.MetaData()
    for name, kept in rows.items():
        table = sa.Table(name, tables, autoload_with=connection, resolve_fks=False)
        connection.execute(
            table.insert(),
            [{key: _of(table.c[key].type, value) for key, value in row.items()} for row in kept],
        )


def _of(kind: Any, value: Any) -> Any:
    """Return a kept value as a column of a reflected type takes it."""
    if value is None:
        return None
    if isinstance(kind, sa.LargeBinary):
        return bytes.fromhex(value)
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Boolean):
        return bool(value)
    if isinstance(kind, sa.Uuid):
        return UUID(value)
    if isinstance(kind, sa.CHAR):
        # How SQLite keeps an id.
        return UUID(value).hex
    return value
