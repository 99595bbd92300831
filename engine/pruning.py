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

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState


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
        if task.id in keep or task is workflow.task_tree:
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
    joins: dict[str, list[Any]] = {}
    for task in tasks:
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            _keep(keep, task, task.parent)
            if isinstance(task.task_spec, LoopTask):
                _keep(keep, *task.children)
        spec = task.task_spec
        if isinstance(spec, Join) and (len(spec.inputs) > 1 or isinstance(spec, _EndJoin)):
            joins.setdefault(spec.name, []).append(task)
    for instances in joins.values():
        _keep_for_join(keep, instances)
    return keep


def _keep(keep: set[UUID], *tasks: Any) -> None:
    keep.update(task.id for task in tasks if task is not None)


def _keep_for_join(keep: set[UUID], instances: list[Any]) -> None:
    unfinished = [task for task in instances if task.has_state(TaskState.NOT_FINISHED_MASK)]
    if not unfinished:
        return
    if isinstance(unfinished[0].task_spec, _EndJoin):
        _merge_ended(keep, instances)
        return
    fired = [t.last_state_change for t in instances if t.state == TaskState.COMPLETED]
    last_fired = max(fired, default=-1)
    for task in instances:
        if task.state == TaskState.CANCELLED and task.last_state_change > last_fired:
            _keep(keep, task, task.parent)
    for task in unfinished:
        earlier = _completed_above(task)
        if earlier is not None:
            _keep(keep, earlier, earlier.parent)
        split = getattr(task.task_spec, "split_task", None)
        ancestor = _ancestor(task, split) if split else None
        if ancestor is not None:
            _keep(keep, ancestor, *ancestor.children)


def _merge_ended(keep: set[UUID], instances: Iterable[Any]) -> None:
    """Let one ended branch carry the data of all: the end join merges from their parents."""
    ended = [task for task in instances if task.has_state(TaskState.FINISHED_MASK)]
    if not ended:
        return
    ended.sort(key=lambda task: float(task.last_state_change))
    carrier = ended[-1]
    merged: dict[str, Any] = {}
    for task in ended:
        DeepMerge.merge(merged, task.parent.data)
    carrier.parent.data = merged
    _keep(keep, carrier, carrier.parent)


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
