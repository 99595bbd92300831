"""Random answers to any form of a pack: any that it takes, on every branch of it.

Each question that is shown is answered by chance, and what the form then refuses is drawn again,
until it is taken. Nothing here is plausible on purpose.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.domain import JsonValue
from engine.packs.form_formats import SAMPLES
from engine.packs.forms import Evaluate, Form
from engine.step.scope import with_answers

Answers = dict[str, JsonValue]

TRIES = 200
"""How often what a form refuses is drawn again before the task is left for another day."""
KEPT = 0.75
"""How often a question keeps what it opens with, and a row of it stays."""
ASKED = 0.5
"""How often a question that may be left empty is answered, and a boolean is true."""
ROWS = 0.2
"""How often rows are added that may be left out: each becomes a piece of work of its own."""
LIKELY = {
    "called_off": 0.3,
    "drift": 0.2,
    "permanence_achieved": 0.25,
    "permanence_confirmed": 0.4,
    "plan_ratified": 0.65,
}
"""How often a question is answered yes, where half of the time would leave little to walk on."""
OUTSIDE = "The school"
ALIKE = 3
"""Different texts for one question: few, so that the same action or view comes again."""


@dataclass(frozen=True)
class Draw:
    """What chance has to choose from: `people` by role, and the `days` that the case knows."""

    rng: random.Random
    today: date
    people: Mapping[str, Sequence[str]]
    days: Sequence[date] = ()
    known: float = 0.15
    """How often a day is one that the case knows."""

    def happens(self, probability: float) -> bool:
        return self.rng.random() < probability

    def day(self) -> date:
        """Return a day near or far, or one that the case knows."""
        rng = self.rng
        near = [
            lambda: self.today,
            lambda: self.today - timedelta(days=rng.randint(1, 14)),
            lambda: self.today - timedelta(days=rng.randint(15, 150)),
            lambda: self.today + timedelta(days=rng.randint(1, 28)),
            lambda: self.today + timedelta(days=rng.randint(29, 200)),
        ]
        if self.days and self.happens(self.known):
            return rng.choice(self.days)
        return rng.choices(near, weights=(30, 20, 8, 30, 12))[0]()


def answers_to(
    form: Form,
    opened: Mapping[str, JsonValue],
    reads: Surroundings,
    draw: Draw,
    *,
    given: Mapping[str, JsonValue] | None = None,
) -> Answers | None:
    """Return answers that the form takes, None where chance found none.

    Args:
        opened: what its questions open with.
        given: answers that stand.
    """
    evaluate = _evaluator(reads)
    answers: Answers = dict(given or {})
    settled = set(answers)
    for _ in range(TRIES):
        answers = _filled_in(form, opened, answers, settled, draw, evaluate)
        refused = {place.partition(".")[0] for place in form.problems(answers, evaluate)}
        if not refused:
            return answers
        draw = replace(draw, known=0.5)
        settled = (settled | {field.name for field in form.fields} | set(given or ())) - refused
        answers = {name: value for name, value in answers.items() if name in settled}
    return None


def _evaluator(reads: Surroundings) -> Evaluate:
    def evaluate(text: str, values: Mapping[str, object]) -> object:
        return runtime.evaluate(text, values, with_answers(reads, values))

    return evaluate


def _filled_in(
    form: Form,
    opened: Mapping[str, JsonValue],
    kept: Mapping[str, JsonValue],
    settled: Collection[str],
    draw: Draw,
    evaluate: Evaluate,
) -> Answers:
    """Return an answer, or none, to each question that the answers before it show.

    Those that are `settled` stay as they are kept, answered or empty.
    """
    answers: Answers = {}
    required = set(form.schema.get("required", ()))
    for field in form.fields:
        name, schema = field.name, form.schema["properties"][field.name]
        if field.show_when and evaluate(field.show_when, form.named_values(answers)) is not True:
            continue
        value = kept.get(name)
        must = name in required or (field.show_when and name not in kept)
        if name not in settled or (value is None and must):
            value = None
            if name in opened and draw.happens(KEPT):
                value = _opened(schema, opened[name], draw)
            elif name in required or draw.happens(ROWS if _has_rows(schema) else ASKED):
                value = one(name, schema, draw)
        if value not in (None, []):
            answers[name] = value
    return answers


def one(name: str, schema: Mapping[str, Any], draw: Draw) -> JsonValue:
    """Return one value that fits a question's schema, None if it has nothing to choose from."""
    rng, kind = draw.rng, schema.get("type")
    if schema.get("x-widget") in ("sitting", "measures"):
        return None
    if kind == "array":
        return _list(schema, draw)
    choices = _choices(schema)
    if choices and not (_takes_words(schema) and draw.happens(0.1)):
        return rng.choice(choices)
    if kind == "object":
        return _row(schema, {}, draw)
    if kind == "boolean":
        return draw.happens(LIKELY.get(name, ASKED))
    if kind in ("integer", "number"):
        return int(schema.get("minimum", 0)) + rng.randrange(3)
    if schema.get("format") == "date":
        return draw.day().isoformat()
    if schema.get("format") in SAMPLES:
        return SAMPLES[schema["format"]]
    if schema.get("x-widget") == "user":
        return _person(schema, draw)
    words = f"{schema.get('title', name)} {rng.randrange(ALIKE)}"
    return words[-int(schema.get("maxLength", 200)) :]


def _person(schema: Mapping[str, Any], draw: Draw) -> JsonValue:
    if schema.get("x-other") and draw.happens(0.3):
        return OUTSIDE
    role = str(schema.get("x-role", ""))
    names = draw.people[role] if role else sorted({n for ns in draw.people.values() for n in ns})
    return draw.rng.choice(list(names))


def _choices(schema: Mapping[str, Any]) -> list[JsonValue]:
    return [
        each["const"]
        for key in ("oneOf", "anyOf")
        for each in schema.get(key, ())
        if "const" in each
    ]


def _takes_words(schema: Mapping[str, Any]) -> bool:
    return any("const" not in each for each in schema.get("anyOf", ()))


def _list(schema: Mapping[str, Any], draw: Draw) -> JsonValue:
    items = schema.get("items", {})
    choices = _choices(items)
    least = int(schema.get("minItems", 0))
    if choices:
        most = len(choices)
        return draw.rng.sample(choices, draw.rng.randint(min(max(1, least), most), most))
    if "properties" not in items and "anyOf" in items:
        return None
    count = max(1, least) + draw.happens(ROWS)
    return [one("", items, draw) for _ in range(count)]


def _has_rows(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" and "properties" in schema.get("items", {})


def _opened(schema: Mapping[str, Any], value: JsonValue, draw: Draw) -> JsonValue:
    """Return what a question opened with; of rows most, with what they still must have."""
    items = schema.get("items", {})
    if not (isinstance(value, list) and "properties" in items):
        return value
    least = 1 if schema.get("minItems") else 0
    stays = [row for row in value if draw.happens(KEPT)] or value[:least]
    if "x-options-from" in items["properties"].get("option", {}):
        stays = value  # Every option that the table offers must be discussed.
    rows = [_row(items, row if isinstance(row, dict) else {}, draw) for row in stays]
    if draw.happens(ROWS) and stays is not value:
        rows.append(_row(items, {}, draw))
    return rows


def _row(schema: Mapping[str, Any], row: Mapping[str, JsonValue], draw: Draw) -> JsonValue:
    """Return a row with what it must have; what it had stays, but a day now and then."""
    columns = schema.get("properties", {})
    required = set(schema.get("required", ()))
    made: dict[str, JsonValue] = {}
    for name, column in columns.items():
        moves = column.get("format") == "date" and draw.happens(0.3)
        if name in row and not moves:
            made[name] = row[name]
        elif name in required or name in row or draw.happens(ASKED):
            value = one(name, column, draw)
            if value is not None:
                made[name] = value
    return made
