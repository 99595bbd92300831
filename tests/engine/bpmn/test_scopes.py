"""One value a name in a scope: what branches, turns, calls and events assign, and who reads it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from engine.bpmn import runtime
from engine.errors import StepFailed
from tests.builders.drawn import FORMAL, Drawn, by_event, event, flows, node, process


def script(id: str, text: str) -> str:
    return node("scriptTask", id, f"<bpmn:script>{text}</bpmn:script>")


def asked(source: str, target: str, condition: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:conditionExpression {FORMAL}>{condition}</bpmn:conditionExpression>"
        "</bpmn:sequenceFlow>"
    )


def forked(before: str, *branches: str, after: str = "") -> str:
    """A script, a fork into branches of a task a_N and a script b_N, a join, what follows."""
    ways = "".join(
        node("userTask", f"a_{place}") + script(f"b_{place}", text)
        + flows("fork", f"a_{place}", f"b_{place}", "join")
        for place, text in enumerate(branches)
    )  # fmt: skip
    return (
        node("startEvent", "s") + script("first", before) + node("parallelGateway", "fork")
        + ways + node("parallelGateway", "join") + (after or node("userTask", "last"))
        + node("endEvent", "e") + flows("s", "first", "fork") + flows("join", "last", "e")
    )  # fmt: skip


def values(drawn: Drawn) -> dict[str, Any]:
    [task] = drawn.run.open_tasks
    return dict(task.data)


@pytest.mark.parametrize("order", list(permutations(["a_0", "a_1"])))
class TestBranches:
    def test_d1_what_one_branch_assigned_stands_whoever_is_last(self, order):
        whether = (
            node("exclusiveGateway", "last", default="last_no") + node("userTask", "no")
            + node("userTask", "yes") + asked("last", "yes", "agreed") + flows("last", "no", "e")
            + flows("yes", "e")
        )  # fmt: skip
        drawn = Drawn(
            process(
                forked("agreed = false", "agreed = true", "other = 1", after=whether).replace(
                    flows("last", "e"), ""
                )
            )
        )
        for each in order:
            drawn.done(each)
        assert drawn.open == ["yes"]

    def test_d3_a_list_is_replaced_and_never_merged(self, order):
        drawn = Drawn(process(forked("rows = [1, 2, 3]", "rows = [9]", "other = 1")))
        for each in order:
            drawn.done(each)
        assert values(drawn) == {"rows": [9], "other": 1}

    def test_d3_a_group_of_values_is_replaced_and_never_merged(self, order):
        drawn = Drawn(process(forked('m = {"a": 1}', 'm = {"b": 2}', "other = 1")))
        for each in order:
            drawn.done(each)
        assert values(drawn) == {"m": {"b": 2}, "other": 1}

    def test_d1_of_two_that_assign_one_name_the_last_stands(self, order):
        drawn = Drawn(process(forked("n = 0", "n = 1", "n = 2")))
        for each in order:
            drawn.done(each)
        assert values(drawn) == {"n": 1 if order[-1] == "a_0" else 2}


def test_d1_a_branch_that_has_ended_keeps_nothing_of_its_own():
    drawn = Drawn(
        process(
            node("startEvent", "s") + script("first", "n = 0") + node("parallelGateway", "fork")
            + node("userTask", "a") + script("b", "n = 1") + node("endEvent", "e_1")
            + node("userTask", "other") + node("userTask", "last") + node("endEvent", "e_2")
            + flows("s", "first", "fork", "a", "b", "e_1") + flows("fork", "other", "last", "e_2")
        )
    )  # fmt: skip
    drawn.done("a").done("other")
    assert values(drawn) == {"n": 1}


LOOPED = '<bpmn:standardLoopCharacteristics loopMaximum="2" />'


@pytest.mark.parametrize("text", ['["Z"]', "[]", '{"b": 1}', "null"])
def test_d2_assignment_in_a_loop_replaces(text):
    drawn = Drawn(
        process(
            node("startEvent", "s") + script("first", 'people = ["A", "B"]')
            + node("scriptTask", "again", f"<bpmn:script>people = {text}</bpmn:script>{LOOPED}")
            + node("userTask", "last") + node("endEvent", "e")
            + flows("s", "first", "again", "last", "e")
        )
    )  # fmt: skip
    expected = {'["Z"]': ["Z"], "[]": [], '{"b": 1}': {"b": 1}, "null": None}[text]
    assert values(drawn) == {"people": expected}


BROUGHT = event("message", "go").replace(
    " />",
    "><bpmn:extensionElements><spiffworkflow:messageVariable>said</spiffworkflow:messageVariable>"
    "</bpmn:extensionElements></bpmn:messageEventDefinition>",
)


def watched(definition: str) -> str:
    """A task with an event that does not interrupt and sets v; then a task that reads it."""
    return (
        node("startEvent", "s") + script("first", "v = 0") + node("userTask", "host")
        + node("boundaryEvent", "ev", definition, attachedToRef="host", cancelActivity="false")
        + script("set", "v = v + 1") + node("endEvent", "e_2") + flows("ev", "set", "e_2")
        + node("userTask", "last") + node("endEvent", "e")
        + flows("s", "first", "host", "last", "e")
    )  # fmt: skip


class TestEvents:
    def test_d4_the_main_path_reads_what_a_boundary_path_set(self):
        drawn = Drawn(process(watched(event("message", "go"))))
        assert drawn.send("go")
        assert values(drawn) == {"v": 1}
        assert drawn.send("go")
        assert values(drawn.done("host")) == {"v": 2}

    def test_d4_a_boundary_timer_too(self):
        drawn = Drawn(process(watched(event("timer", "P1D")))).wait(days=2)
        assert values(drawn.done("host")) == {"v": 1}

    def test_d4_the_message_at_a_boundary_brings_its_payload_into_the_scope(self):
        drawn = Drawn(process(watched(BROUGHT)))
        drawn.send("go", who="ann")
        assert values(drawn.done("host")) == {"v": 1, "said": {"who": "ann"}}

    def test_each_occurrence_of_an_event_sub_process_has_what_its_event_brought(self):
        drawn = Drawn(
            process(
                node("startEvent", "s") + script("first", "said = 1") + node("userTask", "visit")
                + node("endEvent", "e") + flows("s", "first", "visit", "e")
                + by_event("sub", BROUGHT, "ask", interrupting=False)
            )
        )  # fmt: skip
        drawn.send("go", who="ann")
        drawn.send("go", who="bob")
        told = [each.data["said"] for each in drawn.run.open_tasks if each.element == "ask"]
        assert told == [{"who": "ann"}, {"who": "bob"}]
        assert [each.data for each in drawn.run.open_tasks if each.element == "visit"] == [
            {"said": 1}
        ]

    def test_d4_an_event_sub_process_assigns_what_stands_around_it(self):
        inner = (
            node("startEvent", "is", BROUGHT, isInterrupting="false")
            + script("set", "v = said.n\nown = v") + node("endEvent", "ie")
            + flows("is", "set", "ie")
        )  # fmt: skip
        drawn = Drawn(
            process(
                node("startEvent", "s") + script("first", "v = 0\nn = 5") + node("userTask", "last")
                + node("endEvent", "e") + flows("s", "first", "last", "e")
                + node("subProcess", "sub", inner, triggeredByEvent="true")
            )
        )  # fmt: skip
        drawn.send("go", n=7)
        assert values(drawn) == {"v": 7, "n": 5}


def inner_path(text: str) -> str:
    return (
        node("startEvent", "is") + node("userTask", "ask") + script("say", text)
        + node("endEvent", "ie") + flows("is", "ask", "say", "ie")
    )  # fmt: skip


def several(body: str, *, one_by_one: bool = False, more: str = "") -> str:
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(one_by_one).lower()}">'
        "<bpmn:loopDataInputRef>rows</bpmn:loopDataInputRef>"
        f'<bpmn:inputDataItem id="row" name="row" />{more}</bpmn:multiInstanceLoopCharacteristics>'
    )
    return (
        node("startEvent", "s") + script("first", "total = 0\nt = 5")
        + node("subProcess", "many", body + loop) + node("userTask", "last") + node("endEvent", "e")
        + flows("s", "first", "many", "last", "e")
    )  # fmt: skip


@pytest.mark.parametrize("one_by_one", [True, False])
class TestTurns:
    def test_a_turn_has_new_names_for_itself_and_assigns_what_stands_around_it(self, one_by_one):
        body = inner_path("mine = row * 2\ntotal = total + mine")
        drawn = Drawn(process(several(body, one_by_one=one_by_one)), rows=[1, 2, 3])
        while "ask" in drawn.open:
            drawn.complete(max(each.task for each in drawn.run.open_tasks))
        found = values(drawn)
        assert found.pop("mine") in (2, 4, 6)
        assert found == {"total": 12, "t": 5}

    def test_an_item_may_have_a_name_that_stands_around_it(self, one_by_one):
        body = inner_path("total = total + row")
        drawn = Drawn(
            process(several(body, one_by_one=one_by_one).replace("t = 5", "row = 99")), rows=[1, 2]
        )
        while "ask" in drawn.open:
            drawn.done("ask")
        assert values(drawn) == {"total": 3, "row": 99}

    @pytest.mark.parametrize("rows", [None, []])
    def test_d6_a_list_that_was_left_empty_takes_no_turn(self, one_by_one, rows):
        drawn = Drawn(process(several(inner_path("x = 1"), one_by_one=one_by_one)), rows=rows)
        assert values(drawn) == {"total": 0, "t": 5}

    @pytest.mark.parametrize("rows", [None, []])
    def test_d6_nor_does_one_with_results(self, one_by_one, rows):
        results = (
            "<bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef>"
            '<bpmn:outputDataItem id="one" name="one" />'
        )
        drawn = Drawn(
            process(several(inner_path("one = row"), one_by_one=one_by_one, more=results)),
            rows=rows,
        )
        assert values(drawn) == {"total": 0, "t": 5, "all": []}


CALLED = process(inner_path("v = v + 1\nnew = other"), "called")


def calling(called: str = CALLED) -> Drawn:
    return Drawn(
        process(
            node("startEvent", "s") + script("first", "v = 1\nother = 1")
            + node("parallelGateway", "fork") + node("callActivity", "c", calledElement="called")
            + node("userTask", "beside") + script("set", "other = 2")
            + node("parallelGateway", "join") + node("userTask", "last") + node("endEvent", "e")
            + flows("s", "first", "fork", "c", "join", "last", "e")
            + flows("fork", "beside", "set", "join")
        ), called,
    )  # fmt: skip


PASSED = (
    '<bpmn:ioSpecification id="io"><bpmn:dataInput id="in_1" name="v" />'
    '<bpmn:dataOutput id="new" /><bpmn:inputSet id="is_1" />'
    '<bpmn:outputSet id="os_1" /></bpmn:ioSpecification>'
)


class TestCalls:
    @pytest.mark.parametrize("order", list(permutations(["ask", "beside"])))
    def test_a_call_passes_out_what_it_assigned_and_nothing_that_it_was_given(self, order):
        drawn = calling()
        for each in order:
            drawn.done(each)
        assert values(drawn) == {"v": 2, "other": 2, "new": 1}

    def test_a_call_is_given_what_stood_when_it_began(self):
        drawn = calling().done("beside")
        assert [each.data for each in drawn.run.open_tasks] == [{"v": 1, "other": 1}]

    def test_what_a_call_cannot_read_is_not_kept_for_it(self):
        drawn = calling(CALLED.replace("other", "1"))
        assert [each.data for each in drawn.run.open_tasks] == [{"v": 1}, {"v": 1, "other": 1}]

    @pytest.mark.parametrize("order", list(permutations(["ask", "beside"])))
    def test_a_called_process_may_name_what_is_passed_in_and_out(self, order):
        drawn = calling(
            CALLED.replace('isExecutable="true">', f'isExecutable="true">{PASSED}').replace(
                "= other", "= 1"
            )
        )
        assert {"v": 1} in [each.data for each in drawn.run.open_tasks]
        for each in order:
            drawn.done(each)
        assert values(drawn) == {"v": 1, "other": 2, "new": 1}

    def test_a_value_that_is_to_be_passed_and_is_not_there_is_told(self):
        wanted = PASSED.replace('dataInput id="in_1" name="v"', 'dataInput id="w"')
        with pytest.raises(StepFailed, match="c: 'w' is to be passed in and has no value"):
            calling(CALLED.replace('isExecutable="true">', f'isExecutable="true">{wanted}'))


@pytest.mark.parametrize("value", ["false", "no", "", 0, 1, [], ["x"]])
class TestConditions:
    def test_d7_a_flow_takes_yes_or_no_alone(self, value):
        with pytest.raises(StepFailed, match=r"^g_a: its condition .* yes or no is needed"):
            Drawn(process(choice("answer")), answer=value)

    def test_d7_a_loop_too(self, value):
        loop = (
            f"<bpmn:standardLoopCharacteristics><bpmn:loopCondition {FORMAL}>answer"
            "</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
        )
        once = node("userTask", "work", loop)
        whole = process(
            node("startEvent", "s") + once + node("endEvent", "e") + flows("s", "work", "e")
        )
        drawn = Drawn(whole, answer=value)
        with pytest.raises(StepFailed, match=r"^work: its condition"):
            drawn.done("work")

    @pytest.mark.parametrize("text", ["not answer", "answer and true", "1 if answer else 2"])
    def test_d7_and_what_stands_inside_an_expression(self, value, text):
        with pytest.raises(StepFailed, match="yes or no is needed"):
            Drawn(process(choice(f"({text}) == 1")), answer=value)


@pytest.mark.parametrize(("value", "way"), [(True, "a"), (False, "b"), (None, "b")])
def test_d7_null_is_no(value, way):
    assert Drawn(process(choice("answer")), answer=value).open == [way]


def choice(condition: str) -> str:
    return (
        node("startEvent", "s") + node("exclusiveGateway", "g", default="g_b")
        + node("userTask", "a") + node("userTask", "b") + node("endEvent", "e")
        + flows("s", "g") + asked("g", "a", condition) + flows("g", "b", "e") + flows("a", "e")
    )  # fmt: skip


def test_values_are_held_once_however_many_tasks_stand_in_their_scope():
    ways = [f"other_{place} = 1" for place in range(12)]
    drawn = Drawn(process(forked(f'v = "{"x" * 500}"', *ways)))
    assert len(drawn.run.open_tasks) == 12
    assert drawn.run.text.count("x" * 500) == 1
    assert runtime.view(drawn.specs, drawn.run.text, drawn.reads).open_tasks == drawn.run.open_tasks
