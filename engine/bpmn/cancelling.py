"""A running process in which nothing runs that was cancelled or has left.

SpiffWorkflow lists the tasks that are ready, then runs them all: also one that another of them has
just cancelled, by a terminating end or an interrupting event. And when it drops the open turns of
work done several times, it leaves the sub-processes in them running, without an owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.numbering import Stamps, begin, tasks_in


class _Scope:
    """Mixed in before SpiffWorkflow's workflow: a process, called process or sub-process."""

    def __init__(self, *args: Any, deserializing: bool = False, **options: Any) -> None:
        super().__init__(*args, deserializing=True, **options)  # type: ignore[call-arg]
        if not deserializing:
            begin(self)

    def update_waiting_tasks(self) -> None:
        for task in list(tasks_in(self, TaskState.WAITING, alone=True)):
            if task.state == TaskState.WAITING and is_in_tree(task):
                task.task_spec._update(task)


class Inner(_Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A called process or embedded sub-process."""


class Running(_Scope, BpmnWorkflow):  # type: ignore[misc]
    """The outermost process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.stamps = Stamps()
        self.next_number = 1
        super().__init__(*args, **options)
        self.task_removed_event.connect(self._left)

    def create_subprocess(self, my_task: Any, spec_name: str) -> Any:
        inner = Inner(self.subprocess_specs[spec_name], my_task.id, self)
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
