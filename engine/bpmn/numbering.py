"""SpiffWorkflow's tasks, made cheaply and alike in every run.

SpiffWorkflow gives each task a random id, stamps it with the wall clock, and collects what it would
log of each change of state whether anybody logs or not: half the time of a step. Here ids are
numbers and stamps are ranks, so two runs of one command do the same, and two changes never share
a stamp.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import StepFailed

MAX_NEW = 5_000
"""Tasks that one run may make; Dudley's largest step makes 80, a thousand engine steps 2,000."""

TOO_MANY = "the diagram makes too many tasks at once"

_NEW = 2**62
"""Ids from here on are of tasks that no text has numbered yet."""


class Number(int):
    """A task's id: compares and hashes as the number, reads as the UUID that it stands for."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(UUID(int=self))

    @property
    def int(self) -> int:
        """The number alone, as of a UUID."""
        return int(self)


class Stamps:
    """What an instance's new tasks and changes of state are numbered with, each in turn."""

    def __init__(self) -> None:
        self.ids = iter(range(_NEW, _NEW + MAX_NEW))
        self.changes = count(1)

    def go_on_after(self, change: int) -> None:
        """Let every change from now on be later than `change`."""
        self.changes = count(change + 1)


class NumberedTask(Task):  # type: ignore[misc]
    """A task of SpiffWorkflow with an id and a stamp of its instance's `stamps`."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Any = None,
        state: int = TaskState.MAYBE,
        id: Number | None = None,
    ) -> None:
        stamps = workflow.top_workflow.stamps
        self.id = _next_id(stamps, task_spec) if id is None else id
        self.workflow = workflow
        self.task_spec = task_spec
        self.triggered = False
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = next(stamps.changes)
        self._children: list[Number] = []
        self._state = state
        self._parent = None if parent is None else parent.id
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> Any:
        task = NumberedTask(self.workflow, task_spec, self, state)
        if state == TaskState.READY:
            task._ready()
        return task

    def _set_state(self, value: int) -> None:
        if value != self._state:
            self._state = value
            self.last_state_change = next(self.workflow.top_workflow.stamps.changes)


def _next_id(stamps: Stamps, task_spec: Any) -> Number:
    number = next(stamps.ids, None)
    if number is None:
        raise StepFailed(getattr(task_spec, "bpmn_id", None) or task_spec.name, TOO_MANY)
    return Number(number)


def begin(scope: Any) -> None:
    """Make the first task of a process, called process or sub-process, and make it ready."""
    scope.task_tree = NumberedTask(scope, scope.spec.start, state=TaskState.FUTURE)
    scope.spec.start._predict(scope.task_tree, mask=TaskState.NOT_FINISHED_MASK)
    scope.task_tree._ready()


def tasks_in(scope: Any, mask: int, *, alone: bool = False) -> Iterator[Any]:
    """Yield the tasks of a scope in a state of `mask`, parents first, as the tree then stands.

    A sub-process comes after the task that holds it, before what follows; `alone` leaves it out.
    """
    inner = {} if alone else scope.top_workflow.subprocesses
    stack = [scope.task_tree]
    while stack:
        task = stack.pop()
        if task._state & mask:
            yield task
        if task._children:
            held = task.workflow.tasks
            stack.extend([held[child] for child in reversed(task._children)])
        if inner:
            called = inner.get(task.id)
            if called is not None:
                stack.append(called.task_tree)
