"""Run a case on to its next wait: facts, deadlines, instances and messages until all is quiet.

Pure: takes a `LoadedCase`, gives a `Step`; the store writes it. The order is DESIGN section 3:
an answer sets facts, facts move deadlines, deadlines move timers, timers open work.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from engine import runtime
from engine.decisions import Decision, evaluate_table, timescales_from
from engine.errors import StepFailed
from engine.forms import FactSetting
from engine.process import Allocation, DeadlineChange, Domain, FactChange, JsonValue
from engine.reading import fact_value, fact_values, governing, surroundings
from engine.scripting import Surroundings, plain
from engine.step import (
    DeadlineWrite,
    FactWrite,
    InstanceWrite,
    KeptDeadline,
    KeptTimer,
    KeptWorkItem,
    LoadedCase,
    NewWorkItem,
    Notice,
    Step,
)

MAX_ROUNDS = 200
"""Messages and re-looks in one step; more is two diagrams answering each other for ever."""


@dataclass
class _Running:
    """One instance in the running step."""

    id: UUID
    process: str
    text: str
    has_timers: bool
    correlation: str = ""
    started: bool = False
    looked_at: int = 0
    run: runtime.Run | None = None
    ran: list[str] = field(default_factory=list)
    cancelled: bool = False


class CaseRun:
    """One step of one case in the making. Use: change it, `settle()`, `finish()`.

    `was_started(process, correlation)` says whether an instance with that key was ever started
    in this case: a message whose key is known starts nothing.
    """

    def __init__(
        self,
        case: LoadedCase,
        *,
        domain: Domain,
        now: datetime,
        was_started: Callable[[str, str], bool],
    ) -> None:
        self.case = case
        self._was_started = was_started
        self._domain = domain
        self._now = now
        self._definition = case.definition
        self._facts = dict(case.facts)
        self._fact_writes: dict[str, FactWrite] = {}
        self._deadlines = {each.derived.key: each for each in case.deadlines}
        self._deadline_writes: list[DeadlineWrite] = []
        self._instances = {
            each.id: _Running(each.id, each.process, each.text, each.has_timers)
            for each in case.instances
        }
        self._messages: deque[tuple[str, Mapping[str, JsonValue]]] = deque()
        self._delivered: list[Mapping[str, JsonValue]] = []
        self._notices: list[Notice] = []
        self._decisions: list[Mapping[str, JsonValue]] = []
        self._epoch = 0
        self._answers: dict[str, object] = {}
        self._surroundings: Surroundings | None = None
        self._completed_item: UUID | None = None

    # Facts and deadlines

    @property
    def surroundings(self) -> Surroundings:
        """What expressions read at this point of the step."""
        if self._surroundings is None:
            self._surroundings = surroundings(
                self._definition,
                policy=self.case.policy,
                facts=self._facts,
                deadlines=[each.derived for each in self._deadlines.values()],
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
        before = fact_values(self._definition.pack, self._facts)
        for setting in settings:
            if self._set_fact(setting, corrects=corrects, reason=reason):
                changes.append(self._fact_change(setting.fact, before))
        if changes:
            self._surroundings = None
            self.derive_deadlines(changes)

    def _set_fact(self, setting: FactSetting, *, corrects: bool, reason: str) -> bool:
        kind = self._definition.pack.facts[setting.fact]
        old = self._facts.get(setting.fact)
        if setting.value == old:
            return False
        if not corrects and old is not None:
            if kind.first:
                return False
            if kind.latest and str(setting.value) < str(old):
                return False
        known = self._fact_writes.get(setting.fact)
        self._facts[setting.fact] = setting.value
        self._fact_writes[setting.fact] = FactWrite(
            name=setting.fact,
            old=known.old if known else old,
            value=setting.value,
            effective_on=setting.effective_on or self._domain.today(self._now),
            corrects=corrects,
            reason=reason,
        )
        return True

    def _fact_change(self, name: str, before: Mapping[str, object]) -> FactChange:
        write = self._fact_writes[name]
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
            facts=fact_values(pack, self._facts),
            fact_types=pack.facts,
            closures=pack.closures,
        )
        found = self._domain.reconcile_deadlines(
            [each.derived for each in self._deadlines.values()],
            derived,
            changed=changes,
            fact_types=pack.facts,
        )
        self._apply(found)
        self._surroundings = None
        self._epoch += 1

    def _record(self, decision: Decision) -> None:
        self._decisions.append(
            {
                "table": decision.table_id,
                "hit_policy": decision.hit_policy,
                "matched": [match.rule_id for match in decision.matched],
            }
        )

    def _apply(self, changes: Iterable[DeadlineChange]) -> None:
        superseded: list[tuple[KeptDeadline, DeadlineChange, UUID | None]] = []
        for change in changes:
            old = self._deadlines.pop(change.previous) if change.previous else None
            if old is not None and change.change in ("met", "late", "cancelled"):
                self._close(old, change, None)
            opened = self._open(change) if change.derived is not None else None
            if old is not None and change.change == "superseded":
                superseded.append((old, change, opened))
        for old, change, replacement in superseded:
            self._close(old, change, replacement or self._governing_id(old.derived.name))

    def _open(self, change: DeadlineChange) -> UUID:
        assert change.derived is not None
        id = self.case.new_id("deadline", len(self._deadline_writes))
        self._deadlines[change.derived.key] = KeptDeadline(id, change.derived)
        self._deadline_writes.append(
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
        self._deadline_writes.append(
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
        found = governing((each.derived for each in self._deadlines.values()), name)
        return None if found is None else self._deadlines[found.key].id

    # Instances and messages

    def start_process(
        self,
        process: str,
        *,
        message: str | None = None,
        payload: Mapping[str, JsonValue] | None = None,
        correlation: str | None = None,
    ) -> None:
        """Start an instance of `process`; `correlation` tells it from its like in the case."""
        id = self.case.new_id("instance", len(self._instances))
        run = runtime.start(
            self._definition.specs,
            process,
            self.surroundings,
            message=message,
            payload=payload,
        )
        running = _Running(id, process, run.text, has_timers=True, started=True)
        running.correlation = str(id) if correlation is None else correlation
        self._instances[id] = running
        self._took(running, run)

    def complete(self, item: KeptWorkItem) -> None:
        """Complete an open work item's task."""
        running = self._instances[item.instance_id]
        self._completed_item = item.id
        self._took(
            running,
            runtime.complete_task(
                self._definition.specs, running.text, item.task, self.surroundings
            ),
        )

    def send(self, name: str, payload: Mapping[str, JsonValue]) -> None:
        """Queue a message to this case; `settle` delivers it."""
        self._messages.append((name, payload))

    def look_again(self) -> None:
        """Make every instance with timers look at the clock in `settle`."""
        self._epoch += 1

    def _took(self, running: _Running, run: runtime.Run) -> None:
        running.run, running.text = run, run.text
        running.ran += run.ran
        running.has_timers = bool(run.timers)
        running.looked_at = self._epoch
        for thrown in run.thrown:
            self._messages.append((thrown.name, thrown.payload))

    def settle(self) -> None:
        """Deliver messages and look at timers until nothing moves.

        Raises:
            StepFailed: the diagrams keep each other busy.
        """
        for _ in range(MAX_ROUNDS):
            if self._messages:
                self._deliver(*self._messages.popleft())
            elif (stale := self._stale()) is not None:
                run = runtime.look_again(self._definition.specs, stale.text, self.surroundings)
                self._took(stale, run)
            else:
                return
        raise StepFailed("case", "its diagrams keep each other busy without waiting for anybody")

    def _stale(self) -> _Running | None:
        for running in self._instances.values():
            if running.has_timers and running.looked_at < self._epoch and not _over(running):
                return running
        return None

    def _deliver(self, name: str, payload: Mapping[str, JsonValue]) -> None:
        """Set the message's facts, then hand it to waiting instances or start new ones."""
        taken: list[str] = []
        kind = self._definition.pack.messages.get(name)
        if kind is not None:
            self._set_message_facts(kind.sets, payload)
            self._tell(kind.notify, kind.label, payload)
            taken.append("facts")
        for running in [each for each in self._instances.values() if not _over(each)]:
            run = runtime.deliver(
                self._definition.specs, running.text, name, payload, self.surroundings
            )
            if run is not None:
                self._took(running, run)
                taken.append(running.process)
        for start in self._definition.started_by.get(name, ()):
            correlation = self._correlation(start.properties.get("key"), payload)
            if correlation is None or not self._known(start.process, correlation):
                self.start_process(
                    start.process, message=name, payload=payload, correlation=correlation
                )
                taken.append(start.process)
        self._delivered.append({"name": name, "taken_by": list(taken)})

    def _set_message_facts(self, sets: Mapping[str, str], payload: Mapping[str, JsonValue]) -> None:
        dated = next(
            (
                date.fromisoformat(str(payload[each]))
                for each in sets.values()
                if _is_day(payload, each)
            ),
            None,
        )
        self.set_facts(
            FactSetting(fact, payload[source], dated)
            for fact, source in sets.items()
            if payload.get(source) is not None
        )

    def _tell(self, roles: Iterable[str], label: str, payload: Mapping[str, JsonValue]) -> None:
        for role in roles:
            person = self._facts.get(role)
            id = self.case.new_id("notice", len(self._notices))
            said = [str(value) for value in payload.values() if value is not None]
            text = ": ".join([label, ", ".join(said)]) if said else label
            self._notices.append(
                Notice(id, role, person if isinstance(person, str) else None, text)
            )

    def _correlation(self, key: str | None, payload: Mapping[str, JsonValue]) -> str | None:
        if key is None:
            return None
        return json.dumps(plain(runtime.evaluate(key, payload, self.surroundings)))

    def _known(self, process: str, correlation: str) -> bool:
        now_known = any(
            each.process == process and each.correlation == correlation
            for each in self._instances.values()
        )
        return now_known or self._was_started(process, correlation)

    # The outcome

    def finish(self) -> Step:
        """Return what this step changes."""
        closed = self._case_closed()
        if closed:
            self._end_everything()
        opened, gone = self._work()
        team_manager = self._facts.get("team_manager")
        timers, timers_gone = self._timers()
        return Step(
            facts=tuple(self._fact_writes.values()),
            deadlines=tuple(self._deadline_writes),
            instances=tuple(self._instance_writes()),
            opened=tuple(opened),
            moved=tuple(self._moved(gone)),
            closed=gone,
            timers=timers,
            timers_gone=timers_gone,
            notices=tuple(self._notices),
            decisions=tuple(self._decisions),
            messages=tuple(self._delivered),
            case_closed=closed,
            team_manager=team_manager if isinstance(team_manager, str) else None,
        )

    def _case_closed(self) -> bool:
        opening = self._definition.pack.opening_process
        return any(
            each.process == opening and each.run is not None and each.run.completed
            for each in self._instances.values()
        )

    def _end_everything(self) -> None:
        for running in self._instances.values():
            running.cancelled = not (running.run is not None and running.run.completed)
        for key in list(self._deadlines):
            old = self._deadlines.pop(key)
            change = DeadlineChange("cancelled", previous=key, reason="The case was closed.")
            self._close(old, change, None)

    def _instance_writes(self) -> Iterable[InstanceWrite]:
        for each in self._instances.values():
            if each.run is None and not each.cancelled:
                continue
            over = _over(each)
            status = "running"
            if over:
                status = "cancelled" if each.cancelled else "completed"
            yield InstanceWrite(
                id=each.id,
                process=each.process,
                correlation=each.correlation,
                started=each.started,
                status=status,
                text=None if over else each.text,
                ran=tuple(each.ran),
                waiting=() if over or each.run is None else each.run.waiting,
            )

    def _work(self) -> tuple[list[NewWorkItem], dict[UUID, str]]:
        opened: list[NewWorkItem] = []
        gone: dict[UUID, str] = {}
        kept = {(item.instance_id, item.task): item for item in self.case.work_items}
        for running in self._instances.values():
            if running.run is None and not running.cancelled:
                continue
            waiting = {} if _over(running) else _open_tasks(running)
            for (instance, task), item in kept.items():
                if instance == running.id and task not in waiting:
                    done = item.id == self._completed_item
                    gone[item.id] = "completed" if done else "cancelled"
            for task, open_task in waiting.items():
                if (running.id, task) not in kept:
                    opened.append(self._new_item(running, open_task, len(opened)))
        return opened, gone

    def _new_item(
        self, running: _Running, open_task: runtime.OpenTask, ordinal: int
    ) -> NewWorkItem:
        element = self._definition.elements[open_task.element]
        role = self._definition.role_of(element)
        deadline = element.properties.get("deadline") or None
        if deadline and deadline.startswith("="):
            deadline = str(runtime.evaluate(deadline, open_task.data, self.surroundings))
        allocation = self._allocate(role.name if role else "")
        dates = self._dates(deadline)
        team_manager = self._facts.get("team_manager")
        return NewWorkItem(
            id=self.case.new_id("work", ordinal),
            instance_id=running.id,
            task=open_task.task,
            name=element.properties.get("work_item") or element.id,
            element=element.id,
            process=element.process,
            title=element.title,
            role=allocation.role,
            form=element.properties.get("form") or self._definition.pack.default_form,
            deadline=deadline,
            optional=element.properties.get("optional") == "true",
            assignee=allocation.assignee,
            team_manager=team_manager if isinstance(team_manager, str) else None,
            needs_allocating=allocation.needs_allocating,
            act_by_on=dates[0],
            limit_on=dates[1],
            reason=dates[2],
        )

    def _allocate(self, role: str) -> Allocation:
        roles = self._definition.pack.roles
        if role not in roles:
            return Allocation(None, role or "team_manager", needs_allocating=True)
        values = fact_values(self._definition.pack, self._facts)
        return self._domain.allocate(roles[role], roles=roles, facts=values)

    def _dates(self, deadline: str | None) -> tuple[date | None, date | None, str | None]:
        if deadline is None:
            return None, None, None
        found = governing((each.derived for each in self._deadlines.values()), deadline)
        return (found.act_by_on, found.limit_on, found.explanation) if found else (None, None, None)

    def _moved(self, gone: Mapping[UUID, str]) -> Iterable[KeptWorkItem]:
        """Yield the open work items whose dates or worker this step changes.

        When its deadline is no longer open, a work item keeps the dates it had.
        """
        people = {name for name, kind in self._definition.pack.facts.items() if kind.type == "user"}
        reallocates = any(name in people for name in self._fact_writes)
        for item in self.case.work_items:
            if item.id in gone:
                continue
            changed = item
            act_by_on, limit_on, reason = self._dates(item.deadline)
            if limit_on is not None:
                changed = replace(changed, act_by_on=act_by_on, limit_on=limit_on, reason=reason)
            if reallocates:
                changed = self._reallocated(changed)
            if changed != item:
                yield changed

    def _reallocated(self, item: KeptWorkItem) -> KeptWorkItem:
        role = self._definition.pack.roles.get(item.role)
        if role is None or role.work_goes_to != "case":
            return item
        found = self._allocate(item.role)
        team_manager = self._facts.get("team_manager")
        return replace(
            item,
            assignee=found.assignee,
            needs_allocating=found.needs_allocating,
            team_manager=team_manager if isinstance(team_manager, str) else None,
        )

    def _timers(self) -> tuple[tuple[KeptTimer, ...], tuple[tuple[UUID, int], ...]]:
        kept = {(each.instance_id, each.task): each for each in self.case.timers}
        wanted: dict[tuple[UUID, int], KeptTimer] = {}
        looked: set[UUID] = set()
        for running in self._instances.values():
            if running.run is None and not running.cancelled:
                continue
            looked.add(running.id)
            if _over(running) or running.run is None:
                continue
            for armed in running.run.timers:
                timer = KeptTimer(running.id, armed.task, armed.element, armed.due_at)
                known = wanted.get((running.id, armed.task))
                # An event gateway arms several; the earliest wakes it.
                if known is None or _sooner(timer, known):
                    wanted[(running.id, armed.task)] = timer
        changed = tuple(timer for key, timer in wanted.items() if kept.get(key) != timer)
        gone = tuple(key for key in kept if key[0] in looked and key not in wanted)
        return changed, gone


def _over(running: _Running) -> bool:
    return running.cancelled or (running.run is not None and running.run.completed)


def _open_tasks(running: _Running) -> dict[int, runtime.OpenTask]:
    assert running.run is not None
    return {each.task: each for each in running.run.open_tasks}


def _sooner(timer: KeptTimer, known: KeptTimer) -> bool:
    return timer.due_at is not None and (known.due_at is None or timer.due_at < known.due_at)


def _is_day(payload: Mapping[str, JsonValue], name: str) -> bool:
    try:
        date.fromisoformat(str(payload.get(name)))
    except ValueError:
        return False
    return True
