"""Small drawings as text, run without a database: what tests of BPMN elements are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from lxml import etree

from engine.bpmn import runtime
from engine.bpmn.elements import read_elements
from engine.bpmn.scripting import Surroundings
from engine.bpmn.specs import parse_specs
from tests.builders.small_pack import BPMN_HEAD
from workflows.permanence.domain import DOMAIN

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
FORMAL = 'xsi:type="bpmn:tFormalExpression"'
DECLARED = (
    '<bpmn:message id="m_stop" name="stop" /><bpmn:message id="m_go" name="go" />'
    '<bpmn:signal id="s_red" name="red" /><bpmn:signal id="s_blue" name="blue" />'
    '<bpmn:error id="e_bad" name="bad" errorCode="BAD" />'
    '<bpmn:error id="e_worse" name="worse" errorCode="WORSE" />'
    '<bpmn:escalation id="x_help" name="help" escalationCode="HELP" />'
)


def flows(*ids: str) -> str:
    """Flows along a path of element ids."""
    return "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}" />'
        for a, b in pairwise(ids)
    )


def node(kind: str, id: str, inner: str = "", **more: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<bpmn:{kind} id="{id}" name="{id}"{attributes}>{inner}</bpmn:{kind}>'


def event(kind: str, reference: str = "") -> str:
    named = {"message": "m", "signal": "s", "error": "e", "escalation": "x"}
    if kind == "timer":
        return (
            f"<bpmn:timerEventDefinition><bpmn:timeDuration {FORMAL}>{reference}"
            "</bpmn:timeDuration></bpmn:timerEventDefinition>"
        )
    ref = f' {kind}Ref="{named[kind]}_{reference}"' if reference else ""
    return f"<bpmn:{kind}EventDefinition{ref} />"


def path(prefix: str, *inner: str, end: str = "") -> str:
    """A start, user tasks of these ids one after another, and an end (with an event in it)."""
    tasks = "".join(node("userTask", id) for id in inner)
    start, last = f"{prefix}_start", f"{prefix}_end"
    return (
        node("startEvent", start) + tasks + node("endEvent", last, end) + flows(start, *inner, last)
    )


def by_event(id: str, definition: str, *tasks: str, interrupting: bool = True) -> str:
    """An event sub-process with these user tasks."""
    names = [f"{id}_start", *tasks, f"{id}_end"]
    inner = (
        node("startEvent", names[0], definition, isInterrupting=str(interrupting).lower())
        + "".join(node("userTask", task) for task in tasks)
        + node("endEvent", names[-1])
        + flows(*names)
    )
    return node("subProcess", id, inner, triggeredByEvent="true")


def process(inner: str, id: str = "case") -> str:
    return f'<bpmn:process id="{id}" name="{id}" isExecutable="true">{inner}</bpmn:process>'


def drawing(*processes: str) -> bytes:
    return f"{BPMN_HEAD}{''.join(processes)}{DECLARED}</bpmn:definitions>".encode()


class Drawn:
    """One running drawing. Each step goes through text; `now` moves by `wait`."""

    def __init__(self, *processes: str, functions: Any = None, tables: Any = None, **names: Any):
        self.prepare(*processes, functions=functions, tables=tables, **names)
        self.run = runtime.start(self.specs, "case", self.reads)

    def prepare(
        self, *processes: str, functions: Any = None, tables: Any = None, **names: Any
    ) -> None:
        """Read the drawing; nothing runs yet."""
        root = etree.fromstring(drawing(*processes))
        elements = {each.id: each for each in read_elements(root)}
        self.specs = parse_specs({"case.bpmn": root}, elements, tables or {})
        self.now = NOON
        self.names = names
        self.functions = functions or {}

    @property
    def reads(self) -> Surroundings:
        return Surroundings(self.now, self.names, self.functions, DOMAIN.start_of, DOMAIN.later)

    @property
    def open(self) -> list[str]:
        return sorted(each.element for each in self.run.open_tasks)

    def done(self, element: str) -> Drawn:
        task = min(each.task for each in self.run.open_tasks if each.element == element)
        return self.complete(task)

    def complete(self, task: int) -> Drawn:
        self.run = runtime.complete_task(self.specs, self.run.text, task, self.reads)
        return self

    def send(self, name: str, **payload: Any) -> bool:
        run = runtime.deliver(self.specs, self.run.text, name, payload, self.reads)
        self.run = run or self.run
        return run is not None

    def signal(self, name: str) -> bool:
        run = runtime.deliver(self.specs, self.run.text, name, {}, self.reads, signal=True)
        self.run = run or self.run
        return run is not None

    def wait(self, **length: float) -> Drawn:
        self.now += timedelta(**length)
        self.run = runtime.look_again(self.specs, self.run.text, self.reads)
        return self
