"""Event-based gateways: the first event goes on, the others are forgotten.

SpiffWorkflow goes on along each event that it has seen by the time it looks: a message that makes a
timer beside it due would go both ways, and so would two timers that a late worker finds due.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway
from SpiffWorkflow.bpmn.util.event import BpmnEvent

from engine.bpmn.timers import DeadlineTimer


class FirstEventGateway(EventBasedGateway):  # type: ignore[misc]
    """Goes on along what came first: a message or signal, else the timer that was due first."""

    def _run_hook(self, my_task: Any) -> bool:
        my_task._set_internal_data(seen_events=[self._first(my_task)])
        return bool(super()._run_hook(my_task))

    def _first(self, my_task: Any) -> Any:
        for event in my_task.internal_data["seen_events"]:
            if not isinstance(event.event_definition, DeadlineTimer):
                return event
        # It has noted one of those that are due, whichever was drawn first.
        timers: list[Any] = [
            each
            for each in self.event_definition.event_definitions
            if isinstance(each, DeadlineTimer) and each.has_fired(my_task)
        ]
        return BpmnEvent(min(timers, key=lambda each: each.due(my_task)))


PARSERS = {full_tag("eventBasedGateway"): (EventBasedGatewayParser, FirstEventGateway)}
