"""The tracker: every child whose open case one may see, flagged and measured by the pack's rules.

A fixed number of statements, however many cases there are: each reads one kind of row of all of
them. What the rows mean is the pack's (`engine.tracker_rules`); the flags advise, nothing waits
for them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import records
from engine.context import Actor
from engine.decisions import evaluate_table
from engine.definition import Definition
from engine.definitions import get_definition
from engine.expressions import evaluate
from engine.pack import CHILD
from engine.process import Domain, JsonValue
from engine.reading import fact_values, name_of
from engine.search import at_work, near
from engine.tracker_rules import WORDS, Column, Measure, TrackerRules

RED, AMBER, GREEN = "red", "amber", "green"
_ORDER = (RED, AMBER, GREEN)

_case, _fact = records.case.c, records.fact.c
_deadline, _work = records.deadline.c, records.work_item.c
Cases = sa.Select[tuple[UUID]]


@dataclass(frozen=True)
class TrackedCase:
    """One row. `values` are by column; `people` by role. `child_name` is personal content."""

    ref: str
    pack: str
    policy: str
    child_name: str
    people: Mapping[str, str]
    rag: str
    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Measured:
    """One measure: `count` of `among` cases, the `median`, and who is `listed` (by reference)."""

    pack: str
    measure: Measure
    among: int
    count: int | None
    median: float | None
    listed: tuple[str, ...]

    @property
    def percent(self) -> int | None:
        """The share in whole per cent, None of no cases."""
        if self.count is None or not self.among:
            return None
        return round(100 * self.count / self.among)


@dataclass(frozen=True)
class Wanted:
    """What narrows the tracker: a person of the case, the pack's filters, a flag."""

    person: str = ""
    filters: frozenset[str] = frozenset()
    rag: str = ""


@dataclass(frozen=True)
class Tracker:
    """Part of the rows, the worst flags first; measures and choices are of all that was wanted."""

    rows: tuple[TrackedCase, ...]
    total: int
    next: int | None
    counts: Mapping[str, int]
    measures: tuple[Measured, ...]
    rules: Mapping[str, TrackerRules]
    people: tuple[str, ...]


@dataclass
class _Read:
    """What was read of one case."""

    id: UUID
    ref: str
    policy: str
    definition: Definition
    facts: dict[str, JsonValue] = field(default_factory=dict)
    words: dict[str, object] = field(default_factory=dict)
    names: Mapping[str, object] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    rag: str = ""
    reason: str = ""

    def value(self, expression: str) -> object:
        return evaluate(expression, self.names, self.functions)


def track(
    connection: Connection,
    actor: Actor,
    wanted: Wanted,
    *,
    now: datetime,
    domain: Domain,
    limit: int | None = 50,
    start: int = 0,
) -> Tracker:
    """Return the open cases that `actor` may see, from the `start`th on, at most `limit`.

    Raises:
        ExpressionError: a rule of a pack cannot be worked out for a case.
    """
    today = domain.today(now)
    read = _read(connection, _visible(actor), today)
    for each in read:
        _work_out(each, today, domain)
    working = _working(connection, actor)
    read = [each for each in read if _may_see(actor, each, working)]
    chosen = [each for each in read if _is_wanted(each, wanted)]
    counts = {rag: sum(each.rag == rag for each in chosen) for rag in _ORDER}
    shown = [each for each in chosen if wanted.rag in ("", each.rag)]
    shown.sort(key=lambda each: (_ORDER.index(each.rag), each.ref))
    end = len(shown) if limit is None else start + limit
    return Tracker(
        rows=tuple(_row(each) for each in shown[start:end]),
        total=len(shown),
        next=end if end < len(shown) else None,
        counts=counts,
        measures=tuple(_measures(chosen)),
        rules={each.definition.pack.id: each.definition.pack.tracker for each in read},
        people=tuple(sorted({name for each in read for name in each.people.values()})),
    )


def measure_pack(
    connection: Connection, pack: str, *, now: datetime, domain: Domain
) -> list[Measured]:
    """Return a pack's measures over all its children whose cases are open, whoever asks."""
    today = domain.today(now)
    read = _read(connection, [_case.pack == pack], today)
    for each in read:
        _work_out(each, today, domain)
    return _measures(read)


def _sees_all(actor: Actor) -> bool:
    return actor.is_any("auditor", "system")


def _working(connection: Connection, actor: Actor) -> set[UUID]:
    return {row.case_id for row in connection.execute(at_work(actor))}


def _may_see(actor: Actor, case: _Read, working: Collection[UUID]) -> bool:
    # Some fact that is no person's may hold a user name too: what was read can be more.
    named = not actor.stands_for.isdisjoint(case.people.values())
    return _sees_all(actor) or named or case.id in working


def _is_wanted(case: _Read, wanted: Wanted) -> bool:
    if wanted.person and wanted.person not in case.people.values():
        return False
    filters = [each for each in case.definition.pack.tracker.filters if each.name in wanted.filters]
    # A filter that this case's pack does not have cannot hold for it.
    return len(filters) == len(wanted.filters) and all(case.value(each.when) for each in filters)


def _row(case: _Read) -> TrackedCase:
    return TrackedCase(
        ref=case.ref,
        pack=case.definition.pack.id,
        policy=case.policy,
        child_name=str(case.facts.get("child_name") or ""),
        people=case.people,
        rag=case.rag,
        reason=case.reason,
        values={each.name: _in_words(case, each) for each in case.definition.pack.tracker.columns},
    )


def _in_words(case: _Read, column: Column) -> object:
    """Return a column's value; a code that is a fact's in the pack's words."""
    value = case.value(column.value)
    kind = case.definition.pack.facts.get(column.value)
    return kind.values.get(str(value), value) if kind is not None and kind.values else value


def _measures(cases: Sequence[_Read]) -> list[Measured]:
    by_pack: dict[str, list[_Read]] = defaultdict(list)
    for each in cases:
        by_pack[each.definition.pack.id].append(each)
    found = []
    for pack, of_pack in sorted(by_pack.items()):
        # One definition speaks for a pack: the measures are the council's, not the case's.
        for measure in of_pack[-1].definition.pack.tracker.measures:
            found.append(_measure(pack, measure, of_pack))
    return found


def _measure(pack: str, measure: Measure, cases: Sequence[_Read]) -> Measured:
    among = [each for each in cases if each.value(measure.among)]
    numbers = [each.value(measure.median_of) for each in among] if measure.median_of else []
    known = [each for each in numbers if isinstance(each, int | float)]
    return Measured(
        pack=pack,
        measure=measure,
        among=len(among),
        count=sum(bool(each.value(measure.share_of)) for each in among)
        if measure.share_of
        else None,
        median=median(known) if known else None,
        listed=tuple(each.ref for each in among if each.value(measure.lists))
        if measure.lists
        else (),
    )


def _work_out(case: _Read, today: date, domain: Domain) -> None:
    """Make a case's names, people and flag from what was read of it."""
    pack = case.definition.pack
    values = fact_values(pack, case.facts)
    words = {each: case.words.get(each, {}) for each in WORDS}
    words["days_late"], words["late_duty"] = _longest_late(case, today)
    case.names = {**values, "policy": case.policy, **words}
    case.functions = domain.functions(today=today, closures=pack.closures, facts=values)
    case.people = {
        name: str(case.facts[name])
        for name, kind in pack.facts.items()
        if kind.type == "user" and case.facts.get(name)
    }
    table = case.definition.tables.get(pack.tracker.rag)
    found = None if table is None else evaluate_table(table, case.names, case.functions).result
    said = found if isinstance(found, Mapping) else {}
    case.rag = str(said.get("rag") or GREEN)
    case.reason = str(said.get("reason") or "")


def _longest_late(case: _Read, today: date) -> tuple[int | None, str | None]:
    due = case.words.get("due")
    days = {name: (today - day).days for name, day in due.items()} if isinstance(due, dict) else {}
    name = max(days, key=lambda each: days[each], default=None)
    if name is None or days[name] <= 0:
        return None, None
    return days[name], case.definition.pack.deadlines.get(name, name)


# Reading: one statement for each kind of row


def _read(
    connection: Connection, where: Sequence[sa.ColumnElement[bool]], today: date
) -> list[_Read]:
    cases = sa.select(_case.id).where(_case.status == "open", _case.kind == CHILD, *where)
    heads = connection.execute(
        cases.with_only_columns(_case.id, _case.ref, _case.policy, _case.definition)
    )
    read = {
        row.id: _Read(row.id, row.ref, row.policy, get_definition(connection, row.definition))
        for row in heads.all()
    }
    facts = sa.select(_fact.case_id, _fact.name, _fact.value).where(
        _fact.to_sequence.is_(None), _fact.case_id.in_(cases)
    )
    for row in connection.execute(facts):
        # One piece of work's own facts are no column of the child's.
        if name_of(row.name) == row.name and row.case_id in read:
            read[row.case_id].facts[row.name] = json.loads(row.value)
    for id, words in _words(connection, cases, today).items():
        if id in read:
            read[id].words = words
    # A pack that declares no columns has no tracker.
    return [each for each in read.values() if each.definition.pack.tracker.columns]


def _visible(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """As `permissions.may_see_case`, for all cases at once, and maybe more than that."""
    if _sees_all(actor):
        return []
    own_pack = [] if actor.pack is None else [_case.pack == actor.pack]
    return [near(actor), *own_pack]


def _words(connection: Connection, cases: Cases, today: date) -> dict[UUID, dict[str, object]]:
    """Return, by case, what `WORDS` says of its deadlines and work items."""
    found: dict[UUID, dict[str, dict[str, object]]] = defaultdict(lambda: defaultdict(dict))
    for row in connection.execute(_deadlines(cases, today)):
        of_case = found[row.case_id]
        if row.due is not None:
            of_case["due"][row.name] = row.due
        of_case["late"][row.name] = row.late
        is_open = "breached" if row.due is not None and row.due < today else "open"
        of_case["first"][row.name] = is_open if row.first_closed is None else "met"
    for case_id, name in connection.execute(_first_late(cases)):
        found[case_id]["first"][name] = "late"
    for item in connection.execute(_items(cases, today)):
        for word in ("done", "work", "work_late"):
            found[item.case_id][word][item.name] = getattr(item, word)
    return {id: dict(words) for id, words in found.items()}


_MET = _deadline.status.in_(("met", "late"))


def _deadlines(cases: Cases, today: date) -> sa.Select[UUID, str, date, int, int]:
    """For each case and name: the governing LIMIT, missed LIMITs, the event that first met it."""
    missed = sa.or_(
        _deadline.status == "late",
        sa.and_(_deadline.status == "open", _deadline.limit_on < today),
    )
    return (
        sa.select(
            _deadline.case_id,
            _deadline.name,
            sa.func.min(_deadline.limit_on).filter(_deadline.status == "open").label("due"),
            sa.func.count().filter(missed).label("late"),
            sa.func.min(_deadline.closed_sequence).filter(_MET).label("first_closed"),
        )
        .where(_deadline.case_id.in_(cases))
        .group_by(_deadline.case_id, _deadline.name)
    )


def _first_late(cases: Cases) -> sa.Select[UUID, str]:
    """The names of each case whose first event that met them was late for a row of theirs."""
    first = (
        sa.select(
            _deadline.case_id,
            _deadline.name,
            sa.func.min(_deadline.closed_sequence).label("closed"),
        )
        .where(_deadline.case_id.in_(cases), _MET)
        .group_by(_deadline.case_id, _deadline.name)
        .subquery()
    )
    same = sa.and_(
        _deadline.case_id == first.c.case_id,
        _deadline.name == first.c.name,
        _deadline.closed_sequence == first.c.closed,
    )
    return (
        sa.select(_deadline.case_id, _deadline.name)
        .join(first, same)
        .where(_deadline.status == "late")
        .distinct()
    )


def _items(cases: Cases, today: date) -> sa.Select[UUID, str, int, int, int]:
    """For each case and work item's name: how many are done, open, and open past their day."""
    is_open = sa.and_(_work.status == "open", _work.optional == sa.false())
    return (
        sa.select(
            _work.case_id,
            _work.name,
            sa.func.count().filter(_work.status == "completed").label("done"),
            sa.func.count().filter(is_open).label("work"),
            sa.func.count().filter(is_open, _work.act_by_on < today).label("work_late"),
        )
        .where(_work.case_id.in_(cases))
        .group_by(_work.case_id, _work.name)
    )
