"""demo.toml: a pack's made-up people, and cases as lists of what happened in them, read.

It stands beside a pack and is no part of a version: a version is policy, and nobody made up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

from engine.domain import JsonValue
from training.simulation_rules import Rules, read_rules
from training.toml_entries import DemoRefused, Entry

FILE = "demo.toml"
HOUR = 10
"""At which something happens that says no hour."""
KINDS = ("open", "do", "report")


@dataclass(frozen=True)
class Staffing:
    """Who works in the made-up council.

    `second` are roles with a second person, `<pack>.<role>_2`; `names` are given out in the order
    of the roles.
    """

    second: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """One thing somebody records.

    `kind` is open, do (`name` is the task's) or report (`name` is the message's). It happens `ago`
    days before the Monday of the week in which the clock ends, or today if that is None, at an hour
    in London. `place` names the entry. `by` is who reports it, "" for whoever opened the case.
    """

    place: str
    kind: str
    name: str
    ago: int | None
    hour: int
    by: str
    answers: Mapping[str, Any]

    def day(self, today: date) -> date:
        """Return the day on which it happens."""
        return today if self.ago is None else monday_of(today) - timedelta(days=self.ago)


@dataclass(frozen=True)
class DemoCase:
    """A made-up case. `without` names the roles that nobody holds in it."""

    place: str
    number: int
    kind: str
    by: str
    people: Mapping[str, str]
    without: tuple[str, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Demo:
    """What a pack's demo.toml says; of a pack without one, nothing."""

    pack: str
    staffing: Staffing = Staffing()
    cases: tuple[DemoCase, ...] = ()
    rules: Rules = field(default_factory=Rules)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def read_demo(pack: str, data: bytes) -> Demo:
    """Read a pack's demo.toml.

    Raises:
        DemoRefused: it is no TOML, or an entry is missing, unknown or of the wrong kind.
    """
    try:
        raw = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DemoRefused(f"It cannot be read as TOML: {error}.", pack) from error
    try:
        whole = Entry("", raw)
        whole.only("people", "usual", "cases", "simulation")
        usual = _usual(whole.table("usual"))
        cases = tuple(_case(each, usual) for each in whole.tables("cases"))
        numbered = tuple(_numbered(case, number) for number, case in enumerate(cases, start=1))
        rules = read_rules(whole.table("simulation"))
        return Demo(pack, _staffing(whole.table("people")), numbered, rules)
    except DemoRefused as refused:
        raise DemoRefused(refused.why, pack) from refused


def _staffing(entry: Entry) -> Staffing:
    entry.only("second", "names")
    return Staffing(entry.texts("second"), entry.texts("names"))


def _usual(entry: Entry) -> dict[str, Mapping[str, Any]]:
    """Return "do chair_ppm" -> the answers that every such act begins with."""
    entry.only(*KINDS)
    return {
        f"{kind} {name}": entry.table(kind).table(name).raw
        for kind in KINDS
        for name in entry.table(kind).raw
    }


def _numbered(case: DemoCase, number: int) -> DemoCase:
    return DemoCase(**{**vars(case), "number": number})


def _case(entry: Entry, usual: Mapping[str, Mapping[str, Any]]) -> DemoCase:
    entry.only("kind", "by", "people", "without", "acts")
    kind = entry.text("kind", "")
    by = entry.text("by", "")
    acts = [act for each in entry.tables("acts") for act in _acts(each, kind, by, usual)]
    if not acts or acts[0].kind != "open":
        raise entry.refused("its acts must begin with the one that opens it: { open = true, … }")
    people = entry.table("people")
    named = {role: people.text(role) for role in people.raw}
    return DemoCase(entry.place, 0, kind, by, named, entry.texts("without"), tuple(acts))


def _acts(
    entry: Entry, case_kind: str, by: str, usual: Mapping[str, Mapping[str, Any]]
) -> Iterator[Act]:
    """Yield an act as often as it is repeated."""
    entry.only(*KINDS, "ago", "today", "hour", "every", "until", "by", "answers")
    said = [kind for kind in KINDS if kind in entry.raw]
    if len(said) != 1:
        raise entry.refused("it must say one of open, do and report, and " + _said(said))
    [kind] = said
    name = case_kind if kind == "open" else entry.text(kind)
    if ("ago" in entry.raw) == entry.flag("today"):
        raise entry.refused("it must say when: ago = a number of days, or today = true")
    ago = None if entry.flag("today") else entry.number("ago")
    first, every = ago or 0, entry.number("every", 0)
    last = entry.number("until", first)
    if (every > 0) != ("until" in entry.raw) or every < 0 or last > first:
        raise entry.refused("what is repeated needs every and until: days, until no more than ago")
    hour = entry.number("hour", HOUR)
    if not 0 <= hour < 24:
        raise entry.refused("hour must be a whole number from 0 to 23")
    answers = {**usual.get(f"{kind} {name}", {}), **entry.table("answers").raw}
    for day in range(first, last - 1, -every) if every else (ago,):
        yield Act(entry.place, kind, name, day, hour, entry.text("by", by), answers)


def _said(kinds: list[str]) -> str:
    return f"says {' and '.join(kinds)}" if kinds else "says none"


def answers_on(act: Act, today: date) -> dict[str, JsonValue]:
    """Return an act's answers with its days counted.

    { ago = 3 } is 3 days before the Monday of the week in which the clock ends; { in = 3 } is 3
    days after the act.
    """
    return {name: _counted(value, act, today) for name, value in act.answers.items()}


def _counted(value: Any, act: Act, today: date) -> JsonValue:
    if isinstance(value, list):
        return [_counted(each, act, today) for each in value]
    if not isinstance(value, dict):
        return cast(JsonValue, value)
    if set(value) in ({"ago"}, {"in"}):
        [(since, days)] = value.items()
        if not isinstance(days, int) or isinstance(days, bool):
            raise DemoRefused(f"{act.place}: {{ {since} = {days!r} }} must be a number of days.")
        count = timedelta(days=days)
        day = monday_of(today) - count if since == "ago" else act.day(today) + count
        return day.isoformat()
    return {key: _counted(each, act, today) for key, each in value.items()}
