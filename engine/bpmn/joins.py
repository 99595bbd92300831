"""Joining gateways: when they go on, and how far ahead they look.

SpiffWorkflow tells the rounds of a join in a loop apart by who descends from whom in its tree. So
a branch that another round had finished counts again, and the join goes on early. Here a join looks
at the tokens that have reached it since it last went on.
An inclusive join waits as BPMN 2.0.2 section 13.4.3 says: while a token elsewhere can still reach
an empty input, unless that token can also reach an input that has one.

SpiffWorkflow also predicts every route to the end at creation, and each branch into a join
predicts all that follows it: fork and join blocks in series double the predicted tasks each time
(2,045 for eight blocks, 32,765 for twelve). A join predicts what follows when it becomes ready.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.util.task import TaskState

_NOT_YET = TaskState.PREDICTED_MASK | TaskState.FUTURE | TaskState.WAITING
_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


def joins(spec: Any) -> bool:
    """Return whether a task spec is a gateway that may have to wait for several tokens."""
    return isinstance(spec, _Join) and len(spec._inputs) > 1


def arrivals(my_task: Any) -> list[Any]:
    """Return the other tokens that have reached a join since it last went on, oldest first.

    Each is a task of its own; all but the newest are cancelled.
    """
    if not joins(my_task.task_spec):
        return []
    mates = [
        task
        for task in my_task.workflow.tasks.values()
        if task.task_spec is my_task.task_spec and task is not my_task
    ]
    went_on = max(
        (task.last_state_change for task in mates if task.state == TaskState.COMPLETED), default=-1
    )
    since = [
        task
        for task in mates
        if task.state in (TaskState.CANCELLED, TaskState.WAITING)
        and task.last_state_change > went_on
    ]
    return sorted(since, key=lambda task: float(task.last_state_change))


class _Join:
    """Mixed in before SpiffWorkflow's gateway."""

    _inputs: list[str]

    def _arrived(self, my_task: Any) -> set[str]:
        """Return the names of the inputs by which a token has come."""
        return {task.parent.task_spec.name for task in (my_task, *arrivals(my_task))}

    def _predict(
        self,
        my_task: Any,
        seen: Any = None,
        looked_ahead: int = 0,
        mask: int = TaskState.PREDICTED_MASK,
    ) -> None:
        if not (joins(self) and my_task.has_state(_NOT_YET)):
            super()._predict(my_task, seen, looked_ahead, mask)  # type: ignore[misc]

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)  # type: ignore[misc]
        self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)


class ParallelJoin(_Join, ParallelGateway):  # type: ignore[misc]
    """A parallel gateway: goes on when every input has a token."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return self._arrived(my_task) >= set(self._inputs)

    def _run_hook(self, _my_task: Any) -> bool:
        return True


class InclusiveJoin(_Join, InclusiveGateway):  # type: ignore[misc]
    """An inclusive gateway: goes on when no more token can come."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        arrived = self._arrived(my_task)
        empty = set(self._inputs) - arrived
        if not empty:
            return True
        for token in _tokens(my_task):
            ahead = self._inputs_ahead(token.task_spec)
            if ahead & empty and not ahead & arrived:
                return False
        return True

    def _inputs_ahead(self, spec: Any) -> set[str]:
        """Return the inputs that a token at `spec` can reach without passing this gateway."""
        specs, seen, todo = self._wf_spec.task_specs, set(), [spec.name]
        while todo:
            name = todo.pop()
            if name not in seen and name != self.name:
                seen.add(name)
                todo.extend(specs[name]._outputs)
        return seen & set(self._inputs)

    def _run_hook(self, my_task: Any) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise WorkflowTaskException("No conditions satisfied on gateway", task=my_task)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


def _tokens(my_task: Any) -> list[Any]:
    """Return what holds a token in the scope of a join, apart from the tokens that reached it.

    Of two branches that a fork has just begun, the second holds one on its way.
    """
    return [
        task
        for task in my_task.workflow.tasks.values()
        if task.task_spec is not my_task.task_spec and (task.has_state(_LIVE) or _on_its_way(task))
    ]


def _on_its_way(task: Any) -> bool:
    if not task.has_state(TaskState.NOT_FINISHED_MASK) or task.parent is None:
        return False
    return bool(task.parent.state == TaskState.COMPLETED)


PARSERS = {
    full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
    full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveJoin),
}
