"""Which answers of a form matter, and what is wrong with them, before anybody submits it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.domain import JsonValue
from engine.packs.forms import Evaluate, Field, Form, is_asked, without_blanks
from engine.rules.expressions import compile_expression
from engine.step.scope import with_answers


def that_matter(
    form: Form, answers: Mapping[str, JsonValue], reads: Surroundings
) -> dict[str, JsonValue]:
    """Return `answers` without blanks, and without those whose question is not asked now.

    A question with `x-show-when` is not asked while that does not hold; what was typed into it
    before stays in the draft, and is not submitted.
    """
    evaluate = _evaluator(reads)
    kept = without_blanks(answers)
    for field in form.fields:
        value = kept.get(field.name)
        if not is_asked(field, form.named_values(kept), evaluate):
            kept.pop(field.name, None)
        elif isinstance(value, list) and any(column.show_when for column in field.columns):
            kept[field.name] = [
                _row_that_matters(form, field, row, kept, evaluate) for row in value
            ]
    return kept


def not_asked_of_the_case(form: Form, reads: Surroundings) -> set[str]:
    """Return the questions that facts alone say are not asked: no answer of the form changes it."""
    evaluate = _evaluator(reads)
    answers = form.named_values({}).keys()
    return {
        field.name
        for field in form.fields
        if field.show_when
        and compile_expression(field.show_when).names.isdisjoint({*answers, "answers"})
        and not is_asked(field, {}, evaluate)
    }


def problems_now(
    form: Form, answers: Mapping[str, JsonValue], reads: Surroundings
) -> dict[str, str]:
    """Return field -> message as submitting these answers would, but for people that are named."""
    return form.problems(that_matter(form, answers, reads), _evaluator(reads))


def _evaluator(reads: Surroundings) -> Evaluate:
    def evaluate(text: str, values: Mapping[str, object]) -> object:
        return runtime.evaluate(text, values, with_answers(reads, values))  # type: ignore[arg-type]

    return evaluate


def _row_that_matters(
    form: Form, field: Field, row: Any, answers: Mapping[str, JsonValue], evaluate: Evaluate
) -> JsonValue:
    if not isinstance(row, Mapping):
        return row  # type: ignore[no-any-return]
    cells = {column.name: row.get(column.name) for column in field.columns}
    values = {**form.named_values(answers), **cells}
    asked = {each.name for each in field.columns if is_asked(each, values, evaluate)}
    return {name: value for name, value in row.items() if name in asked}
