"""Event sub-processes begin in every scope, interrupt or run beside, and hold nothing open."""

import pytest

from tests.builders.drawn import Drawn, by_event, event, flows, node, path, process


def inside(body: str, after: str = "after") -> str:
    """A process whose sub-process `part` holds `body`, with a task that follows it."""
    return process(
        node("startEvent", "s")
        + node("subProcess", "part", body)
        + node("userTask", after)
        + node("endEvent", "e")
        + flows("s", "part", after, "e")
    )


def called(body: str) -> tuple[str, str]:
    """A process that calls another with `body`, and a task that follows the call."""
    caller = process(
        node("startEvent", "s")
        + node("callActivity", "part", calledElement="other")
        + node("userTask", "after")
        + node("endEvent", "e")
        + flows("s", "part", "after", "e")
    )
    return caller, process(body, "other")


STOP = event("message", "stop")


class TestInterrupting:
    def test_a_message_ends_all_else_of_the_process(self):
        drawn = Drawn(process(path("p", "work") + by_event("handler", STOP, "tidy")))
        assert drawn.send("stop")
        assert drawn.open == ["tidy"]
        assert "work" not in drawn.run.waiting
        assert drawn.done("tidy").run.completed

    @pytest.mark.parametrize("scope", [inside, called])
    def test_a_message_ends_its_own_scope_only(self, scope):
        drawn_from = scope(path("p", "work") + by_event("handler", STOP, "tidy"))
        drawn = Drawn(*([drawn_from] if isinstance(drawn_from, str) else drawn_from))
        assert drawn.send("stop")
        assert drawn.open == ["tidy"]
        assert drawn.done("tidy").open == ["after"]
        assert drawn.done("after").run.completed

    def test_a_timer_ends_the_rest_when_due_and_not_before(self):
        drawn = Drawn(inside(path("p", "work") + by_event("late", event("timer", "P3D"), "tidy")))
        assert [each.element for each in drawn.run.timers] == ["late_start"]
        assert drawn.wait(days=2).open == ["work"]
        assert drawn.wait(days=1, seconds=1).open == ["tidy"]
        assert drawn.done("tidy").open == ["after"]

    def test_a_timer_that_never_came_holds_nothing_open(self):
        drawn = Drawn(inside(path("p", "work") + by_event("late", event("timer", "P3D"), "tidy")))
        assert drawn.run.waiting == ("part", "work")
        drawn.done("work")
        assert drawn.open == ["after"]
        assert drawn.run.timers == ()
        assert drawn.done("after").run.completed

    def test_nothing_else_begins_in_a_scope_that_was_interrupted(self):
        drawn = Drawn(
            process(
                path("p", "work")
                + by_event("handler", STOP, "tidy")
                + by_event("beside", event("message", "go"), "extra", interrupting=False)
                + by_event("late", event("timer", "P3D"), "too_late")
            )
        )
        assert drawn.send("stop")
        assert not drawn.send("go")
        assert not drawn.send("stop")
        assert drawn.wait(days=9).open == ["tidy"]

    @pytest.mark.parametrize(("kind", "name"), [("error", "bad"), ("escalation", "help")])
    def test_what_is_thrown_inside_ends_the_rest(self, kind, name):
        body = (
            node("startEvent", "ps")
            + node("parallelGateway", "both")
            + node("userTask", "work")
            + node("userTask", "doubt")
            + node("endEvent", "pe")
            + node("endEvent", "thrown", event(kind, name))
            + flows("ps", "both", "work", "pe")
            + flows("both", "doubt", "thrown")
            + by_event("handler", event(kind, name), "tidy")
        )
        drawn = Drawn(inside(body)).done("doubt")
        assert drawn.open == ["tidy"]
        assert drawn.done("tidy").open == ["after"]

    def test_an_error_from_a_nested_sub_process_lets_nothing_run_on(self):
        nested = node("subProcess", "nested", path("n", "doubt", end=event("error", "bad")))
        body = (
            node("startEvent", "ps") + nested + node("scriptTask", "went_on",
                '<bpmn:script>wrong = 1</bpmn:script>') + node("endEvent", "pe")
            + flows("ps", "nested", "went_on", "pe")
            + by_event("handler", event("error", "bad"), "tidy")
        )  # fmt: skip
        drawn = Drawn(inside(body)).done("doubt")
        assert "went_on" not in drawn.run.ran
        assert drawn.open == ["tidy"]

    def test_a_signal_thrown_in_the_same_scope_stops_its_thrower(self):
        body = (
            node("startEvent", "ps") + node("userTask", "work")
            + node("intermediateThrowEvent", "throw", event("signal", "red"))
            + node("userTask", "more") + node("endEvent", "pe")
            + flows("ps", "work", "throw", "more", "pe")
            + by_event("handler", event("signal", "red"), "tidy")
        )  # fmt: skip
        assert Drawn(process(body)).done("work").open == ["tidy"]


class TestBeside:
    @pytest.mark.parametrize("scope", [inside, called])
    def test_it_begins_each_time_and_the_scope_waits_for_it(self, scope):
        found = scope(
            path("p", "work")
            + by_event("beside", event("message", "go"), "extra", interrupting=False)
        )
        drawn = Drawn(*([found] if isinstance(found, str) else found))
        assert drawn.send("go")
        assert drawn.send("go")
        assert drawn.open == ["extra", "extra", "work"]
        assert drawn.done("work").open == ["extra", "extra"]
        assert drawn.done("extra").done("extra").open == ["after"]
        assert not drawn.send("go")

    def test_a_timer_begins_it_once_beside_the_rest(self):
        late = by_event("late", event("timer", "P3D"), "chase", interrupting=False)
        drawn = Drawn(inside(path("p", "work") + late))
        assert drawn.wait(days=4).open == ["chase", "work"]
        assert drawn.done("chase").wait(days=4).open == ["work"]
        assert drawn.done("work").open == ["after"]
