"""What of a form's answers becomes facts, as its questions' `x-fact` says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.domain import JsonValue


@dataclass(frozen=True)
class FactRule:
    """A fact that an answer sets (`x-fact`): if `when` holds, to `value`, else to the answer.

    Both are expressions, "" when not given. `unset` takes the fact back.
    """

    fact: str
    when: str = ""
    value: str = ""
    unset: bool = False


@dataclass(frozen=True)
class FactSetting:
    """A fact that an answer sets; value None takes it back. `effective_on` None: recorded today."""

    fact: str
    value: JsonValue
    effective_on: date | None


def rules_of(declared: object) -> Iterator[FactRule]:
    """Yield what a question's `x-fact` says: a fact's name, or a list of names and rules."""
    if isinstance(declared, str):
        yield FactRule(declared)
    elif isinstance(declared, list):
        for each in declared:
            if isinstance(each, str):
                yield FactRule(each)
            else:
                when, value = str(each.get("when", "")), str(each.get("value", ""))
                yield FactRule(str(each["fact"]), when, value, each.get("unset") is True)
