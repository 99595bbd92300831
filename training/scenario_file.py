"""scenarios.toml: what must come of a policy in cases that are told step by step, read.

It stands beside a pack and is no part of a version. `permanence check` plays it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.domain import JsonValue
from training.toml_entries import DemoRefused, Entry

FILE = "scenarios.toml"
DOES = ("open", "do", "report", "correct", "wait")
EXPECTED = (
    "limit", "act_by", "work", "no_work", "due", "role", "told", "facts", "status", "missed",
)  # fmt: skip
Day = date | datetime


@dataclass(frozen=True)
class Then:
    """What must hold after a step.

    Deadline -> its governing LIMIT, or day to act by; False for one that is not open. `missed` are
    deadlines past their LIMIT. Task -> its day to act by, or its role; `work` and `no_work` are
    tasks that are open, or not. `told` are the roles that the step told. `status` is the case's.
    """

    limit: Mapping[str, date | bool]
    act_by: Mapping[str, date | bool]
    work: tuple[str, ...]
    no_work: tuple[str, ...]
    due: Mapping[str, date]
    role: Mapping[str, str]
    told: tuple[str, ...] | None
    facts: Mapping[str, JsonValue]
    status: str
    missed: tuple[str, ...]


@dataclass(frozen=True)
class ScenarioStep:
    """One thing that happens, or time that passes until `on`; `place` names the entry.

    `does` is one of DOES, `name` that of the kind, task, message or fact. `on` is a day, then it is
    10:00 in London, or an instant; None for at once. `by` is the role that does it, "" for whoever
    has it to do. `refused`: the questions of which it must be refused; None where it must go.
    """

    place: str
    does: str
    name: str
    on: Day | None
    by: str
    answers: Mapping[str, Any]
    refused: tuple[str, ...] | None
    then: Then


@dataclass(frozen=True)
class Scenario:
    """A case told step by step; `policy` is "" for the pack's default."""

    id: str
    says: str
    policy: str
    without: tuple[str, ...]
    steps: tuple[ScenarioStep, ...]


def read_scenarios(data: bytes) -> list[Scenario]:
    """Read a scenarios.toml.

    Raises:
        DemoRefused: it is no TOML, or an entry is missing, unknown or of the wrong kind.
    """
    try:
        raw = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DemoRefused(f"It cannot be read as TOML: {error}.") from error
    whole = Entry("", raw)
    whole.only("usual", "scenarios")
    usual = whole.table("usual")
    usual.only("open", "do", "report")
    found = [_scenario(each, usual) for each in whole.tables("scenarios")]
    ids = [each.id for each in found]
    if twice := {each for each in ids if ids.count(each) > 1}:
        raise DemoRefused(f"scenarios: {sorted(twice)[0]} stands there twice.")
    return found


def _scenario(entry: Entry, usual: Entry) -> Scenario:
    entry.only("id", "says", "policy", "without", "steps")
    steps = tuple(_step(each, usual) for each in entry.tables("steps"))
    if not steps or steps[0].does != "open" or steps[0].on is None:
        raise entry.refused("its steps must begin with the one that opens it, on a day")
    return Scenario(
        id=entry.text("id"),
        says=entry.text("says", ""),
        policy=entry.text("policy", ""),
        without=entry.texts("without"),
        steps=steps,
    )


def _step(entry: Entry, usual: Entry) -> ScenarioStep:
    entry.only(*DOES, "on", "by", "answers", "to", "reason", "refused", "then")
    said = [each for each in DOES if each in entry.raw]
    if len(said) != 1:
        raise entry.refused(f"it must say one of {', '.join(DOES)}")
    [does] = said
    name, on = (
        ("", entry.raw["wait"]) if does == "wait" else (entry.text(does), entry.raw.get("on"))
    )
    if on is not None and not isinstance(on, date):
        raise entry.refused("when it happens must be a date, or an instant with its zone")
    if isinstance(on, datetime) and on.tzinfo is None:
        raise entry.refused("an instant needs its zone, such as 2026-03-30T23:00:00Z")
    if does == "correct":
        answers: Mapping[str, Any] = {"to": entry.raw.get("to"), "reason": entry.text("reason")}
    else:
        begins = usual.table(does).table(name).raw if does in usual.raw else {}
        answers = {**begins, **entry.table("answers").raw}
    refused = entry.texts("refused") if "refused" in entry.raw else None
    by = entry.text("by", "")
    return ScenarioStep(
        entry.place, does, name, on, by, answers, refused, _then(entry.table("then"))
    )


def _then(entry: Entry) -> Then:
    entry.only(*EXPECTED)
    return Then(
        limit=_days(entry.table("limit")),
        act_by=_days(entry.table("act_by")),
        work=entry.texts("work"),
        no_work=entry.texts("no_work"),
        due=entry.table("due").raw,
        role={name: entry.table("role").text(name) for name in entry.table("role").raw},
        told=entry.texts("told") if "told" in entry.raw else None,
        facts=entry.table("facts").raw,
        status=entry.text("status", ""),
        missed=entry.texts("missed"),
    )


def _days(entry: Entry) -> Mapping[str, date | bool]:
    for name, value in entry.raw.items():
        if value is not False and (not isinstance(value, date) or isinstance(value, datetime)):
            raise entry.refused(f"{name} must be a date, or false for a deadline that is not open")
    return entry.raw
