"""Are the values that people give possible, and are those that are unlikely meant so?

What is possible is the pack's to say (`bounds` of a fact). What is unlikely is asked about once:
whoever sends the same value as confirmed has it taken. Where nobody can be asked, it is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.context import Context
from engine.domain import FactType, JsonValue
from engine.errors import AnswersRefused
from engine.packs.fact_bounds import broken
from engine.packs.forms import Evaluate, Form
from engine.packs.manifest import MessageType, Pack

Given = tuple[str, FactType, JsonValue]
"""The question, the fact that its answer sets, the answer."""


def require_bounds(
    ctx: Context,
    given: Iterable[Given],
    values: Mapping[str, object],
    evaluate: Evaluate,
) -> None:
    """Raise AnswersRefused for values outside the bounds of their facts, and not confirmed.

    Args:
        values: what the bounds read by name beside the facts: the other answers.
    """
    problems: dict[str, str] = {}
    asked: dict[str, JsonValue] = {}
    for name, kind, value in given:
        for bound in broken(kind, value, values, evaluate):
            if not bound.asks:
                problems[name] = bound.message
                asked.pop(name, None)
                break
            if ctx.confirmed is not None and ctx.confirmed.get(name) != value:
                problems.setdefault(name, bound.message)
                asked[name] = value
    if problems:
        raise AnswersRefused(problems, asked=asked)


def of_form(
    pack: Pack, form: Form, answers: Mapping[str, JsonValue], evaluate: Evaluate
) -> Iterable[Given]:
    """Yield what answers of a form set as they are; not what an expression makes of them."""
    values = form.named_values(answers)
    for field in form.fields:
        value = answers.get(field.name)
        for rule in field.facts if value is not None else ():
            kind = pack.facts.get(rule.fact)
            if kind is None or not kind.bounds or rule.value or rule.unset:
                continue
            if not rule.when or evaluate(rule.when, values) is True:
                yield field.name, kind, value


def of_message(pack: Pack, kind: MessageType, payload: Mapping[str, JsonValue]) -> Iterable[Given]:
    """Yield what a message's payload sets as it is."""
    for fact, source in kind.sets.items():
        if source in payload and fact in pack.facts:
            yield source, pack.facts[fact], payload[source]
