"""Run a case on to its next wait: facts, deadlines, instances and messages until all is quiet.

Pure: takes a `LoadedCase`, gives a `Step`; `engine.storage.saving` writes it. The order: an answer
sets facts, facts move deadlines, deadlines move timers, timers open work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.bpmn.timers import Hold
from engine.domain import Domain, JsonValue
from engine.errors import ExpressionError, StepFailed
from engine.packs.manifest import MessageType
from engine.step.allocation import Allocating, RolesOf, knows_nobody
from engine.step.case_facts import CaseFacts
from engine.step.model import (
    InstanceWrite,
    KeptTimer,
    KeptWorkItem,
    LoadedCase,
    SentMessage,
    Step,
)
from engine.step.scope import facts_of
from engine.step.telling import Telling
from engine.step.waiting import (
    InstanceWork,
    armed_timers,
    held_timers,
    key_of,
    surroundings_of,
    work_changes,
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


@dataclass(frozen=True)
class _Message:
    """A message to deliver; `received` is its id when another case sent it."""

    name: str
    payload: Mapping[str, JsonValue]
    received: UUID | None = None


class CaseRun:
    """One step of one case in the making. Use: change it, `settle()`, `finish()`.

    `was_started(process, correlation)` gives the instance with that key, if one was ever started
    in this case: a message whose key is known starts nothing. `roles_of` looks up whom work and
    messages name. `holds` names the timers that must not fire; by default those that incidents
    keep. `actor` is told of nothing that they booked.
    """

    def __init__(
        self,
        case: LoadedCase,
        *,
        domain: Domain,
        now: datetime,
        was_started: Callable[[str, str], UUID | None],
        roles_of: RolesOf = knows_nobody,
        holds: Mapping[tuple[UUID, int], Hold] | None = None,
        actor: str = "",
    ) -> None:
        self.case = case
        self._holds = held_timers(case) if holds is None else holds
        self.facts = CaseFacts(case, domain=domain, now=now)
        self._was_started = was_started
        self._allocating = Allocating(case, self.facts, domain, roles_of)
        self._telling = Telling(self._allocating, actor=actor)
        self._definition = case.definition
        self._instances = {
            each.id: _Running(each.id, each.process, each.text, each.has_timers)
            for each in case.instances
        }
        # Explanations of a duty that was met late stand, whatever becomes of the next one.
        self._settled = frozenset(
            item.instance_id for item in case.work_items if not item.follows_deadline
        )
        self._messages: deque[_Message] = deque()
        self._signals: deque[tuple[str, UUID]] = deque()
        self._delivered: list[Mapping[str, JsonValue]] = []
        self._sent: list[SentMessage] = []
        self._completed_item: UUID | None = None

    def start_process(
        self,
        process: str,
        *,
        message: str | None = None,
        payload: Mapping[str, JsonValue] | None = None,
        correlation: str | None = None,
        signal: bool = False,
    ) -> None:
        """Start an instance of `process`; `correlation` tells it from its like in the case."""
        id = self.case.new_id("instance", len(self._instances))
        self.facts.start_own(id, payload or {})
        run = runtime.start(
            self._definition.specs,
            process,
            self.facts.surroundings_in(id),
            message=message,
            payload=self.facts.without_own(payload or {}),
            signal=signal,
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
                self._definition.specs, running.text, item.task, self._around(running)
            ),
        )

    def send(self, name: str, payload: Mapping[str, JsonValue]) -> None:
        """Queue a message to this case; `settle` delivers it."""
        self._messages.append(_Message(name, payload))

    def receive(self, message: SentMessage) -> None:
        """Queue a message that another case sent, for the diagrams of this one."""
        self._messages.append(_Message(message.name, message.payload, message.id))

    def look_again(self) -> None:
        """Make every instance with timers look at the clock in `settle`."""
        self.facts.epoch += 1

    def _around(self, running: _Running) -> Surroundings:
        reads = surroundings_of(self.facts, self._holds, running.id)
        if running.id not in self._settled:
            return reads
        return replace(reads, functions={**reads.functions, "undone": lambda _: False})

    def _took(self, running: _Running, run: runtime.Run) -> None:
        running.run, running.text = run, run.text
        running.ran += run.ran
        running.has_timers = bool(run.timers)
        running.looked_at = self.facts.epoch
        self.facts.decisions += run.decisions
        for thrown in run.thrown:
            if thrown.signal:
                self._signals.append((thrown.name, running.id))
            else:
                self._messages.append(_Message(thrown.name, thrown.payload))

    def settle(self) -> None:
        """Deliver messages and look at timers until nothing moves.

        Raises:
            StepFailed: the diagrams keep each other busy.
        """
        for _ in range(MAX_ROUNDS):
            if self._messages:
                self._deliver(self._messages.popleft())
            elif self._signals:
                self._broadcast(*self._signals.popleft())
            elif self._ends_own():
                continue
            elif (stale := self._stale()) is not None:
                run = runtime.look_again(self._definition.specs, stale.text, self._around(stale))
                self._took(stale, run)
            else:
                return
        raise StepFailed("case", "its diagrams keep each other busy without waiting for anybody")

    def _ends_own(self) -> bool:
        """Whether an instance is over since the last look, whose own facts end with it."""
        over = (each.id for each in self._instances.values() if _over(each))
        return any(self.facts.end_own(id) for id in over)

    def _stale(self) -> _Running | None:
        for running in self._instances.values():
            if running.has_timers and running.looked_at < self.facts.epoch and not _over(running):
                return running
        return None

    def _deliver(self, message: _Message) -> None:
        """Set the message's facts, then hand it to waiting instances or start new ones.

        One whose diagrams are those of another kind of case is sent there. Facts and notices are
        those of the case that tells it.
        """
        taken: list[str] = []
        name, payload = message.name, message.payload
        kind = self._definition.pack.messages.get(name)
        if kind is not None and message.received is None:
            self.facts.set_from_message(kind.sets, payload)
            self._telling.of_message(kind, payload)
            taken.append("facts")
            if kind.to not in ("", self.case.kind):
                self._send_away(kind, payload)
                return
        for running in [each for each in self._instances.values() if not _over(each)]:
            run = runtime.deliver(
                self._definition.specs, running.text, name, payload, self._around(running)
            )
            if run is not None:
                self._took(running, run)
                taken.append(running.process)
        for start in self._definition.started_by.get(name, ()):
            key = start.properties.get("key", "")
            correlation = key_of(key, payload, self.facts.surroundings)
            known = None if correlation is None else self._known(start.process, correlation, key)
            if known is None:
                self.start_process(
                    start.process, message=name, payload=payload, correlation=correlation
                )
                taken.append(start.process)
            elif self._is_running(known):
                # The same piece of work again, perhaps with another date agreed for it.
                self.facts.start_own(known, payload)
                taken.append(start.process)
        came = {} if message.received is None else {"received": str(message.received)}
        self._delivered.append({"name": name, "taken_by": list(taken), **came})

    def _send_away(self, kind: MessageType, payload: Mapping[str, JsonValue]) -> None:
        id = self.case.new_id("message", len(self._sent))
        self._sent.append(SentMessage(id, kind.name, kind.to, payload))
        self._delivered.append(
            {"name": kind.name, "taken_by": ["facts"], "sent": str(id), "to": kind.to}
        )

    def _broadcast(self, name: str, thrower: UUID) -> None:
        """Let every other instance hear a signal, and start the processes that begin with it."""
        taken: list[str] = []
        for running in [each for each in self._instances.values() if not _over(each)]:
            if running.id == thrower:
                continue
            run = runtime.deliver(
                self._definition.specs, running.text, name, {}, self._around(running), signal=True
            )
            if run is not None:
                self._took(running, run)
                taken.append(running.process)
        for info in self._definition.processes.values():
            if name in info.start_signals:
                self.start_process(info.id, message=name, signal=True)
                taken.append(info.id)
        self._delivered.append({"name": name, "taken_by": list(taken)})

    def _known(self, process: str, correlation: str, key: str) -> UUID | None:
        for each in self._instances.values():
            if each.process != process:
                continue
            if correlation in (each.correlation, self._key_now(each.id, key)):
                return each.id
        return self._was_started(process, correlation)

    def _key_now(self, instance: UUID, key: str) -> str | None:
        """Return the key of an instance by its own facts, which may have been corrected since."""
        own = facts_of(self.facts.values, instance)
        try:
            return key_of(key, own, self.facts.surroundings) if own else None
        except ExpressionError:
            return None  # The key is made of more than own facts, so it stays what it was.

    def _is_running(self, id: UUID) -> bool:
        return id in self._instances and not _over(self._instances[id])

    def finish(self) -> Step:
        """Return what this step changes."""
        closed = self._case_closed()
        if not closed:
            self._telling.of_appointments()
        if closed:
            self._end_everything()
        for running in self._instances.values():
            if _over(running):
                self.facts.end_own(running.id)
        work = work_changes(self._allocating, self._instance_work(), completed=self._completed_item)
        timers, timers_gone = self._timers()
        return Step(
            facts=tuple(self.facts.fact_writes.values()),
            deadlines=tuple(self.facts.deadline_writes),
            instances=tuple(self._instance_writes()),
            opened=work.opened,
            moved=work.moved,
            closed=work.closed,
            timers=timers,
            timers_gone=timers_gone,
            notices=tuple(self._telling.notices),
            decisions=tuple(self.facts.decisions),
            messages=tuple(self._delivered),
            case_closed=closed,
            manager=self.facts.manager,
            sent=tuple(self._sent),
            onlookers=self._telling.onlookers,
        )

    def _instance_work(self) -> Iterable[InstanceWork]:
        for each in self._instances.values():
            if _over(each):
                yield InstanceWork(each.id, ())
            elif each.run is not None:
                yield InstanceWork(each.id, each.run.open_tasks)

    def _case_closed(self) -> bool:
        openings = self._definition.pack.opening_processes
        return any(
            each.process in openings and each.run is not None and each.run.completed
            for each in self._instances.values()
        )

    def _end_everything(self) -> None:
        for running in self._instances.values():
            running.cancelled = not (running.run is not None and running.run.completed)
        self.facts.close_all("The case was closed.")

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
            wanted |= {timer.key: timer for timer in armed_timers(running.id, running.run)}
        changed = tuple(timer for key, timer in wanted.items() if kept.get(key) != timer)
        gone = tuple(key for key in kept if key[0] in looked and key not in wanted)
        return changed, gone


def _over(running: _Running) -> bool:
    return running.cancelled or (running.run is not None and running.run.completed)
