"""Cases that stand beside each other, such as one child's by two policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.domain import JsonValue
from engine.errors import CaseNotFound
from engine.open_work import case_heads
from engine.open_work.case_heads import CaseHead
from engine.packs.kinds import Kind
from engine.people import permissions
from engine.people.case_circle import circle_of
from engine.reads.search import folded
from engine.storage import loading, tables

_case = tables.case.c


@dataclass(frozen=True)
class LinkedCase:
    """The other case of a link, as whoever sees the one is told of it."""

    ref: str
    pack: str
    kind: str
    status: str


def linked_cases(connection: Connection, case_id: UUID) -> list[LinkedCase]:
    """Return the cases that one was opened beside, or that were opened beside it; oldest first."""
    beside = sa.select(_case.linked_to).where(_case.id == case_id).scalar_subquery()
    query = (
        sa.select(_case.ref, _case.pack, _case.kind, _case.status)
        .where(sa.or_(_case.linked_to == case_id, _case.id == beside))
        .order_by(_case.opened_at, _case.ref)
    )
    return [LinkedCase(*row) for row in connection.execute(query)]


def case_to_link(
    connection: Connection,
    ref: str,
    *,
    actor: Actor,
    kind: Kind,
    facts: Mapping[str, JsonValue],
    today: date,
) -> UUID:
    """Return the id of the case that one of `kind` with these facts may be linked to.

    Somebody of its council has to see it. Nobody sees the cases of another council: to be linked to
    one of those, the new case has to be about the same by what both kinds are known by, the
    reference, or the name and the day of birth.

    Raises:
        CaseNotFound: there is none that may be linked to; whether it is there is not told.
    """
    head = case_heads.get_case_head(connection, ref)
    if actor.is_of(head.pack):
        if not permissions.may_see_case(actor, circle_of(connection, head.id, today=today)):
            raise CaseNotFound(ref)
    elif not _about_the_same(connection, head, kind, facts):
        raise CaseNotFound(ref)
    return head.id


def _about_the_same(
    connection: Connection, head: CaseHead, kind: Kind, facts: Mapping[str, JsonValue]
) -> bool:
    theirs = loading.current_facts(connection, head.id)
    known = (_known_by(kind, facts), _known_by(head.words, theirs))
    return any(mine is not None and mine == other for mine, other in zip(*known, strict=True))


def _known_by(kind: Kind, facts: Mapping[str, JsonValue]) -> tuple[str | None, str | None]:
    """Return the reference, and the name with the day of birth, as a search compares texts."""
    reference, name, born = (facts.get(each) for each in (kind.reference, kind.name, kind.born))
    whole = _compared(f"{name} {born}") if name and born else None
    return (_compared(str(reference)) if reference else None, whole)


def _compared(text: str) -> str:
    return " ".join(folded(text).split())
