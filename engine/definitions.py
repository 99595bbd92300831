"""Published versions of packs, named by the hash of their content, parsed once and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

import sqlalchemy as sa
from lxml import etree
from sqlalchemy import Connection

from engine import records
from engine.decisions import DecisionTable, parse_tables
from engine.diagrams import Element, ProcessInfo, read_elements, read_processes, read_thrown
from engine.errors import DefinitionNotFound, Finding, PackRefused
from engine.forms import Form, parse_form
from engine.pack import Pack, parse_pack
from engine.process import Role
from engine.specs import Specs, parse_specs
from engine.xml import parse_xml

Files = Mapping[str, bytes]
"""Path inside the pack ("case.bpmn", "forms/chair_ppm.json") -> content."""


class Definition:
    """One version of a pack. Its parts are read when first asked for and then kept."""

    def __init__(self, files: Files) -> None:
        self.files = dict(sorted(files.items()))
        self.hash = hash_of(self.files)

    @cached_property
    def pack(self) -> Pack:
        if "pack.toml" not in self.files:
            message = "A pack needs a file pack.toml. Add it."
            raise PackRefused([Finding("error", "pack.toml", "", "missing", message)])
        return parse_pack(self.files["pack.toml"])

    @cached_property
    def forms(self) -> dict[str, Form]:
        forms = {}
        for path, data in self.files.items():
            if path.startswith("forms/") and path.endswith(".json"):
                form_id = path.removeprefix("forms/").removesuffix(".json")
                try:
                    forms[form_id] = parse_form(form_id, data)
                except (ValueError, UnicodeDecodeError, RecursionError) as error:
                    message = f"The form cannot be read: {error}."
                    finding = Finding("error", path, "", "form", message)
                    raise PackRefused([finding]) from error
        return forms

    @cached_property
    def _diagrams(self) -> dict[str, etree._Element]:
        return {
            path: parse_xml(data, file=path)
            for path, data in self.files.items()
            if path.endswith(".bpmn")
        }

    @cached_property
    def processes(self) -> dict[str, ProcessInfo]:
        return {
            info.id: info
            for path, root in self._diagrams.items()
            for info in read_processes(path, root)
        }

    @cached_property
    def elements(self) -> dict[str, Element]:
        return {
            element.id: element
            for root in self._diagrams.values()
            for element in read_elements(root)
        }

    @cached_property
    def tables(self) -> dict[str, DecisionTable]:
        tables: dict[str, DecisionTable] = {}
        for path, data in self.files.items():
            if path.endswith(".dmn"):
                tables.update(parse_tables(data, file=path))
        return tables

    @cached_property
    def specs(self) -> Specs:
        return parse_specs(self._diagrams, self.elements)

    @cached_property
    def started_by(self) -> dict[str, tuple[Element, ...]]:
        """Message name -> the start events that a message of that name starts."""
        found: dict[str, list[Element]] = {}
        for info in self.processes.values():
            starts = [
                each
                for each in self.elements.values()
                if each.process == info.id and each.kind == "startEvent" and not each.within
            ]
            for name in info.start_messages:
                found.setdefault(name, []).append(starts[0])
        return {name: tuple(starts) for name, starts in found.items()}

    @cached_property
    def thrown(self) -> frozenset[str]:
        """The names of the messages that the diagrams tell each other."""
        return frozenset(name for root in self._diagrams.values() for name in read_thrown(root))

    def role_of(self, element: Element) -> Role | None:
        """Return whose task an element is: its lane's role, or its property `role`."""
        named = element.properties.get("role") or element.lane
        return self.pack.role_of_lane(named) if named else None

    def form_of(self, element: Element) -> Form | None:
        """Return a user task's form, the pack's default one when it names none."""
        return self.forms.get(element.properties.get("form") or self.pack.default_form)


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


PackRow = PublicationRow


def hash_of(files: Files) -> str:
    """Return SHA-256 over the sorted paths and contents, as 64 hexadecimal characters."""
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        for part in (path.encode(), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


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
    table = records.definition_file
    rows = connection.execute(
        sa.select(table.c.path, table.c.content).where(table.c.definition == definition)
    ).all()
    if not rows:
        raise DefinitionNotFound(definition)
    loaded = Definition({path: bytes(content) for path, content in rows})
    with _cache_lock:
        return _cache.setdefault(definition, loaded)


def list_publications(connection: Connection, pack: str) -> list[PublicationRow]:
    """Return a pack's publications, newest first, all of them."""
    table = records.publication
    rows = connection.execute(
        _columns().where(table.c.pack == pack).order_by(table.c.number.desc())
    )
    return [PublicationRow(*row) for row in rows]


def list_packs(connection: Connection) -> list[PublicationRow]:
    """Return the newest publication of each pack, by pack id."""
    table = records.publication
    newest = sa.select(table.c.pack, sa.func.max(table.c.number).label("number")).group_by(
        table.c.pack
    )
    latest = newest.subquery()
    query = _columns().join(
        latest, (latest.c.pack == table.c.pack) & (latest.c.number == table.c.number)
    )
    return [PublicationRow(*row) for row in connection.execute(query.order_by(table.c.pack))]


def current_definition(connection: Connection, pack: str) -> Definition:
    """Return the version of `pack` in force for new cases.

    Raises:
        DefinitionNotFound: no such pack has been published.
    """
    table = records.publication
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
    table = records.publication
    return sa.select(
        table.c.pack,
        table.c.number,
        table.c.title,
        table.c.definition,
        table.c.published_at,
        table.c.published_by,
        table.c.reason,
    )
