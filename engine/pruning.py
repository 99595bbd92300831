"""Remove from a workflow what no future step can see, so that a step's cost stays flat.

SpiffWorkflow never removes a completed task; a six-weekly loop dies of it at cycle 141. What a
future step can look at was found by reading its sources and by running its own BPMN tests with
pruning after every step. The rules, each with the reader that needs it:

1. every unfinished task and its parent, from which it inherits data;
2. of a join that somebody is still to reach: the instances cancelled since it last fired
   (parallel joins merge data from their parents) and the completed round above it;
3. of an end join: one finished instance carrying the merged data of all that have ended;
4. the children of an unfinished loop, the split of an unfinished structured join, and the owner
   of a running sub-process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from engine.boundary_events import is_spent


def prune(workflow: Any) -> None:
    """Remove finished tasks and sub-processes that no later step of `workflow` can see."""
    for inner in list(workflow.subprocesses.values()):
        if not inner.completed:
            _prune_one(inner)
    _prune_one(workflow)
    _forget_subprocesses(workflow)


def _prune_one(workflow: Any) -> None:
    keep = _kept(workflow)
    for task in _leaves_first(workflow.task_tree):
        spent = is_spent(task) and not task._children
        if (task.id in keep and not spent) or task is workflow.task_tree:
            continue
        if not task.has_state(TaskState.FINISHED_MASK):
            continue
        if len(task._children) <= 1:
            _splice(workflow, task)
    if workflow.last_task is not None and workflow.last_task.id not in workflow.tasks:
        workflow.last_task = None


def _kept(workflow: Any) -> set[UUID]:
    tasks = list(workflow.tasks.values())
    keep = {workflow.task_tree.id}
    for rule in RULES.values():
        keep.update(task.id for task in rule(tasks) if task is not None)
    return keep


def _unfinished_and_parents(tasks: list[Any]) -> Iterator[Any]:
    for task in tasks:
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            yield from (task, task.parent)


def _what_joins_wait_with(tasks: list[Any]) -> Iterator[Any]:
    for instances in _awaited(tasks, lambda spec: isinstance(spec, Join) and len(spec.inputs) > 1):
        if isinstance(instances[0].task_spec, _EndJoin):
            continue
        fired = [t.last_state_change for t in instances if t.state == TaskState.COMPLETED]
        last_fired = max(fired, default=-1)
        for task in instances:
            if task.state == TaskState.CANCELLED and task.last_state_change > last_fired:
                yield from (task, task.parent)
            if task.has_state(TaskState.NOT_FINISHED_MASK):
                earlier = _completed_above(task)
                if earlier is not None:
                    yield from (earlier, earlier.parent)


def _what_has_ended(tasks: list[Any]) -> Iterator[Any]:
    """Let one ended branch carry the data of all: the end join merges from their parents."""
    for instances in _awaited(tasks, lambda spec: isinstance(spec, _EndJoin)):
        ended = [task for task in instances if task.has_state(TaskState.FINISHED_MASK)]
        if not ended:
            continue
        ended.sort(key=lambda task: float(task.last_state_change))
        carrier = ended[-1]
        merged: dict[str, Any] = {}
        for task in ended:
            DeepMerge.merge(merged, deepcopy(task.parent.data))
        carrier.parent.data = merged
        yield from (carrier, carrier.parent)


def _turns_and_splits(tasks: list[Any]) -> Iterator[Any]:
    for task in tasks:
        if not task.has_state(TaskState.NOT_FINISHED_MASK):
            continue
        if isinstance(task.task_spec, LoopTask):
            yield from task.children
        split = getattr(task.task_spec, "split_task", None)
        ancestor = _ancestor(task, split) if split else None
        if ancestor is not None:
            yield from (ancestor, *ancestor.children)


RULES: dict[int, Callable[[list[Any]], Iterator[Any]]] = {
    1: _unfinished_and_parents,
    2: _what_joins_wait_with,
    3: _what_has_ended,
    4: _turns_and_splits,
}
"""The rules above by number: given all tasks of a workflow, each yields those that it keeps."""


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


def _completed_above(task: Any) -> Any:
    above = task.parent
    while above is not None:
        if above.task_spec is task.task_spec and above.state == TaskState.COMPLETED:
            return above
        above = above.parent
    return None


def _ancestor(task: Any, spec_name: str) -> Any:
    above = task.parent
    while above is not None and above.task_spec.name != spec_name:
        above = above.parent
    return above


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
