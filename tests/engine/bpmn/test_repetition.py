"""An activity done once for each of a list, or a number of times: at once or one after another."""

import pytest

from engine.errors import StepFailed
from engine.publishing.check import check_files
from tests.builders.drawn import FORMAL, Drawn, flows, node, process
from tests.builders.small_pack import with_change
from workflows.permanence.domain import DOMAIN

INSIDE = (
    node("startEvent", "is") + node("userTask", "work")
    + node("scriptTask", "write", "<bpmn:script>one = [row, 1]</bpmn:script>")
    + node("endEvent", "ie") + flows("is", "work", "write", "ie")
)  # fmt: skip
READS_ROW = "<bpmn:documentation>row</bpmn:documentation>"
"""What lets a called process be given a row."""
ROW = '<bpmn:inputDataItem id="row" name="row" />'
RESULT = '<bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef><bpmn:outputDataItem id="one" />'


def of(text: str) -> str:
    return f"<bpmn:loopDataInputRef>{text}</bpmn:loopDataInputRef>"


def times(text: str) -> str:
    return f"<bpmn:loopCardinality {FORMAL}>{text}</bpmn:loopCardinality>"


def until(text: str) -> str:
    return f"<bpmn:completionCondition {FORMAL}>{text}</bpmn:completionCondition>"


def several(inner: str, *, one_by_one: bool) -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(one_by_one).lower()}">'
        f"{inner}</bpmn:multiInstanceLoopCharacteristics>"
    )


def repeated(inner: str, *, one_by_one: bool, body: str = "", **names) -> Drawn:
    loop = several(inner, one_by_one=one_by_one)
    activity = node("subProcess", "many", body + loop) if body else node("userTask", "work", loop)
    return Drawn(
        process(
            node("startEvent", "s") + activity + node("userTask", "after") + node("endEvent", "e")
            + flows("s", "many" if body else "work", "after", "e")
        ), **names,
    )  # fmt: skip


def rows(drawn: Drawn) -> list:
    return [each.data["row"] for each in drawn.run.open_tasks]


@pytest.mark.parametrize("one_by_one", [True, False])
class TestSeveralTimes:
    def test_once_for_each_of_a_list_of_facts(self, one_by_one):
        drawn = repeated(of("people") + ROW, one_by_one=one_by_one, people=["ann", "bob"])
        assert rows(drawn) == (["ann"] if one_by_one else ["ann", "bob"])
        drawn.done("work")
        assert rows(drawn) == ["bob"]
        drawn.done("work")
        assert (drawn.open, drawn.run.open_tasks[0].data) == (["after"], {})

    def test_a_null_in_the_list_is_one_of_it(self, one_by_one):
        drawn = repeated(of("people") + ROW, one_by_one=one_by_one, people=["ann", None, "bob"])
        assert drawn.done("work").done("work").done("work").open == ["after"]

    def test_results_stand_in_the_order_of_the_list(self, one_by_one):
        drawn = repeated(
            of("people") + ROW + RESULT, one_by_one=one_by_one, body=INSIDE, people=["ann", "bob"]
        )
        while "work" in drawn.open:
            last = max(each.task for each in drawn.run.open_tasks)
            drawn.complete(last)
        assert drawn.run.open_tasks[0].data == {"results": [["ann", 1], ["bob", 1]]}

    def test_the_list_is_read_once(self, one_by_one):
        drawn = repeated(of("people") + ROW, one_by_one=one_by_one, people=["ann", "bob"])
        drawn.names["people"] = ["carl"]
        drawn.done("work")
        assert rows(drawn) == ["bob"]

    @pytest.mark.parametrize("how", [of("people"), times("count(people)")])
    def test_of_nothing_it_is_passed(self, one_by_one, how):
        found = repeated(how, one_by_one=one_by_one, people=[], functions={"count": len})
        assert found.open == ["after"]

    def test_a_condition_over_what_a_turn_set_ends_the_rest(self, one_by_one):
        drawn = repeated(
            times("3") + ROW + RESULT + until("row == 1"), one_by_one=one_by_one, body=INSIDE
        )
        drawn.done("work").done("work")
        assert drawn.open == ["after"]
        assert drawn.run.open_tasks[0].data == {"results": [[0, 1], [1, 1], None]}
        assert drawn.done("after").run.completed

    @pytest.mark.parametrize(
        "how", [times("-1"), times("1.5"), times('"two"'), times("null"), of("3"), of("'abc'")]
    )
    def test_what_is_no_number_of_times_stops_the_step_there(self, one_by_one, how):
        with pytest.raises(StepFailed) as failed:
            repeated(how, one_by_one=one_by_one)
        assert failed.value.element == "work"

    def test_a_call_several_times_gives_each_its_own(self, one_by_one):
        loop = several(of("people") + ROW, one_by_one=one_by_one)
        drawn = Drawn(
            process(
                node("startEvent", "s") + node("callActivity", "many", loop, calledElement="other")
                + node("userTask", "after") + node("endEvent", "e")
                + flows("s", "many", "after", "e")
            ),
            process(
                node("startEvent", "is") + node("userTask", "work", READS_ROW)
                + node("endEvent", "ie") + flows("is", "work", "ie"), "other",
            ), people=["ann", "bob"],
        )  # fmt: skip
        assert rows(drawn) == (["ann"] if one_by_one else ["ann", "bob"])
        assert drawn.done("work").done("work").open == ["after"]


SCRIPT = '<bpmn:scriptTask id="count_up"><bpmn:script>visits = 1</bpmn:script>'
WRONG = {
    "a number below nothing": times("0 - 2"),
    "a part of a number": times("1.5"),
    "a text": times("'two'"),
    "more than anybody does": times("10000"),
    "a list of results without a result": times("2")
    + "<bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef>",
    "a result without a list of them": times("2") + '<bpmn:outputDataItem id="visits" />',
    "a result that nothing sets": times("2") + RESULT,
}


@pytest.mark.parametrize("loop", WRONG.values(), ids=WRONG)
def test_a_repetition_that_cannot_be_done_is_told(loop):
    files = with_change("case.bpmn", SCRIPT, SCRIPT + several(loop, one_by_one=True))
    found = check_files(files, domain=DOMAIN)
    assert [(each.element, each.rule) for each in found] == [("count_up", "loop")]
