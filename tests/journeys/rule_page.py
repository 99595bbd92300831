"""docs/rules.md: each of Dudley's rules, its sentence, what carries it, the journey that shows it.

python -m tests.journeys.rule_page > docs/rules.md
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator

from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys.rule_proofs import PROOFS
from workflows.permanence.rules import rule_catalogue

_RULE = re.compile(r"\bD-\d\d\b")
_HEAD = """# Rules

Made from the pack and its tests (`python -m tests.journeys.rule_page`); do not edit by hand.
Every rule found in Dudley's documents, the sentence it comes from, what in the pack carries it,
and the journey that fails when that is changed (`tests/journeys/test_rules.py`).
"""


def page() -> str:
    """Return the whole page."""
    carried = carriers(Definition(pack_files()))
    shown = journeys()
    lines = [_HEAD, "| rule | sentence | carried by | shown by |", "|---|---|---|---|"]
    for rule in rule_catalogue().values():
        if not rule.id.startswith("D-"):
            continue
        cells = (
            rule.id,
            f"“{rule.phrase}”",
            "<br>".join(carried.get(rule.id, ())) or "-",
            "<br>".join(shown.get(rule.id, ())) or "-",
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def carriers(definition: Definition) -> dict[str, list[str]]:
    """Return rule id -> the elements, table rows and questions that name it."""
    found: dict[str, list[str]] = defaultdict(list)
    for rule, carrier in _named(definition):
        if carrier not in found[rule]:
            found[rule].append(carrier)
    return dict(found)


def _named(definition: Definition) -> Iterator[tuple[str, str]]:
    for element in definition.elements.values():
        for rule in element.properties.get("rule_ids", "").split():
            yield rule, f"`{element.id}` in {definition.processes[element.process].file}"
    for path, data in definition.files.items():
        if path.endswith(".dmn"):
            for row in re.findall(r'<rule id="([^"]+)">(.*?)</rule>', data.decode(), re.DOTALL):
                for rule in _RULE.findall(row[1]):
                    yield rule, f"row `{row[0]}` in {path}"
    yield from _in_pack_toml(definition.files["pack.toml"].decode())
    for form in definition.forms.values():
        for name, question in form.schema.get("properties", {}).items():
            for rule in _RULE.findall(str(question.get("x-source", ""))):
                yield rule, f"question `{name}` in forms/{form.id}.json"


def _in_pack_toml(text: str) -> Iterator[tuple[str, str]]:
    """Yield what pack.toml names in a section, or in the comment above it."""
    section, above = "", list[str]()
    for line in text.splitlines():
        if line.startswith("["):
            section = line.split("]")[0] + "]"
            yield from ((rule, f"`{section}` in pack.toml") for rule in above)
            above = []
        elif line.startswith("#"):
            above += _RULE.findall(line)
        else:
            yield from ((rule, f"`{section}` in pack.toml") for rule in _RULE.findall(line))


def journeys() -> dict[str, list[str]]:
    """Return rule id -> the names of the journeys that show it."""
    found: dict[str, list[str]] = defaultdict(list)
    for proof in PROOFS:
        name = getattr(proof.journey, "__name__", "").removeprefix("test_").replace("_", " ")
        if name not in found[proof.rule]:
            found[proof.rule].append(name)
    return dict(found)


if __name__ == "__main__":
    sys.stdout.write(page())
