"""Which case, and whose: what every page and answer about a case begins with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import CaseNotFound
from engine.packs.manifest import CHILD
from engine.storage import tables
from engine.storage.published_versions import get_definition


@dataclass(frozen=True)
class CaseHead:
    """Which case, and whose. Names are personal content: never in a URL, title or log.

    `title` is what a case is called that is not a child's, and has no name; "" of a child's.
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
    child_name: str
    preferred_name: str
    title: str

    @property
    def is_child(self) -> bool:
        return self.kind == CHILD

    @property
    def subject(self) -> str:
        """What the case is about, as lists say it; "" of a child whose name is not recorded."""
        return self.title or self.child_name


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
    f = tables.fact.c
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
    return CaseHead(
        **row._mapping,
        child_name=names.get("child_name", ""),
        preferred_name=names.get("preferred_name", ""),
        title=title_of(connection, row.definition, row.kind),
    )


def title_of(connection: Connection, definition: str, kind: str) -> str:
    """Return what a case of this kind is called; "" of a child's."""
    if kind == CHILD:
        return ""
    opening = get_definition(connection, definition).pack.openings.get(kind)
    return opening.title if opening else kind


def subjects(connection: Connection, case_ids: set[UUID]) -> dict[UUID, str]:
    """Return what cases are about: a child's name, or the title of a case of another kind."""
    c, f = tables.case.c, tables.fact.c
    of_case = sa.and_(f.case_id == c.id, f.to_sequence.is_(None), f.name == "child_name")
    rows = connection.execute(
        sa.select(c.id, c.kind, c.definition, f.value)
        .select_from(tables.case.outerjoin(tables.fact, of_case))
        .where(c.id.in_(case_ids))
    )
    return {
        row.id: json.loads(row.value)
        if row.value is not None
        else title_of(connection, row.definition, row.kind)
        for row in rows
    }
