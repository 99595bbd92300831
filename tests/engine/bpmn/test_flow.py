"""Terminate, event-based gateways, loops and multi-instance, each step through text."""

from typing import Any

import pytest

from tests.builders.drawn import FORMAL, Drawn, event, flows, node, path, process


def test_terminate_ends_the_process_with_all_that_waits():
    inner = (
        node("startEvent", "s") + node("parallelGateway", "both") + node("userTask", "work")
        + node("userTask", "stop") + node("endEvent", "e")
        + node("endEvent", "over", event("terminate"))
        + flows("s", "both", "work", "e") + flows("both", "stop", "over")
    )  # fmt: skip
    run = Drawn(process(inner)).done("stop").run
    assert run.completed
    assert run.waiting == ()


def test_terminate_in_a_sub_process_ends_only_that():
    inner = (
        node("startEvent", "ps") + node("parallelGateway", "both")
        + node("subProcess", "nested", path("n", "work")) + node("userTask", "stop")
        + node("endEvent", "pe") + node("endEvent", "over", event("terminate"))
        + flows("ps", "both", "nested", "pe") + flows("both", "stop", "over")
    )  # fmt: skip
    case = (
        node("startEvent", "s") + node("subProcess", "part", inner) + node("userTask", "after")
        + node("endEvent", "e") + flows("s", "part", "after", "e")
    )  # fmt: skip
    drawn = Drawn(process(case)).done("stop")
    assert drawn.open == ["after"]
    assert drawn.done("after").run.completed


def waiting_for_either(after: str = "P1D", **names: Any) -> Drawn:
    inner = (
        node("startEvent", "s") + node("eventBasedGateway", "either")
        + node("intermediateCatchEvent", "told", event("message", "go"))
        + node("intermediateCatchEvent", "late", event("timer", after))
        + node("userTask", "answer") + node("userTask", "chase")
        + node("endEvent", "e1") + node("endEvent", "e2")
        + flows("s", "either", "told", "answer", "e1") + flows("either", "late", "chase", "e2")
    )  # fmt: skip
    return Drawn(process(inner), **names)


class TestEventGateway:
    def test_the_first_event_goes_on_and_the_other_is_forgotten(self):
        drawn = waiting_for_either()
        assert drawn.send("go")
        assert drawn.open == ["answer"]
        assert not drawn.send("go")
        assert drawn.wait(days=2).open == ["answer"]
        assert drawn.done("answer").run.completed

    def test_the_timer_goes_on_and_the_message_is_forgotten(self):
        drawn = waiting_for_either().wait(days=2)
        assert drawn.open == ["chase"]
        assert not drawn.send("go")
        assert drawn.done("chase").run.completed

    def test_a_message_that_makes_the_timer_due_goes_one_way_alone(self):
        drawn = waiting_for_either("length", length="P1D")
        drawn.names["length"] = "PT0S"
        assert drawn.send("go")
        assert drawn.open == ["answer"]

    def test_of_two_timers_that_a_late_look_finds_due_the_earlier_goes_on(self):
        inner = (
            node("startEvent", "s") + node("eventBasedGateway", "either")
            + node("intermediateCatchEvent", "second", event("timer", "P3D"))
            + node("intermediateCatchEvent", "first", event("timer", "P2D"))
            + node("userTask", "late") + node("userTask", "soon")
            + node("endEvent", "e1") + node("endEvent", "e2")
            + flows("s", "either", "second", "late", "e1") + flows("either", "first", "soon", "e2")
        )  # fmt: skip
        drawn = Drawn(process(inner)).wait(days=5)
        assert drawn.open == ["soon"]
        assert drawn.wait(days=5).done("soon").run.completed


def repeated(loop: str, **names: Any) -> Drawn:
    inner = (
        node("startEvent", "s") + node("userTask", "work", loop) + node("userTask", "after")
        + node("endEvent", "e") + flows("s", "work", "after", "e")
    )  # fmt: skip
    return Drawn(process(inner), **names)


def several(inner: str, *, one_by_one: bool) -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(one_by_one).lower()}">'
        f"{inner}</bpmn:multiInstanceLoopCharacteristics>"
    )


CARDINALITY = f"<bpmn:loopCardinality {FORMAL}>times + 1</bpmn:loopCardinality>"


class TestRepeated:
    def test_a_loop_ends_at_its_highest_number(self):
        drawn = repeated('<bpmn:standardLoopCharacteristics loopMaximum="3" />')
        for _ in range(3):
            assert drawn.open == ["work"]
            drawn.done("work")
        assert drawn.open == ["after"]

    @pytest.mark.parametrize("before", [True, False])
    def test_a_loop_goes_on_while_its_condition_holds(self, before):
        drawn = repeated(
            f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}">'
            f"<bpmn:loopCondition {FORMAL}>not done</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>",
            done=False,
        )
        assert drawn.done("work").open == ["work"]
        drawn.names["done"] = True
        assert drawn.done("work").open == ["after"]

    def test_a_test_before_may_skip_it_altogether(self):
        loop = (
            '<bpmn:standardLoopCharacteristics testBefore="true">'
            f"<bpmn:loopCondition {FORMAL}>not done</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>"
        )
        assert repeated(loop, done=True).open == ["after"]

    def test_in_parallel_all_wait_at_once(self):
        drawn = repeated(several(CARDINALITY, one_by_one=False), times=2)
        assert drawn.open == ["work", "work", "work"]
        assert drawn.done("work").done("work").open == ["work"]
        assert drawn.done("work").open == ["after"]

    def test_in_sequence_one_waits_after_another(self):
        drawn = repeated(several(CARDINALITY, one_by_one=True), times=2)
        for _ in range(3):
            assert drawn.open == ["work"]
            drawn.done("work")
        assert drawn.open == ["after"]

    @pytest.mark.parametrize("one_by_one", [True, False])
    def test_a_completion_condition_ends_the_rest(self, one_by_one):
        until = f"<bpmn:completionCondition {FORMAL}>enough</bpmn:completionCondition>"
        drawn = repeated(several(CARDINALITY + until, one_by_one=one_by_one), times=4, enough=False)
        drawn.done("work")
        drawn.names["enough"] = True
        assert drawn.done("work").open == ["after"]
        assert drawn.done("after").run.completed
