"""What [simulation] of a demo.toml says: what no form asks, when it is done, how often it happens.

Formulas are of the language of packs, with a few functions of chance beside those of days.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from engine.domain import JsonValue
from engine.errors import ExpressionError
from engine.rules.expressions import Expression, compile_expression, evaluate
from training.toml_entries import DemoRefused, Entry

SELDOM = 1 / 900
"""How likely a message of which nothing is said is on a working day."""
Functions = Mapping[str, Callable[..., object]]


@dataclass(frozen=True)
class Formula:
    """An expression and where it stands."""

    place: str
    expression: Expression

    def value(self, names: Mapping[str, object], functions: Functions) -> object:
        """Return its value.

        Raises:
            DemoRefused: it cannot be worked out.
        """
        try:
            return evaluate(self.expression, names, functions)
        except ExpressionError as error:
            raise DemoRefused(f"{self.place}: {error}.") from error


Formulas = Mapping[str, Formula]


@dataclass(frozen=True)
class Reported:
    """Something that is reported `ago` days before the end: a message and what it carries."""

    ago: int
    message: str
    carries: Mapping[str, JsonValue]


@dataclass(frozen=True)
class State:
    """What becomes of a case in a caseload: opened `came` days before the end, at least and most.

    `story` takes the place of what is drawn for others; `neglects` are tasks left for weeks.
    """

    name: str
    came: tuple[int, int]
    policy: str | None
    story: Formulas
    neglects: frozenset[str]
    reports: tuple[Reported, ...]


@dataclass(frozen=True)
class Rules:
    """How a made-up council works. Of a pack that says nothing all is drawn from forms and types.

    `kind` is opened, "" for the first. `at_most`: role -> cases that one person has. `hours`: the
    hour at which roles work; others work last. `story`: what stays with a case; `opening`: answers
    to its opening form. `when`: task -> the day it is done, null for never. `answers`: form ->
    question -> formula. `often`: message -> its likelihood on a working day. `carries`: message ->
    field -> formula. `ends` are messages that end a case, so that neglect is not cut short.
    """

    kind: str = ""
    policies: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    hours: tuple[tuple[int, tuple[str, ...]], ...] = ()
    story: Formulas = field(default_factory=dict)
    opening: Formulas = field(default_factory=dict)
    when: Formulas = field(default_factory=dict)
    answers: Mapping[str, Formulas] = field(default_factory=dict)
    often: Mapping[str, float] = field(default_factory=dict)
    seldom: float = SELDOM
    carries: Mapping[str, Formulas] = field(default_factory=dict)
    ends: frozenset[str] = frozenset()
    states: tuple[State, ...] = ()


def read_rules(entry: Entry) -> Rules:
    """Read [simulation].

    Raises:
        DemoRefused: an entry is unknown, of the wrong kind, or a formula cannot be read.
    """
    entry.only(
        "kind", "policies", "at_most", "hours", "story", "opening", "when", "answers", "often",
        "seldom", "carries", "ends", "states",
    )  # fmt: skip
    at_most, often, policies = (entry.table(name) for name in ("at_most", "often", "policies"))
    for role in at_most.raw:
        if at_most.number(role) < 1:
            raise DemoRefused(f"{at_most.place}.{role} must be 1 or more.")
    answers, carries = entry.table("answers"), entry.table("carries")
    return Rules(
        kind=entry.text("kind", ""),
        policies={name: policies.share(name, 0) for name in policies.raw},
        at_most={role: at_most.number(role) for role in at_most.raw},
        hours=tuple(sorted(_hour(each) for each in entry.tables("hours"))),
        story=_formulas(entry.table("story")),
        opening=_formulas(entry.table("opening")),
        when=_formulas(entry.table("when")),
        answers={form: _formulas(answers.table(form)) for form in answers.raw},
        often={name: often.share(name, 0) for name in often.raw},
        seldom=entry.share("seldom", SELDOM),
        carries={name: _formulas(carries.table(name)) for name in carries.raw},
        ends=frozenset(entry.texts("ends")),
        states=tuple(_state(each) for each in entry.tables("states")),
    )


def _hour(entry: Entry) -> tuple[int, tuple[str, ...]]:
    entry.only("at", "roles")
    if not 9 < entry.number("at") < 17:
        raise entry.refused("at must be an hour from 10 to 16")
    return entry.number("at"), entry.texts("roles")


def _state(entry: Entry) -> State:
    entry.only("name", "came", "policy", "story", "neglects", "reports")
    came = entry.raw.get("came")
    if not (
        isinstance(came, list)
        and len(came) == 2
        and all(isinstance(each, int) for each in came)
        and 0 <= came[0] <= came[1]
    ):
        raise entry.refused("came must be two numbers of days, the smaller first: [2, 8]")
    return State(
        name=entry.text("name"),
        came=(came[0], came[1]),
        policy=entry.text("policy", "") or None,
        story=_formulas(entry.table("story")),
        neglects=frozenset(entry.texts("neglects")),
        reports=tuple(_reported(each) for each in entry.tables("reports")),
    )


def _reported(entry: Entry) -> Reported:
    entry.only("ago", "message", "carries")
    return Reported(entry.number("ago"), entry.text("message"), entry.table("carries").raw)


def _formulas(entry: Entry) -> dict[str, Formula]:
    """Return name -> formula; a number, yes or no needs no quotes."""
    return {name: _formula(f"{entry.place}.{name}", each) for name, each in entry.raw.items()}


def _formula(place: str, value: object) -> Formula:
    if isinstance(value, bool):
        value = str(value).lower()
    if not isinstance(value, str | int | float):
        raise DemoRefused(f"{place} must be a formula, in quotes.")
    try:
        return Formula(place, compile_expression(str(value)))
    except ExpressionError as error:
        raise DemoRefused(f"{place}: '{error.expression}' {error.why}.") from error


def chances(
    rng: random.Random, today: date, workday: Callable[[date], date], known: Functions
) -> dict[str, Callable[..., object]]:
    """Return the functions of formulas: those of days in `known`, and those of chance."""

    def pick(values: object) -> object:
        if not isinstance(values, list) or not values:
            raise ValueError("pick needs a list with something in it")
        return rng.choice(values)

    def chance(share: Any) -> bool:
        return rng.random() < float(share)

    def between(least: Any, most: Any) -> int:
        return rng.randint(int(least), int(most))

    def within(least: Any, most: Any) -> date:
        """Return a working day so many days ahead."""
        return workday(today + timedelta(days=rng.randint(int(least), int(most))))

    def working_day(day: Any) -> date:
        if not isinstance(day, date):
            raise ValueError("workday needs a day")
        return workday(day)

    return {
        **known,
        "pick": pick,
        "chance": chance,
        "between": between,
        "within": within,
        "workday": working_day,
    }


def worked_out(
    formulas: Formulas, names: Mapping[str, object], functions: Functions
) -> dict[str, object]:
    """Return the values of formulas in their order; each reads those before it by their names."""
    found: dict[str, object] = {}
    for name, formula in formulas.items():
        found[name] = formula.value({**names, **found}, functions)
    return found


def plain(value: object) -> JsonValue:
    """Return a formula's value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return cast(JsonValue, value)
