"""The nouns that the engine and a council's practice share: no I/O, no SpiffWorkflow, no SQL.

`workflows` sees this module and `engine.errors` and nothing else of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypeAlias

JsonValue: TypeAlias = "None | bool | int | float | str | list[JsonValue] | dict[str, JsonValue]"
"""What a form, a message or the API carries."""

FactValue: TypeAlias = "None | bool | int | float | str | date | list[JsonValue]"
"""What an expression reads: a date fact is a `date`, an unset fact is None."""

Unit: TypeAlias = Literal["working days", "days", "weeks", "months"]
Direction: TypeAlias = Literal["after", "before"]


@dataclass(frozen=True)
class Amount:
    """A length of policy time, such as 10 working days. `count` is 0 or more."""

    count: int
    unit: Unit


@dataclass(frozen=True)
class Length:
    """A length of time as ISO 8601 writes it: months, then days, of the calendar; then `rest`.

    `rest` passes as a clock's hours do. Nothing is negative.
    """

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta()

    def times(self, count: int) -> Length:
        """Return `count` of this after one another."""
        return Length(self.months * count, self.days * count, self.rest * count)


def first_day(*days: date | None) -> date | None:
    """Return the earliest of the days that are known, None if none is."""
    return min(filter(None, days), default=None)


@dataclass(frozen=True)
class Bound:
    """What must hold of a fact's value, an expression that reads it as `value`.

    Where it does not, the value is refused with `message`; if it `asks`, `message` is a question,
    and the value is taken once somebody has said that it is right.
    """

    check: str
    message: str
    asks: bool


@dataclass(frozen=True)
class FactType:
    """How a pack declares one fact (`[facts.NAME]` in pack.toml).

    An `own` fact belongs to one piece of work, such as one assessment among several: each running
    instance has its own value, and elsewhere in the case it is unset. A `user` fact with
    `outsiders` may also name somebody who is no user, in words.
    """

    name: str
    type: Literal["date", "code", "text", "boolean", "user", "number", "list"]
    label: str
    day_phrase: str = ""
    latest: bool = False
    first: bool = False
    earliest_of: tuple[str, ...] = ()
    worked_out: str = ""
    """An expression over other facts that gives this one, a date."""

    reads: tuple[str, ...] = ()
    """The recorded facts that `worked_out` reads."""

    values: Mapping[str, str] = field(default_factory=dict)
    personal: bool = False
    own: bool = False
    outsiders: bool = False
    corrected_by: tuple[str, ...] | None = None
    """Roles whose people may correct it; None: those that may correct any."""

    bounds: tuple[Bound, ...] = ()
    """What a value that people give must be like; the first that fails is told."""

    @property
    def derived(self) -> bool:
        """Whether it follows from other facts and is never recorded itself."""
        return bool(self.earliest_of or self.worked_out)

    @property
    def bases(self) -> tuple[str, ...]:
        """The recorded facts from which a derived one follows."""
        return self.earliest_of or self.reads

    @property
    def is_code(self) -> bool:
        """Whether its value is one of `values`, and no other."""
        return self.type == "code" and bool(self.values)


@dataclass(frozen=True)
class Role:
    """A lane's role (`[roles.NAME]`): whose work its tasks are."""

    name: str
    label: str
    work_goes_to: Literal["case", "pool"] = "pool"
    unallocated_goes_to: str | None = None
    outside_agency: bool = False
    seen_for: str = ""
    """How long people of an outside agency see what they did, such as "2 weeks"."""

    independent: bool = False
    """Nobody above takes its work from whoever has it."""

    @property
    def is_pool(self) -> bool:
        """Whether its work waits for whoever of the role claims it."""
        return self.work_goes_to == "pool"


CALENDARS = ("england", "wales", "scotland", "northern ireland", "united kingdom")
"""Whose bank holidays can be days off; of the United Kingdom: those of any of its parts."""


@dataclass(frozen=True)
class DaysOff:
    """What are no working days beside weekends: bank holidays `of` one of CALENDARS, closures."""

    of: str = CALENDARS[0]
    closures: tuple[date, ...] = ()


@dataclass(frozen=True)
class Timescale:
    """One row of timescales.dmn whose conditions hold for a case now.

    `key` names the row within its table ("timescales:3"), stable while the table is unchanged.
    `opens_before` None means at once. `extended_by` is a fact that holds how many units more there
    are, "" for none; `then` are amounts counted one after another from the day so found. Until
    `not_before` is over, counted after day 0, it is too early; None for never.
    """

    key: str
    deadline: str
    count_from: tuple[str, ...]
    amount: Amount
    direction: Direction
    met_by: str
    opens_before: Amount | None
    rule_ids: tuple[str, ...]
    source_sentence: str
    source_ref: str
    assumption: bool
    calendar: str = ""
    """One of CALENDARS in place of the pack's; "" for the pack's."""
    then: tuple[tuple[Amount, Direction], ...] = ()
    extended_by: str = ""
    not_before: Amount | None = None


@dataclass(frozen=True)
class DerivedDeadline:
    """What one timescale row says of a case: pure result of facts, table and calendar.

    Dates are Europe/London calendar dates. `limit_on` is the last day that policy allows,
    `act_by_on` the same day or, where that is a day off, the working day before it; `opens_on` is
    the first day on which the work is offered, None meaning at once.
    """

    key: str
    name: str
    rule_ids: tuple[str, ...]
    day_0: date
    day_0_fact: str
    amount: Amount
    direction: Direction
    met_by: str
    limit_on: date
    act_by_on: date
    opens_on: date | None
    assumption: bool
    calendar_version: str
    explanation: str
    source_sentence: str = ""


@dataclass(frozen=True)
class DeadlineChange:
    """What a step does to one kept deadline, or the opening of a new one.

    `opened` carries `derived`; every other change names `previous` (the `key` of an open
    deadline). `superseded` also carries `derived` when a new row takes its place. `reason` is one
    sentence for people.
    """

    change: Literal["opened", "met", "late", "superseded", "cancelled"]
    derived: DerivedDeadline | None = None
    previous: str | None = None
    met_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class FactChange:
    """A fact set by a step: JSON values before and after, and whether it corrects."""

    name: str
    old: FactValue
    new: FactValue
    corrects: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Allocation:
    """Who gets a work item: a named person, else a pool of everybody with `role`.

    `own_role`: the work's own role, where those who have it meanwhile are to give it away and not
    to do it; None where `role` is its own.
    """

    assignee: str | None
    role: str
    needs_allocating: bool = False
    own_role: str | None = None


class Domain(Protocol):
    """What permanence planning brings to the engine; wired by the composition root."""

    def derive_deadlines(
        self,
        timescales: Sequence[Timescale],
        *,
        facts: Mapping[str, FactValue],
        fact_types: Mapping[str, FactType],
        days_off: DaysOff,
    ) -> list[DerivedDeadline]:
        """Return one deadline for each row whose day 0 is known, in the rows' order."""
        ...

    def windows_open(
        self,
        timescales: Sequence[Timescale],
        *,
        facts: Mapping[str, FactValue],
        fact_types: Mapping[str, FactType],
        days_off: DaysOff,
    ) -> list[date]:
        """Return the first days on which it is not too early, of the rows that have such a day."""
        ...

    def reconcile_deadlines(
        self,
        current: Sequence[DerivedDeadline],
        derived: Sequence[DerivedDeadline],
        *,
        changed: Sequence[FactChange],
        fact_types: Mapping[str, FactType],
        stopped: Mapping[str, frozenset[str]],
    ) -> list[DeadlineChange]:
        """Return what happened to the open deadlines `current`, given the rows now derived.

        `stopped`: the key of a row that holds no longer -> the facts for which it does not.
        """
        ...

    def act_ahead(
        self, day: date, lead: Amount, *, not_before: date, days_off: DaysOff
    ) -> tuple[date, str]:
        """Return by when to do what must be done `lead` before `day`, and why in a sentence.

        Never before `not_before`, and never after `day`.
        """
        ...

    def day_after(self, day: date, amount: Amount, *, days_off: DaysOff) -> date:
        """Return the day that lies `amount` after `day`, which itself is not counted."""
        ...

    def functions(
        self, *, today: date, days_off: DaysOff, born: FactValue
    ) -> dict[str, Callable[..., object]]:
        """Return the functions of dates that the expressions of a pack may call.

        `born` is the day of birth of whom the case is about, None where there is or is known none.
        """
        ...

    def reads_birth(self, function: str) -> bool:
        """Return whether one of `functions` counts from the day of birth."""
        ...

    def allocate(
        self, role: Role, *, roles: Mapping[str, Role], facts: Mapping[str, FactValue]
    ) -> Allocation:
        """Return who gets a work item of `role` in a case with these facts."""
        ...

    def breach_instant(self, limit_on: date) -> datetime:
        """Return 00:00 Europe/London on the day after `limit_on`, aware, in UTC."""
        ...

    def start_of(self, day: date) -> datetime:
        """Return 00:00 Europe/London of `day`, aware, in UTC."""
        ...

    def later(self, instant: datetime, length: Length) -> datetime:
        """Return the instant `length` after the aware `instant`, in UTC, by London's calendar."""
        ...

    def today(self, now: datetime) -> date:
        """Return the Europe/London calendar date at the aware instant `now`."""
        ...
