"""Run one process instance from wait state to wait state: text in, `Run` out, no database.

`prune=False` keeps every task, as SpiffWorkflow does: for proofs that hold the two against each
other. The only module that drives SpiffWorkflow. Nothing here reads a clock: `Surroundings` carries
`now`, and timers, conditions and scripts read it from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.spiff.specs.event_definitions import (
    MessageEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import pruning, state
from engine.bpmn.catching_events import Instance, is_armed
from engine.bpmn.running_tasks import tasks_in
from engine.bpmn.scripting import ScriptEngine, Surroundings, plain
from engine.bpmn.specs import Specs
from engine.bpmn.timers import DeadlineTimer
from engine.domain import JsonValue
from engine.errors import EngineError, ExpressionError, StepFailed

MAX_ENGINE_STEPS = 1_000
"""Engine steps in one run, about half a second; one that needs more loops without a wait state."""

MAX_DEPTH = 50
"""Nested calls in one instance; deeper is a process that calls itself."""


_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED

LOOPS = "the diagram loops without waiting for anybody"
TOO_DEEP = "processes call each other too deeply"


@dataclass(frozen=True)
class OpenTask:
    """A user task waiting for a person. `task` is its number, stable within the instance."""

    task: int
    element: str
    data: Mapping[str, JsonValue]


@dataclass(frozen=True)
class ArmedTimer:
    """A timer event waiting: `due_at` aware UTC, or None while its deadline is not open."""

    task: int
    element: str
    due_at: datetime | None


@dataclass(frozen=True)
class ThrownMessage:
    """A message that left the instance, or a signal, which every instance of the case hears."""

    name: str
    payload: Mapping[str, JsonValue]
    signal: bool = False


@dataclass(frozen=True)
class Run:
    """What one run did: the new state text and what the instance now waits for.

    `ran` lists element ids in the order they finished; `waiting` those that hold a token, calls
    and sub-processes included; ids repeat when an element waits twice. `decisions` says of each
    business rule task its element, table, hit policy, inputs, and the ids of the rows that matched.
    """

    text: str
    completed: bool
    ran: tuple[str, ...]
    waiting: tuple[str, ...]
    open_tasks: tuple[OpenTask, ...]
    timers: tuple[ArmedTimer, ...]
    thrown: tuple[ThrownMessage, ...]
    decisions: tuple[Mapping[str, JsonValue], ...] = ()


def start(
    specs: Specs,
    process: str,
    surroundings: Surroundings,
    *,
    message: str | None = None,
    payload: Mapping[str, JsonValue] | None = None,
    signal: bool = False,
    prune: bool = True,
) -> Run:
    """Start a process, by its start event for `message` (a signal's name, if `signal`) if given."""
    with _translated():
        engine = ScriptEngine(surroundings)
        workflow = Instance(specs[process], specs, script_engine=engine)
        workflow.values.declare(plain(dict(payload or {})))  # type: ignore[arg-type]
        ran: list[str] = []
        if message is not None:
            _run_engine(workflow, ran)
            workflow.send_event(_event(message, {}, signal=signal))
        _settle(workflow, ran)
        return _result(workflow, ran, prune=prune)


def complete_task(
    specs: Specs, text: str, task: int, surroundings: Surroundings, *, prune: bool = True
) -> Run:
    """Complete the READY user task numbered `task` and run on.

    Raises:
        StepFailed: the task is not waiting (SpiffWorkflow would run it again without complaint),
            or the diagram failed.
    """
    with _translated():
        workflow = state.load(text, specs, ScriptEngine(surroundings))
        found = _find(workflow, task)
        if found is None or found.state != TaskState.READY or not found.task_spec.manual:
            raise StepFailed(str(task), "this task is not waiting for anybody")
        found.run()
        ran = [found.task_spec.bpmn_id]
        _settle(workflow, ran)
        return _result(workflow, ran, prune=prune)


def look_again(specs: Specs, text: str, surroundings: Surroundings, *, prune: bool = True) -> Run:
    """Fire every timer that is due and re-arm the others; run on."""
    with _translated():
        workflow = state.load(text, specs, ScriptEngine(surroundings))
        ran: list[str] = []
        _settle(workflow, ran)
        return _result(workflow, ran, prune=prune)


def view(specs: Specs, text: str, surroundings: Surroundings) -> Run:
    """Return what an instance waits for as it stands; nothing runs and nothing is pruned."""
    with _translated():
        return _result(state.load(text, specs, ScriptEngine(surroundings)), [], prune=False)


def deliver(
    specs: Specs,
    text: str,
    name: str,
    payload: Mapping[str, JsonValue],
    surroundings: Surroundings,
    *,
    signal: bool = False,
    prune: bool = True,
) -> Run | None:
    """Deliver a message or signal to an instance and run on; None when nothing waits for it."""
    with _translated():
        workflow = state.load(text, specs, ScriptEngine(surroundings))
        event = _event(name, payload, signal=signal)
        if not workflow.event_manager.catch(event, internal=False):
            return None
        ran: list[str] = []
        _settle(workflow, ran)
        return _result(workflow, ran, prune=prune)


def _event(name: str, payload: Mapping[str, JsonValue], *, signal: bool) -> Any:
    definition = SignalEventDefinition(name) if signal else MessageEventDefinition(name)
    return BpmnEvent(definition, plain(dict(payload)))


class _translated:  # noqa: N801 - used as a context manager, it reads as a word
    """SpiffWorkflow's errors, told once as ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, StepFailed):
            return
        if isinstance(error, ExpressionError):
            raise StepFailed("expression", str(error)) from error
        if isinstance(error, EngineError):
            return
        if isinstance(error, RecursionError):
            raise StepFailed("diagram", LOOPS) from error
        if isinstance(error, SpiffWorkflowException):
            spec = getattr(getattr(error, "task_spec", None), "bpmn_id", None)
            raise StepFailed(str(spec or "diagram"), str(error)) from error


def _settle(workflow: Any, ran: list[str]) -> None:
    """Run engine steps until nothing is ready but people's tasks, timers looked at each round."""
    while True:
        _run_engine(workflow, ran)
        if not _ready_engine_tasks(workflow):
            return


def _run_engine(workflow: Any, ran: list[str]) -> None:
    before = len(ran)

    def will_complete(task: Any) -> None:
        if len(ran) - before > MAX_ENGINE_STEPS:
            [(most_often, _)] = Counter(ran).most_common(1)
            raise StepFailed(most_often or task.task_spec.name, LOOPS)
        if task.workflow.depth > MAX_DEPTH:
            raise StepFailed(task.task_spec.bpmn_id or task.task_spec.name, TOO_DEEP)
        workflow.running = task

    def did_complete(task: Any) -> None:
        ran.append(task.task_spec.bpmn_id or "")
        workflow.interrupt()

    workflow.interrupt()
    workflow.do_engine_steps(will_complete, did_complete)


def _ready_engine_tasks(workflow: Any) -> bool:
    return any(not task.task_spec.manual for task in tasks_in(workflow, TaskState.READY))


def _find(workflow: Any, task: int) -> Any:
    for each in (workflow, *workflow.subprocesses.values()):
        if task in each.tasks:
            return each.tasks[task]
    return None


def _result(workflow: Any, ran: list[str], *, prune: bool) -> Run:
    thrown = tuple(
        ThrownMessage(
            event.event_definition.name,
            plain(event.payload or {}),  # type: ignore[arg-type]
            isinstance(event.event_definition, SignalEventDefinition),
        )
        for event in workflow.get_events()
        if isinstance(event.event_definition, MessageEventDefinition | SignalEventDefinition)
    )
    if prune and not workflow.completed:
        pruning.prune(workflow)
    tasks = list(tasks_in(workflow, TaskState.ANY_MASK))
    numbers = state.number_tasks(workflow, tasks)
    live = [task for task in tasks if task._state & _LIVE]
    return Run(
        text=state.dump(workflow, numbers, tasks),
        completed=bool(workflow.completed),
        ran=tuple(element for element in ran if element),
        waiting=tuple(
            task.task_spec.bpmn_id
            for task in live
            if task.task_spec.bpmn_id and not _only_watches(task)
        ),
        open_tasks=tuple(
            OpenTask(numbers[task.id], task.task_spec.bpmn_id, dict(task.values))
            for task in live
            if task.state == TaskState.READY and task.task_spec.manual
        ),
        timers=tuple(_armed(live, numbers)),
        thrown=thrown,
        decisions=tuple(workflow.script_engine.environment.decisions),
    )


def _only_watches(task: Any) -> bool:
    return isinstance(task.task_spec, BoundaryEvent) or is_armed(task)


def _armed(live: list[Any], numbers: Mapping[int, int]) -> Iterator[ArmedTimer]:
    for task in live:
        spec = task.task_spec
        if not isinstance(spec, CatchingEvent) or task.state != TaskState.WAITING:
            continue
        definition = spec.event_definition
        for each in getattr(definition, "event_definitions", [definition]):
            if isinstance(each, DeadlineTimer):
                yield ArmedTimer(numbers[task.id], spec.bpmn_id, each.due(task))


def evaluate(text: str, data: Mapping[str, JsonValue], surroundings: Surroundings) -> object:
    """Evaluate one expression over an open task's local data and the case."""
    engine = ScriptEngine(surroundings)
    return engine.environment.evaluate(text, dict(data))
