"""Facts and deadlines within a step: a fact set moves deadlines at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from engine.decisions import Decision, evaluate_table, timescales_from
from engine.forms import FactSetting
from engine.process import DeadlineChange, Domain, FactChange, JsonValue
from engine.reading import fact_value, fact_values, governing, surroundings
from engine.scripting import Surroundings
from engine.step import DeadlineWrite, FactWrite, KeptDeadline, LoadedCase


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
        self._surroundings: Surroundings | None = None
        self._open = {each.derived.key: each for each in case.deadlines}
        self.values = dict(case.facts)
        self.fact_writes: dict[str, FactWrite] = {}
        self.deadline_writes: list[DeadlineWrite] = []
        self.decisions: list[Mapping[str, JsonValue]] = []
        self.epoch = 0

    @property
    def surroundings(self) -> Surroundings:
        """What expressions read at this point of the step."""
        if self._surroundings is None:
            self._surroundings = surroundings(
                self._definition,
                policy=self._case.policy,
                facts=self.values,
                deadlines=[each.derived for each in self._open.values()],
                now=self._now,
                domain=self._domain,
                answers=self._answers,
            )
        return self._surroundings

    def set_answers(self, values: Mapping[str, object]) -> None:
        """Let expressions of this step read the form just completed as `answers`."""
        self._answers = dict(values)
        self._surroundings = None

    def set_facts(
        self, settings: Iterable[FactSetting], *, corrects: bool = False, reason: str = ""
    ) -> None:
        """Set facts by their rules (`latest`, `first`); deadlines follow at once."""
        changes: list[FactChange] = []
        before = fact_values(self._definition.pack, self.values)
        for setting in settings:
            if self._set_fact(setting, corrects=corrects, reason=reason):
                changes.append(self._fact_change(setting.fact, before))
        if changes:
            self._surroundings = None
            self.derive_deadlines(changes)

    def _set_fact(self, setting: FactSetting, *, corrects: bool, reason: str) -> bool:
        kind = self._definition.pack.facts[setting.fact]
        old = self.values.get(setting.fact)
        if setting.value == old:
            return False
        if not corrects and old is not None:
            if kind.first:
                return False
            if kind.latest and str(setting.value) < str(old):
                return False
        known = self.fact_writes.get(setting.fact)
        self.values[setting.fact] = setting.value
        self.fact_writes[setting.fact] = FactWrite(
            name=setting.fact,
            old=known.old if known else old,
            value=setting.value,
            effective_on=setting.effective_on or self._domain.today(self._now),
            corrects=corrects,
            reason=reason,
        )
        return True

    def _fact_change(self, name: str, before: Mapping[str, object]) -> FactChange:
        write = self.fact_writes[name]
        kind = self._definition.pack.facts[name]
        return FactChange(
            name=name,
            old=before[name],  # type: ignore[arg-type]
            new=fact_value(kind, write.value),
            corrects=write.corrects,
            reason=write.reason,
        )

    def derive_deadlines(self, changes: list[FactChange]) -> None:
        """Evaluate timescales.dmn on the facts and open, meet, supersede or cancel deadlines."""
        table = self._definition.tables.get("timescales")
        if table is None:
            return
        reads = self.surroundings
        decision = evaluate_table(table, reads.names, reads.functions)
        self._record(decision)
        pack = self._definition.pack
        derived = self._domain.derive_deadlines(
            timescales_from(decision),
            facts=fact_values(pack, self.values),
            fact_types=pack.facts,
            closures=pack.closures,
        )
        found = self._domain.reconcile_deadlines(
            [each.derived for each in self._open.values()],
            derived,
            changed=changes,
            fact_types=pack.facts,
        )
        self._apply(found)
        self._surroundings = None
        self.epoch += 1

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
            self._close(old, change, replacement or self._governing_id(old.derived.name))

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
            )
        )

    def _governing_id(self, name: str) -> UUID | None:
        found = governing((each.derived for each in self._open.values()), name)
        return None if found is None else self._open[found.key].id

    def close_all(self, reason: str) -> None:
        """Cancel every open deadline."""
        for key in list(self._open):
            change = DeadlineChange("cancelled", previous=key, reason=reason)
            self._close(self._open.pop(key), change, None)

    def dates_of(self, deadline: str | None) -> tuple[date | None, date | None, str | None]:
        """Return ACT-BY, LIMIT and sentence of the governing open deadline of that name."""
        found = governing((each.derived for each in self._open.values()), deadline or "")
        return (found.act_by_on, found.limit_on, found.explanation) if found else (None, None, None)

    def person(self, role: str) -> str | None:
        """Return the user name in the fact named like a role."""
        found = self.values.get(role)
        return found if isinstance(found, str) else None
