"""SpiffWorkflow's tasks, made cheaply and alike in every run; nothing that was cancelled runs.

SpiffWorkflow gives each task a random id and a copy of all values, stamps it with the wall clock,
and collects what it would log of each change of state whether anybody logs or not: half the time of
a step. Here ids are numbers and stamps are ranks, so two runs of one command do the same, and two
changes never share a stamp; values stand in scopes (`engine/bpmn/scopes.py`).

It lists the tasks that are ready, then runs them all: also one that another of them has just
cancelled, by a terminating end or an interrupting event. And when it drops the open turns of work
done several times, it leaves the sub-processes in them running, without an owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.scopes import Scope, scope_in
from engine.errors import StepFailed

MAX_NEW = 5_000
"""Tasks that one run may make; the largest step measured makes 80, a thousand steps 2,000."""

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
    """A task of SpiffWorkflow with an id and a stamp of its instance's `stamps`.

    `values` is the scope that it stands in, its parent's but where a turn begins one.
    """

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
        self.values: Scope = workflow.values if parent is None else parent.values
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = next(stamps.changes)
        self._children: list[Number] = []
        self._state = state
        self._parent = None if parent is None else parent.id
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    @property
    def data(self) -> Scope:
        """SpiffWorkflow's word for the values."""
        return self.values

    def _inherit_data(self) -> None:
        """Nothing: a task reads and assigns the values of its scope."""

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


class _Scope:
    """Mixed in before SpiffWorkflow's workflow: a process, called process or sub-process.

    `values` is what its first task begins with, `has_own_values` whether nothing around it has
    the same.
    """

    values: Scope
    has_own_values = True

    def __init__(self, *args: Any, deserializing: bool = False, **options: Any) -> None:
        super().__init__(*args, deserializing=True, **options)  # type: ignore[call-arg]
        if not deserializing:
            begin(self)

    def _mark_complete(self, _task: Any) -> None:
        self.completed = True

    def update_waiting_tasks(self) -> None:
        for task in list(tasks_in(self, TaskState.WAITING, alone=True)):
            if task.state == TaskState.WAITING and is_in_tree(task):
                task.task_spec._update(task)


class Inner(_Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A called process or embedded sub-process."""

    def __init__(
        self,
        spec: Any,
        owner: Any,
        top_workflow: Any,
        *,
        given: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.values = scope_in(owner, given)
        self.has_own_values = self.values is not owner.values
        super().__init__(spec, owner.id, top_workflow, **options)


class Running(_Scope, BpmnWorkflow):  # type: ignore[misc]
    """The outermost process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.stamps = Stamps()
        self.next_number = 1
        self.values = Scope()
        super().__init__(*args, **options)
        self.task_removed_event.connect(self._left)

    def create_subprocess(self, my_task: Any, spec_name: str) -> Any:
        inner = Inner(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def _left(self, _scope: Any, task: Any) -> None:
        """End what stood in a task that was removed."""
        self.event_manager.remove_task(task)
        inner = self.subprocesses.get(task.id)
        if inner is None:
            return
        inner.cancel()
        for each in list(inner.tasks.values()):
            self._left(inner, each)
        del self.subprocesses[task.id]

    def _do_engine_steps(
        self,
        will_complete_task: Callable[[Any], None],
        did_complete_task: Callable[[Any], None],
    ) -> bool:
        """Run what is ready, the innermost scopes first; return whether there may be more."""

        def run_ready(scope: Any) -> bool:
            ran = False
            for task in list(tasks_in(scope, TaskState.READY)):
                if task.task_spec.manual:
                    continue
                if task.state == TaskState.READY and is_in_tree(task):
                    will_complete_task(task)
                    task.run()
                    did_complete_task(task)
                    ran = True
            return ran

        active = self.get_active_subprocesses()
        for inner in sorted(active, key=lambda each: each.depth, reverse=True):
            while run_ready(inner):
                pass
            owner = self.owner_of(inner)
            if owner is not None:
                owner.task_spec._update(owner)
        return run_ready(self) or len(self.get_active_subprocesses()) > len(active)

    def owner_of(self, inner: Any) -> Any:
        """Return the task that a scope runs in; None for the outermost and for one that left."""
        if self.subprocesses.get(inner.parent_task_id) is not inner:
            return None
        return self.get_task_from_id(inner.parent_task_id)


def is_in_tree(task: Any) -> bool:
    """Return whether a task is still part of its scope, and that of a running process."""
    scope = task.workflow
    return scope.tasks.get(task.id) is task and (
        scope is scope.top_workflow
        or scope.top_workflow.subprocesses.get(scope.parent_task_id) is scope
    )
