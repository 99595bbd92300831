"""No name that a shipped pack gives to a thing of its council stands in the product's Python.

What a pack calls its roles, facts, messages, deadlines, kinds, codes, forms, questions, tasks and
processes is its own to change, so whatever reads such a name elsewhere would break for another.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "bpmn_diagrams"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NAMED = ("process", "userTask", "manualTask", "businessRuleTask", "callActivity")
SECTIONS = ("roles", "facts", "messages", "deadlines", "kinds", "kpis", "values", "policies")
MIGRATIONS = ROOT / "engine/storage/migrations"
QUOTED = re.compile(r"""['"](\w+)['"]""")
OURS = {
    "called_off": "an entry of an appointment in pack.toml",
    "done_with_note": "the form that a task has if nothing says another",
    "from_case": "what every message from another case carries",
}
"""Names of the contract of packs, which a pack that keeps to it has to use."""
FORMER = {
    "engine/packs/kinds.py": {"child_name", "child_ref", "preferred_name"},
}
"""Names of one pack where packs are read that were written before there were kinds."""


def names_of(pack: Path) -> Iterator[str]:
    """Yield what a pack calls its own things: names of several words, and its roles."""
    raw = tomllib.loads((pack / "pack.toml").read_text())
    yield from raw["roles"]
    for section in SECTIONS:
        yield from raw.get(section, {})
    for codes in raw.get("values", {}).values():
        yield from codes
    for path in (pack / "forms").glob("*.json"):
        yield path.stem
        yield from json.loads(path.read_text()).get("properties", {})
    for path in pack.glob("*.bpmn"):
        tree = etree.parse(path)
        for kind in NAMED:
            yield from (each.get("id") for each in tree.iter(f"{BPMN}{kind}"))


def all_names() -> set[str]:
    """Return the names of all packs shipped that are no plain English word by themselves."""
    packs = [path.parent for path in PACKS.glob("*/pack.toml")]
    names = {name for pack in packs for name in names_of(pack)} | {each.name for each in packs}
    roles = {
        name for pack in packs for name in tomllib.loads((pack / "pack.toml").read_text())["roles"]
    }
    return {name for name in names if "_" in name or name in roles} - set(OURS)


def texts_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sources() -> Iterator[Path]:
    for folder in ("engine", "web", "workflows", "training"):
        for path in (ROOT / folder).rglob("*.py"):
            if MIGRATIONS not in path.parents and "node_modules" not in path.parts:
                yield path


def test_python_knows_no_name_of_a_pack():
    names = all_names()
    assert "chair_ppm" in names, "the packs were read"
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        for name in names.intersection(texts_in(path))
        - FORMER.get(str(path.relative_to(ROOT)), set())
    }
    assert not found, "\n".join(sorted(found))


def test_templates_know_no_name_of_a_pack():
    names = all_names()
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for path in (ROOT / "web/templates").rglob("*.html")
        for word in names.intersection(QUOTED.findall(path.read_text()))
    }
    assert not found, "\n".join(sorted(found))
