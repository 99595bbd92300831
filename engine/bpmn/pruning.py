"""Remove from a workflow what no future step can see, so that a step's cost stays flat.

SpiffWorkflow never removes a completed task; a six-weekly loop dies of it at cycle 141. What a
future step can look at was found by reading its sources and ours, and is held against unpruned
runs of generated processes by `make prove`. The rules, each with the reader that needs it:

1. every unfinished task and its parent, which says whether a token is on its way to it;
2. of a gateway that waits for more tokens: those that have reached it since it last went on, with
   their parents, which say by which way;
3. beside an activity that is not over: the boundary events that have happened, as long as
   something follows from them. In their place, what follows would be taken for the activity.

A sub-process is kept while the task that it runs in is unfinished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.catching_events import is_host, is_open
from engine.bpmn.joins import arrivals, joins

Rule = Callable[[list[Any]], Iterator[Any]]


def prune(workflow: Any) -> None:
    """Remove finished tasks and sub-processes that no later step of `workflow` can see."""
    for inner in list(workflow.subprocesses.values()):
        if not inner.completed:
            _prune_one(inner)
    _prune_one(workflow)
    _forget_subprocesses(workflow)


def _prune_one(workflow: Any) -> None:
    tasks = list(workflow.tasks.values())
    keep = _those(STAY, tasks) | {workflow.task_tree.id}
    in_place = _those(STAY_IN_PLACE, tasks)
    for task in _leaves_first(workflow.task_tree):
        if task.id in keep or not task.has_state(TaskState.FINISHED_MASK):
            continue
        if not task._children or (len(task._children) == 1 and task.id not in in_place):
            _splice(workflow, task)


def _those(rules: Mapping[int, Rule], tasks: list[Any]) -> set[UUID]:
    return {task.id for rule in rules.values() for task in rule(tasks) if task is not None}


def _unfinished_and_parents(tasks: list[Any]) -> Iterator[Any]:
    for task in tasks:
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            yield from (task, task.parent)


def _what_reached_joins(tasks: list[Any]) -> Iterator[Any]:
    for instances in _awaited(tasks, joins):
        waiting = next(task for task in instances if task.has_state(TaskState.NOT_FINISHED_MASK))
        for task in arrivals(waiting):
            yield from (task, task.parent)


def _what_has_happened(tasks: list[Any]) -> Iterator[Any]:
    for task in tasks:
        if not isinstance(task.task_spec, BoundaryEventSplit):
            continue
        if any(is_host(each) and is_open(each) for each in task.children):
            yield from task.children


STAY: dict[int, Rule] = {1: _unfinished_and_parents, 2: _what_reached_joins}
STAY_IN_PLACE: dict[int, Rule] = {3: _what_has_happened}
"""The rules above by number: given all tasks of a scope, each yields those that it keeps, and
those that may go only when nothing follows from them."""


def _awaited(tasks: list[Any], wanted: Callable[[Any], bool]) -> list[list[Any]]:
    """Return the instances of each wanted spec that has an unfinished one."""
    found: dict[str, list[Any]] = {}
    for task in tasks:
        if wanted(task.task_spec):
            found.setdefault(task.task_spec.name, []).append(task)
    return [
        instances
        for instances in found.values()
        if any(task.has_state(TaskState.NOT_FINISHED_MASK) for task in instances)
    ]


def _leaves_first(root: Any) -> list[Any]:
    order: list[Any] = []
    stack = [root]
    while stack:
        task = stack.pop()
        order.append(task)
        stack.extend(task.children)
    return order[::-1]


def _splice(workflow: Any, task: Any) -> None:
    """Take a task with at most one child out of the tree, its child taking its place."""
    parent = task.parent
    position = parent._children.index(task.id)
    parent._children[position : position + 1] = task._children
    for child in task.children:
        child._parent = parent.id
    del workflow.tasks[task.id]
    workflow.top_workflow.event_manager.remove_task(task)


def _forget_subprocesses(workflow: Any) -> None:
    """Drop the sub-processes whose owner is gone or has finished, with what they held."""
    while True:
        gone = [owner for owner in workflow.subprocesses if _is_over(workflow, owner)]
        if not gone:
            return
        for owner in gone:
            for task in workflow.subprocesses.pop(owner).tasks.values():
                workflow.event_manager.remove_task(task)


def _is_over(workflow: Any, owner_id: UUID) -> bool:
    for each in (workflow, *workflow.subprocesses.values()):
        if owner_id in each.tasks:
            return bool(each.tasks[owner_id].has_state(TaskState.FINISHED_MASK))
    return True
