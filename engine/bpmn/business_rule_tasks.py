"""Business rule tasks: a decision table asked on the way, its answer kept with what it rests on.

SpiffWorkflow's own know two hit policies and keep no record of the matched row; these ask
`engine.rules.decisions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask

from engine.bpmn.elements import decision_of, result_of
from engine.bpmn.scripting import plain
from engine.errors import Finding, PackRefused
from engine.rules.decision_tables import DecisionTable
from engine.rules.decisions import evaluate_table


class DecisionTask(SpiffBpmnTask):  # type: ignore[misc]
    """Asks the table named `decision` and sets the local name `result` to what it says."""

    table: DecisionTable | None = None
    decision = ""
    result = ""

    def _run_hook(self, my_task: Any) -> bool:
        assert self.table is not None
        environment = my_task.workflow.script_engine.environment
        names, functions = environment.reads(my_task.data)
        said = evaluate_table(self.table, names, functions)
        my_task.data[self.result] = plain(said.result)
        environment.decisions.append(
            {
                "element": self.bpmn_id,
                "table": said.table_id,
                "hit_policy": said.hit_policy,
                "inputs": plain(said.inputs),
                "matched": [match.rule_id for match in said.matched],
            }
        )
        return True


class DecisionTaskParser(SpiffTaskParser):  # type: ignore[misc]
    """Reads which table a business rule task asks, and the name of its answer."""

    get_decision_ref = staticmethod(decision_of)

    def create_task(self) -> Any:
        task = super().create_task()
        task.decision = decision_of(self.node)
        task.result = result_of(self.node)
        return task


PARSERS = {full_tag("businessRuleTask"): (DecisionTaskParser, DecisionTask)}


def set_tables(spec: Any, tables: Mapping[str, DecisionTable]) -> None:
    """Give the business rule tasks of one parsed scope their tables.

    Raises:
        PackRefused: there is no such table.
    """
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, DecisionTask):
            task_spec.table = tables.get(task_spec.decision)
            if task_spec.table is None:
                message = f"There is no decision table '{task_spec.decision[:80]}' to ask."
                finding = Finding("error", "", task_spec.bpmn_id, "unknown-decision", message)
                raise PackRefused([finding])
