"""An instance's state as JSON text: tasks, sub-processes and values, never specs.

Two things make the text depend on nothing but the commands that led to it: SpiffWorkflow's
random task ids become small numbers in tree order, and the times of its state changes become
their rank. So the same command on the same state gives the same bytes. Which formats there were,
and which words in them are SpiffWorkflow's: `engine/bpmn/formats.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import formats
from engine.bpmn.catching_events import Instance
from engine.bpmn.repetition import PLACE
from engine.bpmn.running_tasks import Inner, Number, NumberedTask
from engine.bpmn.scopes import begin_turn
from engine.bpmn.specs import Specs
from engine.errors import StepFailed


def dump(workflow: Any, numbers: Mapping[int, int], tasks: Sequence[Any]) -> str:
    """Return the state of a workflow as compact JSON text, tasks named by `numbers`.

    Args:
        tasks: all tasks of the workflow and what runs in it, in tree order.
    """
    ranks = _ranks(tasks)
    held: dict[int, list[Any]] = {}
    for task in tasks:
        held.setdefault(id(task.workflow), []).append(task)
    state = {
        # First, in every format: `formats.head_of` reads no further.
        "format": formats.FORMAT,
        "release": formats.RELEASE,
        "spiffworkflow": formats.SPIFFWORKFLOW,
        "next": workflow.next_number,
        "process": _workflow(workflow, held, numbers, ranks),
        "called": [
            [numbers[owner], _workflow(called, held, numbers, ranks)]
            for owner, called in outermost_first(workflow)
        ],
    }
    return _ENCODER.encode(state)


def load(text: str, specs: Specs, script_engine: Any) -> Any:
    """Return the workflow that `text`, of any format, describes, running on `specs`.

    Raises:
        StateUnreadable: a later release wrote it, or it does not fit the specs.
    """
    try:
        return _loaded(formats.read(text, specs), specs, script_engine)
    except KeyError as error:
        raise formats.does_not_fit(text, str(error)) from error


def _loaded(state: formats.State, specs: Specs, script_engine: Any) -> Any:
    top = state["process"]
    workflow = Instance(specs[top["spec"]], specs, script_engine=script_engine, deserializing=True)
    workflow.next_number = state["next"]
    latest = _restore(workflow, top, workflow)
    for owner_number, called in state["called"]:
        owner = workflow.get_task_from_id(owner_number)
        spec = specs[owner.task_spec.spec]
        inner = Inner(spec, owner, workflow, given=called.get("given", {}), deserializing=True)
        workflow.subprocesses[owner.id] = inner
        latest = max(latest, _restore(inner, called, workflow))
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    workflow.stamps.go_on_after(latest)
    return workflow


def _refuse(value: object) -> object:
    raise StepFailed("state", f"a process variable holds {type(value).__name__}, not JSON")


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_refuse)


def outermost_first(workflow: Any) -> list[tuple[int, Any]]:
    return sorted(workflow.subprocesses.items(), key=lambda each: (each[1].depth, each[0]))


def number_tasks(workflow: Any, tasks: Sequence[Any]) -> dict[int, int]:
    """Return task id -> its number in the text: kept if it has one, new ones in tree order."""
    following = workflow.next_number
    numbers: dict[int, int] = {}
    for task in tasks:
        if task.id < workflow.next_number:
            numbers[task.id] = int(task.id)
        else:
            numbers[task.id] = following
            following += 1
    workflow.next_number = following
    return numbers


def _ranks(tasks: Sequence[Any]) -> dict[int, int]:
    changes = sorted((task.last_state_change, task.id) for task in tasks)
    ranks: dict[int, int] = {}
    rank, last = 0, None
    for change, id in changes:
        if change != last:
            rank, last = rank + 1, change
        ranks[id] = rank
    return ranks


def _workflow(
    scope: Any,
    held: Mapping[int, list[Any]],
    numbers: Mapping[int, int],
    ranks: Mapping[int, int],
) -> dict[str, Any]:
    return {
        "spec": scope.spec.name,
        **({"completed": True} if scope.completed else {}),
        **_values(scope),
        **({"correlations": scope.correlations} if scope.correlations else {}),
        "tasks": [_task(task, numbers, ranks) for task in held[id(scope)]],
    }


def _values(scope: Any) -> dict[str, Any]:
    """Return the values of a scope that has its own, with those passed in if it was called."""
    if not scope.has_own_values:
        return {}
    passed_in = {"given": scope.values.given} if scope.values.given else {}
    return {"values": scope.values.own, **passed_in}


def _task(task: Any, numbers: Mapping[int, int], ranks: Mapping[int, int]) -> list[Any]:
    row = [
        numbers[task.id],
        None if task._parent is None else numbers[task._parent],
        task.task_spec.name,
        task._state,
        ranks[task.id],
        int(task.triggered),
    ]
    if PLACE in task.internal_data:
        return [*row, _internal(task, numbers), task.values.own]
    noted = _internal(task, numbers)
    return [*row, noted] if noted else row


def _internal(task: Any, numbers: Mapping[int, int]) -> dict[str, Any]:
    """Return what SpiffWorkflow notes on a task, without what says nothing.

    A loop must find its counts again, empty ones too; the turns it has done are counted only, so
    one that is gone may have any number.
    """
    if not isinstance(task.task_spec, LoopTask):
        # The events by which an event gateway goes on are read in the very step only.
        return {
            name: value
            for name, value in task.internal_data.items()
            if value not in ([], {}) and name != "seen_events"
        }
    internal = dict(task.internal_data)
    if "merged" in internal:
        done = (numbers.get(UUID(each).int, 0) for each in internal["merged"])
        internal["merged"] = [str(UUID(int=each)) for each in done]
    return internal


def _restore(scope: Any, state: dict[str, Any], top: Any) -> int:
    """Make the tasks of a scope; return the rank of its latest change."""
    specs, latest = scope.spec.task_specs, 0
    if scope.has_own_values:
        scope.values.own = state["values"]
    for number, parent, spec, task_state, rank, triggered, *more in state["tasks"]:
        above = None if parent is None else scope.tasks[parent]
        task = NumberedTask(scope, specs[spec], above, task_state, Number(number))
        task.last_state_change = rank
        task.triggered = bool(triggered)
        task.internal_data = more[0] if more else {}
        if len(more) > 1 and above is not None:
            begin_turn(task, getattr(above.task_spec, "item_names", frozenset()))
            task.values.declare(more[1])
        latest = max(latest, rank)
        if above is None:
            scope.task_tree = task
        if task_state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            top.event_manager.add_task(task)
    scope.completed = state.get("completed", False)
    scope.correlations = state.get("correlations", {})
    return latest
