"""Facts and deadlines within a step: a fact set moves deadlines at once.

Most are the case's. An instance can have facts of its own, such as the day one assessment is due,
and deadlines that follow from them; both are keyed `name@instance` and end with the instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings, plain
from engine.domain import (
    DeadlineChange,
    DerivedDeadline,
    Domain,
    FactChange,
    FactValue,
    JsonValue,
)
from engine.errors import ExpressionError, StepFailed
from engine.packs.fact_rules import FactSetting
from engine.packs.forms import spoken_name
from engine.rules.decision_tables import DecisionTable
from engine.rules.decisions import Decision, evaluate_table, timescales_from, why_not
from engine.step.appointments import gone_with_the_day
from engine.step.model import DeadlineWrite, FactWrite, KeptDeadline, LoadedCase
from engine.step.scope import (
    ClosedDeadline,
    fact_value,
    fact_values,
    governing,
    name_of,
    own_timescales,
    owned,
    owner_of,
    surroundings,
)

ENDED = "The work it belongs to ended."


@dataclass(frozen=True)
class _Change:
    """A fact changed: `owner` is the instance whose own fact it is, None for the case's."""

    owner: UUID | None
    fact: FactChange


class CaseFacts:
    """What is known of a case, and its open deadlines, while a step is being made.

    `values` are the facts as JSON; `epoch` rises with every change that expressions can see.
    """

    def __init__(self, case: LoadedCase, *, domain: Domain, now: datetime) -> None:
        self._case = case
        self._domain = domain
        self._now = now
        self._definition = case.definition
        self._answers: dict[str, object] = {}
        self._read: dict[UUID | None, Surroundings] = {}
        self._open = {each.derived.key: each for each in case.deadlines}
        self.values = dict(case.facts)
        self._owning: list[UUID] | None = None
        self.fact_writes: dict[str, FactWrite] = {}
        self.deadline_writes: list[DeadlineWrite] = []
        self.decisions: list[Mapping[str, JsonValue]] = []
        self.epoch = 0

    def values_in(self, instance: UUID) -> Mapping[str, FactValue]:
        """Return the facts as an instance reads them, its own first."""
        owner = instance if instance in self._owners() else None
        return fact_values(self._definition.pack, self.values, owner)

    @property
    def today(self) -> date:
        """The day of the step, in London."""
        return self._domain.today(self._now)

    @property
    def surroundings(self) -> Surroundings:
        """What expressions read at this point of the step."""
        return self.surroundings_in(None)

    def surroundings_in(self, instance: UUID | None) -> Surroundings:
        """Return what expressions of an instance read, its own facts and deadlines first."""
        owner = instance if instance in self._owners() else None
        if owner not in self._read:
            self._read[owner] = surroundings(
                self._definition,
                policy=self._case.policy,
                facts=self.values,
                deadlines=[each.derived for each in self._open.values()],
                now=self._now,
                domain=self._domain,
                answers=self._answers,
                instance=owner,
                closed=self._closed(),
            )
        return self._read[owner]

    def _closed(self) -> list[ClosedDeadline]:
        corrected = any(each.corrects for each in self.fact_writes.values())
        return [
            ClosedDeadline(owned(each.name, each.owner), each.closed_as, each.limit_on, corrected)
            for each in self.deadline_writes
            if each.closed_as
        ]

    def _owners(self) -> list[UUID]:
        """Return the instances that have facts of their own, in a fixed order."""
        if self._owning is None:
            owners = {owner for key in self.values if (owner := owner_of(key)) is not None}
            self._owning = sorted(owners)
        return self._owning

    def set_answers(self, values: Mapping[str, object]) -> None:
        """Let expressions of this step read the form just completed as `answers`."""
        self._answers = dict(values)
        self._read = {
            owner: replace(reads, answers=self._answers) for owner, reads in self._read.items()
        }

    def set_facts(
        self,
        settings: Iterable[FactSetting],
        *,
        instance: UUID | None = None,
        corrects: bool = False,
        reason: str = "",
    ) -> None:
        """Set facts by their rules (`latest`, `first`); deadlines follow at once.

        Raises:
            StepFailed: an `own` fact is set where no `instance` is at work.
        """
        changes: list[_Change] = []
        settings = list(settings)
        if not corrects:
            pack = self._definition.pack
            settings += gone_with_the_day(pack, settings, self.values, instance)
        for setting in settings:
            is_own = self._definition.pack.facts[setting.fact].own
            if is_own and instance is None:
                raise StepFailed(setting.fact, "it belongs to one piece of work, and none is named")
            owner = instance if is_own else None
            if self._set_fact(setting, owner, corrects=corrects, reason=reason):
                changes.append(self._change(setting.fact, owner))
        if changes:
            self._read.clear()
            self._derive_deadlines(changes)

    def set_from_message(self, sets: Mapping[str, str], payload: Mapping[str, JsonValue]) -> None:
        """Set the facts that a message sets, dated by the first day that it gives one of them.

        Raises:
            StepFailed: what a fact is set to cannot be worked out.
        """
        values = {fact: self._value_of(source, payload) for fact, source in sets.items()}
        days = (_day(value) for value in values.values())
        dated = next((day for day in days if day is not None), None)
        self.set_facts(
            FactSetting(fact, value, dated) for fact, value in values.items() if value is not None
        )

    def _value_of(self, source: str, payload: Mapping[str, JsonValue]) -> JsonValue:
        """Return a field of the payload; of `=` and an expression what it gives."""
        if not source.startswith("="):
            return payload.get(source)
        names = {spoken_name(name): value for name, value in payload.items()}
        try:
            value = plain(runtime.evaluate(source[1:], names, self.surroundings))
        except ExpressionError as error:
            raise StepFailed(source, f"what a message sets is unclear: {error}") from error
        return cast("JsonValue", value)

    def start_own(self, instance: UUID, payload: Mapping[str, JsonValue]) -> None:
        """Give a new instance its own facts: what of its message the pack declares as `own`."""
        kinds = self._definition.pack.facts
        settings = [
            FactSetting(name, value, None)
            for name, value in payload.items()
            if value is not None and name in kinds and kinds[name].own
        ]
        self.set_facts(settings, instance=instance)

    def without_own(self, payload: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return what of a message is local data: its own facts are read as facts."""
        kinds = self._definition.pack.facts
        return {
            name: value
            for name, value in payload.items()
            if not (name in kinds and kinds[name].own)
        }

    def end_own(self, instance: UUID) -> bool:
        """Forget the own facts of an instance that is over, and cancel its open deadlines.

        Returns whether it had any; whatever watches deadlines then looks again.
        """
        own = [each for each in self.values if owner_of(each) == instance]
        if not own:
            return False
        for key in own:
            known = self.fact_writes.get(key)
            last = self.values.pop(key)
            today = self._domain.today(self._now)
            self.fact_writes[key] = (
                FactWrite(key, last, None, today, False, "", ended=True)
                if known is None
                else replace(known, ended=True)
            )
        for key in [each for each in self._open if owner_of(each) == instance]:
            change = DeadlineChange("cancelled", previous=key, reason=ENDED)
            self._close(self._open.pop(key), change, None)
        self._owning = None
        self._read.clear()
        self.epoch += 1
        return True

    def _set_fact(
        self, setting: FactSetting, owner: UUID | None, *, corrects: bool, reason: str
    ) -> bool:
        kind = self._definition.pack.facts[setting.fact]
        key = owned(setting.fact, owner)
        old = self.values.get(key)
        if setting.value == old:
            return False
        if not corrects and old is not None:
            if kind.first:
                return False
            if kind.latest and setting.value is not None and str(setting.value) < str(old):
                return False
        self._owning = None
        known = self.fact_writes.get(key)
        if setting.value is None:
            del self.values[key]
        else:
            self.values[key] = setting.value
        self.fact_writes[key] = FactWrite(
            name=key,
            old=known.old if known else old,
            value=setting.value,
            effective_on=setting.effective_on or self._domain.today(self._now),
            corrects=corrects,
            reason=reason,
        )
        return True

    def _change(self, name: str, owner: UUID | None) -> _Change:
        kind = self._definition.pack.facts[name]
        write = self.fact_writes[owned(name, owner)]
        fact = FactChange(
            name=name,
            old=fact_value(kind, write.old),
            new=fact_value(kind, write.value),
            corrects=write.corrects,
            reason=write.reason,
        )
        return _Change(owner, fact)

    def _derive_deadlines(self, changes: Sequence[_Change]) -> None:
        """Evaluate timescales.dmn on the facts and open, meet, supersede or cancel deadlines.

        For each instance with own facts once more: the rows that hold there alone are its own.
        """
        table = self._definition.tables.get("timescales")
        if table is None:
            return
        shared = self._derive_of(table, None, changes, set())
        concerned = {each.owner for each in changes}
        for owner in self._owners():
            if owner in concerned or None in concerned:
                self._derive_of(own_timescales(self._definition), owner, changes, shared)
        self._read.clear()
        self.epoch += 1

    def _derive_of(
        self,
        table: DecisionTable,
        owner: UUID | None,
        changes: Sequence[_Change],
        shared: set[str],
    ) -> set[str]:
        """Derive the case's deadlines or an instance's own; return the case's row keys."""
        pack = self._definition.pack
        reads = self.surroundings_in(owner)
        decision = evaluate_table(table, reads.names, reads.functions)
        rows = timescales_from(decision)
        keys = {row.key for row in rows}
        if owner is not None:
            rows = [
                replace(row, key=owned(row.key, owner)) for row in rows if row.key not in shared
            ]
        if owner is None or rows:
            self._record(decision)
        derived = self._domain.derive_deadlines(
            rows,
            facts=cast("Mapping[str, FactValue]", reads.names),
            fact_types=pack.facts,
            days_off=pack.days_off,
        )
        kept = [each.derived for key, each in self._open.items() if owner_of(key) == owner]
        concern = [each.fact for each in changes if each.owner in (None, owner)]
        before = {each.name: each.old for each in concern}
        stopped = {
            each.key: why_not(table, rule, reads.names, reads.functions, before=before)
            for each in kept
            if (rule := name_of(each.key).partition(":")[2]) and name_of(each.key) not in keys
        }
        self._apply(
            self._domain.reconcile_deadlines(
                kept, derived, changed=concern, fact_types=pack.facts, stopped=stopped
            )
        )
        return keys if owner is None else set()

    def _record(self, decision: Decision) -> None:
        self.decisions.append(
            {
                "table": decision.table_id,
                "hit_policy": decision.hit_policy,
                "matched": [match.rule_id for match in decision.matched],
            }
        )

    def _apply(self, changes: Iterable[DeadlineChange]) -> None:
        superseded: list[tuple[KeptDeadline, DeadlineChange, UUID | None]] = []
        for change in changes:
            old = self._open.pop(change.previous) if change.previous else None
            if old is not None and change.change in ("met", "late", "cancelled"):
                self._close(old, change, None)
            opened = self._open_new(change) if change.derived is not None else None
            if old is not None and change.change == "superseded":
                superseded.append((old, change, opened))
        for old, change, replacement in superseded:
            self._close(old, change, replacement or self._governing_id(old.derived))

    def _open_new(self, change: DeadlineChange) -> UUID:
        assert change.derived is not None
        id = self._case.new_id("deadline", len(self.deadline_writes))
        self._open[change.derived.key] = KeptDeadline(id, change.derived)
        self.deadline_writes.append(
            DeadlineWrite(
                id,
                change.derived,
                change.derived.name,
                reason=change.reason,
                limit_on=change.derived.limit_on,
                owner=owner_of(change.derived.key),
            )
        )
        return id

    def _close(self, old: KeptDeadline, change: DeadlineChange, replacement: UUID | None) -> None:
        self.deadline_writes.append(
            DeadlineWrite(
                old.id,
                None,
                old.derived.name,
                closed_as=change.change,
                met_on=change.met_on,
                superseded_by=replacement,
                reason=change.reason,
                limit_on=old.derived.limit_on,
                owner=owner_of(old.derived.key),
            )
        )

    def _governing_id(self, old: DerivedDeadline) -> UUID | None:
        open_now = (each.derived for each in self._open.values())
        found = governing(open_now, old.name, owner_of(old.key))
        return None if found is None else self._open[found.key].id

    def close_all(self, reason: str) -> None:
        """Cancel every open deadline."""
        for key in list(self._open):
            change = DeadlineChange("cancelled", previous=key, reason=reason)
            self._close(self._open.pop(key), change, None)

    def dates_of(
        self, deadline: str | None, instance: UUID
    ) -> tuple[date | None, date | None, str | None]:
        """Return ACT-BY, LIMIT and sentence of the deadline of that name that governs there."""
        open_now = (each.derived for each in self._open.values())
        found = governing(open_now, deadline or "", instance)
        return (found.act_by_on, found.limit_on, found.explanation) if found else (None, None, None)

    @property
    def manager(self) -> str | None:
        """The user name of whoever manages the case, None for nobody."""
        return self.person(self._case.managed_by)

    def person(self, role: str) -> str | None:
        """Return the user name in the fact named like a role, if that holds a person."""
        found, kind = self.values.get(role), self._definition.pack.facts.get(role)
        is_person = kind is not None and kind.type == "user"
        return found if is_person and isinstance(found, str) else None


def _day(value: JsonValue) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
