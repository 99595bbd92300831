"""Business rule tasks ask a decision table, whatever its hit policy, and leave a record."""

from datetime import date

import pytest

from engine.errors import StepFailed
from engine.publishing.check import check_files
from engine.rules.decisions import parse_tables
from tests.builders.drawn import Drawn, flows, node, process
from tests.builders.small_pack import small_pack, with_change
from tests.builders.timescales import dmn
from workflows.permanence.domain import DOMAIN

LOW, HIGH = (("< 10",), ('"low"',)), (("> 5",), ('"high"',))
POLICIES = {
    "UNIQUE": ("UNIQUE", "", [LOW], {"out": "low"}, ["row_1"]),
    "FIRST": ("FIRST", "", [HIGH, LOW], {"out": "high"}, ["row_1"]),
    "ANY": ("ANY", "", [LOW, LOW], {"out": "low"}, ["row_1", "row_2"]),
    "RULE ORDER": ("RULE ORDER", "", [HIGH, LOW], [{"out": "high"}, {"out": "low"}],
        ["row_1", "row_2"]),
    "COLLECT": ("COLLECT", "", [LOW, HIGH], [{"out": "low"}, {"out": "high"}],
        ["row_1", "row_2"]),
    "COLLECT SUM": ("COLLECT", "SUM", [(("-",), ("2",)), (("7",), ("3",))], 5,
        ["row_1", "row_2"]),
    "COLLECT MIN": ("COLLECT", "MIN", [(("-",), ("2",)), (("7",), ("3",))], 2,
        ["row_1", "row_2"]),
    "COLLECT MAX": ("COLLECT", "MAX", [(("-",), ("2",)), (("8",), ("3",))], 2, ["row_1"]),
    "COLLECT COUNT": ("COLLECT", "COUNT", [LOW, HIGH], 2, ["row_1", "row_2"]),
}  # fmt: skip


def asking(result: str = "") -> str:
    named = f'<spiffworkflow:property name="result" value="{result}" />' if result else ""
    properties = (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f'<spiffworkflow:property name="decision" value="table" />{named}'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )
    return process(
        node("startEvent", "s")
        + node("businessRuleTask", "ask", properties)
        + node("userTask", "work")
        + node("endEvent", "e")
        + flows("s", "ask", "work", "e")
    )


def drawn(policy: str, aggregation: str, rules, *, result: str = "", **names) -> Drawn:
    tables = parse_tables(dmn(*rules, policy=policy, aggregation=aggregation))
    return Drawn(asking(result), tables=tables, **names)


@pytest.mark.parametrize("case", POLICIES.values(), ids=POLICIES)
def test_each_hit_policy_answers_and_is_recorded(case):
    policy, aggregation, rules, answer, matched = case
    run = drawn(policy, aggregation, rules, result="said", x=7).run
    assert run.open_tasks[0].data["said"] == answer
    assert run.decisions == (
        {"element": "ask", "table": "table", "hit_policy": policy, "inputs": {"x": 7},
         "matched": matched},
    )  # fmt: skip


def test_the_answer_is_named_after_the_table_and_dates_are_text():
    rows = [(("-",), ('date("2026-03-09")',))]
    run = drawn("UNIQUE", "", rows, x=date(2026, 1, 1)).run
    assert run.open_tasks[0].data["table"] == {"out": "2026-03-09"}
    assert run.decisions[0]["inputs"] == {"x": "2026-01-01"}


def test_no_row_gives_null_and_says_so():
    run = drawn("UNIQUE", "", [HIGH], result="said", x=1).run
    assert run.open_tasks[0].data["said"] is None
    assert run.decisions[0]["matched"] == []


def test_rows_that_the_policy_keeps_apart_stop_the_step():
    with pytest.raises(StepFailed, match="rows 1 and 2 both apply"):
        drawn("UNIQUE", "", [LOW, HIGH], x=7)


COUNT = '<bpmn:scriptTask id="count_up"><bpmn:script>visits = 1</bpmn:script></bpmn:scriptTask>'


def asked(decision: str) -> list[str]:
    called = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
    task = node(
        "businessRuleTask",
        "count_up",
        f"<bpmn:extensionElements>{called if decision else ''}</bpmn:extensionElements>",
    )
    found = check_files(with_change("case.bpmn", COUNT, task), domain=DOMAIN)
    return [each.message for each in found if each.rule == "unknown-decision"]


def test_the_check_knows_which_tables_there_are():
    assert check_files(small_pack(), domain=DOMAIN) == []
    assert asked("timescales") == []
    [message] = asked("timescale")
    assert "Did you mean 'timescales'?" in message
    [message] = asked("")
    assert "names no decision table" in message
