"""What values a fact may have: `bounds` of a fact in pack.toml, read and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.domain import Bound, FactType, JsonValue
from engine.errors import ExpressionError
from engine.packs.forms import Evaluate

VALUE = "value"
"""How a bound reads the value that it is about."""


def read_bounds(entry: Mapping[str, Any], where: str) -> tuple[Bound, ...]:
    """Return the bounds of a fact's entry, in the file's order.

    Raises:
        ValueError: one is no check with either `refuse` or `ask`.
    """
    declared = entry.get("bounds", [])
    if not isinstance(declared, list):
        raise ValueError(f"{where}.bounds must be a list of tables")
    return tuple(_bound(each, where) for each in declared)


def _bound(entry: object, where: str) -> Bound:
    if isinstance(entry, dict) and isinstance(check := entry.get("check"), str):
        says = [name for name in ("refuse", "ask") if isinstance(entry.get(name), str)]
        if len(says) == 1 and set(entry) == {"check", *says}:
            return Bound(check, entry[says[0]], says[0] == "ask")
    raise ValueError(f'{where}.bounds needs of each {{ check = "…", refuse = "…" }}, or ask')


def broken(
    kind: FactType, value: JsonValue, values: Mapping[str, object], evaluate: Evaluate
) -> Iterator[Bound]:
    """Yield the bounds that a value breaks; its message is worded with the value.

    Args:
        values: what else the bounds read by name, such as the other answers of a form.
    """
    spoken = _spoken(kind, value)
    for each in kind.bounds:
        if not _holds(each, {**values, VALUE: spoken}, evaluate):
            yield Bound(each.check, _worded(each.message, spoken), each.asks)


def _holds(bound: Bound, values: Mapping[str, object], evaluate: Evaluate) -> bool:
    """Return whether a bound holds; one that leads beyond the calendar does not."""
    try:
        return evaluate(bound.check, values) is True
    except ExpressionError:
        return False


def _spoken(kind: FactType, value: JsonValue) -> object:
    if kind.type != "date" or not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _worded(message: str, value: object) -> str:
    words = year = str(value)
    if isinstance(value, date):
        words, year = f"{value.day} {value:%B} {value.year}", str(value.year)
    return message.replace("{value}", words).replace("{year}", year)
