"""Published versions of packs, named by the hash of their content, parsed once and cached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import DefinitionNotFound
from engine.packs.version import Definition, Files, hash_of
from engine.storage import tables


@dataclass(frozen=True)
class PublicationRow:
    """One publication. `published_at` is an aware UTC instant; the newest is in force."""

    pack: str
    number: int
    title: str
    definition: str
    published_at: datetime
    published_by: str
    reason: str


_cache: dict[str, Definition] = {}
_cache_lock = Lock()


def get_definition(connection: Connection, definition: str) -> Definition:
    """Return a published version by its hash, from memory when this process has read it.

    Raises:
        DefinitionNotFound: no version has this hash.
    """
    cached = _cache.get(definition)
    if cached is not None:
        return cached
    table = tables.definition_file
    rows = connection.execute(
        sa.select(table.c.path, table.c.content).where(table.c.definition == definition)
    ).all()
    if not rows:
        raise DefinitionNotFound(definition)
    loaded = _like_another({path: bytes(content) for path, content in rows})
    with _cache_lock:
        return _cache.setdefault(definition, loaded)


def _like_another(files: Files) -> Definition:
    """Return the version of these files, sharing what it can with the nearest that is known.

    Most versions differ from another in one file, and to read a pack takes half a second.
    """
    read = Definition(files)
    known = list(_cache.values())
    if not known:
        return read
    return Definition(files, like=max(known, key=lambda each: len(read.in_common(each))))


def problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield what names a version, and a sentence, where its files are not those of its name."""
    f = tables.definition_file.c
    named = dict[str, str]()
    p, c = tables.publication.c, tables.case.c
    for pack, number, definition in connection.execute(sa.select(p.pack, p.number, p.definition)):
        named.setdefault(definition, f"{pack} {number}")
    for ref, definition in connection.execute(sa.select(c.ref, c.definition)):
        named.setdefault(definition, ref)
    kept = set(connection.scalars(sa.select(f.definition).distinct()))
    for definition in sorted(named.keys() | kept):
        rows = connection.execute(sa.select(f.path, f.content).where(f.definition == definition))
        files = {path: bytes(content) for path, content in rows}
        if hash_of(files) != definition:
            by = named.get(definition, definition[:12])
            yield (
                by,
                f"The files of the version {definition[:12]} are not those that it is named by.",
            )


def list_publications(connection: Connection, pack: str) -> list[PublicationRow]:
    """Return a pack's publications, newest first, all of them."""
    table = tables.publication
    rows = connection.execute(
        _columns().where(table.c.pack == pack).order_by(table.c.number.desc())
    )
    return [PublicationRow(*row) for row in rows]


def list_packs(connection: Connection) -> list[PublicationRow]:
    """Return the newest publication of each pack, by pack id."""
    table = tables.publication
    newest = sa.select(table.c.pack, sa.func.max(table.c.number).label("number")).group_by(
        table.c.pack
    )
    latest = newest.subquery()
    query = _columns().join(
        latest, (latest.c.pack == table.c.pack) & (latest.c.number == table.c.number)
    )
    return [PublicationRow(*row) for row in connection.execute(query.order_by(table.c.pack))]


def pack_of(connection: Connection, definition: str) -> str:
    """Return the pack of which a hash is a version. Raises DefinitionNotFound."""
    table = tables.publication
    found = connection.scalar(
        sa.select(table.c.pack).where(table.c.definition == definition).limit(1)
    )
    if found is None:
        raise DefinitionNotFound(definition)
    return str(found)


def current_definition(connection: Connection, pack: str) -> Definition:
    """Return the version of `pack` in force for new cases.

    Raises:
        DefinitionNotFound: no such pack has been published.
    """
    table = tables.publication
    found = connection.scalar(
        sa.select(table.c.definition)
        .where(table.c.pack == pack)
        .order_by(table.c.number.desc())
        .limit(1)
    )
    if found is None:
        raise DefinitionNotFound(pack)
    return get_definition(connection, found)


def _columns() -> sa.Select[Any]:
    table = tables.publication
    return sa.select(
        table.c.pack,
        table.c.number,
        table.c.title,
        table.c.definition,
        table.c.published_at,
        table.c.published_by,
        table.c.reason,
    )


__all__ = [
    "Definition",
    "Files",
    "PublicationRow",
    "current_definition",
    "get_definition",
    "hash_of",
    "list_packs",
    "list_publications",
    "pack_of",
]
