"""What was cancelled does nothing more, and what stood inside it is gone."""

import pytest

from tests.builders.drawn import Drawn, event, flows, node, path, process

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


def test_an_error_from_an_inner_sub_process_lets_nothing_run_on():
    inner = node("subProcess", "inner", path("n", "doubt", end=event("error", "bad")))
    outer = node("startEvent", "os") + inner + node("endEvent", "oe")
    outer += node("scriptTask", "went_on", "<bpmn:script>wrong = 1</bpmn:script>")
    outer += flows("os", "inner", "went_on", "oe")
    drawn = Drawn(
        process(
            node("startEvent", "s")
            + node("subProcess", "outer", outer)
            + node("boundaryEvent", "failed", event("error", "bad"), attachedToRef="outer")
            + node("userTask", "mend")
            + node("endEvent", "e")
            + node("endEvent", "done")
            + flows("s", "outer", "done")
            + flows("failed", "mend", "e")
        )
    ).done("doubt")
    assert drawn.run.ran == ("doubt", "n_end", "failed")
    assert drawn.open == ["mend"]


def test_of_two_timers_found_due_at_once_only_one_interrupts():
    late = "".join(
        node("boundaryEvent", name, event("timer", after), attachedToRef="wait")
        + node("userTask", f"{name}_work")
        + node("endEvent", f"{name}_end")
        + flows(name, f"{name}_work", f"{name}_end")
        for name, after in (("late", "P1D"), ("later", "P2D"))
    )
    drawn = Drawn(process(path("p", "wait") + late)).wait(days=9)
    assert drawn.open == ["late_work"]
    assert drawn.done("late_work").run.completed


def test_what_happened_beside_an_activity_does_not_end_it_when_pruned():
    drawn = Drawn(
        process(
            path("p", "wait")
            + node(
                "boundaryEvent",
                "asked",
                event("message", "go"),
                attachedToRef="wait",
                cancelActivity="false",
            )
            + node("userTask", "answer")
            + node("endEvent", "answered")
            + flows("asked", "answer", "answered")
            + node("boundaryEvent", "stopped", event("message", "stop"), attachedToRef="wait")
            + node("userTask", "tidy")
            + node("endEvent", "e")
            + flows("stopped", "tidy", "e")
        )
    )
    assert drawn.send("go")
    assert drawn.send("go")
    assert drawn.done("answer").open == ["answer", "wait"]
    assert drawn.send("stop")
    assert drawn.open == ["answer", "tidy"]
    assert drawn.done("tidy").done("answer").run.completed
