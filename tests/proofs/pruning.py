"""Pruned against unpruned: the same process, the same moves, and nothing anybody can see differs.

State goes through text at every step, on both sides.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.bpmn.specs import Specs
from engine.errors import StepFailed
from engine.storage.published_versions import Definition
from tests.builders.timescales import dmn
from tests.proofs.pens import LOCALS, MESSAGES, SIGNALS
from tests.proofs.processes import Move
from workflows.permanence.domain import DOMAIN

BEGIN = datetime(2026, 3, 9, 12, tzinfo=UTC)
NAMES = (*MESSAGES, *SIGNALS)
TABLE = dmn((("< 2",), ("1",)), (("-",), ("2",)), policy="COLLECT", aggregation="SUM")
"""What business rule tasks ask."""

MAX_OPEN = 40
"""Open tasks at which a run stops: it only repeats itself from there."""


class Difference(AssertionError):
    """The pruned run did something else than the unpruned one."""


@dataclass
class Figures:
    """What a proof went through."""

    runs: int = 0
    steps: int = 0
    completed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Runs that ended because the step failed, on both sides with the same words."""
    pruned_tasks: int = 0
    whole_tasks: int = 0


def surroundings(now: datetime, move: Move) -> Surroundings:
    day = date(2026, 3, 9) + timedelta(days=move.day) if move.day else None
    names = {**LOCALS, "a": move.a, "b": move.b, "day": day}
    return Surroundings(now, names, {}, DOMAIN.start_of, DOMAIN.later)


@dataclass(frozen=True)
class Seen:
    """Everything of one step that somebody can see; compared as a whole."""

    failed: str
    delivered: bool
    completed: bool
    ran: tuple[str, ...]
    waiting: tuple[str, ...]
    open_tasks: tuple[str, ...]
    timers: tuple[str, ...]
    thrown: tuple[str, ...]
    data: str


def seen_of(run: runtime.Run) -> Seen:
    final = json.loads(run.text)["process"]["values"] if run.completed else None
    return Seen(
        failed="",
        delivered=True,
        completed=run.completed,
        ran=run.ran,
        waiting=tuple(sorted(run.waiting)),
        open_tasks=tuple(key for key, _ in ordered(run)),
        timers=tuple(sorted(f"{each.element} {each.due_at}" for each in run.timers)),
        thrown=tuple(f"{each.name} {text_of(each.payload)}" for each in run.thrown),
        data=text_of(final),
    )


def failed_alike(failed: StepFailed) -> Seen:
    """Return what is seen of a step that failed, without ids that differ from side to side."""
    return Seen(_NUMBER.sub("…", str(failed)), False, False, (), (), (), (), (), "")


def text_of(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def ordered(run: runtime.Run) -> list[tuple[str, int]]:
    """Return the open tasks by element and data, then age: the nth is the same on both sides."""
    return sorted((f"{each.element} {text_of(each.data)}", each.task) for each in run.open_tasks)


class Side:
    """One of the two runs."""

    def __init__(self, specs: Specs, *, prune: bool) -> None:
        self.specs = specs
        self.prune = prune
        self.run: runtime.Run | None = None

    def begin(self, reads: Surroundings) -> Seen:
        return self._take(lambda: runtime.start(self.specs, "case", reads, prune=self.prune))

    def move(self, move: Move, reads: Surroundings) -> Seen:
        run = self.run
        assert run is not None
        if move.action == "complete" and run.open_tasks:
            task = ordered(run)[move.choice % len(run.open_tasks)][1]
            return self._take(
                lambda: runtime.complete_task(self.specs, run.text, task, reads, prune=self.prune)
            )
        if move.action == "deliver":
            name, payload = NAMES[move.choice % 5], {"n": move.choice // 4}
            signal = name in SIGNALS
            return self._take(
                lambda: runtime.deliver(
                    self.specs, run.text, name, payload, reads, signal=signal, prune=self.prune
                )
            )
        return self._take(lambda: runtime.look_again(self.specs, run.text, reads, prune=self.prune))

    def _take(self, step: Callable[[], runtime.Run | None]) -> Seen:
        try:
            run = step()
        except StepFailed as failed:
            return failed_alike(failed)
        if run is None:
            return Seen("", False, False, (), (), (), (), (), "")
        self.run = run
        return seen_of(run)


def hold(xml: bytes, moves: list[Move], figures: Figures | None = None) -> None:
    """Run both sides through the moves.

    Raises:
        Difference: at the first step after which they differ, or when the pruned state holds
            more than its tokens explain.
    """
    figures = figures or Figures()
    figures.runs += 1
    definition = definition_of(xml)
    size = sum(len(spec.task_specs) for spec in definition.specs.values())
    now = BEGIN
    sides = [Side(definition.specs, prune=prune) for prune in (True, False)]
    pruned, whole = sides
    reads = surroundings(now, Move("begin", 0, 0, 0, 0, 0))
    seen = [side.begin(reads) for side in sides]
    for step, move in enumerate([*moves, None]):
        figures.steps += 1
        _compare(step, *seen)
        if seen[0].failed or pruned.run is None or pruned.run.completed or move is None:
            break
        _bounded(step, pruned.run, size)
        if len(pruned.run.open_tasks) > MAX_OPEN:
            break
        if move.action == "wait":
            now += timedelta(hours=move.hours)
        elif move.action == "again":
            # Another server goes on with the pruned run; specs must hold nothing of a run.
            pruned.specs = definition_of(xml).specs
        reads = surroundings(now, move)
        seen = [side.move(move, reads) for side in sides]
    if seen[0].failed:
        figures.failures[seen[0].failed[:70]] += 1
    if pruned.run is not None and whole.run is not None:
        figures.completed += pruned.run.completed
        figures.pruned_tasks += len(_states(pruned.run))
        figures.whole_tasks += len(_states(whole.run))


def definition_of(xml: bytes) -> Definition:
    return Definition({"case.bpmn": xml, "table.dmn": TABLE})


def _compare(step: int, pruned: Seen, whole: Seen) -> None:
    if pruned != whole:
        told = [
            f"{name}: pruned {getattr(pruned, name)!r}, unpruned {getattr(whole, name)!r}"
            for name in Seen.__dataclass_fields__
            if getattr(pruned, name) != getattr(whole, name)
        ]
        raise Difference(f"after step {step}: " + "; ".join(told))


def _states(run: runtime.Run) -> list[int]:
    state = json.loads(run.text)
    held = [state["process"], *(called for _, called in state["called"])]
    return [task[3] for each in held for task in each["tasks"]]


def _bounded(step: int, run: runtime.Run, size: int) -> None:
    """Hold what pruning leaves against the tokens that need it.

    A token predicts each element of the diagrams once at most and needs as many finished tasks
    behind it, whatever went before.
    """
    states = _states(run)
    tokens = sum(bool(each & _TOKEN) for each in states)
    if len(states) > 2 * size * (tokens + 1):
        raise Difference(f"after step {step}: {len(states)} tasks for {tokens} tokens")


_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
"""SpiffWorkflow's own ids of tasks, different on each side."""

_TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED
