"""The script of a task's page asks the questions that the server asks.

Both sides read one table, tests/js/task/conditions.json; the script's is in conditions.test.js
beside it.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from engine.bpmn.scripting import Surroundings
from engine.domain import DaysOff
from engine.open_work import answer_preview
from engine.packs import conditions
from engine.packs.forms import Form
from engine.step.scope import Decisions
from web.forms import typed_answers
from workflows.permanence.domain import DOMAIN

TABLE = json.loads((Path(__file__).parents[2] / "js/task/conditions.json").read_text("utf-8"))
LINES = pytest.mark.parametrize("line", TABLE["conditions"], ids=lambda line: line["says"])

NAMES = DOMAIN.functions(today=date(2026, 3, 9), days_off=DaysOff(), born=None)
READS = Surroundings(
    datetime(2026, 3, 9, 12, tzinfo=UTC),
    {},
    {**NAMES, "decision": Decisions({}, {}, NAMES)},
    DOMAIN.start_of,
    DOMAIN.later,
)


def form_with(says: str) -> Form:
    """Return the table's form with one question more, asked when the condition holds."""
    more = {"type": "string", "title": "More", "x-show-when": says}
    return Form("test", {"type": "object", "properties": {**TABLE["questions"], "more": more}})


def is_asked(form: Form, typed: dict[str, list[str]]) -> bool:
    posted = MultiDict([(name, text) for name, texts in typed.items() for text in texts])
    answers = typed_answers.read_posted(form, posted).answers
    return "more" in answer_preview.that_matter(form, {**answers, "more": "typed"}, READS)


@LINES
def test_a_condition_has_the_shape_that_the_script_reads(line: dict[str, Any]) -> None:
    questions = {each.name: each for each in form_with("").fields}

    assert json.loads(conditions.for_script(line["says"], questions)) == line["shape"]


@LINES
def test_a_condition_holds_for_the_answers_of_the_table(line: dict[str, Any]) -> None:
    form = form_with(line["says"])

    asked = {called for called, typed in TABLE["answers"].items() if is_asked(form, typed)}

    expected = set(line.get("asked", TABLE["answers"])) - set(line.get("unasked", ()))
    assert asked == expected
