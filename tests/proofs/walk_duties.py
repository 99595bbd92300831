"""Which dates policy asks for, worked out anew from the facts, beside those that a case has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.domain import DerivedDeadline, JsonValue, Timescale
from engine.packs.version import Definition
from engine.rules.decisions import evaluate_table, timescales_from
from engine.step.scope import (
    fact_values,
    facts_of,
    name_of,
    own_timescales,
    owned,
    owner_of,
    surroundings,
)
from workflows.permanence.domain import DOMAIN


@dataclass(frozen=True)
class Duty:
    """What is to be done by a date: the case's, or of one piece of work in it."""

    name: str
    owner: UUID | None


@dataclass(frozen=True)
class DutyRow:
    """One row of the table of deadlines."""

    duty: Duty
    key: str
    limit_on: date
    day_0: date
    opens_on: date | None
    assumption: bool
    status: str
    met_on: date | None
    opened: int
    closed: int | None


def duties_of(rows: Iterable[Any]) -> list[DutyRow]:
    return [
        DutyRow(
            Duty(row.name, owner_of(row.key)),
            row.key,
            row.limit_on,
            row.day_0,
            row.opens_on,
            row.assumption,
            row.status,
            row.met_on,
            row.opened_sequence,
            row.closed_sequence,
        )
        for row in rows
    ]


def differences(wanted: Iterable[DerivedDeadline], rows: Iterable[DutyRow]) -> Iterator[str]:
    """Yield where the open dates are not those that policy gives."""
    asked = {each.key: each for each in wanted}
    there = {each.key: each for each in rows}
    for key in sorted(asked.keys() | there.keys()):
        if key not in there:
            yield f"{key} should be running to {asked[key].limit_on}, and is not"
        elif key not in asked:
            yield f"{key} is still running to {there[key].limit_on}, though nothing asks for it"
        elif asked[key].limit_on != there[key].limit_on and there[key].day_0 >= asked[key].day_0:
            # An unmet duty keeps its earlier date when its kind of event happens again.
            yield f"{key} runs to {there[key].limit_on}, not to {asked[key].limit_on}"


class Wanted:
    """The dates that a policy gives for facts; what has not changed is worked out once."""

    def __init__(self, policy: Definition) -> None:
        self._policy = policy
        self._table = policy.tables["timescales"]
        self._own = own_timescales(policy)
        self._kept: dict[UUID | None, tuple[object, list[Timescale], list[DerivedDeadline]]] = {}

    def derive(
        self, chosen: str, facts: Mapping[str, JsonValue], now: datetime
    ) -> Iterator[DerivedDeadline]:
        """Yield the case's dates, then those of each piece of work."""
        owners = sorted({owner for key in facts if (owner := owner_of(key)) is not None})
        of_case = facts_of(facts, None)
        for owner in (None, *owners):
            known = (of_case, facts_of(facts, owner))
            if owner not in self._kept or self._kept[owner][0] != known:
                self._kept[owner] = (known, *self._anew(chosen, facts, owner, now))
            yield from self._kept[owner][2]

    def _anew(
        self, chosen: str, facts: Mapping[str, JsonValue], owner: UUID | None, now: datetime
    ) -> tuple[list[Timescale], list[DerivedDeadline]]:
        pack = self._policy.pack
        reads = surroundings(
            self._policy,
            policy=chosen,
            facts=facts,
            deadlines=(),
            now=now,
            domain=DOMAIN,
            instance=owner,
        )
        table = self._table if owner is None else self._own
        rows = timescales_from(evaluate_table(table, reads.names, reads.functions))
        if owner is not None:
            shared = {row.key for row in self._kept[None][1]}
            rows = [
                replace(row, key=owned(row.key, owner)) for row in rows if row.key not in shared
            ]
        derived = DOMAIN.derive_deadlines(
            rows,
            facts=fact_values(pack, facts, owner),
            fact_types=pack.facts,
            days_off=pack.days_off,
        )
        return rows, list(derived)


FactsSet = Mapping[int, Mapping[str, tuple[JsonValue, bool]]]
"""Event -> fact (of a piece of work: `name@instance`) -> its value, and whether it corrects."""


def wrongly_closed(
    policy: Definition, closings: Sequence[DutyRow], facts_set: FactsSet
) -> Iterator[str]:
    """Yield the dates that ended otherwise than policy says: met with what it calls met."""
    met_by = met_by_of(policy)
    for each in closings:
        fact = met_by.get(name_of(each.key))
        if fact is None or each.opened == each.closed or each.closed is None:
            continue
        recorded = facts_set.get(each.closed, {}).get(owned(fact, each.duty.owner))
        value, corrects = recorded or (None, False)
        is_met = value not in (None, False) and not corrects
        if is_met and each.status not in ("met", "late"):
            yield f"{each.key} to {each.limit_on} was met with {value}, and counts as {each.status}"
        if recorded is None and each.status in ("met", "late"):
            yield f"{each.key} to {each.limit_on} counts as {each.status}, and nothing met it"
        if is_met and isinstance(value, str) and each.status in ("met", "late"):
            late = date.fromisoformat(value) > each.limit_on
            if late != (each.status == "late"):
                met = f"{each.key} to {each.limit_on} was met on {value}"
                yield f"{met}, and counts as {each.status}"


def met_by_of(policy: Definition) -> Mapping[str, str]:
    """Return row -> the fact that meets it."""
    table = policy.tables["timescales"]
    place = table.outputs.index("met_by")
    return {f"{table.id}:{rule.id}": str(rule.outputs[place].literal) for rule in table.rules}
