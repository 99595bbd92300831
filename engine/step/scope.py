"""What the expressions of a case read: facts as values, deadlines as instants, functions."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from uuid import UUID

from engine.bpmn.scripting import Surroundings, plain
from engine.bpmn.timers import ALWAYS
from engine.domain import DerivedDeadline, Domain, FactType, FactValue, JsonValue
from engine.packs.manifest import Pack
from engine.packs.sittings import sitting_functions
from engine.packs.version import Definition
from engine.packs.worked_out import work_out
from engine.rules.decision_tables import DecisionTable, rows_asking
from engine.rules.decisions import evaluate_table
from engine.step.windows import window_function


def owned(name: str, instance: UUID | None) -> str:
    """Return the key of a fact or deadline: `name@instance` if it is that instance's own."""
    return name if instance is None else f"{name}@{instance}"


def name_of(key: str) -> str:
    """Return the name in a key, whoever owns it."""
    return key.partition("@")[0]


@lru_cache(maxsize=10_000)
def owner_of(key: str) -> UUID | None:
    """Return the instance whose own fact or deadline a key names, None for the case's."""
    owner = key.partition("@")[2]
    return UUID(owner) if owner else None


def facts_of(facts: Mapping[str, JsonValue], owner: UUID | None) -> dict[str, JsonValue]:
    """Return the facts of one owner by name: an instance's own, or the case's for None."""
    return {name_of(key): value for key, value in facts.items() if owner_of(key) == owner}


def fact_values(
    pack: Pack, facts: Mapping[str, JsonValue], instance: UUID | None = None
) -> dict[str, FactValue]:
    """Return every declared fact as expressions of an instance read it; unset ones are None.

    Date facts become dates, `earliest_of` facts the earliest of theirs that is set. Those that an
    expression works out stand in `surroundings` alone.
    """
    values: dict[str, FactValue] = dict.fromkeys(pack.facts)
    owner = "" if instance is None else str(instance)
    # Far fewer are set than declared.
    for key, value in facts.items():
        name, _, belongs_to = key.partition("@")
        kind = pack.facts.get(name)
        if kind is not None and belongs_to == (owner if kind.own else ""):
            values[name] = fact_value(kind, value)
    for name, kind in pack.facts.items():
        if kind.earliest_of:
            days = [day for each in kind.earliest_of if isinstance(day := values[each], date)]
            values[name] = min(days, default=None)
    return values


def fact_value(kind: FactType, value: JsonValue) -> FactValue:
    """Return one JSON value as a value of the fact's type. Raises ValueError for a bad date."""
    if kind.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, dict):
        raise ValueError(f"{kind.name} cannot hold a group of answers")
    return value


def named(
    deadlines: Iterable[DerivedDeadline], name: str, instance: UUID | None = None
) -> list[DerivedDeadline]:
    """Return the deadlines of that name that an instance goes by.

    Its own come before the case's; those of other instances are no concern of it, unless `name`
    says whose (`name@instance`).
    """
    if (owner := owner_of(name)) is not None:
        alike = [each for each in deadlines if each.name == name_of(name)]
        return [each for each in alike if owner_of(each.key) == owner]
    alike = [each for each in deadlines if each.name == name]
    own = [each for each in alike if owner_of(each.key) == instance]
    return own or [each for each in alike if owner_of(each.key) is None]


def _duty_of(row: DerivedDeadline) -> str:
    return owned(row.name, owner_of(row.key))


def governing(
    deadlines: Iterable[DerivedDeadline], name: str, instance: UUID | None = None
) -> DerivedDeadline | None:
    """Return the open deadline of that name with the earliest LIMIT, or None."""
    found = named(deadlines, name, instance)
    return min(found, key=lambda each: (each.limit_on, each.key), default=None)


def surroundings(
    definition: Definition,
    *,
    policy: str,
    facts: Mapping[str, JsonValue],
    deadlines: Iterable[DerivedDeadline],
    now: datetime,
    domain: Domain,
    answers: Mapping[str, object] | None = None,
    instance: UUID | None = None,
    closed: Sequence[ClosedDeadline] = (),
) -> Surroundings:
    """Return what the expressions of one step read, for these facts and open deadlines.

    With `instance`, its own facts and deadlines stand before the case's. `closed` are the
    deadlines that this step has closed so far.
    """
    values = fact_values(definition.pack, facts, instance)
    today = domain.today(now)
    functions: dict[str, Callable[..., object]] = {
        **domain.functions(
            today=today, days_off=definition.pack.days_off, born=definition.pack.born(values)
        ),
        **_deadline_functions(tuple(deadlines), instance, domain, tuple(closed), today),
        **_missed_functions(tuple(deadlines), definition.pack, facts, domain, tuple(closed), today),
    }
    functions["earlier"] = _earlier_function(domain)
    functions.update(sitting_functions(definition.pack.sittings))
    names: dict[str, object] = {**values, "policy": policy}
    work_out(definition.pack.facts.values(), names, functions)
    functions["decision"] = Decisions(definition.tables, names, dict(functions))
    functions["own_facts"] = _own_facts_function(facts)
    functions["window_from"] = window_function(definition, names, dict(functions), domain)
    return Surroundings(
        now=now,
        names=names,
        functions=functions,
        start_of=domain.start_of,
        later=domain.later,
        answers=answers or {},
    )


@dataclass(frozen=True)
class ClosedDeadline:
    """A deadline that this step closed: `key` as `owned` gives it, how, and its last LIMIT.

    `corrected`: a correction of a fact closed it, not anything that happened.
    """

    key: str
    closed_as: str
    limit_on: date | None
    corrected: bool


def _deadline_functions(
    deadlines: tuple[DerivedDeadline, ...],
    instance: UUID | None,
    domain: Domain,
    closed: tuple[ClosedDeadline, ...],
    today: date,
) -> dict[str, Callable[..., object]]:
    def opens(name: str) -> datetime | None:
        instants = [
            ALWAYS if each.opens_on is None else domain.start_of(each.opens_on)
            for each in named(deadlines, name, instance)
        ]
        return min(instants, default=None)

    def limit_on(name: str) -> date | None:
        found = governing(deadlines, name, instance)
        return None if found is None else found.limit_on

    def limit_passed(name: str) -> datetime | None:
        found = limit_on(name)
        return None if found is None else domain.breach_instant(found)

    def act_by(name: str) -> date | None:
        found = governing(deadlines, name, instance)
        return None if found is None else found.act_by_on

    def own(name: str) -> str:
        found = governing(deadlines, name, instance)
        return name if found is None else owned(name, owner_of(found.key))

    def undone(name: str) -> bool:
        """Whether a correction in this step took back that a LIMIT was missed."""
        limit = limit_on(name)
        return (limit is None or limit >= today) and any(
            each.key == name and each.corrected and each.limit_on and each.limit_on < today
            for each in closed
        )

    def done(name: str) -> bool:
        """Whether there is nothing to miss any more: met in this step, or not a duty now."""
        met = any(each.key == name and each.closed_as in ("met", "late") for each in closed)
        return met or limit_on(name) is None

    return {
        "opens": opens,
        "limit_on": limit_on,
        "limit_passed": limit_passed,
        "act_by": act_by,
        "own": own,
        "undone": undone,
        "done": done,
    }


def _missed_functions(
    deadlines: tuple[DerivedDeadline, ...],
    pack: Pack,
    facts: Mapping[str, JsonValue],
    domain: Domain,
    closed: tuple[ClosedDeadline, ...],
    today: date,
) -> dict[str, Callable[..., object]]:
    """Return what watches all duties of a case at once, those of each piece of work included.

    `noted` holds the `id` of each that was missed and is known. It stays the same until the duty
    is met, whatever is corrected meanwhile.
    """
    watched = cache(lambda: _watched(deadlines))  # Few expressions ask.
    met_now = {each.key for each in closed if each.closed_as in ("met", "late")}

    def known_as(each: DerivedDeadline, noted: Sequence[str]) -> str | None:
        """The id under which it is known that this is missed; None if it is not known."""
        name = _watch_name(each)
        if _id_of(each, facts) in noted:
            return _id_of(each, facts)
        before = [id for id in noted if id.partition(SINCE)[0] == name]
        return before[0] if before and _duty_of(each) not in met_now else None

    def missed_now(noted: Sequence[str]) -> dict[str, DerivedDeadline]:
        late = (each for each in watched() if each.limit_on < today)
        return {known_as(each, noted) or _id_of(each, facts): each for each in late}

    def next_miss(noted: Sequence[str]) -> datetime | None:
        """When the next duty is missed; at once while one in `noted` is missed no more."""
        if not missed_now(noted).keys() >= set(noted):
            return ALWAYS
        to_come = [each.limit_on for each in watched() if known_as(each, noted) is None]
        return domain.breach_instant(min(to_come)) if to_come else None

    def missed(noted: Sequence[str]) -> list[dict[str, JsonValue]]:
        """The duties missed now, not yet met and not in `noted`, the longest missed first.

        Where a date that is an assumption and policy's own were missed, policy's own.
        """
        now = missed_now(noted)
        own = {_duty_of(each) for each in now.values() if not each.assumption}
        return [
            {
                "id": id,
                "duty": _duty_of(each),
                "name": each.name,
                "label": pack.deadlines.get(each.name, each.name),
                "limit_on": each.limit_on.isoformat(),
                "assumption": each.assumption,
            }
            for id, each in now.items()
            if id not in noted and not (each.assumption and _duty_of(each) in own)
        ]

    def still_missed(noted: Sequence[str]) -> list[str]:
        """The ids of all duties missed now: those in `noted` that still are, and the new ones."""
        return list(missed_now(noted))

    def taken_back(noted: Sequence[str]) -> list[str]:
        """Those in `noted` of which a correction in this step says that they were not missed."""
        corrected = {each.key for each in closed if each.corrected} - met_now
        now = missed_now(noted)
        gone = (id for id in noted if id not in now)
        return [id for id in gone if id.partition(SINCE)[0].removesuffix(ASSUMED) in corrected]

    return {
        "next_miss": next_miss,
        "missed": missed,
        "still_missed": still_missed,
        "taken_back": taken_back,
    }


def _watched(deadlines: Iterable[DerivedDeadline]) -> list[DerivedDeadline]:
    """Return the deadlines to watch, the earliest first: of each duty the one that counts.

    Where that is an assumption, so is the first that policy itself sets: it has not passed yet
    when the assumed one has.
    """
    watched: list[DerivedDeadline] = []
    known: set[str] = set()
    for each in sorted(deadlines, key=lambda row: (row.limit_on, row.assumption, row.key)):
        if known.isdisjoint((_duty_of(each), _watch_name(each))):
            known.add(_watch_name(each))
            watched.append(each)
    return watched


def _watch_name(row: DerivedDeadline) -> str:
    return _duty_of(row) + (ASSUMED if row.assumption else "")


def _id_of(row: DerivedDeadline, facts: Mapping[str, JsonValue]) -> str:
    """Return what tells this time that a duty is to be done from the time before."""
    met_last = facts.get(owned(row.met_by, owner_of(row.key)))
    return f"{_watch_name(row)}{SINCE}{met_last}" if met_last else _watch_name(row)


SINCE = " since "
"""Between a duty and when it was last met, in what tells one time from the next."""
ASSUMED = " (assumed)"
"""Behind a duty whose date no document gives."""


def _earlier_function(domain: Domain) -> Callable[..., datetime | None]:
    def earlier(first: object, second: object) -> datetime | None:
        """Return the earlier of two days or instants; what is not known does not count."""
        instants = [_instant(each, domain) for each in (first, second) if each is not None]
        return min(instants, default=None)

    return earlier


def _instant(day: object, domain: Domain) -> datetime:
    if isinstance(day, datetime):
        return day
    if isinstance(day, date):
        return domain.start_of(day)
    raise ValueError("earlier needs two days")


@dataclass(frozen=True)
class Decisions:
    """The function `decision("table")`: what a table says of `names`. No table asks another."""

    tables: Mapping[str, DecisionTable]
    names: Mapping[str, object]
    functions: Mapping[str, Callable[..., object]]

    def __call__(self, table: str) -> object:
        found = self.tables.get(table) if isinstance(table, str) else None
        if found is None:
            raise ValueError(f"there is no decision table {table!r}")
        return plain(evaluate_table(found, self.names, self.functions).result)


def with_answers(reads: Surroundings, answers: Mapping[str, object]) -> Surroundings:
    """Return `reads` where tables see a form's answers before the facts of the same names."""
    decision = reads.functions["decision"]
    assert isinstance(decision, Decisions)
    seen = replace(decision, names=ChainMap(dict(answers), dict(decision.names)))
    return replace(reads, functions={**reads.functions, "decision": seen})


def _own_facts_function(facts: Mapping[str, JsonValue]) -> Callable[[str], object]:
    def own_facts(name: str) -> list[dict[str, JsonValue]]:
        """Return the own facts of each piece of work that has one of this name and is not over."""
        owners = sorted(
            {id for key in facts if name_of(key) == name and (id := owner_of(key)) is not None}
        )
        return [facts_of(facts, owner) for owner in owners]

    return own_facts


WATCH_FUNCTIONS = ("next_miss", "missed", "still_missed", "taken_back")
DEADLINE_FUNCTIONS = (
    "window_from", "opens", "limit_on", "limit_passed", "act_by", "own", "undone", "done",
)  # fmt: skip
"""Those that take the name of a deadline."""
OF_ONE_CASE = (*DEADLINE_FUNCTIONS, *WATCH_FUNCTIONS, "decision", "own_facts")
"""Functions that ask one case and not many at once."""


@lru_cache(maxsize=64)
def own_timescales(definition: Definition) -> DecisionTable:
    """Return the rows of the timescales that can hold for a piece of work and not for its case."""
    own = {name for name, kind in definition.pack.facts.items() if kind.own}
    return rows_asking(definition.tables["timescales"], own, (*DEADLINE_FUNCTIONS, "decision"))
