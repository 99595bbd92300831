"""Which kinds of case a person may open now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from engine.context import Actor
from engine.packs.kinds import Kind
from engine.people import permissions
from engine.storage import loading, published_versions


@dataclass(frozen=True)
class CaseOpening:
    """A kind of case that may be opened, and of which pack, by its id and title."""

    pack: str
    title: str
    kind: Kind


def openings_for(connection: Connection, actor: Actor) -> list[CaseOpening]:
    """Return what cases the actor may open, pack by pack.

    A kind of which the pack allows one at a time is left out while one is open.
    """
    return [
        CaseOpening(row.pack, row.title, kind)
        for row in published_versions.list_packs(connection)
        for kind in published_versions.get_definition(
            connection, row.definition
        ).pack.kinds.values()
        if permissions.may_open_case(actor, row.pack, kind)
        and not _is_taken(connection, row.pack, kind)
    ]


def _is_taken(connection: Connection, pack: str, kind: Kind) -> bool:
    return kind.one_at_a_time and loading.is_open(connection, pack, kind.id)
