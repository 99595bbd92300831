"""Dates that a pack works out from other facts: `worked_out` of a fact in pack.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import date
from functools import lru_cache

from engine.domain import FactType
from engine.errors import ExpressionError
from engine.rules.expressions import Expression, compile_expression, evaluate

FUNCTIONS = frozenset(
    {
        "add_days",
        "add_months",
        "age_on",
        "days_between",
        "earlier",
        "is_set",
        "working_days_after",
        "working_days_before",
    }
)
"""What may be called: it gives the same while the facts stay the same, whatever the day is."""


@lru_cache(maxsize=1024)
def compiled(text: str) -> Expression:
    """Return the expression of a worked-out fact. Raises ExpressionError."""
    return compile_expression(text)


def bases_of(text: str, known: Mapping[str, FactType]) -> tuple[str, ...]:
    """Return the recorded facts that an expression comes to; `known` are those declared before.

    What cannot be read has none; the check of packs says what is wrong.
    """
    try:
        names = sorted(compiled(text).names)
    except ExpressionError:
        return ()
    found: list[str] = []
    for name in names:
        kind = known.get(name)
        found += (kind.bases if kind is not None and kind.derived else ()) or (name,)
    return tuple(dict.fromkeys(found))


def work_out(
    kinds: Iterable[FactType],
    values: MutableMapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> None:
    """Set what is worked out among `values`, each after those that stand before it in pack.toml.

    Raises:
        ExpressionError: one cannot be worked out.
    """
    for kind in kinds:
        if kind.worked_out:
            values[kind.name] = evaluated(kind, values, functions)


def evaluated(
    kind: FactType,
    values: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> object:
    """Return the day of one worked-out fact. Raises ExpressionError, so where it is none."""
    allowed = {name: each for name, each in functions.items() if name in FUNCTIONS}
    day = evaluate(compiled(kind.worked_out), values, {**allowed, "earlier": earlier})
    if day is not None and not isinstance(day, date):
        raise ExpressionError(kind.worked_out, f"gives {day!r} for “{kind.label}”, which is no day")
    return day


def earlier(first: object, second: object) -> date | None:
    """Return the earlier of two days; what is not known does not count."""
    days = [day for day in (first, second) if day is not None]
    if not all(isinstance(day, date) for day in days):
        raise ValueError("earlier needs two days")
    return min((day for day in days if isinstance(day, date)), default=None)
