"""Joining gateways that do not predict past themselves.

SpiffWorkflow predicts every route to the end at creation, and each branch into a join predicts
all that follows it: fork and join blocks in series double the predicted tasks each time (2,045
for eight blocks, 32,765 for twelve). A join predicts what follows when it becomes ready instead.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.util.task import TaskState

_NOT_YET = TaskState.PREDICTED_MASK | TaskState.FUTURE | TaskState.WAITING


class _Join:
    """Mixed in before SpiffWorkflow's gateway."""

    def _predict(
        self,
        my_task: Any,
        seen: Any = None,
        looked_ahead: int = 0,
        mask: int = TaskState.PREDICTED_MASK,
    ) -> None:
        joins = len(self.inputs) > 1  # type: ignore[attr-defined]
        if not (joins and my_task.has_state(_NOT_YET)):
            super()._predict(my_task, seen, looked_ahead, mask)  # type: ignore[misc]

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)  # type: ignore[misc]
        self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)


class ParallelJoin(_Join, ParallelGateway):  # type: ignore[misc]
    """A parallel gateway."""


class InclusiveJoin(_Join, InclusiveGateway):  # type: ignore[misc]
    """An inclusive gateway."""


PARSERS = {
    full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
    full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveJoin),
}
