"""Is a case open already that is about the same? What makes it the same is the pack's to say."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import JsonValue
from engine.packs.kinds import Kind
from engine.reads.search import folded
from engine.storage import tables

_case, _fact = tables.case.c, tables.fact.c


def open_like(
    connection: Connection, pack: str, kind: Kind, facts: Mapping[str, JsonValue]
) -> dict[UUID, tuple[str, ...]]:
    """Return the open cases of a kind that are the same as one with `facts`: id -> which facts.

    They are when all facts of a group of the kind's `same` are known of both and equal: texts
    as a search compares them, without regard to capitals, accents and spaces.
    """
    groups = [each for each in kind.same if all(facts.get(name) for name in each)]
    names = {name for group in groups for name in group}
    if not names:
        return {}
    found: dict[UUID, dict[str, str]] = {}
    for id, name, value in connection.execute(
        sa.select(_fact.case_id, _fact.name, _fact.value)
        .join(tables.case, _case.id == _fact.case_id)
        .where(
            _case.pack == pack,
            _case.kind == kind.id,
            _case.status == "open",
            _fact.to_sequence.is_(None),
            _fact.name.in_(sorted(names)),
        )
    ):
        found.setdefault(id, {})[name] = _compared(json.loads(value))
    wanted = {name: _compared(facts[name]) for name in names}
    alike = ((id, _first_alike(groups, wanted, known)) for id, known in found.items())
    return {id: group for id, group in alike if group}


def _first_alike(
    groups: Collection[tuple[str, ...]], wanted: Mapping[str, str], known: Mapping[str, str]
) -> tuple[str, ...]:
    for group in groups:
        if all(known.get(name) == wanted[name] for name in group):
            return group
    return ()


def _compared(value: JsonValue) -> str:
    return " ".join(folded(str(value)).split())
