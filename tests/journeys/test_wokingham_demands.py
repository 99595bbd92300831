"""docs/wokingham.md: a line for each rule, carried by the pack and shown by journeys there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys.carriers import carriers
from workflows.permanence.rules import rule_catalogue

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/wokingham.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip(): cells
    for line in PAGE.splitlines()
    if line.startswith("| W-") and (cells := line.strip("|").split("|"))
}
RULES = {rule for rule in rule_catalogue() if rule.startswith("W-")}
WHOLE_POLICY = {"W-30"}
"""Said by the policy's own entry in pack.toml, which carries no rule."""


def journeys() -> set[str]:
    """Return the names of the classes and tests of Wokingham's journeys."""
    files = ("test_wokingham.py", "test_wokingham_rules.py")
    trees = [ast.parse((Path(__file__).parent / each).read_text()) for each in files]
    return {each.name for tree in trees for each in tree.body if hasattr(each, "name")}


def test_every_rule_has_its_line():
    assert set(ROWS) == RULES


def test_every_rule_is_carried_by_the_pack():
    carried = set(carriers(Definition(pack_files("wokingham"))))

    assert RULES - carried - WHOLE_POLICY == set()
    assert {each for each in carried if not each.startswith("W-")} == set()


def test_every_rule_names_journeys_there_are():
    named = {rule: set(re.findall(r"`(\w+)`", cells[-1])) for rule, cells in ROWS.items()}

    assert {rule for rule, shown in named.items() if not shown} == WHOLE_POLICY
    assert {each for shown in named.values() for each in shown} <= journeys()
