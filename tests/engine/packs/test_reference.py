"""The entries of a pack: those that are read are those that the check and the reference know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.packs import own_words
from engine.packs.entries import HOLDS, KIND, SECTIONS, SINGLE, TOP
from engine.packs.kinds import KNOWN_BY
from engine.publishing.check import check_files
from engine.rules.decisions import OPTIONAL_OUTPUTS, TIMESCALE_OUTPUTS
from tests.builders.small_pack import small_pack
from tests.engine.packs.reference import document
from workflows.permanence.domain import DOMAIN

ROOT = Path(__file__).parents[3]
READERS = (
    "manifest", "kinds", "tracker_rules", "appointments", "sittings", "ending_words", "authority",
    "fact_bounds",
)  # fmt: skip
INNER = {"check", "message", "field", "refuse", "ask", "hint", "longest", "lines"}
"""What stands inside lists of tables, and questions of a payload."""
TABLES = {"TOP": TOP, "KIND": KIND, **SECTIONS, **SINGLE}


def read_in(path: Path) -> Iterator[str]:
    """Yield the names by which a module reads entries: entry["x"], entry.get("x")."""
    for node in ast.walk(ast.parse(path.read_text())):
        key = None
        if isinstance(node, ast.Subscript):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            key = node.args[0] if node.func.attr == "get" and node.args else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def test_packs_md_is_what_they_make_now():
    assert (ROOT / "docs" / "packs.md").read_text() == document(), (
        "run: .venv/bin/python -m tests.engine.packs.reference > docs/packs.md"
    )


def test_every_entry_that_is_read_is_known():
    known = {name for table in TABLES.values() for name in table}
    read = {
        name for module in READERS for name in read_in(ROOT / "engine" / "packs" / f"{module}.py")
    }
    assert len(read) > 40, "the modules were read"
    assert read - known - INNER == set()


def test_every_entry_that_is_known_is_read():
    texts = "".join((ROOT / "engine" / "packs" / f"{each}.py").read_text() for each in READERS)
    unread = {name for table in TABLES.values() for name in table if f'"{name}"' not in texts}
    assert unread == set()
    assert set(KNOWN_BY) <= set(KIND)


def test_columns_of_timescales_are_those_that_are_read():
    assert set(own_words.COLUMN) == set(TIMESCALE_OUTPUTS)
    assert set(own_words.FURTHER_COLUMN) == set(OPTIONAL_OUTPUTS)


def test_every_entry_says_what_it_holds():
    assert {each.holds for table in TABLES.values() for each in table.values()} <= set(HOLDS)


WRONG = {
    "a text for true or false": ("latest = true", 'latest = "no"', "latest", "true or false"),
    "a text for a list": ('notify = ["team_manager"]', 'notify = "team_manager"', "notify",
        "a list of texts"),
    "a text for days": ("[deadlines]", '[calendar]\nclosures = "29.12"\n\n[deadlines]', "closures",
        "a list of days"),
    "a number for a day": ("default = true", "default = true\nreview_by = 9", "review_by", "a day"),
    "a list for a table": ("sets = { began_on", "asks = []\nsets = { began_on", "asks", "a table"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_an_entry_of_another_type_is_refused(case: str):
    old, new, element, words = WRONG[case]
    files = small_pack()
    text = files["pack.toml"].decode()
    assert old in text
    files["pack.toml"] = text.replace(old, new, 1).encode()

    found = check_files(files, domain=DOMAIN)

    [said] = [each for each in found if each.rule == "entry-type"]
    assert (said.severity, said.file, said.element) == ("error", "pack.toml", element)
    assert said.message.endswith(f"Write {words}.")
