"""One version of a pack: its files, read once. Knows no database, so a dry run starts quickly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property

from lxml import etree

from engine.bpmn.elements import (
    Element as Element,
)
from engine.bpmn.elements import (
    ProcessInfo,
    read_elements,
    read_processes,
    read_signals,
    read_thrown,
)
from engine.bpmn.specs import Specs, ask_only, parse_specs
from engine.domain import Role
from engine.errors import Finding, PackRefused
from engine.packs.forms import Form, parse_form
from engine.packs.manifest import Pack, parse_pack
from engine.rules.decisions import DecisionTable, parse_tables
from engine.rules.safe_xml import parse_xml

Files = Mapping[str, bytes]
"""Path inside the pack ("case.bpmn", "forms/chair_ppm.json") -> content."""


_MADE_OF = {
    "pack.toml": ("pack",),
    ".bpmn": ("_diagrams", "processes", "elements", "started_by", "thrown", "signals"),
}
"""Ending of files -> the parts that are made of all these files together."""


class Definition:
    """One version of a pack. Its parts are read when first asked for and then kept.

    What another version, `like`, has read of the same files is shared with it.
    """

    def __init__(self, files: Files, *, like: Definition | None = None) -> None:
        self.files = dict(sorted(files.items()))
        self.hash = hash_of(self.files)
        self._forms_in: dict[str, Form] = {}
        self._tables_in: dict[str, dict[str, DecisionTable]] = {}
        self._likely_specs: Specs | None = None
        if like is not None:
            self._take_over(like)

    def _take_over(self, like: Definition) -> None:
        read = vars(like)
        for ending, parts in _MADE_OF.items():
            if _ending(self.files, ending) == _ending(like.files, ending):
                vars(self).update({part: read[part] for part in parts if part in read})
                if ending == ".bpmn":
                    self._likely_specs = read.get("specs")
        same = self.in_common(like)
        self._forms_in = {path: kept for path, kept in like._forms_in.items() if path in same}
        self._tables_in = {path: kept for path, kept in like._tables_in.items() if path in same}

    def in_common(self, other: Definition) -> set[str]:
        """Return the paths of the files that are the same in both."""
        return {path for path, data in self.files.items() if other.files.get(path) == data}

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
                    if path not in self._forms_in:
                        self._forms_in[path] = parse_form(form_id, data)
                    forms[form_id] = self._forms_in[path]
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
        for path, data in _ending(self.files, ".dmn").items():
            if path not in self._tables_in:
                self._tables_in[path] = parse_tables(data, file=path)
            tables.update(self._tables_in[path])
        return tables

    @cached_property
    def specs(self) -> Specs:
        likely = self._likely_specs
        if likely is not None and ask_only(likely, self.tables):
            return likely
        return parse_specs(self._diagrams, self.elements, self.tables)

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

    @cached_property
    def signals(self) -> frozenset[str]:
        """The names of the signals that the diagrams hear."""
        return frozenset(name for root in self._diagrams.values() for name in read_signals(root))

    def role_of(self, element: Element) -> Role | None:
        """Return whose task an element is: its property `role`, or its lane's role.

        A role that is worked out (`=…`) is known case by case: drawings go by the lane.
        """
        role = element.properties.get("role", "")
        named = element.lane if not role or role.startswith("=") else role
        return self.pack.role_of_lane(named) if named else None

    def form_of(self, element: Element) -> Form | None:
        """Return a user task's form, the pack's default one when it names none."""
        return self.forms.get(element.properties.get("form") or self.pack.default_form)


def _ending(files: Files, ending: str) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path.endswith(ending)}


def hash_of(files: Files) -> str:
    """Return SHA-256 over the sorted paths and contents, as 64 hexadecimal characters."""
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        for part in (path.encode(), data):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
