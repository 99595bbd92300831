"""What a check reads: the files of a pack, each read by itself, what fails told as a finding.

Bounds stand before every reader that could be slow, so that no upload holds the server up.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES
from engine.errors import Finding, PackRefused
from engine.packs.entries import wrong_types
from engine.packs.forms import parse_form
from engine.packs.kinds import KNOWN_BY, kind_entries
from engine.packs.manifest import Pack, parse_pack
from engine.rules.decisions import DecisionTable, parse_tables
from engine.rules.safe_xml import parse_xml

MAX_TEXT_FILE = 200_000
"""Bytes of a form or of pack.toml; JSON Schema and TOML are slow to check."""

MAX_DOTS = 100
"""Dots in one line of pack.toml: reading a key takes the square of its dots in memory."""

MAX_FORM_PARTS = 3_000
MAX_FORM_DEPTH = 40

MAX_FLOW_NODES = 200
"""Flow nodes of one file: no person reads more, and SpiffWorkflow's parser recurses over them."""

MAX_FINDINGS = 200
"""Findings of one file that are kept; nobody reads more."""

MAX_MESSAGE = 1_000
"""Characters; a message may quote what was sent."""

_DMN = "https://www.omg.org/spec/DMN/"


class Report:
    """Collects the findings of one file, the same one once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._findings: dict[Finding, None] = {}
        self._left_out = 0

    @property
    def findings(self) -> list[Finding]:
        """The findings, and one that says how many more there are."""
        found = list(self._findings)
        if self._left_out:
            message = f"There are {self._left_out} more findings. Mend these first."
            found.append(Finding("error", self.file, "", "more", message))
        return found

    @property
    def has_errors(self) -> bool:
        return self._left_out > 0 or any(each.severity == "error" for each in self._findings)

    def error(self, element: str, rule: str, message: str) -> None:
        """Add what forbids publishing."""
        self.add(Finding("error", self.file, element, rule, message))

    def warn(self, element: str, rule: str, message: str) -> None:
        """Add what deserves a look."""
        self.add(Finding("warning", self.file, element, rule, message))

    def add(self, finding: Finding) -> None:
        """Add a finding made elsewhere."""
        if len(finding.message) > MAX_MESSAGE:
            finding = replace(finding, message=shortened(finding.message, MAX_MESSAGE))
        if finding in self._findings:
            return
        if len(self._findings) < MAX_FINDINGS:
            self._findings[finding] = None
        else:
            self._left_out += 1


@dataclass
class Material:
    """The files that could be read. `complete` says whether pack.toml was among those sent.

    `pack` is None when it was not sent or cannot be read: then names are left unchecked.
    `form_ids` counts unreadable forms too.
    """

    complete: bool
    functions: Mapping[str, Callable[..., object]]
    pack: Pack | None = None
    raw_pack: Mapping[str, Any] = field(default_factory=dict)
    forms: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    diagrams: dict[str, etree._Element] = field(default_factory=dict)
    tables: dict[str, dict[str, DecisionTable]] = field(default_factory=dict)
    form_ids: set[str] = field(default_factory=set)
    unread_tables: bool = False
    kept: dict[str, Any] = field(default_factory=dict)
    """What a check worked out over all files, by the check's name."""

    @property
    def deadlines(self) -> frozenset[str] | None:
        """The names of deadlines, or None while they cannot be known."""
        if not self.complete or self.unread_tables:
            return None
        names: set[str] = set()
        for tables in self.tables.values():
            table = tables.get("timescales")
            if table is None or "deadline" not in table.outputs:
                continue
            place = table.outputs.index("deadline")
            names |= {str(rule.outputs[place].literal) for rule in table.rules}
        return frozenset(names)

    @property
    def form_fields(self) -> frozenset[str]:
        """The questions of all forms: what `answers` may hold."""
        return frozenset(
            name for schema in self.forms.values() for name in schema.get("properties", {})
        )


def read_file(material: Material, data: bytes, report: Report) -> None:
    """Read one file into `material`, or say why not."""
    path = report.file
    try:
        if path == "pack.toml":
            _read_pack(material, data, report)
        elif path.endswith(".bpmn"):
            _read_diagram(material, path, data, report)
        elif path.endswith(".dmn"):
            _read_tables(material, path, data)
        elif path.endswith(".json"):
            _read_form(material, path, data, report)
        else:
            message = "This is no file of a pack. A pack holds .bpmn, .dmn, .json and pack.toml."
            report.error("", "file-kind", message)
    except PackRefused as refused:
        for finding in refused.findings:
            report.add(finding)


def _read_pack(material: Material, data: bytes, report: Report) -> None:
    if _too_large(data, report):
        return
    if any(line.count(b".") > MAX_DOTS for line in data.splitlines()):
        message = f"A line of pack.toml has more than {MAX_DOTS} dots. Write it as entries."
        report.error("", "toml", message)
        return
    try:
        if _has_wrong_types(data, report):
            return
        pack, raw = parse_pack(data), tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        report.error("", "toml", "pack.toml is nested too deeply. Write it as plain entries.")
        return
    wrong = [where for where, value in _texts(raw) if not isinstance(value, str) or not value]
    for where in wrong:
        report.error(where, "wrong-kind", f"'{where}' must be a text. Write one in quotes.")
    if not wrong:
        material.pack, material.raw_pack = pack, raw


def _has_wrong_types(data: bytes, report: Report) -> bool:
    """Report the entries that hold another type, such as "no" for false, which counts as true."""
    try:
        wrong = list(wrong_types(tomllib.loads(data.decode("utf-8"))))
    except ValueError:
        return False
    for name, where, holds in wrong:
        message = f"'{name}' in {shortened(where)} holds something else. Write {holds}."
        report.error(name, "entry-type", message)
    return bool(wrong)


def _texts(raw: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the entries of pack.toml that must be texts, by their places."""
    yield "id", raw.get("id")
    yield "title", raw.get("title")
    for where, _, entry in kind_entries(raw):
        where = shortened(where)
        for key in ("title", "one", "many", "record", "process", "form", *KNOWN_BY):
            if key in entry:
                yield f"{where}.{key}", entry[key]
        for key in ("beside", "roles", "line", "summary"):
            for each in entry.get(key, ()):
                yield f"{where}.{key}", each
    yield "tasks.default_form", raw.get("tasks", {}).get("default_form", "as it is")
    for section in ("policies", "roles", "facts", "messages"):
        for name, entry in raw.get(section, {}).items():
            for key in (
                "title",
                "kind",
                "to",
                "label",
                "day_phrase",
                "source",
                "source_url",
                "unallocated_goes_to",
            ):
                if key in entry:
                    yield f"{section}.{shortened(name)}.{key}", entry[key]
            for key in ("earliest_of", "notify"):
                for each in entry.get(key, ()):
                    yield f"{section}.{shortened(name)}.{key}", each
            for each in entry.get("sets", {}).values():
                yield f"{section}.{shortened(name)}.sets", each


def _read_diagram(material: Material, path: str, data: bytes, report: Report) -> None:
    root = parse_xml(data, file=path)
    if root.tag != f"{{{BPMN}}}definitions":
        kind = etree.QName(root).localname
        message = (
            f"The file begins with <{kind}>, so it is no BPMN 2.0 diagram. Export it as BPMN 2.0"
            " from the modeller."
        )
        report.error("", "not-bpmn", message)
        return
    nodes = sum(1 for _ in root.iter(*(f"{{{BPMN}}}{kind}" for kind in FLOW_NODES)))
    if nodes > MAX_FLOW_NODES:
        message = (
            f"The diagram has {nodes} elements; {MAX_FLOW_NODES} are the most that can be run."
            " Move parts of it into processes of their own and call those."
        )
        report.error("", "too-many-elements", message)
        return
    material.diagrams[path] = root


def _read_tables(material: Material, path: str, data: bytes) -> None:
    others_unread, material.unread_tables = material.unread_tables, True
    root = parse_xml(data, file=path)
    name = etree.QName(root)
    if name.localname != "definitions" or _DMN not in (name.namespace or "").replace(
        "http://", "https://"
    ):
        message = "The file is no DMN decision table. Export it as DMN 1.3 from the modeller."
        raise PackRefused([Finding("error", path, "", "not-dmn", message)])
    material.tables[path] = parse_tables(data, file=path)
    material.unread_tables = others_unread


def _read_form(material: Material, path: str, data: bytes, report: Report) -> None:
    form_id = path.rsplit("/", 1)[-1].removesuffix(".json")
    if material.complete and path != f"forms/{form_id}.json":
        report.error("", "form-place", f"Put the form into the folder forms: forms/{form_id}.json.")
        return
    material.form_ids.add(form_id)
    if _too_large(data, report):
        return
    try:
        _require_bounded(json.loads(data.decode("utf-8")))
        schema = parse_form(form_id, data).schema
    except RecursionError:
        report.error("", "form", "The form is nested too deeply. Write its questions one by one.")
    except ValueError as error:
        report.error("", "form", f"The form cannot be read: {error}.")
    else:
        material.forms[form_id] = schema


def _require_bounded(value: object) -> None:
    level, parts = [value], 0
    for _ in range(MAX_FORM_DEPTH):
        parts += len(level)
        if parts > MAX_FORM_PARTS * 4:
            raise ValueError("it has too many parts; split it into several forms")
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise ValueError("it is nested too deeply")


def _too_large(data: bytes, report: Report) -> bool:
    if len(data) > MAX_TEXT_FILE:
        message = f"The file is larger than {MAX_TEXT_FILE // 1000} kB. Split it or shorten it."
        report.error("", "size", message)
        return True
    return False


_WORDS = {
    "startEvent": "start event",
    "endEvent": "end event",
    "intermediateCatchEvent": "waiting event",
    "intermediateThrowEvent": "event",
    "boundaryEvent": "boundary event",
    "subProcess": "sub-process",
    "callActivity": "call",
    "sequenceFlow": "flow",
    "process": "process",
    "lane": "lane",
    "participant": "pool",
}


def kind_of(node: etree._Element) -> str:
    """Return a node's BPMN name, such as "userTask"; "" for one of another namespace."""
    name = etree.QName(node)
    return name.localname if name.namespace == BPMN else ""


def id_of(node: etree._Element) -> str:
    return str(node.get("id") or "")


def called(node: etree._Element) -> str:
    """Return how a message names an element: "task 'Chair the meeting'"."""
    kind = kind_of(node)
    word = _WORDS.get(kind)
    if word is None:
        ends = ("Task", "Gateway")
        word = next((end.lower() for end in ends if kind.endswith(end)), "task")
    name = " ".join((node.get("name") or "").split())
    return f"{word} '{shortened(name or id_of(node) or 'without id')}'"


def shortened(text: str, length: int = 80) -> str:
    """Return a text cut for a message."""
    return text if len(text) <= length else text[: length - 1] + "…"


def suggestion(name: str, known: Mapping[str, object] | set[str] | frozenset[str]) -> str:
    """Return " Did you mean 'x'?" when something known is spelt much like `name`, else ""."""
    close = get_close_matches(name[:100], sorted(known), n=1, cutoff=0.75)
    return f" Did you mean '{close[0]}'?" if close else ""


def listed(names: Mapping[str, object] | set[str] | frozenset[str]) -> str:
    """Return names for a message, a dozen at most."""
    ordered = sorted(names)
    return ", ".join(ordered[:12]) + (", …" if len(ordered) > 12 else "")
