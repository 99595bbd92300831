"""The tracker: every open case that one may see, flagged and measured by the pack's rules.

A fixed number of statements, however many cases there are: each reads one kind of row of all of
them. What the rows mean is the pack's (`engine.packs.tracker_rules`); the flags advise, nothing
waits for them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor
from engine.domain import Domain
from engine.packs.kinds import Kind
from engine.packs.tracker_rules import Column, Measure, TrackerRules
from engine.people.case_circle import at_work, near
from engine.storage import tables
from engine.tracker.flags import AMBER, FEW, GREEN, RED, Flagged, cases_where, read_flagged
from engine.tracker.read_many import Cases, Wants, read_known
from engine.tracker.work_out import TrackedValues

__all__ = ["AMBER", "GREEN", "RED", "Measured", "TrackedCase", "Tracker", "Wanted"]

_ORDER = (RED, AMBER, GREEN)
_case = tables.case.c


@dataclass(frozen=True)
class TrackedCase:
    """One row. `values` are by column; `people` by role. `name` is personal content.

    `booked` are the days of appointments, by deadline.
    """

    ref: str
    pack: str
    policy: str
    name: str
    kind: Kind
    people: Mapping[str, str]
    rag: str
    reason: str
    values: Mapping[str, object]
    booked: Mapping[str, date]


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
    cases = cases_where(_visible(actor, today))
    read = read_flagged(connection, cases, today=today, domain=domain)
    working = _working(connection, actor)
    read = [each for each in read if _may_see(actor, each, working)]
    chosen = [each for each in read if _is_wanted(each, wanted)]
    found = Counter(each.flags.rag for each in chosen)
    shown = [each for each in chosen if wanted.rag in ("", each.flags.rag)]
    shown.sort(key=_place)
    end = len(shown) if limit is None else start + limit
    return Tracker(
        rows=tuple(_rows(connection, shown[start:end], cases, today)),
        total=len(shown),
        next=end if end < len(shown) else None,
        counts={rag: found[rag] for rag in _ORDER},
        measures=tuple(_measures(chosen)),
        rules={each.workings.pack.id: each.workings.pack.tracker for each in read},
        people=tuple(sorted({name for each in read for name in each.flags.people.values()})),
    )


def _place(case: Flagged) -> tuple[int, date, str]:
    """Return where a case stands: the worst flag first, then what comes first."""
    first_on = case.flags.first_on or date.max
    return _ORDER.index(case.flags.rag), first_on, case.ref


def measure_pack(
    connection: Connection, pack: str, *, now: datetime, domain: Domain
) -> list[Measured]:
    """Return a pack's measures over all its open cases, whoever asks."""
    cases = cases_where([_case.pack == pack])
    return _measures(read_flagged(connection, cases, today=domain.today(now), domain=domain))


def _sees_all(actor: Actor) -> bool:
    return actor.is_any("auditor", "system")


def _working(connection: Connection, actor: Actor) -> set[UUID]:
    return {row.case_id for row in connection.execute(at_work(actor))}


def _may_see(actor: Actor, case: Flagged, working: Collection[UUID]) -> bool:
    # Some fact that is no person's may hold a user name too: what was read can be more.
    named = not actor.stands_for.isdisjoint(case.flags.people.values())
    return _sees_all(actor) or named or case.id in working


def _is_wanted(case: Flagged, wanted: Wanted) -> bool:
    if wanted.person and wanted.person not in case.flags.people.values():
        return False
    # A filter that this case's pack does not have cannot hold for it.
    return wanted.filters <= case.flags.filters


def _rows(
    connection: Connection, cases: Sequence[Flagged], every: Cases, today: date
) -> Iterator[TrackedCase]:
    """Yield the rows of some of `every` case: columns read more than flags and measures do."""
    if not cases:
        return
    ids = [each.id for each in cases]
    only = every.where(_case.id.in_(ids)) if len(ids) <= FEW else every
    known = read_known(connection, only, Wants(), today=today)
    for each in cases:
        values = TrackedValues(each.policy, each.workings, known[each.id])
        pack = each.workings.pack
        kind = pack.kinds[each.kind]
        yield TrackedCase(
            ref=each.ref,
            pack=pack.id,
            policy=each.policy,
            name=str(values.known.facts.get(kind.name) or "") if kind.name else kind.title,
            kind=kind,
            people=each.flags.people,
            rag=each.flags.rag,
            reason=each.flags.reason,
            values={column.name: _in_words(values, column) for column in pack.tracker.columns},
            booked=each.workings.booked_days(values),
        )


def _in_words(case: TrackedValues, column: Column) -> object:
    """Return a column's value; a code that is a fact's in the pack's words."""
    value = case.value(column.value)
    kind = case.workings.pack.facts.get(column.value)
    return kind.values.get(str(value), value) if kind is not None and kind.values else value


def _measures(cases: Sequence[Flagged]) -> list[Measured]:
    """Return each pack's measures; a case is measured by the rules that it runs on."""
    by_pack: dict[str, list[Flagged]] = defaultdict(list)
    for each in cases:
        by_pack[each.workings.pack.id].append(each)
    found = []
    for pack, of_pack in sorted(by_pack.items()):
        rules = {id(each.workings): each.workings.pack.tracker for each in of_pack}.values()
        named = {measure.name: measure for each in rules for measure in each.measures}
        found += [_measure(pack, measure, of_pack) for measure in named.values()]
    return found


def _measure(pack: str, measure: Measure, cases: Sequence[Flagged]) -> Measured:
    among = [
        (each.ref, share)
        for each in cases
        if (share := each.flags.shares.get(measure.name)) is not None
    ]
    numbers = [share.number for _, share in among if share.number is not None]
    return Measured(
        pack=pack,
        measure=measure,
        among=len(among),
        count=sum(share.holds for _, share in among) if measure.share_of else None,
        median=median(numbers) if numbers else None,
        listed=tuple(ref for ref, share in among if share.listed),
    )


def _visible(actor: Actor, today: date) -> list[sa.ColumnElement[bool]]:
    """As `permissions.may_see_case`, for all cases at once, and maybe more than that."""
    own_pack = [] if actor.pack is None else [_case.pack == actor.pack]
    return own_pack if _sees_all(actor) else [near(actor, today=today), *own_pack]
