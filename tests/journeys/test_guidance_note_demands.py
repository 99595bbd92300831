"""What demands_of_note.toml says of every demand is true of the pack; its page says the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys import rule_page
from tests.journeys.demands import OF_NOTE, demands

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/rules-of-the-note.md"
PACK = Definition(pack_files("guidance_note"))
EVERY = demands(OF_NOTE)
ADDED = {"explanation"}
"""Timescales that the note does not ask for: the Team Manager says why a date was missed."""


def rows(table: str) -> set[str]:
    return set(re.findall(r'<rule id="([^"]+)">', PACK.files[table].decode()))


def journeys_in(file: str) -> set[str]:
    classes = (
        each
        for each in ast.parse((HERE / file).read_text("utf-8")).body
        if isinstance(each, ast.ClassDef)
    )
    return {
        f"{file}::{each.name}::{test.name}"
        for each in classes
        for test in each.body
        if isinstance(test, ast.FunctionDef)
    }


class TestEachDemand:
    def test_has_an_effect_that_a_journey_shows_or_is_a_record(self):
        assert [each.words for each in EVERY if bool(each.effect) == bool(each.record)] == []
        assert [each.words for each in EVERY if each.effect and not each.journeys] == []

    def test_says_what_follows_when_it_is_not_done_or_answered_no(self):
        unsaid = [each for each in EVERY if each.effect and not (each.undone or each.no)]

        assert [each.rule for each in unsaid] == ["G-17"]

    def test_names_journeys_that_there_are(self):
        known = journeys_in("test_guidance_note.py") | journeys_in("test_guidance_note_rules.py")

        assert {journey for each in EVERY for journey in each.journeys} - known == set()

    def test_between_them_tell_every_amount_and_everybody_told_of_a_missed_date(self):
        amounts = {row for each in EVERY for row in each.timescales}
        missed = {row for each in EVERY for row in each.missed}

        assert rows("timescales.dmn") ^ amounts == ADDED
        assert rows("missed_dates.dmn") ^ missed == {"missed_explanation"}

    def test_between_them_tell_every_rule_once(self):
        told = [each.rule for each in EVERY if each.rule]

        assert sorted(told) == [f"G-{number:02}" for number in range(1, 33)]


class TestThePage:
    def test_is_what_the_demands_and_the_pack_give(self):
        assert PAGE.read_text(encoding="utf-8") == rule_page.page("note")
