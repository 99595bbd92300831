"""Events and messages: who hears them, how often, in which scope."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import StartEvent
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import EventManager

from engine.bpmn import catching_events, runtime, state
from engine.publishing.checks import standard
from engine.step import case_run
from tests.builders.drawn import Drawn, by_event, event, flows, node, path, process
from tests.engine.bpmn.hazards.growth import boundary_events_know_their_activity
from tests.engine.bpmn.hazards.hazard import Hazard, instead, nothing
from tests.engine.bpmn.support.rows import found, line, refused, work
from tests.engine.bpmn.support.structure import either
from tests.engine.bpmn.test_signals import test_the_case_records_who_took_the_signal


def a_message_is_heard() -> None:
    drawn = Drawn(process(line(node("intermediateCatchEvent", "ev", event("message", "go")))))
    assert drawn.send("go")
    assert drawn.run.completed


def a_message_that_nobody_awaits_is_told_as_such() -> None:
    drawn = Drawn(process(line(work())))
    assert not drawn.send("go")


def interrupting_is_read() -> None:
    drawn = Drawn(process(path("p", "work") + by_event("on", event("message", "stop"), "tidy")))
    drawn.send("stop")
    assert drawn.open == ["tidy"]


def every_scope_hears() -> None:
    body = path("p", "work") + by_event("on", event("message", "stop"), "tidy")
    drawn = Drawn(process(line(node("subProcess", "part", body))))
    assert drawn.send("stop")


def an_error_goes_to_its_own_sub_process() -> None:
    def part(name: str, end: str = "") -> str:
        return (
            node("subProcess", name, path(f"{name}p", f"{name}work", end=end))
            + node("boundaryEvent", f"{name}_w", event("error", "bad"), attachedToRef=name)
            + work(id=f"{name}_chase") + node("endEvent", f"{name}_e")
            + flows("both", name, "j") + flows(f"{name}_w", f"{name}_chase", f"{name}_e")
        )  # fmt: skip

    drawn = Drawn(process(
        node("startEvent", "s") + node("parallelGateway", "both") + part("a", event("error", "bad"))
        + part("b") + node("parallelGateway", "j") + node("endEvent", "e") + flows("s", "both")
        + flows("j", "e")
    )).done("awork")  # fmt: skip
    assert drawn.open == ["a_chase", "bwork"]


def ignored_settings_are_told() -> None:
    row = refused("x", "", line(work(startQuantity="2")), "work", "ignored-attribute")
    assert [each.rule for each in found(row)] == ["ignored-attribute"]


def an_event_gateway_is_saved_on_its_way() -> None:
    inner = either(event("message", "go"), event("timer", "P1D")).replace('"s"', '"ps"')
    drawn = Drawn(process(line(node("subProcess", "part", inner), work(id="after"))))
    assert drawn.wait(hours=1).send("go")
    assert drawn.done("w0").open == ["after"]


def _with_seen(task: Any, _numbers: Any) -> dict[str, Any]:
    return dict(task.internal_data) | {"seen_events": [object()]}


EVENTS = catching_events.Events
HAPPENINGS = [
    Hazard("the plain message definition matches none of the diagrams'", a_message_is_heard,
        lambda: instead(runtime, "MessageEventDefinition", MessageEventDefinition)),
    Hazard("a message that nobody awaits raises",
        a_message_that_nobody_awaits_is_told_as_such,
        lambda: instead(EVENTS, "catch", lambda *_, **__: 1), "test_journey.py"),
    Hazard("a boundary event that does not interrupt happens once",
        boundary_events_know_their_activity,
        lambda: instead(catching_events.WatchingEvent, "_wait_again", nothing),
        "test_repeated_events.py"),
    Hazard("isInterrupting of an event sub-process is ignored", interrupting_is_read,
        lambda: instead(catching_events.ScopeStart, "_on_ready_hook",
            StartEvent._on_ready_hook), "test_event_sub_processes.py"),
    Hazard("event sub-processes begin in the outermost process only", every_scope_hears,
        lambda: instead(EVENTS, "_scopes", lambda self: iter((self.workflow,))),
        "test_event_sub_processes.py"),
    Hazard("an error is heard on any sub-process that knows its code",
        an_error_goes_to_its_own_sub_process,
        lambda: instead(EVENTS, "_catch_upwards", EventManager.catch),
        "test_boundary_events.py"),
    Hazard("a signal stays in the instance that throws it",
        test_the_case_records_who_took_the_signal,
        lambda: instead(case_run.CaseRun, "_broadcast", nothing), "test_signals.py"),
    Hazard("settings are ignored without a word", ignored_settings_are_told,
        lambda: instead(standard, "check", nothing), "test_support.py"),
    Hazard("an event gateway keeps events that cannot be saved",
        an_event_gateway_is_saved_on_its_way,
        lambda: instead(state, "_internal", _with_seen), "test_specs_shared.py"),
    Hazard("a sub-process hands back the data of its last task, if that is still there",
        elsewhere="test_support.py, call-activity-data"),
    Hazard("a call holds up the loop around it; follow-up work is forked to",
        elsewhere="test_pruning.py, and the fork inside a loop above"),
]  # fmt: skip
