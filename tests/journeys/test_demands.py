"""demands.toml says of every demand what is true of the pack, and docs/rules.md says the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys import rule_page
from tests.journeys.carriers import Place, carriers, cells
from tests.journeys.demands import demands
from workflows.permanence.rules import rule_catalogue

ROOT = Path(__file__).parents[2]
PACK = Definition(pack_files())
EVERY = demands()
LONGEST_CELL = 700
"""Characters of a cell of the page, links' addresses left out: about ten lines."""

ADDED = {"explanation"}
"""Timescales that no document asks for: the Team Manager says why a date was missed."""


def rules() -> set[str]:
    return {rule for rule in rule_catalogue() if rule.startswith("D-")}


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The ids of this folder's tests, those of their parameters left out."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:xdist"]
    run = subprocess.run(
        [*command, "tests/journeys"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = (line.partition("[")[0] for line in run.stdout.splitlines() if "::" in line)
    return {each.removeprefix("tests/journeys/") for each in found}


class TestEachDemand:
    def test_has_an_effect_or_says_that_it_has_none(self):
        silent = [each.words for each in EVERY if not (each.effect or each.record or each.lacking)]
        both = [each.words for each in EVERY if each.record and (each.effect or each.undone)]

        assert (silent, both) == ([], [])

    def test_with_an_effect_is_shown_by_a_journey(self):
        assert [each.words for each in EVERY if each.effect and not each.journeys] == []

    def test_says_what_follows_when_it_is_not_done(self):
        """If nothing can be left undone, the answer no or the record says so."""
        assert [each.words for each in EVERY if each.missed and not each.undone] == []

    def test_names_journeys_that_run(self, collected):
        named = {journey for each in EVERY for journey in each.journeys}

        assert named - collected == set()

    def test_between_them_tell_every_amount_and_everybody_told_of_a_missed_date(self):
        amounts = {row for each in EVERY for row in each.timescales}
        missed = {row for each in EVERY for row in each.missed}

        assert _rows("timescales.dmn") - amounts == ADDED
        assert _rows("missed_dates.dmn") - missed == {f"missed_dates_{each}" for each in ADDED}

    def test_names_rows_and_messages_of_the_pack(self):
        for each in EVERY:
            for row in each.timescales:
                assert cells(PACK, "timescales.dmn", row)
            for row in each.missed:
                assert cells(PACK, "missed_dates.dmn", row)
            assert set(each.messages) <= set(PACK.pack.messages), each.words


def _rows(table: str) -> set[str]:
    return set(re.findall(r'<rule id="([^"]+)">', PACK.files[table].decode()))


class TestEachRule:
    def test_has_its_demands(self):
        assert {each.rule for each in EVERY} - {""} == rules()

    def test_stands_where_its_demands_say_and_nowhere_else(self):
        said: dict[str, set[Place]] = defaultdict(set)
        for each in EVERY:
            said[each.rule] |= each.carriers
        stands = carriers(PACK)

        assert {rule: places - said[rule] for rule, places in stands.items()} == _none(stands)
        assert {rule: said[rule] - stands.get(rule, set()) for rule in said} == _none(said)


def _none(rules: Mapping[str, object]) -> dict[str, set[Place]]:
    return {rule: set() for rule in rules}


class TestEachId:
    def test_stands_on_nothing_that_does_nothing(self):
        """No id on an end that tells nobody, a join of flows, or a box that is nobody's work."""
        assert {each for each in _idle() if PACK.elements[each].rule_ids} == set()


def _idle() -> list[str]:
    called = {each.called for each in PACK.elements.values()}
    idle = []
    for path, data in PACK.files.items():
        for node in etree.fromstring(data).iter() if path.endswith(".bpmn") else ():
            element = PACK.elements.get(str(node.get("id")))
            if element is None or node.get("id") != element.id:
                continue
            defined = [each for each in node if str(each.tag).endswith("EventDefinition")]
            begins_case = element.kind == "startEvent" and element.process not in called
            eventless = element.kind in ("startEvent", "endEvent") and not defined
            joins = element.kind == "exclusiveGateway" and len(element.outgoing) < 2
            if (eventless and not begins_case) or joins or element.kind == "task":
                idle.append(element.id)
    return idle


class TestThePage:
    def test_is_what_the_demands_and_the_pack_give(self):
        written = (ROOT / "docs/rules.md").read_text(encoding="utf-8")

        assert written == rule_page.page()

    def test_has_cells_that_can_be_read(self):
        rows = [line for line in rule_page.page().splitlines() if line.startswith("|")]
        shown = [re.sub(r"\]\([^)]*\)", "]", cell) for row in rows for cell in row.split(" | ")]

        assert [cell for cell in shown if len(cell) > LONGEST_CELL] == []
