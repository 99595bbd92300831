"""Boundary events: one that interrupts ends its activity at once, others happen again and again.

SpiffWorkflow ends the activity when the event's own turn comes, after all that was ready deeper
inside: what follows an inner sub-process runs although an error has come out of it. Of several
that interrupt it lets each go on.

And it lets one that does not interrupt happen once. Here each that has happened is followed by
another that waits, as long as the activity lasts: for messages, signals and escalations always,
for timers while their cycle has turns left.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.spiff.parser.event_parsers import SpiffBoundaryEventParser
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.cancelling import is_in_tree
from engine.bpmn.timers import DeadlineTimer


class WatchingEvent(BoundaryEvent):  # type: ignore[misc]
    """A boundary event; one that does not interrupt waits again after it has happened."""

    def connect(self, task_spec: Any) -> None:
        """Lead to what follows; one that does not interrupt has no part in the activity's end."""
        if self.cancel_activity or not isinstance(task_spec, BoundaryEventJoin):
            super().connect(task_spec)

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)
        if self.cancel_activity:
            my_task.workflow.top_workflow.interruptions.append(my_task)
        # At once: what it waits for may be thrown again before this one has run.
        if not (self.cancel_activity or isinstance(self.event_definition, DeadlineTimer)):
            self._wait_again(my_task, {})

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        if not self.cancel_activity and isinstance(self.event_definition, DeadlineTimer):
            kept = self.event_definition.next_turn(my_task)
            if kept is not None:
                self._wait_again(my_task, kept)

    def _wait_again(self, my_task: Any, kept: dict[str, Any]) -> None:
        if not any(is_host(task) and is_open(task) for task in my_task.parent.children):
            return
        again = my_task.parent._add_child(self, TaskState.WAITING)
        again.internal_data.update(kept)
        self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
        self._update(again)


def end_activity(event: Any) -> None:
    """End the activity that a boundary event interrupts, with all that watches it.

    One that does not interrupt and has happened in the same step still leads on.
    """
    if event.state == TaskState.CANCELLED or not is_in_tree(event):
        return
    for task in event.parent.children:
        if task is event:
            continue
        interrupts = task.state == TaskState.READY and getattr(
            task.task_spec, "cancel_activity", False
        )
        if interrupts or task.state == TaskState.WAITING or (is_host(task) and is_open(task)):
            task.cancel()


def is_host(task: Any) -> bool:
    """Return whether a task, of those begun with an activity, is the activity itself."""
    return not isinstance(task.task_spec, WatchingEvent)


def is_open(task: Any) -> bool:
    """Return whether a task is not over."""
    return bool(task.has_state(TaskState.NOT_FINISHED_MASK))


PARSERS = {full_tag("boundaryEvent"): (SpiffBoundaryEventParser, WatchingEvent)}
