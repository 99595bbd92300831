"""Conditions of flows and loops: yes or no, and nothing that Python would take for one.

SpiffWorkflow takes any value: the text "false" is yes, and so is "no" as a worker wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import _BpmnCondition

from engine.bpmn.elements import BPMN
from engine.errors import ExpressionError, StepFailed


class FlowCondition(_BpmnCondition):  # type: ignore[misc]
    """The condition of one sequence flow, `flow` its id."""

    def __init__(self, text: str, flow: str) -> None:
        super().__init__(text)
        self.flow = flow

    def _matches(self, task: Any) -> bool:
        return holds(task, self.args[0], self.flow)


def holds(task: Any, condition: str, element: str) -> bool:
    """Return whether a condition holds on the values that a task stands in.

    Raises:
        StepFailed: it cannot be worked out, or gives neither yes nor no; names `element`.
    """
    environment = task.workflow.script_engine.environment
    try:
        return bool(environment.holds_true(condition, task.values))
    except ExpressionError as error:
        raise StepFailed(element, f"its condition cannot be worked out: {error}") from error


def name_flows(spec: Any, diagrams: Iterable[etree._Element]) -> None:
    """Let the conditions of one parsed scope know the flows that they stand on."""
    for task_spec in spec.task_specs.values():
        conditional = getattr(task_spec, "cond_task_specs", None)
        if conditional:
            leaving = _leaving(str(task_spec.bpmn_id), diagrams)
            task_spec.cond_task_specs = [
                (condition and FlowCondition(condition.args[0], _flow(leaving, condition, to)), to)
                for condition, to in conditional
            ]


def _leaving(element: str, diagrams: Iterable[etree._Element]) -> list[etree._Element]:
    return [
        flow
        for root in diagrams
        for flow in root.iter(f"{{{BPMN}}}sequenceFlow")
        if flow.get("sourceRef") == element
    ]


def _flow(leaving: list[etree._Element], condition: Any, to: str) -> str:
    """Return the id of the flow that a condition was read from."""
    alike = [
        flow
        for flow in leaving
        if flow.findtext(f"{{{BPMN}}}conditionExpression") == condition.args[0]
    ]
    # What is watched, or done several times, is led to by a task of another name before it.
    alike.sort(key=lambda flow: not to.startswith(str(flow.get("targetRef"))))
    return str(alike[0].get("id")) if alike else to
