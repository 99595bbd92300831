"""Filters of the work list that a person keeps under a name of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.errors import AnswersRefused, FilterNotFound
from engine.packs.forms import NOT_KEPT, can_be_kept
from engine.storage import tables

LONGEST_TITLE = 80
MOST = 20

_filter = tables.saved_filter.c


@dataclass(frozen=True)
class SavedFilter:
    """One filter; `query` holds what the list is narrowed to: name of the filter -> value."""

    id: UUID
    title: str
    query: Mapping[str, str]


def save_filter(ctx: Context, title: str, query: Mapping[str, str], *, id: UUID) -> None:
    """Keep a filter for the actor; one of the same title is replaced.

    Raises:
        AnswersRefused: no title, too long a title, or too many filters kept.
    """
    title = " ".join(title.split())
    if not title:
        raise AnswersRefused({"title": "Enter a name for the filter."})
    if len(title) > LONGEST_TITLE:
        message = f"The name must be {LONGEST_TITLE} characters or fewer."
        raise AnswersRefused({"title": message})
    if not can_be_kept(title):
        raise AnswersRefused({"title": NOT_KEPT.format("Name")})
    mine = _filter.person == ctx.actor.name
    ctx.connection.execute(tables.saved_filter.delete().where(mine, _filter.title == title))
    if (ctx.connection.scalar(sa.select(sa.func.count()).where(mine)) or 0) >= MOST:
        raise AnswersRefused({"title": f"You keep {MOST} filters already. Remove one first."})
    ctx.connection.execute(
        tables.saved_filter.insert().values(
            id=id,
            person=ctx.actor.name,
            title=title,
            query=json.dumps(dict(query), sort_keys=True),
            saved_at=ctx.now,
        )
    )


def remove_filter(ctx: Context, id: UUID) -> None:
    """Forget one of the actor's filters. Raises FilterNotFound."""
    mine = _filter.person == ctx.actor.name
    gone = ctx.connection.execute(tables.saved_filter.delete().where(mine, _filter.id == id))
    if gone.rowcount == 0:
        raise FilterNotFound(str(id))


def list_filters(connection: Connection, person: str) -> list[SavedFilter]:
    """Return a person's filters by title, at most 20."""
    rows = connection.execute(
        sa.select(_filter.id, _filter.title, _filter.query)
        .where(_filter.person == person)
        .order_by(_filter.title)
        .limit(MOST)
    )
    return [SavedFilter(row.id, row.title, json.loads(row.query)) for row in rows]
