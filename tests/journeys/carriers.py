"""What in a pack carries a rule's id: elements, rows of tables, sections, questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.packs.version import Definition

Place = tuple[str, str]
"""A file of the pack, and the name in it: an element's, a row's or a question's."""

_RULE = re.compile(r"\b[A-Z]-\d\d\b")


def carriers(definition: Definition) -> dict[str, set[Place]]:
    """Return rule id -> the places that name it."""
    found: dict[str, set[Place]] = defaultdict(set)
    for rule, place in _named(definition):
        found[rule].add(place)
    return dict(found)


def cells(definition: Definition, table: str, row: str) -> Mapping[str, str]:
    """Return output column -> its text without quotes, of one row of a decision table.

    Raises LookupError if there is no such row.
    """
    root = etree.fromstring(definition.files[table])
    outputs = root.xpath(f"//*[local-name()='rule'][@id='{row}']/*[local-name()='outputEntry']")
    if not outputs:
        raise LookupError(f"No row {row} in {table}")
    return {
        each.get("id").removeprefix(f"{row}_out_"): (each[0].text or "").strip('"')
        for each in outputs
    }


def _named(definition: Definition) -> Iterator[tuple[str, Place]]:
    for element in definition.elements.values():
        for rule in element.rule_ids:
            yield rule, (definition.processes[element.process].file, element.id)
    for path, data in definition.files.items():
        if path.endswith(".dmn"):
            for row in re.findall(r'<rule id="([^"]+)">(.*?)</rule>', data.decode(), re.DOTALL):
                for rule in _RULE.findall(row[1]):
                    yield rule, (path, row[0])
    yield from _in_pack_toml(definition.files["pack.toml"].decode())
    for form in definition.forms.values():
        for rule in _RULE.findall(str(form.schema.get("x-source", ""))):
            yield rule, (f"forms/{form.id}.json", "the form")
        for rule in _RULE.findall(str(form.schema.get("x-links", ""))):
            yield rule, ("every form", "x-links")
        for name, question in form.schema.get("properties", {}).items():
            for rule in _RULE.findall(str(question.get("x-source", ""))):
                yield rule, (f"forms/{form.id}.json", name)


def _in_pack_toml(text: str) -> Iterator[tuple[str, Place]]:
    """Yield what pack.toml names in a section, or in the comment above it."""
    section, above = "", list[str]()
    for line in text.splitlines():
        if line.startswith("["):
            section = line.split("]")[0] + "]"
            yield from ((rule, ("pack.toml", section)) for rule in above)
            above = []
        elif line.startswith("#"):
            above += _RULE.findall(line)
        else:
            yield from ((rule, ("pack.toml", section)) for rule in _RULE.findall(line))
