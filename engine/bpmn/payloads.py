"""What thrown messages carry: the property `payload`, once or for each row of a list.

A form's rows become work this way: the chair commissions three assessments, the property `each` of
one message event names the list, and the message is sent three times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import ThrowingEvent
from SpiffWorkflow.spiff.specs.event_definitions import (
    MessageEventDefinition as SpiffMessageEventDefinition,
)

from engine.bpmn.elements import Element
from engine.errors import ExpressionError

ROW = "row"
"""The name by which a payload reads the row that its message is sent for."""


class RowMessage(SpiffMessageEventDefinition):  # type: ignore[misc]
    """A message sent once for each row of the list `each`, none when it is unset or empty."""

    def __init__(self, name: str, *, each: str, payload: str) -> None:
        super().__init__(name, expression=payload)
        self.each = each

    def throw(self, my_task: Any) -> None:
        """Send the messages in the rows' order.

        Raises:
            ExpressionError: `each` is not a list, or a payload is not a group of values.
        """
        environment = my_task.workflow.script_engine.environment
        rows = environment.evaluate(self.each, my_task.data) or []
        if not isinstance(rows, list):
            raise ExpressionError(self.each, "a message is sent for each row of a list")
        for row in rows:
            payload = environment.evaluate(self.expression, {**my_task.data, ROW: row})
            if not isinstance(payload, Mapping):
                raise ExpressionError(self.expression, "a message carries values by name")
            my_task.workflow.top_workflow.catch(BpmnEvent(self, payload=dict(payload)))


def set_payloads(spec: Any, elements: Mapping[str, Element]) -> None:
    """Give the message events of a spec the payloads that their properties say."""
    for name, task_spec in spec.task_specs.items():
        definition = getattr(task_spec, "event_definition", None)
        if not isinstance(definition, MessageEventDefinition) or name not in elements:
            continue
        payload = elements[name].properties.get("payload")
        each = elements[name].properties.get("each")
        if each is not None and isinstance(task_spec, ThrowingEvent):
            task_spec.event_definition = RowMessage(
                definition.name, each=each, payload=payload or ROW
            )
        elif payload is not None:
            definition.expression = payload
