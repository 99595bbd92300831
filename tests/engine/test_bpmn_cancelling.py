"""What was cancelled does nothing more, and what stood inside it is gone."""

import pytest

from tests.engine.drawn import Drawn, event, flows, node, path, process

TWICE = "<bpmn:multiInstanceLoopCharacteristics isSequential='{}'>"
TWICE += "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
AT_ONCE, IN_TURN = TWICE.format("false"), TWICE.format("true")


def test_a_task_that_a_terminating_end_cancelled_does_not_run():
    drawn = Drawn(
        process(
            node("startEvent", "s")
            + node("userTask", "work")
            + node("parallelGateway", "fork")
            + node("endEvent", "stop", event("terminate"))
            + node("intermediateThrowEvent", "tell", event("message", "go"))
            + node("endEvent", "e")
            + flows("s", "work", "fork", "stop")
            + flows("fork", "tell", "e")
        )
    ).done("work")
    assert drawn.run.completed
    assert "tell" not in drawn.run.ran
    assert drawn.run.thrown == ()


@pytest.mark.parametrize("nested", [False, True])
def test_an_error_in_one_of_several_ends_the_others_with_what_stands_in_them(nested):
    work = node("userTask", "visit")
    if nested:
        work = node("subProcess", "visits", path("v", "visit"))
    middle = "visits" if nested else "visit"
    inner = node("startEvent", "is") + work + node("endEvent", "ie", event("error", "bad"))
    inner += flows("is", middle, "ie")
    drawn = Drawn(
        process(
            node("startEvent", "s")
            + node("subProcess", "part", AT_ONCE + inner)
            + node("boundaryEvent", "failed", event("error", "bad"), attachedToRef="part")
            + node("userTask", "mend")
            + node("endEvent", "e")
            + node("endEvent", "done")
            + flows("s", "part", "done")
            + flows("failed", "mend", "e")
        )
    )
    assert drawn.open == ["visit", "visit"]
    assert drawn.done("visit").open == ["mend"]
    assert drawn.run.waiting == ("mend",)
    assert drawn.done("mend").run.completed


def test_a_message_to_several_that_were_cancelled_is_taken_by_nobody():
    receive = node("receiveTask", "reply", AT_ONCE, messageRef="m_go")
    drawn = Drawn(
        process(
            node("startEvent", "s")
            + receive
            + node("boundaryEvent", "stopped", event("message", "stop"), attachedToRef="reply")
            + node("userTask", "mend")
            + node("endEvent", "e")
            + node("endEvent", "done")
            + flows("s", "reply", "done")
            + flows("stopped", "mend", "e")
        )
    )
    assert drawn.send("stop")
    assert drawn.open == ["mend"]
    assert not drawn.send("go")


@pytest.mark.parametrize("several", [AT_ONCE, IN_TURN])
def test_a_boundary_event_leads_to_work_done_several_times(several):
    drawn = Drawn(
        process(
            node("startEvent", "s")
            + node("userTask", "wait")
            + node("boundaryEvent", "late", event("timer", "P1D"), attachedToRef="wait")
            + node("userTask", "chase", several)
            + node("endEvent", "e")
            + node("endEvent", "done")
            + flows("s", "wait", "done")
            + flows("late", "chase", "e")
        )
    ).wait(days=2)
    assert set(drawn.open) == {"chase"}
    assert drawn.done("chase").done("chase").run.completed
