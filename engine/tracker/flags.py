"""Each case's flag and share in the measures, worked out when the case has moved or the day has.

A case's newest hash stands for all that is known of it. What was worked out for that hash and day
is kept in the process, so that a second look at 20,000 cases reads their hashes and little else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from sys import intern
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import Domain
from engine.packs.manifest import Pack
from engine.packs.tracker_rules import Measure
from engine.storage import tables
from engine.storage.published_versions import get_definition
from engine.tracker.read_many import Cases, Known, Wants, read_known
from engine.tracker.work_out import TrackedValues, Workings

RED, AMBER, GREEN = "red", "amber", "green"
MOST_KEPT = 50_000
"""Cases of which what was worked out is kept; about a kilobyte each."""
FEW = 500
"""Cases that are read by their ids; more are read with all the others."""

_case = tables.case.c


@dataclass(frozen=True, slots=True)
class Share:
    """A case's part in a measure that it counts for: whether it holds, its number, if listed."""

    holds: bool
    number: float | None
    listed: bool


@dataclass(frozen=True, slots=True)
class Flags:
    """What the rules say of one case on one day: `shares` by measure, `filters` that hold."""

    people: Mapping[str, str]
    rag: str
    reason: str
    filters: frozenset[str]
    shares: Mapping[str, Share]
    first_on: date | None
    """What comes first: a day that is booked, or a limit."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """One open case with its flags."""

    id: UUID
    ref: str
    policy: str
    kind: str
    workings: Workings
    flags: Flags


_kept: dict[tuple[UUID, str, str, date], Flags] = {}


def cases_where(where: Sequence[sa.ColumnElement[bool]]) -> Cases:
    """Return the query for the open cases for which all of `where` holds."""
    return sa.select(_case.id).where(_case.status == "open", *where)


def read_flagged(
    connection: Connection, cases: Cases, *, today: date, domain: Domain
) -> list[Flagged]:
    """Return the selected cases with their flags.

    Raises:
        ExpressionError: a rule of a pack cannot be worked out for a case.
    """
    columns = (_case.id, _case.ref, _case.policy, _case.definition, _case.last_hash, _case.kind)
    heads = connection.execute(cases.with_only_columns(*columns)).all()
    workings = {
        hash: Workings(get_definition(connection, hash), today=today, domain=domain)
        for hash in sorted({row.definition for row in heads})
    }
    heads = [row for row in heads if _is_tracked(workings[row.definition].pack, row.kind)]
    moved = [row for row in heads if _key(row, today) not in _kept]
    if len(_kept) + len(moved) > MOST_KEPT:
        _kept.clear()
        moved = heads
    if moved:
        only = cases.where(_case.id.in_([row.id for row in moved])) if len(moved) < FEW else cases
        wants = _together(each.wants() for each in workings.values())
        known = read_known(connection, only, wants, today=today)
        for row in moved:
            _kept[_key(row, today)] = _flags(row, workings[row.definition], known[row.id])
    return [
        Flagged(
            row.id,
            row.ref,
            row.policy,
            row.kind,
            workings[row.definition],
            _kept[_key(row, today)],
        )
        for row in heads
    ]


def _is_tracked(pack: Pack, kind: str) -> bool:
    """Whether the tracker has cases of this kind; a pack without columns has no tracker."""
    return bool(pack.tracker.columns) and pack.kinds[kind].tracked


def _key(row: Any, today: date) -> tuple[UUID, str, str, date]:
    return row.id, row.last_hash, row.definition, today


def _flags(row: Any, workings: Workings, known: Known) -> Flags:
    case = TrackedValues(row.policy, workings, known)
    said = workings.flag(case)
    rules = workings.pack.tracker
    return Flags(
        people={
            name: intern(str(known.facts[name]))
            for name in workings.people
            if known.facts.get(name)
        },
        rag=intern(str(said.get("rag") or GREEN)),
        reason=intern(str(said.get("reason") or "")),
        filters=frozenset(each.name for each in rules.filters if case.value(each.when)),
        shares={each.name: _share(case, each) for each in rules.measures if case.value(each.among)},
        first_on=workings.first_day(case),
    )


def _share(case: TrackedValues, measure: Measure) -> Share:
    number = case.value(measure.median_of) if measure.median_of else None
    return Share(
        holds=bool(measure.share_of and case.value(measure.share_of)),
        number=number if isinstance(number, int | float) else None,
        listed=bool(measure.lists and case.value(measure.lists)),
    )


def _together(wants: Iterable[Wants]) -> Wants:
    """Return what any of several definitions wants: cases of all are read at once."""
    every = list(wants)

    def names(of: str) -> frozenset[str] | None:
        said = [getattr(each, of) for each in every]
        return None if None in said else frozenset().union(*said)

    return Wants(names("facts"), names("deadlines"), names("items"))
