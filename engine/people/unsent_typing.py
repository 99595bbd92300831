"""What somebody sent after their session had ended, so that it is not lost: for one day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.storage import tables

LASTS = timedelta(hours=24)
_table = tables.kept_typing
_t = tables.kept_typing.c


def keep(
    connection: Connection,
    person: str,
    work_item_id: UUID,
    posted: Mapping[str, list[str]],
    *,
    now: datetime,
) -> None:
    """Keep what `person` sent for a task, in place of what was kept before; drop what is old."""
    mine = sa.and_(_t.person == person, _t.work_item_id == work_item_id)
    connection.execute(_table.delete().where(sa.or_(mine, _t.kept_at < now - LASTS)))
    text = json.dumps(posted, ensure_ascii=False)
    connection.execute(
        _table.insert().values(person=person, work_item_id=work_item_id, posted=text, kept_at=now)
    )


def find(
    connection: Connection, person: str, work_item_id: UUID, *, now: datetime
) -> dict[str, list[str]] | None:
    """Return what is kept of `person` for a task, or None."""
    query = sa.select(_t.posted).where(
        _t.person == person, _t.work_item_id == work_item_id, _t.kept_at >= now - LASTS
    )
    text = connection.scalar(query)
    return None if text is None else dict(json.loads(text))


def forget(connection: Connection, person: str, work_item_id: UUID) -> None:
    """Drop what is kept of `person` for a task: it was saved, submitted or thrown away."""
    where = sa.and_(_t.person == person, _t.work_item_id == work_item_id)
    connection.execute(_table.delete().where(where))
