"""Run each process of a pack on made-up facts and answers, and tell what goes wrong.

A search, breadth first: from every wait that was not met before, each open task is completed with
each set of sample answers, the next timer fires, each message or signal that something awaits is
delivered.
Meant for the child process of a dry run, whose limits end what this module's budgets do not.
"""

from __future__ import annotations

import json
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import cast

from engine.bpmn import runtime
from engine.bpmn.elements import ProcessInfo
from engine.bpmn.failing_element import element_at, element_of, goes_round
from engine.bpmn.running_tasks import MAX_NEW, TOO_MANY
from engine.bpmn.runtime import Run
from engine.bpmn.scripting import Surroundings
from engine.domain import DerivedDeadline, Domain, FactValue, JsonValue
from engine.errors import EngineError, Finding, PackRefused, StepFailed
from engine.packs.version import Definition
from engine.publishing.sample_answers import sample_answers, sample_facts, sample_payload
from engine.rules.decisions import evaluate_table, timescales_from
from engine.step.scope import surroundings

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
"""When every dry run takes place: the same pack gives the same findings on any day."""

MAX_TASKS = 1_500
"""Tasks in one instance's state; the largest process measured holds 70."""

MAX_STATE = 1_000_000
"""Characters of one instance's state text."""

MAX_ACTIONS = 120
"""Steps tried from one way of starting a process."""

EFFORT = 8_000_000
"""Characters of state read in all, so that every machine tries the same; 6 million were needed."""

STEP_EFFORT, FAILED_EFFORT = 1_000, 300_000
"""What making a step counts for besides, and one that fails: it may have computed for long."""

MAX_DEPTH = 12
"""Steps after one another."""

STEP_SECONDS = 4.0
"""Processor seconds of one step, four times what the most engine steps and tasks take."""

TOTAL_SECONDS = 3.0
"""Processor seconds of all steps, twice what `EFFORT` takes: for steps that are slow to compute."""

BUSY_SECONDS = 15
"""Seconds by the clock after which a busy machine's search stops, well before the child's end."""

_WAITS_BY_ITSELF = {"intermediateCatchEvent", "receiveTask", "startEvent", "eventBasedGateway"}

Tell = Callable[[str, Finding | None], None]
"""(process id about to be tried or "", finding or None)."""


class _TooSlow(BaseException):
    """A step took too long, at `frame`. No Exception, so that nothing on the way swallows it."""

    def __init__(self, frame: FrameType | None) -> None:
        super().__init__()
        self.frame = frame


@dataclass(frozen=True)
class _Place:
    """A wait that was reached: what ran last, when, and after how many steps."""

    run: Run
    now: datetime
    depth: int


def rehearse(definition: Definition, domain: Domain, tell: Tell) -> None:
    """Try every process of a pack; `tell` what is tried and what is found, as it happens."""
    tell("", None)
    try:
        with _bounded():
            processes = list(definition.processes.values())
            assert definition.specs is not None
    except PackRefused as refused:
        for finding in refused.findings:
            tell("", finding)
        return
    except _TooSlow:
        message = "Too large: the diagrams take too long to read. Split them into smaller ones."
        tell("", Finding("error", _main_file(definition), "", "dry-run", message))
        return
    # What a case of the first kind begins with last: it reaches furthest, and what the others leave
    # of the effort is its.
    last = definition.pack.kinds[definition.pack.first_kind].process
    processes.sort(key=lambda info: info.id == last)
    ways = [(info, known) for info in processes for known in (False, True)]
    trials = [_Trial(definition, domain, info, known, tell) for info, known in ways]
    left, latest = EFFORT, _Latest(time.process_time() + TOTAL_SECONDS)
    for place, trial in enumerate(trials):
        if any(each.broken for each in trials):
            # Whatever calls the broken process would break at the same place.
            return
        trial.run(left // (len(trials) - place), latest)
        left -= trial.effort


def _main_file(definition: Definition) -> str:
    diagrams = [path for path in definition.files if path.endswith(".bpmn")]
    return max(diagrams, key=lambda path: len(definition.files[path]), default="pack.toml")


@contextmanager
def _bounded() -> Iterator[None]:
    """Raise _TooSlow when what is inside needs more than STEP_SECONDS of the processor."""

    def stop(_signal: int, frame: FrameType | None) -> None:
        raise _TooSlow(frame)

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, STEP_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@dataclass(frozen=True)
class _Latest:
    """When a search ends that counting has not ended: by this processor time, and by the clock."""

    processor: float
    clock: float = field(default_factory=lambda: time.monotonic() + BUSY_SECONDS)

    @property
    def is_past(self) -> bool:
        return time.process_time() > self.processor or time.monotonic() > self.clock


class _Trial:
    """One process tried with no fact known, or with every fact set."""

    def __init__(
        self, definition: Definition, domain: Domain, info: ProcessInfo, known: bool, tell: Tell
    ) -> None:
        self._definition = definition
        self._domain = domain
        self._info = info
        self._tell = tell
        self._today = domain.today(NOW)
        pack = definition.pack
        self._facts = sample_facts(pack, self._today) if known else {}
        self._deadlines: tuple[DerivedDeadline, ...] = ()
        messages = {*pack.messages, *definition.thrown, *definition.started_by}
        self._sent = [(name, False) for name in sorted(messages)]
        self._sent += [(name, True) for name in sorted(definition.signals)]
        self._deadlines = self._derived()
        self.broken = False
        self.effort = 0

    def run(self, most: int, latest: _Latest) -> None:
        """Start the process and search with an `effort` of at most so much; at least start it."""
        self._tell(self._info.id, None)
        queue: deque[_Place] = deque()
        begins: list[tuple[str | None, bool]] = [
            (name, False) for name in sorted(set(self._info.start_messages))
        ]
        begins += [(name, True) for name in sorted(set(self._info.start_signals))]
        for name, is_signal in begins or [(None, False)]:
            run = self._tried(lambda n=name, s=is_signal: self._start(n, signal=s))  # type: ignore[misc]
            if run is not None:
                queue.append(_Place(run, NOW, 0))
        met: set[object] = set()
        actions = 0
        while queue and not self.broken:
            place = queue.popleft()
            if not self._is_new(place, met):
                continue
            for now, action in self._actions(place):
                actions += 1
                enough = actions > MAX_ACTIONS or self.effort > most
                if enough or self.broken or latest.is_past:
                    return
                run = self._tried(action, place.run.text)
                if run is not None:
                    queue.append(_Place(run, now, place.depth + 1))

    def _is_new(self, place: _Place, met: set[object]) -> bool:
        run = place.run
        mark = (run.waiting, tuple((each.element, each.due_at is None) for each in run.timers))
        if run.completed or place.depth >= MAX_DEPTH or mark in met:
            return False
        met.add(mark)
        return True

    def _derived(self) -> tuple[DerivedDeadline, ...]:
        """Return the deadlines of these facts, none where the table cannot be worked out."""
        table = self._definition.tables.get("timescales")
        if table is None:
            return ()
        pack = self._definition.pack
        reads = self._surroundings(NOW)
        try:
            decision = evaluate_table(table, reads.names, reads.functions)
            return tuple(
                self._domain.derive_deadlines(
                    timescales_from(decision),
                    facts=cast("Mapping[str, FactValue]", reads.names),
                    fact_types=pack.facts,
                    days_off=pack.days_off,
                )
            )
        except EngineError as error:
            file = next(path for path in self._definition.files if path.endswith(".dmn"))
            message = f"With sample facts the timescales could not be worked out: {error}."
            self._tell("", Finding("warning", file, table.id, "dry-run", message))
            return ()

    def _surroundings(
        self, now: datetime, answers: Mapping[str, object] | None = None
    ) -> Surroundings:
        pack = self._definition.pack
        return surroundings(
            self._definition,
            policy=pack.default_policy(pack.first_kind),
            facts=self._facts,
            deadlines=self._deadlines,
            now=now,
            domain=self._domain,
            answers=answers,
        )

    def _start(self, message: str | None, *, signal: bool) -> Run:
        payload = self._payload(message) if message and not signal else None
        return runtime.start(
            self._definition.specs,
            self._info.id,
            self._surroundings(NOW),
            message=message,
            payload=payload,
            signal=signal,
        )

    def _payload(self, message: str) -> dict[str, JsonValue]:
        return sample_payload(self._definition.pack.messages.get(message), self._today)

    def _actions(self, place: _Place) -> Iterator[tuple[datetime, Callable[[], Run | None]]]:
        """Yield what can happen next, each with the time at which it does."""
        specs, text, now = self._definition.specs, place.run.text, place.now
        actions: list[tuple[datetime, Callable[[], Run | None]]] = []
        awaited = 0
        for element, task in {each.element: each.task for each in place.run.open_tasks}.items():
            for named in self._answers(element):
                reads = self._surroundings(now, named)
                actions.append(
                    (now, lambda t=task, r=reads: runtime.complete_task(specs, text, t, r))  # type: ignore[misc]
                )
        due = [each.due_at for each in place.run.timers if each.due_at is not None]
        if due:
            later = max(now, min(due))
            reads = self._surroundings(later)
            actions.append((later, lambda r=reads: runtime.look_again(specs, text, r)))  # type: ignore[misc]
        yield from actions
        for name, is_signal in self._sent:
            reads = self._surroundings(now)
            payload = {} if is_signal else self._payload(name)
            run = self._tried(
                lambda n=name, p=payload, r=reads, s=is_signal: runtime.deliver(  # type: ignore[misc]
                    specs, text, n, p, r, signal=s
                ),
                text,
            )
            if run is not None:
                awaited += 1
                yield now, lambda run=run: run  # type: ignore[misc]
        if not actions and not awaited and not place.run.timers:
            self._stuck(place.run)

    def _answers(self, element: str) -> list[dict[str, object]]:
        known = self._definition.elements.get(element)
        form = None if known is None else self._definition.form_of(known)
        variants = sample_answers(form, self._today)
        return [dict(each) if form is None else form.named_values(each) for each in variants]

    def _tried(self, action: Callable[[], Run | None], text: str = "") -> Run | None:
        """Do one step from `text` within its bounds; what goes wrong is told, and ends a branch."""
        self.effort += STEP_EFFORT + len(text)
        try:
            with _bounded():
                run = action()
        except StepFailed as failed:
            self.effort += FAILED_EFFORT
            self._failed(failed)
        except _TooSlow as slow:
            self._busy(
                "takes seconds of computing",
                element_at(self._definition.elements, slow.frame),
            )
        except MemoryError:
            self._too_large("takes more memory than a case may have")
        else:
            if run is None or self._is_small(run):
                return run
        return None

    def _is_small(self, run: Run) -> bool:
        state = json.loads(run.text)
        running = [state["process"], *(called for _, called in state["called"])]
        tasks = sum(len(each["tasks"]) for each in running)
        if tasks > MAX_TASKS:
            self._too_large(f"makes {tasks:,} tasks")
        elif len(run.text) > MAX_STATE:
            self._too_large(f"makes {len(run.text):,} characters of state")
        return not self.broken

    def _too_large(self, what: str, element: str = "") -> None:
        self.broken = True
        elements = self._definition.elements
        at = f", at '{elements[element].title}'" if element else ""
        message = (
            f"Too large: running the process '{self._info.name}' {what}{at}. Look for loops,"
            " forks, calls and repetitions that multiply each other."
        )
        self._find("error", element or self._info.id, message)

    def _busy(self, what: str, element: str) -> None:
        """Tell of a step that does not end, as a loop where the drawing shows one."""
        elements = self._definition.elements
        if not element or not goes_round(elements, element):
            self._too_large(what, element)
            return
        self.broken = True
        message = (
            f"The loop around '{elements[element].title}' never waits for"
            " anybody. Add a task or an event that waits, or a condition that ends it."
        )
        self._find("error", element, message)

    def _failed(self, failed: StepFailed) -> None:
        elements = self._definition.elements
        element = failed.element if failed.element in elements else element_of(elements, failed)
        title = elements[element].title if element else self._info.name
        where = element or self._info.id
        if failed.why == runtime.LOOPS:
            self._busy("takes more steps at once than a case may make", element)
        elif failed.why == TOO_MANY:
            self._busy(f"makes more than {MAX_NEW:,} tasks at once", element)
        elif failed.why == runtime.TOO_DEEP:
            self.broken = True
            self._find("error", where, f"At '{title}' processes call each other too deeply.")
        else:
            facts = "with sample facts" if self._facts else "while no facts are known"
            message = f"Tried {facts}, '{title}' failed: {failed.why}."
            self._find("warning", where, message)

    def _stuck(self, run: Run) -> None:
        elements = self._definition.elements
        kinds = {elements[each].kind for each in run.waiting if each in elements}
        if kinds & _WAITS_BY_ITSELF:
            return
        held = [each for each in run.waiting if each in elements]
        where = held[-1] if held else self._info.id
        title = elements[where].title if held else self._info.name
        message = (
            f"Tried with sample answers, the process stops at '{title}' for ever: nobody has a"
            " task, and no date or message is awaited. Check what must arrive there."
        )
        self._find("warning", where, message)

    def _find(self, severity: str, element: str, message: str) -> None:
        known = self._definition.elements.get(element)
        processes = self._definition.processes
        info = processes.get(known.process, self._info) if known else self._info
        self._tell("", Finding(severity, info.file, element, "dry-run", message))
