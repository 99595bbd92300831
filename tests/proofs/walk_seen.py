"""The rows of one case at one moment, and what its newest events brought."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import JsonValue
from engine.step.scope import facts_of, name_of
from engine.storage import loading, tables
from tests.proofs.walk_duties import Duty, DutyRow, FactsSet, duties_of
from workflows.permanence.domain import DOMAIN

QUESTION = "explain_breach"
"""The task that asks why a date was missed."""

Told = tuple[str, str | None, str]
"""Role, person and text of a notice."""


@dataclass(frozen=True)
class Seen:
    """A case as it stands, and what came since the last look.

    `duties`: of each open duty the row that counts; `watched`: beside one that is an assumption
    the first that policy itself sets. `closings`: the rows that ended. `timers` by process.
    `questions`: open task -> what it is about; `ended`: task -> how.
    """

    now: datetime
    today: date
    version: int
    policy: str
    closed: bool
    facts: Mapping[str, JsonValue]
    open_rows: Sequence[DutyRow]
    closings: Sequence[DutyRow]
    timers: Sequence[tuple[str, datetime | None]]
    running: Sequence[str]
    work: Sequence[str]
    worked: frozenset[Duty]
    questions: Mapping[UUID, Mapping[str, JsonValue]]
    ended: Mapping[UUID, str]
    kinds: frozenset[str]
    notices: Sequence[Told]
    facts_set: FactsSet

    @property
    def duties(self) -> list[DutyRow]:
        return governing(self.open_rows)

    @property
    def watched(self) -> list[DutyRow]:
        of_policy = governing(each for each in self.open_rows if not each.assumption)
        return [*self.duties, *(each for each in of_policy if each not in self.duties)]

    @property
    def together(self) -> list[JsonValue]:
        """The missed dates that one reason was given for together."""
        values = [
            value
            for facts in self.facts_set.values()
            for name, (value, _) in facts.items()
            if name_of(name) == "explained_together"
        ]
        return [id for value in values if isinstance(value, list) for id in value]

    def person(self, role: str) -> str | None:
        """Return who has a role in the case."""
        value = self.facts.get(role)
        return value if isinstance(value, str) else None

    @property
    def state(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tasks that are open and the duties that run, each once."""
        return tuple(sorted(set(self.work))), tuple(sorted({e.duty.name for e in self.duties}))


def governing(rows: Iterator[DutyRow] | Sequence[DutyRow]) -> list[DutyRow]:
    """Return of each duty the row that counts: with the earliest LIMIT, policy's own first."""
    first: dict[Duty, DutyRow] = {}
    for each in sorted(rows, key=lambda row: (row.limit_on, row.assumption, row.key)):
        first.setdefault(each.duty, each)
    return list(first.values())


_CASE, _AFTER = sa.bindparam("case"), sa.bindparam("after")
_c, _d, _i, _t = tables.case.c, tables.deadline.c, tables.instance.c, tables.timer.c
_w, _e, _n, _f = tables.work_item.c, tables.event.c, tables.notice.c, tables.fact.c
HEAD = sa.select(_c.version, _c.status, _c.policy).where(_c.id == _CASE)
DEADLINES = sa.select(tables.deadline).where(
    _d.case_id == _CASE, sa.or_(_d.status == "open", _d.closed_sequence > _AFTER)
)
ARMED = (
    sa.select(_i.process, _t.due_at)
    .join(tables.instance, _i.id == _t.instance_id)
    .where(_t.case_id == _CASE)
)
RUNNING = sa.select(_i.process).where(_i.case_id == _CASE, _i.status == "running")
WORK = sa.select(_w.id, _w.element, _w.instance_id, _w.status, _w.deadline).where(
    _w.case_id == _CASE, sa.or_(_w.status == "open", _w.closed_sequence > _AFTER)
)
KINDS = sa.select(_e.kind).where(_e.case_id == _CASE, _e.sequence > _AFTER)
TOLD = sa.select(_n.role, _n.person, _n.text).where(_n.case_id == _CASE, _n.sequence > _AFTER)
FACTS = sa.select(_f.name, _f.value, _f.corrects, _f.from_sequence, _f.to_sequence).where(
    _f.case_id == _CASE, sa.or_(_f.from_sequence > _AFTER, _f.to_sequence > _AFTER)
)
"""Each made once: making them costs as much as asking."""


def see(connection: Connection, case_id: UUID, *, after: int, now: datetime) -> Seen:
    """Return a case as it stands, and what came after event `after`."""
    of_case, since = {"case": case_id}, {"case": case_id, "after": after}
    head = connection.execute(HEAD, of_case).one()
    rows = connection.execute(DEADLINES, since).all()
    facts = loading.current_facts(connection, case_id)
    return Seen(
        now=now,
        today=DOMAIN.today(now),
        version=head.version,
        policy=head.policy,
        closed=head.status == "closed",
        facts=facts,
        open_rows=duties_of(row for row in rows if row.status == "open"),
        closings=duties_of(row for row in rows if row.status != "open"),
        timers=[tuple(row) for row in connection.execute(ARMED, of_case)],
        running=list(connection.scalars(RUNNING, of_case)),
        **_work(connection.execute(WORK, since).all(), facts),
        kinds=frozenset(connection.scalars(KINDS, since)),
        notices=[tuple(row) for row in connection.execute(TOLD, since)],
        facts_set=_facts_set(connection.execute(FACTS, since), after),
    )


def _work(rows: Sequence[Any], facts: Mapping[str, JsonValue]) -> dict[str, Any]:
    waiting = [row for row in rows if row.status == "open"]
    return {
        "work": sorted(row.element for row in waiting),
        "worked": frozenset(
            Duty(name_of(row.deadline), owner)
            for row in waiting
            if row.deadline
            for owner in (None, row.instance_id)
        ),
        "questions": {
            row.id: facts_of(facts, row.instance_id) for row in waiting if row.element == QUESTION
        },
        "ended": {row.id: row.status for row in rows if row.status != "open"},
    }


def _facts_set(rows: Iterable[Any], after: int) -> FactsSet:
    """Return event -> fact -> its value and whether it corrects; none for one taken back."""
    found: dict[int, dict[str, tuple[JsonValue, bool]]] = {}
    for row in rows:
        if row.from_sequence > after:
            known = found.setdefault(row.from_sequence, {})
            known[row.name] = json.loads(row.value), row.corrects
        else:
            found.setdefault(row.to_sequence, {})
    return found
