"""What was typed becomes answers, and answers what stands in the inputs."""

from __future__ import annotations

import json
from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from engine.packs import conditions
from engine.packs.forms import Form
from tests.builders.meeting import MEETING, chair_form
from web.forms import layout, typed_answers

FORM = Form(
    "test",
    {
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date", "title": "Day"},
            "count": {"type": "integer", "title": "Count"},
            "sure": {"type": "boolean", "title": "Sure"},
            "tags": {
                "type": "array",
                "title": "Tags",
                "items": {"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]},
            },
            "rows": {
                "type": "array",
                "title": "Rows",
                "items": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string", "title": "Text"},
                        "due": {"type": "string", "format": "date", "title": "Due"},
                    },
                },
            },
        },
    },
)


def read(**posted: object) -> typed_answers.Typed:
    return typed_answers.read_posted(FORM, MultiDict(posted))


def day(number: str, month: str, year: str) -> typed_answers.Typed:
    return read(**{"day-day": number, "day-month": month, "day-year": year})


class TestReadPosted:
    def test_brings_back_every_answer_of_a_whole_meeting(self):
        form = chair_form()
        raw = typed_answers.raw_values(form, MEETING)

        typed = typed_answers.read_posted(form, MultiDict(list(_pairs(raw))))

        assert typed.problems == {}
        assert typed.answers == MEETING

    def test_reads_a_date_from_three_boxes(self):
        assert day("9", "3", "2026").answers == {"day": "2026-03-09"}
        assert day("09", "March", "2026").answers == {"day": "2026-03-09"}

    @pytest.mark.parametrize(
        ("boxes", "message"),
        [
            (("31", "2", "2026"), "Day must be a real date, such as 27 3 2026"),
            (("9", "3", "26"), "Day: the year must have 4 numbers, such as 2026"),
            (("9", "", "2026"), "Day must include a month"),
            (("", "", "2026"), "Day must include a day and a month"),
            (("x", "3", "2026"), "Day must be a real date, such as 27 3 2026"),
            (("99999999999999999999", "3", "2026"), "Day must be a real date, such as 27 3 2026"),
        ],
    )
    def test_names_what_is_wrong_with_a_date_and_keeps_it(self, boxes, message):
        typed = day(*boxes)

        assert typed.problems == {"day": message}
        assert typed.raw["day-day"] == [boxes[0]]

    def test_leaves_out_what_was_not_answered(self):
        assert read(**{"day-day": "", "day-month": " ", "day-year": "", "count": ""}).answers == {}

    def test_reads_numbers_choices_and_lists(self):
        typed = typed_answers.read_posted(
            FORM, MultiDict([("count", "3"), ("sure", "false"), ("tags", "a"), ("tags", "b")])
        )

        assert typed.answers == {"count": 3, "sure": False, "tags": ["a", "b"]}
        assert read(count="three").problems == {"count": "Count must be a number, such as 3"}

    def test_drops_blank_and_removed_rows_and_numbers_the_rest_anew(self):
        typed = read(
            **{
                "rows-0-text": "",
                "rows-1-text": "gone",
                "remove_row": "rows-1",
                "rows-4-text": "kept",
                "rows-4-due-day": "31",
                "rows-4-due-month": "2",
                "rows-4-due-year": "2026",
            }
        )

        assert typed.answers == {"rows": [{"text": "kept", "due": "31/2/2026"}]}
        assert list(typed.problems) == ["rows.0.due"]
        assert typed.raw["rows-0-text"] == ["kept"]


class TestLayOut:
    def test_leads_the_summary_to_the_inputs_in_their_order(self):
        raw = {"rows-0-text": ["kept"]}
        problems = {"rows.0.due": "Due is wrong", "day": "Day is wrong", "other": "Odd"}

        page = layout.lay_out(FORM, raw=raw, problems=problems)

        assert page.problems == (
            ("day-day", "Day is wrong"),
            ("rows-0-due-day", "Due is wrong (kept)"),
            ("day-day", "Odd"),
        )

    def test_shows_a_blank_row_when_somebody_asks_for_one(self):
        raw = {"rows-0-text": ["kept"]}

        def blanks(**how):
            page = layout.lay_out(FORM, raw=raw, **how)
            [rows] = [each for each in page.sections[0].inputs if each.name == "rows"]
            return [row.blank for row in rows.rows]

        assert blanks() == [False]
        assert blanks(wanted_row="rows") == [False, True]

    def test_marks_what_changed_since_last_time(self):
        before = {"count": 3, "rows": [{"text": "stays"}, {"text": "goes"}]}
        raw = {"count": ["4"], "rows-0-text": ["stays"], "rows-1-text": ["comes"]}
        carried = dict.fromkeys(before, date(2026, 3, 3))

        page = layout.lay_out(FORM, raw=raw, carried=carried, before=before)

        inputs = {each.name: each for each in page.sections[0].inputs}
        assert inputs["count"].was == "3"
        assert inputs["sure"].was == ""
        assert [row.is_new for row in inputs["rows"].rows] == [False, True]
        assert inputs["rows"].dropped == ("goes",)


class TestConditions:
    QUESTIONS = {each.name: each for each in FORM.fields}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("text", "shape"),
        [
            ("sure", {"is": "sure"}),
            ("not sure", {"not": {"is": "sure"}}),
            ("sure == false", {"==": ["sure", False]}),
            ("count != 3 and is_set(day)", {"and": [{"!=": ["count", 3]}, {"is_set": "day"}]}),
            ("count in [1, 2] or sure", {"or": [{"in": ["count", [1, 2]]}, {"is": "sure"}]}),
            ("'a' in tags", {"has": ["tags", "a"]}),
            ("'a' not in tags", {"not": {"has": ["tags", "a"]}}),
        ],
    )
    def test_become_json_for_the_script(self, text, shape):
        assert json.loads(conditions.for_script(text, self.QUESTIONS)) == shape

    @pytest.mark.parametrize("text", ["day < today()", "known_fact", "count == count", "((", ""])
    def test_that_say_more_are_left_to_the_hint(self, text):
        assert conditions.for_script(text, self.QUESTIONS) == ""

    def test_are_told_in_words(self):
        words = [conditions.in_words(each, self.QUESTIONS) for each in ("sure", "sure == false")]

        assert words == ["Only if “Sure” is yes.", "Only if “Sure” is no."]
        assert conditions.in_words("count != 3", self.QUESTIONS) == ""


def _pairs(raw: dict[str, list[str]]):
    for name, texts in raw.items():
        for text in texts:
            yield name, text
