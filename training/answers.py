"""Plausible answers, drawn from a form's JSON Schema; what the schema cannot say is in `known`.

A form that refuses an answer says which question and why; that question is answered again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.domain import JsonValue
from engine.packs.form_formats import SAMPLES

OFTEN = 0.2
"""How often a question that may be left empty is answered."""
Answers = dict[str, JsonValue]


def draw(
    schema: Mapping[str, Any],
    opened: Mapping[str, JsonValue],
    known: Mapping[str, JsonValue],
    *,
    rng: random.Random,
    today: date,
    often: float = OFTEN,
) -> Answers:
    """Return answers: what is known, what the form opens with, and the rest by chance.

    A known None leaves the question empty; `often` is how likely another one is answered that may
    be left empty.
    """
    required = set(schema.get("required", ()))
    answers: Answers = {}
    for name, field in schema.get("properties", {}).items():
        chosen = rng.random() < often and "x-show-when" not in field
        if name in known:
            value = known[name]
        elif name in opened:
            value = _completed(field, opened[name], rng, today)
        elif name in required or (chosen and field.get("type") != "array"):
            value = one(field, rng, today)
        else:
            continue
        if value is not None:
            answers[name] = value
    return answers


def again(
    schema: Mapping[str, Any],
    answers: Mapping[str, JsonValue],
    refused: Mapping[str, str],
    *,
    rng: random.Random,
    today: date,
) -> Answers:
    """Return the answers with those that were refused given anew, given at all, or left out."""
    answered = dict(answers)
    required = set(schema.get("required", ()))
    for place in refused:
        name = place.partition(".")[0]
        field = schema.get("properties", {}).get(name)
        if field is None or (name in answered and name not in required and rng.random() < 0.5):
            answered.pop(name, None)
        elif field.get("type") == "array" and answered.get(name):
            answered[name] = _completed(field, answered[name], rng, today)
        else:
            answered[name] = one(field, rng, _nearby(rng, today))
    return answered


def _nearby(rng: random.Random, today: date) -> date:
    return today + timedelta(days=rng.choice((0, 0, 1, 7, 14, 30, 60, -1, -3)))


def one(field: Mapping[str, Any], rng: random.Random, today: date) -> JsonValue:
    """Return one value that fits a question's schema."""
    kind = field.get("type")
    choices = choices_of(field)
    if choices:
        return rng.choice(choices)
    if kind == "array":
        return _list(field, rng, today)
    if kind == "object":
        return _row(field, {}, rng, today)
    if kind == "boolean":
        return rng.random() < 0.7
    if kind in ("integer", "number"):
        least: int = field.get("minimum", 0)
        return least + rng.randrange(3)
    if field.get("format") == "date":
        return today.isoformat()
    if field.get("format") in SAMPLES:
        return SAMPLES[field["format"]]
    return str(field.get("title", "Said"))[: int(field.get("maxLength", 200))]


def choices_of(field: Mapping[str, Any]) -> list[JsonValue]:
    """Return the answers that a closed or half closed question offers, in its order."""
    offered = [
        each["const"]
        for key in ("oneOf", "anyOf")
        for each in field.get(key, ())
        if "const" in each
    ]
    return [*offered, *field.get("enum", ())]


def _list(field: Mapping[str, Any], rng: random.Random, today: date) -> JsonValue:
    items = field.get("items", {})
    choices = choices_of(items)
    if choices:
        least = max(1, int(field.get("minItems", 1)))
        return rng.sample(choices, rng.randint(min(least, len(choices)), len(choices)))
    return [one(items, rng, today)]


def _completed(
    field: Mapping[str, Any], value: JsonValue, rng: random.Random, today: date
) -> JsonValue:
    """Return what a question opened with, rows with what they still must have."""
    items = field.get("items", {})
    if isinstance(value, list) and "properties" in items:
        return [_row(items, row if isinstance(row, dict) else {}, rng, today) for row in value]
    return value


def _row(
    schema: Mapping[str, Any], row: Mapping[str, JsonValue], rng: random.Random, today: date
) -> JsonValue:
    known = {name: value for name, value in row.items() if name in schema.get("properties", {})}
    missing = {
        name: one(schema["properties"][name], rng, today)
        for name in schema.get("required", ())
        if name not in known
    }
    return {**known, **missing}
