"""Which case, and whose: what every page and answer about a case begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import CaseNotFound
from engine.packs.kinds import Kind
from engine.storage import tables
from engine.storage.published_versions import get_definition


@dataclass(frozen=True)
class CaseHead:
    """Which case, and whose. Names are personal content: never in a URL, title or log.

    `words` is its kind as its own version has it; `name` and `also_called` are "" where the kind
    has no such fact, or it is not recorded.
    """

    id: UUID
    ref: str
    pack: str
    policy: str
    definition: str
    version: int
    status: str
    opened_at: datetime
    closed_at: datetime | None
    kind: str
    words: Kind
    name: str
    also_called: str

    @property
    def noun(self) -> str:
        """What a sentence calls whatever the case is about."""
        return self.words.one if self.words.name else "case"

    @property
    def subject(self) -> str:
        """What the case is about, as lists say it; "" where a name is to be and is not recorded."""
        return self.name if self.words.name else self.words.title


def get_case_head(connection: Connection, ref: str) -> CaseHead:
    """Return which case `ref` is. Raises CaseNotFound."""
    return case_head_where(connection, tables.case.c.ref == ref, ref)


def head_of(connection: Connection, case_id: UUID) -> CaseHead:
    """Return the head of the case with this id. Raises CaseNotFound."""
    return case_head_where(connection, tables.case.c.id == case_id, str(case_id))


def case_head_where(connection: Connection, where: sa.ColumnElement[bool], ref: str) -> CaseHead:
    c = tables.case.c
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
            c.kind,
        ).where(where)
    ).one_or_none()
    if row is None:
        raise CaseNotFound(ref)
    words = kind_of(connection, row.definition, row.kind)
    names = known_names(connection, {row.id: words})[row.id]
    return CaseHead(
        **row._mapping,
        words=words,
        name=names.get(words.name, ""),
        also_called=names.get(words.also_called, ""),
    )


def kind_of(connection: Connection, definition: str, kind: str) -> Kind:
    """Return a case's kind as its own version has it."""
    return get_definition(connection, definition).pack.kinds[kind]


def known_names(connection: Connection, kinds: Mapping[UUID, Kind]) -> dict[UUID, dict[str, str]]:
    """Return case -> fact -> text, of the facts by which cases of its kind are found."""
    f = tables.fact.c
    names = {name for kind in kinds.values() for name in kind.searched}
    found: dict[UUID, dict[str, str]] = {id: {} for id in kinds}
    rows = connection.execute(
        sa.select(f.case_id, f.name, f.value).where(
            f.to_sequence.is_(None), f.name.in_(sorted(names)), f.case_id.in_(kinds)
        )
    )
    for id, name, value in rows if names else ():
        if name in kinds[id].searched:
            found[id][name] = str(json.loads(value))
    return found


def subjects(connection: Connection, case_ids: set[UUID]) -> dict[UUID, str]:
    """Return what cases are about: their names, or what such a case is called."""
    c = tables.case.c
    rows = connection.execute(sa.select(c.id, c.kind, c.definition).where(c.id.in_(case_ids)))
    kinds = {row.id: kind_of(connection, row.definition, row.kind) for row in rows}
    names = known_names(connection, kinds)
    return {
        id: names[id].get(kind.name, "") if kind.name else kind.title for id, kind in kinds.items()
    }
