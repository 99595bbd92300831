"""What the tracker reads of many cases: a statement for each kind of row, one row for each case.

The databases put a case's facts, dates and counts together as JSON: 20,000 cases are 20,000 rows
then, and not half a million.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import JsonValue
from engine.step.scope import name_of
from engine.storage import tables

_fact, _deadline, _work = tables.fact.c, tables.deadline.c, tables.work_item.c
Cases = sa.Select[tuple[UUID]]
_MET = _deadline.status.in_(("met", "late"))

day_of = lru_cache(maxsize=50_000)(date.fromisoformat)
"""A day written as databases and forms write it; there are few of them among many cases."""


@dataclass(frozen=True)
class Wants:
    """Which facts, deadlines and work items to read, by name; None for all."""

    facts: frozenset[str] | None = None
    deadlines: frozenset[str] | None = None
    items: frozenset[str] | None = None


@dataclass
class Known:
    """What was read of one case: its facts as JSON, and the words of the pack's rules."""

    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    words: dict[str, dict[str, object]] = field(default_factory=lambda: defaultdict(dict))


def read_known(
    connection: Connection, cases: Cases, wants: Wants, *, today: date
) -> dict[UUID, Known]:
    """Return what is wanted of the cases that a query selects, by id."""
    known: dict[UUID, Known] = defaultdict(Known)
    for id, facts in _objects(connection, _facts(connection, cases, wants)):
        # One piece of work's own facts are no column of the case's.
        known[id].facts = {name: each for name, each in facts.items() if name_of(name) == name}
    for id, due in _objects(connection, _due(connection, cases)):
        known[id].words["due"] = {name: day_of(day) for name, day in due.items()}
    if wants.deadlines is None or wants.deadlines:
        _read_ends(connection, cases, wants, known, today)
    if wants.items is None or wants.items:
        for item in connection.execute(_items(cases, wants, today)):
            words = known[item.case_id].words
            for word in ("done", "work", "work_late"):
                words[word][item.name] = getattr(item, word)
    return known


def _objects(
    connection: Connection, query: sa.Select[Any]
) -> Iterable[tuple[UUID, dict[str, Any]]]:
    return ((id, json.loads(text)) for id, text in connection.execute(query))


def _object(connection: Connection, key: Any, value: Any) -> sa.ColumnElement[Any]:
    """Return the aggregate that puts rows together as one JSON object, as text."""
    if connection.dialect.name == "sqlite":
        return sa.func.json_group_object(key, value)
    return sa.cast(sa.func.json_object_agg(key, value), sa.Text)


def _facts(connection: Connection, cases: Cases, wants: Wants) -> sa.Select[Any]:
    is_sqlite = connection.dialect.name == "sqlite"
    value = sa.func.json(_fact.value) if is_sqlite else sa.cast(_fact.value, sa.JSON)
    query = sa.select(_fact.case_id, _object(connection, _fact.name, value)).where(
        _fact.to_sequence.is_(None), _fact.case_id.in_(cases), *_named(_fact.name, wants.facts)
    )
    return query.group_by(_fact.case_id)


def _named(column: Any, names: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if names is None else [column.in_(sorted(names))]


def _due(connection: Connection, cases: Cases) -> sa.Select[Any]:
    """The governing LIMIT of every open deadline, by name."""
    governing = (
        sa.select(
            _deadline.case_id, _deadline.name, sa.func.min(_deadline.limit_on).label("limit_on")
        )
        .where(_deadline.status == "open", _deadline.case_id.in_(cases))
        .group_by(_deadline.case_id, _deadline.name)
        .subquery()
    ).c
    both = _object(connection, governing.name, governing.limit_on)
    return sa.select(governing.case_id, both).group_by(governing.case_id)


def _read_ends(
    connection: Connection, cases: Cases, wants: Wants, known: dict[UUID, Known], today: date
) -> None:
    """Read how deadlines ended: `late`, how often missed, and `first`, how it went that time."""
    for row in connection.execute(_ends(cases, wants, today)):
        words = known[row.case_id].words
        words["late"][row.name] = row.late
        due = words["due"].get(row.name)
        is_open = "breached" if isinstance(due, date) and due < today else "open"
        words["first"][row.name] = is_open if row.first_closed is None else "met"
    for case_id, name in connection.execute(_first_late(cases, wants)):
        known[case_id].words["first"][name] = "late"


def _ends(cases: Cases, wants: Wants, today: date) -> sa.Select[Any]:
    """For each case and name: missed LIMITs, and the event that first met one."""
    missed = sa.or_(
        _deadline.status == "late",
        sa.and_(_deadline.status == "open", _deadline.limit_on < today),
    )
    return (
        sa.select(
            _deadline.case_id,
            _deadline.name,
            sa.func.count().filter(missed).label("late"),
            sa.func.min(_deadline.closed_sequence).filter(_MET).label("first_closed"),
        )
        .where(_deadline.case_id.in_(cases), *_named(_deadline.name, wants.deadlines))
        .group_by(_deadline.case_id, _deadline.name)
    )


def _first_late(cases: Cases, wants: Wants) -> sa.Select[Any]:
    """The names of each case whose first event that met them was late for a row of theirs."""
    first = (
        sa.select(
            _deadline.case_id,
            _deadline.name,
            sa.func.min(_deadline.closed_sequence).label("closed"),
        )
        .where(_deadline.case_id.in_(cases), _MET, *_named(_deadline.name, wants.deadlines))
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


def _items(cases: Cases, wants: Wants, today: date) -> sa.Select[Any]:
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
        .where(_work.case_id.in_(cases), *_named(_work.name, wants.items))
        .group_by(_work.case_id, _work.name)
    )
