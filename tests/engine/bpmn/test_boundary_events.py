"""Boundary events on sub-processes and calls: what they end, whose errors they hear."""

import pytest

from tests.builders.drawn import Drawn, event, flows, node, path, process


def watched(definition: str, body: str, *, cancel: bool = True, call: bool = False):
    """A sub-process or call `part` holding `body`, watched by `watch`, which leads to `chase`."""
    part = (
        node("callActivity", "part", calledElement="other")
        if call
        else node("subProcess", "part", body)
    )
    case = process(
        node("startEvent", "s")
        + part
        + node("boundaryEvent", "watch", definition, attachedToRef="part",
               cancelActivity=str(cancel).lower())
        + node("userTask", "after") + node("userTask", "chase")
        + node("endEvent", "e") + node("endEvent", "e2")
        + flows("s", "part", "after", "e") + flows("watch", "chase", "e2")
    )  # fmt: skip
    return (case, process(body, "other")) if call else (case,)


@pytest.mark.parametrize("call", [False, True])
class TestAroundAScope:
    def test_an_interrupting_message_ends_everything_inside(self, call):
        drawn = Drawn(*watched(event("message", "stop"), path("p", "work"), call=call))
        assert drawn.send("stop")
        assert drawn.open == ["chase"]
        assert drawn.done("chase").run.completed

    def test_an_interrupting_timer_ends_everything_inside(self, call):
        drawn = Drawn(*watched(event("timer", "P1D"), path("p", "work"), call=call))
        assert drawn.wait(hours=23).open == ["work"]
        assert drawn.wait(hours=2).open == ["chase"]

    def test_one_that_does_not_interrupt_runs_beside(self, call):
        body = path("p", "work")
        drawn = Drawn(*watched(event("message", "go"), body, cancel=False, call=call))
        assert drawn.send("go")
        assert drawn.open == ["chase", "work"]
        assert drawn.done("work").open == ["after", "chase"]

    @pytest.mark.parametrize(("kind", "name"), [("error", "bad"), ("escalation", "help")])
    def test_what_is_thrown_inside_is_heard_and_nothing_goes_on(self, call, kind, name):
        body = path("p", "work", end=event(kind, name))
        drawn = Drawn(*watched(event(kind, name), body, call=call)).done("work")
        assert drawn.open == ["chase"]
        assert drawn.done("chase").run.completed

    def test_one_without_a_code_hears_every_error(self, call):
        body = path("p", "work", end=event("error", "worse"))
        assert Drawn(*watched(event("error"), body, call=call)).done("work").open == ["chase"]

    def test_another_error_is_not_heard(self, call):
        body = path("p", "work", end=event("error", "worse"))
        drawn = Drawn(*watched(event("error", "bad"), body, call=call)).done("work")
        assert drawn.open == ["after"]

    def test_an_escalation_heard_beside_lets_the_scope_go_on(self, call):
        body = (
            node("startEvent", "ps") + node("userTask", "work")
            + node("intermediateThrowEvent", "ask", event("escalation", "help"))
            + node("userTask", "more") + node("endEvent", "pe")
            + flows("ps", "work", "ask", "more", "pe")
        )  # fmt: skip
        drawn = Drawn(*watched(event("escalation", "help"), body, cancel=False, call=call))
        assert drawn.done("work").open == ["chase", "more"]


def test_an_error_is_not_heard_on_another_sub_process():
    def part(name: str) -> str:
        body = path(f"{name}p", f"{name}work", end=event("error", "bad") if name == "a" else "")
        return (
            node("subProcess", name, body)
            + node("boundaryEvent", f"{name}_watch", event("error", "bad"), attachedToRef=name)
            + node("userTask", f"{name}_chase")
            + node("endEvent", f"{name}_e")
            + flows("both", name, "join")
            + flows(f"{name}_watch", f"{name}_chase", f"{name}_e")
        )

    drawn = Drawn(
        process(
            node("startEvent", "s") + node("parallelGateway", "both")
            + part("a") + part("b") + node("parallelGateway", "join") + node("endEvent", "e")
            + flows("s", "both") + flows("join", "e")
        )
    ).done("awork")  # fmt: skip
    assert drawn.open == ["a_chase", "bwork"]


def test_an_error_from_two_levels_down_ends_both():
    nested = node("subProcess", "nested", path("n", "work", end=event("error", "bad")))
    body = (
        node("startEvent", "ps") + nested + node("userTask", "between") + node("endEvent", "pe")
        + flows("ps", "nested", "between", "pe")
    )  # fmt: skip
    drawn = Drawn(*watched(event("error", "bad"), body)).done("work")
    assert drawn.open == ["chase"]
    assert drawn.run.waiting == ("chase",)
