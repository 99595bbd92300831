"""An instance's state as JSON text: tasks and sub-processes, never specs.

Two things make the text depend on nothing but the commands that led to it: SpiffWorkflow's
random task ids become small numbers in tree order, and the times of its state changes become
their rank. So the same command on the same state gives the same bytes.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed
from engine.event_sub_processes import Instance
from engine.running import Inner
from engine.specs import Specs

SPIFFWORKFLOW = "3.2.0"
FORMAT = 1


def dump(workflow: Any, numbers: dict[UUID, UUID]) -> str:
    """Return the state of a workflow as compact JSON text, tasks named by `numbers`."""
    ranks = _ranks(workflow)
    state = {
        "format": FORMAT,
        "spiffworkflow": SPIFFWORKFLOW,
        "next": workflow.next_number,
        "process": _workflow(workflow, numbers, ranks),
        "called": [
            [numbers[owner].int, _workflow(called, numbers, ranks)]
            for owner, called in _outermost_first(workflow)
        ],
    }
    return json.dumps(state, separators=(",", ":"), ensure_ascii=False, default=_refuse)


def load(text: str, specs: Specs, script_engine: Any) -> Any:
    """Return the workflow that `text` describes, running on `specs`.

    Raises:
        StepFailed: the text was written by another SpiffWorkflow or format; migrate it first.
    """
    state = json.loads(text)
    if state["format"] != FORMAT or state["spiffworkflow"] != SPIFFWORKFLOW:
        raise StepFailed("state", f"written by SpiffWorkflow {state['spiffworkflow']}")
    top = state["process"]
    workflow = Instance(specs[top["spec"]], specs, script_engine=script_engine, deserializing=True)
    workflow.next_number = state["next"]
    _restore(workflow, top, workflow)
    for owner_number, called in state["called"]:
        owner = workflow.get_task_from_id(UUID(int=owner_number))
        spec = specs[owner.task_spec.spec]
        inner = Inner(spec, owner.id, workflow, deserializing=True)
        workflow.subprocesses[owner.id] = inner
        _restore(inner, called, workflow)
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return workflow


def _refuse(value: object) -> object:
    raise StepFailed("state", f"a process variable holds {type(value).__name__}, not JSON")


def _outermost_first(workflow: Any) -> list[tuple[UUID, Any]]:
    return sorted(workflow.subprocesses.items(), key=lambda each: (each[1].depth, each[0].int))


def _all_tasks(workflow: Any) -> list[Any]:
    """Return the tasks of the workflow and its sub-processes, parents before children."""
    ordered: list[Any] = []
    stack = [workflow.task_tree]
    while stack:
        task = stack.pop()
        ordered.append(task)
        stack.extend(reversed(task.children))
        called = task.workflow.top_workflow.subprocesses.get(task.id)
        if called is not None:
            stack.append(called.task_tree)
    return ordered


def number_tasks(workflow: Any) -> dict[UUID, UUID]:
    """Return task id -> small number as a UUID: kept for known tasks, next ones in tree order."""
    following = getattr(workflow, "next_number", 1)
    numbers: dict[UUID, UUID] = {}
    for task in _all_tasks(workflow):
        if task.id.int < following:
            numbers[task.id] = task.id
    for task in _all_tasks(workflow):
        if task.id not in numbers:
            numbers[task.id] = UUID(int=following)
            following += 1
    workflow.next_number = following
    return numbers


def _ranks(workflow: Any) -> dict[UUID, int]:
    ordered = sorted(_all_tasks(workflow), key=lambda task: float(task.last_state_change))
    ranks: dict[UUID, int] = {}
    rank, last = 0, None
    for task in ordered:
        if task.last_state_change != last:
            rank, last = rank + 1, task.last_state_change
        ranks[task.id] = rank
    return ranks


def _workflow(workflow: Any, numbers: dict[UUID, UUID], ranks: dict[UUID, int]) -> dict[str, Any]:
    order: list[Any] = []
    stack = [workflow.task_tree]
    while stack:
        task = stack.pop()
        order.append(task)
        stack.extend(reversed(task.children))
    last = workflow.last_task
    return {
        "spec": workflow.spec.name,
        "completed": workflow.completed,
        "success": workflow.success,
        "last": numbers[last.id].int if last is not None and last.id in numbers else None,
        "data": workflow.data,
        "correlations": workflow.correlations,
        "tasks": [_task(task, numbers, ranks) for task in order],
    }


def _task(task: Any, numbers: dict[UUID, UUID], ranks: dict[UUID, int]) -> list[Any]:
    parent = task.parent
    return [
        numbers[task.id].int,
        None if parent is None else numbers[parent.id].int,
        task.task_spec.name,
        task.state,
        ranks[task.id],
        int(task.triggered),
        _internal(task, numbers),
        task.data,
    ]


def _internal(task: Any, numbers: dict[UUID, UUID]) -> dict[str, Any]:
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
        done = (numbers.get(UUID(each)) for each in internal["merged"])
        internal["merged"] = [str(each or UUID(int=0)) for each in done]
    return internal


def _restore(workflow: Any, state: dict[str, Any], top: Any) -> None:
    for number, parent, spec, task_state, rank, triggered, internal, data in state["tasks"]:
        task = Task(workflow, workflow.spec.task_specs[spec], state=task_state, id=UUID(int=number))
        task.last_state_change = rank
        task.triggered = bool(triggered)
        task.internal_data = internal
        task.data = data
        if parent is None:
            workflow.task_tree = task
        else:
            task._parent = UUID(int=parent)
            workflow.tasks[task._parent]._children.append(task.id)
        if isinstance(task.task_spec, CatchingEvent) and task.has_state(TaskState.WAITING):
            top.event_manager.add_task(task)
    workflow.completed = state["completed"]
    workflow.success = state["success"]
    workflow.data = state["data"]
    workflow.correlations = state["correlations"]
    if state["last"] is not None:
        workflow.last_task = workflow.tasks.get(UUID(int=state["last"]))
