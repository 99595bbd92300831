"""Plain tasks with the property `passes`: boxes of a policy's flowchart that are nobody's work.

The standard gives a plain task no meaning of its own. Without the property it is work for a person.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.defaults import NoneTask

from engine.bpmn.elements import passes


class PlainTaskParser(SpiffTaskParser):  # type: ignore[misc]
    """Reads whether a plain task waits for a person."""

    def create_task(self) -> Any:
        task = super().create_task()
        task.manual = not passes(self.node)
        return task


PARSERS = {full_tag("task"): (PlainTaskParser, NoneTask)}
