"""The events: each type in each place that table 10.93 of the standard gives it."""

from __future__ import annotations

from collections.abc import Callable

from tests.builders.drawn import by_event, event, flows, node, path, process
from tests.engine.bpmn.support.rows import Row, line, refused, runs, work

CONDITION = (
    "<bpmn:conditionalEventDefinition><bpmn:condition>wanted</bpmn:condition>"
    "</bpmn:conditionalEventDefinition>"
)
DEFINITIONS = {
    "message": event("message", "go"),
    "timer": event("timer", "P1D"),
    "error": event("error", "bad"),
    "escalation": event("escalation", "help"),
    "signal": event("signal", "red"),
    "cancel": "<bpmn:cancelEventDefinition />",
    "compensation": "<bpmn:compensateEventDefinition />",
    "conditional": CONDITION,
    "multiple": event("message", "go") + event("signal", "red"),
    "parallel multiple": event("message", "go") + event("signal", "red"),
    "link": '<bpmn:linkEventDefinition name="A" />',
    "terminate": event("terminate"),
}
COMES = {"message": "send go", "timer": "wait 2", "signal": "signal red"}
INSTEAD = {
    "cancel": "transactions are refused; use an error event",
    "compensation": "draw the tasks that put things right",
    "conditional": "wait for a message or a timer; facts move timers by deadlines",
    "multiple": "draw one event for each meaning",
    "parallel multiple": "draw one event for each meaning, after a parallel gateway",
}
STARTS = {
    "message": runs("Message: start of a process", "a message thrown in the case, or reported of"
        " it, starts an instance", (process(line(work(id="first"))), process(path("o", "work")
        .replace('name="o_start">', f'name="o_start">{DEFINITIONS["message"]}'), "other")),
        "begin other go; open work; done work; over", also="test_journey.py"),
    "signal": runs("Signal: start of a process", "a signal thrown in the case starts an instance",
        (process(line(work(id="first"))), process(path("o", "work")
        .replace('name="o_start">', f'name="o_start">{DEFINITIONS["signal"]}'), "other")),
        "begin other red; open work; done work; over", also="test_signals.py"),
}  # fmt: skip


def at_start(kind: str) -> Row:
    if kind in STARTS:
        return STARTS[kind]
    note = INSTEAD.get(kind, "begin by a message that a timer's path throws")
    inner = node("startEvent", "ev", DEFINITIONS[kind], **_several(kind))
    drawn = inner + work() + node("endEvent", "e") + flows("ev", "work", "e")
    rule = _rule(kind, "event-place")
    return refused(f"{kind.capitalize()}: start of a process", note, drawn, "ev", rule)


def _several(kind: str) -> dict[str, str]:
    return {"parallelMultiple": "true"} if kind == "parallel multiple" else {}


def _rule(kind: str, otherwise: str = "unsupported") -> str:
    if kind in ("multiple", "parallel multiple"):
        return "event-definition"
    return "unsupported" if kind in INSTEAD else otherwise


def in_event_sub_process(kind: str, interrupting: bool) -> Row:
    place = "interrupting" if interrupting else "not interrupting"
    element = f"{kind.capitalize()}: start of an event sub-process, {place}"
    handler = by_event("handler", DEFINITIONS[kind], "tidy", interrupting=interrupting)
    if kind in INSTEAD:
        return refused(element, INSTEAD[kind], path("p", "work") + handler, "handler_start",
            _rule(kind))  # fmt: skip
    note = "ends all else in its scope" if interrupting else "runs beside the rest of its scope"
    also = "test_event_sub_processes.py"
    left = ["tidy"] if interrupting else ["rest", "tidy"]
    if kind in COMES:
        drawn = path("p", "rest") + handler
        return runs(element, note, drawn, f"{COMES[kind]}; open {' '.join(left)}", also=also)
    inner = (
        node("startEvent", "ps") + node("parallelGateway", "both") + work() + work(id="rest")
        + node("endEvent", "thrown", DEFINITIONS[kind]) + node("endEvent", "pe")
        + flows("ps", "both", "work", "thrown") + flows("both", "rest", "pe") + handler
    )  # fmt: skip
    does = f"open rest work; done work; open {' '.join(left)}"
    return runs(element, note, inner, does, also=also)


def caught(kind: str) -> Row:
    element = f"{kind.capitalize()}: intermediate, catching"
    event_ = node("intermediateCatchEvent", "ev", DEFINITIONS[kind], **_several(kind))
    if kind in INSTEAD:
        return refused(element, INSTEAD[kind], line(event_), "ev", _rule(kind))
    if kind == "link":
        drawn = (
            node("startEvent", "s") + work() + node("intermediateThrowEvent", "away",
            DEFINITIONS["link"]) + event_ + work(id="after") + node("endEvent", "e")
            + flows("s", "work", "away") + flows("ev", "after", "e")
        )  # fmt: skip
        return runs(element, "goes on from the throwing link of the same name and scope", drawn,
            "done work; ran work away ev; open after", also="test_links.py")  # fmt: skip
    return runs(element, "waits for it", line(event_, work(id="after")),
        f"open; {COMES[kind]}; open after; done after; over")  # fmt: skip


def at_boundary(kind: str, interrupting: bool) -> Row:
    place = "interrupting" if interrupting else "not interrupting"
    element = f"{kind.capitalize()}: boundary, {place}"
    thrower = kind in ("error", "escalation")
    throws = "intermediateThrowEvent" if kind == "escalation" else "endEvent"
    inside = node("startEvent", "ps") + work() + node(throws, "throw", DEFINITIONS[kind])
    inside += (
        work(id="rest") + node("endEvent", "pe") + flows("ps", "work", "throw", "rest", "pe")
        if kind == "escalation" else flows("ps", "work", "throw")
    )  # fmt: skip
    host = node("subProcess", "part", inside) if thrower else work(id="part")
    drawn = (
        node("startEvent", "s") + host + work(id="after") + work(id="chase")
        + node("boundaryEvent", "ev", DEFINITIONS[kind], attachedToRef="part",
               cancelActivity=str(interrupting).lower(), **_several(kind))
        + node("endEvent", "e") + node("endEvent", "e2")
        + flows("s", "part", "after", "e") + flows("ev", "chase", "e2")
    )  # fmt: skip
    if kind in INSTEAD:
        return refused(element, INSTEAD[kind], drawn, "ev", _rule(kind))
    note = "ends the activity" if interrupting else "happens as often as it comes"
    if kind == "timer" and not interrupting:
        note = "a date or duration once, a cycle as often as it says"
    also = "test_boundary_events.py" if interrupting else "test_repeated_events.py"
    left = ["chase"] if interrupting else sorted(["chase", "rest" if thrower else "part"])
    comes = "done work" if thrower else COMES[kind]
    return runs(element, note, drawn, f"{comes}; open {' '.join(left)}", also=also)


def thrown(kind: str, element: str, tag: str) -> Row:
    """A throwing event, in the middle (`tag` intermediateThrowEvent) or at the end."""
    name = f"{kind.capitalize()}: {element}"
    at_end = tag == "endEvent"
    event_ = node(tag, "ev", DEFINITIONS.get(kind, ""))
    rest = "" if at_end else work(id="after") + node("endEvent", "e")
    ids = ["s", "work", "ev"] + ([] if at_end else ["after", "e"])
    drawn = node("startEvent", "s") + work() + event_ + rest + flows(*ids)
    if kind in INSTEAD:
        return refused(name, INSTEAD[kind], drawn, "ev", _rule(kind))
    after = "over" if at_end else "open after"
    if kind in ("message", "signal"):
        what = "go" if kind == "message" else "red"
        return runs(name, "heard in the whole case" if kind == "signal" else "told to the case",
            drawn, f"done work; thrown {what}; {after}", also="test_signals.py")  # fmt: skip
    if kind in ("error", "escalation"):
        case = (
            node("startEvent", "cs") + node("subProcess", "part", drawn)
            + node("boundaryEvent", "hear", DEFINITIONS[kind], attachedToRef="part")
            + work(id="chase") + node("endEvent", "ce") + node("endEvent", "ce2")
            + flows("cs", "part", "ce") + flows("hear", "chase", "ce2")
        )  # fmt: skip
        return runs(name, "to the nearest catcher outwards; the check tells of one that nobody"
            " hears", case, "done work; open chase", also="test_check_thrown.py")  # fmt: skip
    if kind == "link":
        return runs(name, "goes on at the catching link of the same name and scope",
            drawn.replace("ev_after", "x").replace('sourceRef="ev"', 'sourceRef="here"')
            + node("intermediateCatchEvent", "here", DEFINITIONS["link"]),
            "done work; ran work ev here; open after", also="test_links.py")  # fmt: skip
    if kind == "terminate":
        beside = (
            drawn.replace('sourceRef="s"', 'sourceRef="both"')
            + node("parallelGateway", "both")
            + work(id="rest")
            + node("endEvent", "e2")
        )
        return runs(name, "ends its scope with all that waits in it", beside
            + flows("s", "both", "rest", "e2"), "open rest work; done work; over",
            also="test_flow.py")  # fmt: skip
    note = "the path ends; its scope when all have" if at_end else "passed at once"
    return runs(name, note, drawn, f"done work; ran work ev; {after}")


THROW = ("intermediate, throwing", "intermediateThrowEvent")
END = ("end", "endEvent")
BOTH = (True, False)
_AT: dict[str, Callable[[str], list[Row]]] = {
    "start": lambda kind: [at_start(kind)],
    "handler": lambda kind: [in_event_sub_process(kind, each) for each in BOTH],
    "handler!": lambda kind: [in_event_sub_process(kind, True)],
    "catch": lambda kind: [caught(kind)],
    "boundary": lambda kind: [at_boundary(kind, each) for each in BOTH],
    "boundary!": lambda kind: [at_boundary(kind, True)],
    "throw": lambda kind: [thrown(kind, *THROW)],
    "end": lambda kind: [thrown(kind, *END)],
}
_PLACES = {
    "none": "throw end",
    "message": "start handler catch boundary throw end",
    "timer": "start handler catch boundary",
    "error": "handler! boundary! end",
    "escalation": "handler boundary throw end",
    "cancel": "boundary! end",
    "compensation": "handler! boundary! throw end",
    "conditional": "start handler catch boundary",
    "link": "catch throw",
    "signal": "start handler catch boundary throw end",
    "terminate": "end",
    "multiple": "start handler catch boundary throw end",
    "parallel multiple": "start handler catch boundary",
}
_NONE = runs("None: start of a process or sub-process", "a case, or a call, begins there",
    line(work()), "open work; done work; over")  # fmt: skip
_TIMES = [
    runs("timeDate", "a date (midnight in London), a time with zone, or an expression",
        line(node("intermediateCatchEvent", "ev", "<bpmn:timerEventDefinition><bpmn:timeDate>"
        "2026-03-11T12:00:00Z</bpmn:timeDate></bpmn:timerEventDefinition>"), work(id="after")),
        "due 2; wait 2; open after", also="test_check_diagrams.py"),
    runs("timeDuration", "ISO 8601, up to 100 years; months and days by London's calendar", line(
        node("intermediateCatchEvent", "ev", event("timer", "P8M")), work(id="after")),
        "due 245; wait 244; open; wait 1; open after"),
    runs("timeCycle on a boundary event that does not interrupt", "ISO 8601, an hour apart at"
        " least; turns that nobody saw are made up for by one",
        (at_boundary("timer", False).drawn[0].replace("timeDuration", "timeCycle")
        .replace("P1D", "R2/P1D"),),
        "wait 1; open chase part; wait 1; open chase chase part; wait 9; open chase chase part",
        also="test_repeated_events.py"),
    refused("timeCycle elsewhere", "draw a flow back to the timer", line(node(
        "intermediateCatchEvent", "ev", event("timer", "R3/P1D").replace("timeDuration",
        "timeCycle"))), "ev"),
    refused("eventDefinitionRef", "choose on the event itself what it waits for", line(node(
        "intermediateCatchEvent", "ev", "<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>")),
        "ev", "event-definition"),
]  # fmt: skip

EVENTS = [
    _NONE,
    *(row for kind, places in _PLACES.items() for at in places.split() for row in _AT[at](kind)),
    *_TIMES,
]
