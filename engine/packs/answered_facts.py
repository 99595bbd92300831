"""The facts that a form's valid answers set, and those that an empty answer takes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.domain import JsonValue
from engine.packs.fact_rules import FactRule, FactSetting
from engine.packs.forms import Evaluate, Field, Form, is_asked


def facts_set(
    form: Form, answers: Mapping[str, JsonValue], evaluate: Evaluate
) -> Iterator[FactSetting]:
    """Yield what these valid answers do to facts (`x-fact`), in the form's order.

    A question that was asked and left empty says that there is nothing: its fact is taken back,
    unless another answer sets it.
    """
    values = form.named_values(answers)
    set_to: list[FactSetting] = []
    emptied: list[FactSetting] = []
    for field in form.fields:
        answer = answers.get(field.name)
        if answer is None and not is_asked(field, values, evaluate):
            continue
        for rule in field.facts:
            if rule.when and evaluate(rule.when, values) is not True:
                continue
            if answer is None and not (rule.value or rule.unset):
                emptied.append(FactSetting(rule.fact, None, None))
            elif answer is not None:
                set_to += _settings(field, rule, answer, values, evaluate)
    yield from set_to
    known = {each.fact for each in set_to}
    yield from (each for each in emptied if each.fact not in known)


def always_known(form: Form) -> frozenset[str]:
    """Return the facts that the form never goes without: none of them may be taken back."""
    return frozenset(
        rule.fact
        for field in form.fields
        if field.required and not field.show_when
        for rule in field.facts
        if not rule.when and not rule.unset
    )


def _settings(
    field: Field,
    rule: FactRule,
    answer: JsonValue,
    values: Mapping[str, object],
    evaluate: Evaluate,
) -> Iterator[FactSetting]:
    if rule.unset:
        yield FactSetting(rule.fact, None, None)
        return
    dated = values.get(field.effective) if field.effective else None
    worked_out = _as_json(evaluate(rule.value, values)) if rule.value else answer
    if worked_out is not None:
        yield FactSetting(rule.fact, worked_out, dated if isinstance(dated, date) else None)


def _as_json(value: Any) -> JsonValue:
    """Return an expression's result as a fact keeps it: a date as ISO 8601 text."""
    result: JsonValue = value.isoformat() if isinstance(value, date) else value
    return result
