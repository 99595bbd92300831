"""A walked case: the only one in its database, its people, and what its plan has for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor, Context
from engine.domain import JsonValue
from engine.packs.version import Definition
from engine.people import people
from engine.storage import database, published_versions
from tests.builders.world import START
from tests.proofs.walk_answers import Draw
from tests.proofs.walk_seen import Seen, see
from workflows.permanence.domain import DOMAIN

PACK = "dudley"
CASES = UUID("0d5c1b1e-6f0f-5c43-9a0a-3f1d6f0b7a52")
CAUSES = (
    "care_entry",
    "already_in_care",
    "pre_birth",
    "younger_sibling",
    "pre_proceedings",
    "edge_of_care",
)
POLICIES = ("D-PG", "D-2021")
DIES = "child_died"


@dataclass(frozen=True)
class Plan:
    """What sets one walk apart.

    `pace`: days between two moves, on average. `does`: how likely a move is a task done, and not a
    message, a correction or nothing. `ends_on`, `ending`: when and how planning ends; a code of
    the reasons, or the message DIES.
    """

    number: int
    cause: str
    policy: str
    pace: int
    does: float
    ends_on: date | None
    ending: str


def plan_of(number: int, rng: random.Random, *, days: int, endings: Sequence[str]) -> Plan:
    """Return the plan of the walk with this number; every second walk ends before its time.

    Causes, policies and endings take turns, so that a few walks have all of them.
    """
    after = timedelta(days=rng.randint(1, days - 30))
    return Plan(
        number=number,
        cause=CAUSES[number % len(CAUSES)],
        policy=POLICIES[number // len(CAUSES) % len(POLICIES)],
        pace=rng.choice((25, 75, 125, 175)),
        does=rng.choice((0.2, 0.5, 0.7, 0.85)),
        ends_on=DOMAIN.today(START) + after if number % 2 else None,
        ending=(DIES, *endings)[number // 2 % (len(endings) + 1)],
    )


@dataclass
class Walked:
    """One case and its database.

    `story`: what happened in it, a line a move. `seen`: how it stood after the last command or
    firing; nothing moves it in between.
    """

    engine: sa.Engine
    plan: Plan
    rng: random.Random
    now: datetime = START
    ref: str = ""
    story: list[str] = field(default_factory=list)
    put_off: list[str] = field(default_factory=list)
    seen: Seen | None = None
    definition: Definition = field(init=False)
    staff: Mapping[str, Sequence[str]] = field(init=False)
    actors: Mapping[str, Actor] = field(init=False)

    def __post_init__(self) -> None:
        with database.reading(self.engine) as connection:
            self.definition = published_versions.current_definition(connection, PACK)
            rows = [each for each in people.list_people(connection, pack=PACK) if each.pack]
            found = {each.name: people.actor_named(connection, each.name) for each in rows}
        self.actors = {name: actor for name, actor in found.items() if actor is not None}
        by_role = {
            role: [each.name for each in rows if role in each.roles]
            for role in self.definition.pack.roles
        }
        self.staff = {role: names for role, names in by_role.items() if names}

    @property
    def case_id(self) -> UUID:
        return uuid5(CASES, f"{self.plan.number}")

    @property
    def today(self) -> date:
        return DOMAIN.today(self.now)

    def act(self, who: str, work: Callable[[Context], object]) -> None:
        """Run a command as somebody; what it raises is the caller's."""
        actor = self.actors[who]
        database.in_transaction(
            self.engine, lambda c: work(Context(c, actor, self.now, DOMAIN, recorded_at=START))
        )

    def tell(self, what: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{self.now:%Y-%m-%d %H:%M} {what}")

    def look(self, connection: Connection) -> Seen:
        """Look at the case as it stands; what is asked of it below is as it was last seen."""
        after = self.seen.version if self.seen else 0
        self.seen = see(connection, self.case_id, after=after, now=self.now)
        return self.seen

    def facts(self) -> Mapping[str, JsonValue]:
        """Return the facts, those of pieces of work included."""
        return self.seen.facts if self.seen else {}

    def draw(self) -> Draw:
        """Return what chance has to choose from here and now."""
        days = {day for value in self.facts().values() if (day := _day(value)) is not None}
        return Draw(self.rng, self.today, self.staff, sorted(days))

    def version(self) -> int:
        """Return how many steps the case has made."""
        return self.seen.version if self.seen else 0

    def is_closed(self) -> bool:
        return self.seen is not None and self.seen.closed

    def is_due(self) -> bool:
        """Whether a timer is due."""
        return any(due <= self.now for due in self._armed())

    def dates(self) -> Iterator[datetime]:
        """Yield when timers are due, and when dates that are to come are missed."""
        limits = [each.limit_on for each in (self.seen.open_rows if self.seen else ())]
        to_come = (DOMAIN.breach_instant(each) for each in limits if each >= self.today)
        yield from (each for each in (*self._armed(), *to_come) if each > self.now)

    def _armed(self) -> list[datetime]:
        timers = self.seen.timers if self.seen else ()
        return [due for _, due in timers if due is not None]


def _day(value: JsonValue) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
