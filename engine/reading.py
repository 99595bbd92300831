"""What the expressions of a case read: facts as values, deadlines as instants, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from engine.definition import Definition
from engine.pack import Pack
from engine.process import DerivedDeadline, Domain, FactType, FactValue, JsonValue
from engine.scripting import Surroundings
from engine.timers import ALWAYS


def fact_values(pack: Pack, facts: Mapping[str, JsonValue]) -> dict[str, FactValue]:
    """Return every declared fact as expressions read it; unset ones are None.

    Date facts become dates, `earliest_of` facts the earliest of theirs that is set.
    """
    values = {name: fact_value(kind, facts.get(name)) for name, kind in pack.facts.items()}
    for name, kind in pack.facts.items():
        if kind.earliest_of:
            days = [value for each in kind.earliest_of if isinstance(value := values[each], date)]
            values[name] = min(days, default=None)
    return values


def fact_value(kind: FactType, value: JsonValue) -> FactValue:
    """Return one JSON value as a value of the fact's type. Raises ValueError for a bad date."""
    if kind.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, dict):
        raise ValueError(f"{kind.name} cannot hold a group of answers")
    return value


def governing(deadlines: Iterable[DerivedDeadline], name: str) -> DerivedDeadline | None:
    """Return the open deadline of that name with the earliest LIMIT, or None."""
    named = [each for each in deadlines if each.name == name]
    return min(named, key=lambda each: (each.limit_on, each.key), default=None)


def surroundings(
    definition: Definition,
    *,
    policy: str,
    facts: Mapping[str, JsonValue],
    deadlines: Iterable[DerivedDeadline],
    now: datetime,
    domain: Domain,
    answers: Mapping[str, object] | None = None,
) -> Surroundings:
    """Return what every expression of one step reads, for these facts and open deadlines."""
    values = fact_values(definition.pack, facts)
    today = domain.today(now)
    functions: dict[str, Callable[..., object]] = {
        **domain.functions(today=today, closures=definition.pack.closures, facts=values),
        **_deadline_functions(tuple(deadlines), domain),
    }
    return Surroundings(
        now=now,
        names={**values, "policy": policy},
        functions=functions,
        start_of=domain.start_of,
        answers=answers or {},
    )


def _deadline_functions(
    deadlines: tuple[DerivedDeadline, ...], domain: Domain
) -> dict[str, Callable[..., object]]:
    def opens(name: str) -> datetime | None:
        instants = [
            ALWAYS if each.opens_on is None else domain.start_of(each.opens_on)
            for each in deadlines
            if each.name == name
        ]
        return min(instants, default=None)

    def limit_on(name: str) -> date | None:
        found = governing(deadlines, name)
        return None if found is None else found.limit_on

    def limit_passed(name: str) -> datetime | None:
        found = limit_on(name)
        return None if found is None else domain.breach_instant(found)

    def act_by(name: str) -> date | None:
        found = governing(deadlines, name)
        return None if found is None else found.act_by_on

    return {"opens": opens, "limit_on": limit_on, "limit_passed": limit_passed, "act_by": act_by}


DEADLINE_FUNCTIONS = ("opens", "limit_on", "limit_passed", "act_by")
