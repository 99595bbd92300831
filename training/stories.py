"""The simulated cases: how each came about, and what sets each apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from engine.domain import JsonValue
from training import answers
from training.chance import Chance
from training.simulation_rules import Functions, Rules, State, plain, worked_out
from training.staff import name_of

NAMESPACE = UUID("3d5ea6b0-52a1-5c52-8f1e-6f0c9a7d2b41")


@dataclass(frozen=True)
class Event:
    """Something that happens in a case on a day and is reported: a message and its payload."""

    day: date
    message: str
    payload: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Story:
    """A case. `told` is what stays with it, by the names of [simulation.story] in demo.toml.

    `neglects`: tasks that are left for weeks.
    """

    number: int
    case_id: UUID
    opens_on: date
    policy: str | None
    answers: Mapping[str, JsonValue]
    told: Mapping[str, object]
    neglects: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()


def story(
    rules: Rules,
    chance: Chance,
    number: int,
    opens_on: date,
    *,
    pack: str,
    schema: Mapping[str, Any],
    functions: Functions,
    state: State | None = None,
) -> Story:
    """Return the case with this number, which is opened on a day.

    `schema` is that of its opening form; `functions` are those of days and of chance, on that day.
    """
    rng = chance.at("case", number)
    begins: dict[str, object] = {
        "number": number,
        "reference": f"SIM-{number:05}",
        "name": name_of(number),
        "opens_on": opens_on,
    }
    of_state = state.story if state else {}
    told = worked_out({**rules.story, **of_state}, begins, functions)
    opening = worked_out(rules.opening, {**begins, **told}, functions)
    # Whose case it is comes with the council's people.
    asked = schema.get("properties", {})
    known: dict[str, JsonValue] = {name: None for name, each in asked.items() if "x-role" in each}
    known |= {name: plain(value) for name, value in opening.items()}
    drawn = answers.draw(schema, {}, known, rng=rng, today=opens_on, often=0)
    return Story(
        number=number,
        case_id=uuid5(NAMESPACE, f"{pack}:{chance.seed}:{number}"),
        opens_on=opens_on,
        policy=(state.policy if state else None) or _policy(rules, chance, number),
        answers=drawn,
        told={**begins, **told},
        neglects=state.neglects if state else frozenset(),
    )


def _policy(rules: Rules, chance: Chance, number: int) -> str | None:
    """Return the policy of a case where it is not its kind's own, None where it is."""
    happening = (
        name
        for name, share in rules.policies.items()
        if chance.happens(share, "policy", name, number)
    )
    return next(happening, None)


def days_before(last: date, days: int) -> date:
    """Return the day so many days before the Sunday before a day's week."""
    return last - timedelta(days=last.weekday() + 1 + days)
