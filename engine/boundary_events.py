"""Boundary events that do not interrupt happen as often as what they wait for does.

SpiffWorkflow lets them happen once. Here each that has happened is followed by another that waits,
as long as the activity lasts: for messages, signals and escalations always, for timers while
their cycle has turns left.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import (
    BoundaryEvent as BoundaryEventMixin,
)
from SpiffWorkflow.spiff.parser.event_parsers import SpiffBoundaryEventParser
from SpiffWorkflow.util.task import TaskState

from engine.timers import DeadlineTimer


class WatchingEvent(BoundaryEvent):  # type: ignore[misc]
    """A boundary event; one that does not interrupt waits again after it has happened."""

    def connect(self, task_spec: Any) -> None:
        """Lead to what follows; one that does not interrupt has no part in the activity's end."""
        if self.cancel_activity or not isinstance(task_spec, BoundaryEventJoin):
            super().connect(task_spec)

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)
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
        again = my_task.parent._add_child(self, TaskState.WAITING)
        again.internal_data.update(kept)
        self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
        self._update(again)


def is_spent(task: Any) -> bool:
    """Return whether a task is a boundary event that happened and interrupted nothing."""
    spec = task.task_spec
    return (
        isinstance(spec, BoundaryEventMixin)
        and not spec.cancel_activity
        and bool(task.has_state(TaskState.FINISHED_MASK))
    )


PARSERS = {full_tag("boundaryEvent"): (SpiffBoundaryEventParser, WatchingEvent)}
