"""Hypothesis draws whole BPMN processes, and what is done to them, over every element the checks
accept: each drawing is a file that any modeller could have written.

A drawing is block-structured where SpiffWorkflow itself needs it (a parallel join that a token
reaches twice by one flow keeps one); everything else may nest in everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.proofs.pens import (
    MESSAGES,
    PAYLOADS,
    SIGNALS,
    Draw,
    Exit,
    Node,
    Pen,
    awaited,
    closed,
    condition,
    in_extension,
    message,
    payload,
    repeated,
    script_text,
    signal,
    timer,
)

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.org/drawn">\n'
)
_ERROR = '<bpmn:errorEventDefinition errorRef="error_bad"/>'
_ESCALATION = '<bpmn:escalationEventDefinition escalationRef="escalation_help"/>'
_ASKING = (
    "<bpmn:extensionElements><spiffworkflow:properties>"
    '<spiffworkflow:property name="decision" value="table"/>'
    '<spiffworkflow:property name="result" value="y"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)

# Blocks: each continues a path and returns where it has come to, or None where it ended.


def _task(pen: Pen, source: Exit, depth: int) -> Exit | None:
    inner = in_extension(str(pen.pick("post", "pre")), script_text(pen)) if pen.yes() else ""
    kind = str(pen.pick("userTask", "manualTask", "task"))
    return _watched(pen, pen.after(source, kind, inner + repeated(pen)), depth)


def _watched(pen: Pen, host: Exit, depth: int, *more: str) -> Exit:
    """Draw boundary events onto a host; an interrupting one may lead back to what follows.

    `more`: what it waits for besides, as it comes out of the host.
    """
    leaves: list[Exit] = [host]
    # Two are one of each kind: what the first set going must outlive the other's interruption.
    kinds = pen.pick([], [True], [], [False, True], [False], [False, True])
    events = [(awaited(pen, cycles=not each), bool(each)) for each in kinds]  # type: ignore[attr-defined]
    events += [(each, each == _ERROR or pen.yes()) for each in more]
    for event, interrupts in events:
        node = pen.node(
            "boundaryEvent",
            event,
            attachedToRef=host.node.id,
            cancelActivity="true" if interrupts else "false",
        )
        path = Exit(node)
        if not interrupts:
            path = pen.after(pen.after(path, "userTask"), "userTask")
        came_to = _sequence(pen, path, depth + 1, most=2, least=int(interrupts))
        if came_to is None:
            continue
        if interrupts and pen.yes():
            leaves.append(came_to)
        else:
            pen.after(came_to, "endEvent")
    return _merged(pen, leaves)


def _merged(pen: Pen, leaves: list[Exit]) -> Exit:
    if len(leaves) == 1:
        return leaves[0]
    join = pen.node("exclusiveGateway")
    for leaf in leaves:
        pen.flow(leaf, join)
    return Exit(join)


def _script(pen: Pen, source: Exit, _depth: int) -> Exit:
    if pen.yes(4):
        return pen.after(source, "businessRuleTask", _ASKING)
    return pen.after(source, "scriptTask", f"<bpmn:script>{script_text(pen)}</bpmn:script>")


def _throw(pen: Pen, source: Exit, _depth: int) -> Exit | None:
    if pen.yes(3):
        kind = pen.pick("signal", "escalation", "link")
        if kind == "link":
            return _jump(pen, source)
        meaning = signal(pen.pick(*SIGNALS)) if kind == "signal" else _ESCALATION
        return pen.after(source, "intermediateThrowEvent", meaning)
    name, content = pen.pick(*MESSAGES), payload(pen.pick(*PAYLOADS))
    if pen.yes(4):
        return pen.after(source, "sendTask", content, messageRef=f"message_{name}")
    return pen.after(source, "intermediateThrowEvent", content + message(name))


def _jump(pen: Pen, source: Exit) -> Exit:
    link = f'<bpmn:linkEventDefinition name="{pen.id("link")}"/>'
    pen.after(source, "intermediateThrowEvent", link)
    return Exit(pen.node("intermediateCatchEvent", link))


def _catch(pen: Pen, source: Exit, depth: int) -> Exit | None:
    if pen.yes(5):
        host = pen.after(source, "receiveTask", messageRef=f"message_{pen.pick(*MESSAGES)}")
        return _watched(pen, host, depth)
    return pen.after(source, "intermediateCatchEvent", awaited(pen))


def _branches(pen: Pen, gateway: Node, *, conditions: bool) -> list[Exit]:
    """Return the ways out of a gateway; of those with conditions the last is the default."""
    number = int(pen.pick(2, 3))  # type: ignore[call-overload]
    if not conditions:
        return [Exit(gateway) for _ in range(number)]
    ways = [Exit(gateway, condition(pen)) for _ in range(number - 1)]
    return [*ways, Exit(gateway, default=True)]


def _choice(pen: Pen, source: Exit, depth: int) -> Exit | None:
    gateway = pen.after(source, "exclusiveGateway").node
    leaves = []
    for way in _branches(pen, gateway, conditions=True):
        came_to = _sequence(pen, way, depth + 1, most=2)
        if came_to is not None and (leaves or not pen.yes(4)):
            leaves.append(came_to)
        elif came_to is not None:
            _end(pen, came_to)
    return _merged(pen, leaves) if leaves else None


def _end(pen: Pen, source: Exit) -> None:
    if pen.yes():
        # A name of its own, which no other branch sets again before it can be missed.
        text = f"<bpmn:script>{pen.id('own')} = a</bpmn:script>"
        source = pen.after(source, "scriptTask", text)
    meaning = {
        "plain": "",
        "terminate": "<bpmn:terminateEventDefinition/>",
        "escalation": _ESCALATION,
        "signal": signal(SIGNALS[0]),
        "message": payload(PAYLOADS[0]) + message(MESSAGES[0]),
    }
    pen.after(source, "endEvent", meaning[str(pen.pick("plain", "plain", "plain", *meaning))])


def _fork(pen: Pen, source: Exit, depth: int) -> Exit | None:
    """Draw a parallel or inclusive fork, joined again; or a fork whose other branches just end.

    An inclusive join does not wait for a branch that came to an end on its way.
    """
    kind = str(pen.pick("parallelGateway", "inclusiveGateway", "parallelGateway"))
    fork = pen.after(source, kind).node
    joins = not pen.yes()
    leaves: list[Exit] = []
    for way in _branches(pen, fork, conditions=kind == "inclusiveGateway"):
        whole = not leaves or (joins and kind == "parallelGateway")
        came_to = _sequence(pen, way, depth + 1, most=2, least=int(not leaves), whole=whole)
        if came_to is not None and (joins or not leaves):
            leaves.append(came_to)
        elif came_to is not None:
            _end(pen, came_to)
    if not joins:
        return leaves[0]
    join = pen.node(kind)
    for leaf in leaves:
        pen.flow(leaf, join)
    return Exit(join)


def _events(pen: Pen, source: Exit, depth: int) -> Exit | None:
    """Draw an event gateway: at most one timer and no event twice, else SpiffWorkflow goes on by
    both when both come at the same look."""
    gateway = pen.after(source, "eventBasedGateway")
    leaves = []
    first, second = pen.draw(st.permutations(MESSAGES))[:2]  # type: ignore[index]
    other = pen.pick("timer", "message", "signal")
    events = [message(first, variable=pen.yes())]
    if other == "message":
        events.append(message(second))
    else:
        events.append(timer(pen.pick("PT1H", "P1D")) if other == "timer" else signal(SIGNALS[0]))
    for event in events:
        caught = pen.after(gateway, "intermediateCatchEvent", event)
        came_to = _sequence(pen, caught, depth + 1, most=1)
        if came_to is not None:
            leaves.append(came_to)
    return _merged(pen, leaves) if leaves else None


def _round(pen: Pen, source: Exit, depth: int) -> Exit | None:
    """Draw a loop back through exclusive gateways, with somebody to wait for or a fork in it."""
    entry = pen.after(source, "exclusiveGateway")
    worked = pen.after(entry, "userTask")
    forked = _fork(pen, worked, depth + 1) if pen.yes() and pen.left > 4 else worked
    came_to = _sequence(pen, forked or worked, depth + 1, most=3, whole=True)
    assert came_to is not None
    choice = pen.after(came_to, "exclusiveGateway")
    again = "a > 0" if pen.yes() else condition(pen)
    pen.flow(Exit(choice.node, again), entry.node)
    return Exit(choice.node, default=True)


def _scope(pen: Pen, start: Exit, depth: int, *, fails: bool) -> str:
    """Draw the content of a sub-process after its start; `fails`: it may end by an error."""
    came_to = _sequence(pen, start, depth, most=3, least=1)
    if came_to is not None and fails:
        choice = pen.after(came_to, "exclusiveGateway").node
        pen.after(Exit(choice, condition(pen)), "endEvent", _ERROR)
        came_to = Exit(choice, default=True)
    if came_to is not None:
        _end(pen, came_to)
    if pen.yes(5) and pen.left > 0:
        _event_sub_process(pen, depth)
    return closed(pen.parts[-1])


def _out_of(pen: Pen, *, fails: bool) -> list[str]:
    """Return what is caught on a sub-process besides; what it throws is always caught somewhere."""
    return [_ERROR] * fails + [_ESCALATION] * pen.yes(4)


def _sub_process(pen: Pen, source: Exit, depth: int) -> Exit | None:
    fails = pen.yes(4)
    several = repeated(pen)
    with pen.scope():
        inner = _scope(pen, Exit(pen.node("startEvent")), depth + 1, fails=fails)
    host = pen.after(source, "subProcess", several + inner)
    return _watched(pen, host, depth, *_out_of(pen, fails=fails))


def _call(pen: Pen, source: Exit, depth: int) -> Exit | None:
    fails = pen.yes(4)
    several = repeated(pen)
    process = pen.id("process")
    with pen.scope():
        inner = _scope(pen, Exit(pen.node("startEvent")), depth + 1, fails=fails)
    pen.processes.append(_process(process, inner))
    host = pen.after(source, "callActivity", several, calledElement=process)
    return _watched(pen, host, depth, *_out_of(pen, fails=fails))


def _event_sub_process(pen: Pen, depth: int) -> None:
    """Draw an event sub-process, interrupting or not, which may hold one in turn."""
    meaning = pen.pick(_ERROR, _ESCALATION) if pen.yes(4) else awaited(pen)
    interrupts = meaning == _ERROR or pen.yes()
    with pen.scope():
        attribute = "true" if interrupts else "false"
        start = pen.node("startEvent", str(meaning), isInterrupting=attribute)
        inner = _scope(pen, pen.after(Exit(start), "userTask"), depth + 1, fails=False)
    pen.node("subProcess", inner, triggeredByEvent="true")


_SMALL = (_task, _task, _script, _task, _throw, _catch)
_LARGE = (*_SMALL, _choice, _fork, _round, _fork, _events, _round, _sub_process, _call)
_ENDING = frozenset({_choice, _events})
"""Blocks that may come to no end of the path, because all their branches ended."""


def _sequence(
    pen: Pen, source: Exit, depth: int, *, most: int, least: int = 0, whole: bool = False
) -> Exit | None:
    """Draw up to `most` blocks one after another; `whole`: the path must come out again."""
    came_to: Exit | None = source
    for _ in range(int(pen.draw(st.integers(least, most)))):  # type: ignore[call-overload]
        if came_to is None or pen.left <= 0:
            break
        blocks = _LARGE if depth < 4 and pen.left > 4 else _SMALL
        if whole:
            blocks = tuple(each for each in blocks if each not in _ENDING)
        came_to = pen.pick(*blocks)(pen, came_to, depth)  # type: ignore[operator]
    return came_to


def _process(id: str, inner: str) -> str:
    return f'<bpmn:process id="{id}" isExecutable="true">\n{inner}</bpmn:process>\n'


@st.composite
def drawings(draw: Draw, size: int = 24) -> bytes:
    """Draw one BPMN file whose process "case" uses at most about `size` elements."""
    pen = Pen(draw, draw(st.integers(size // 2, size)))  # type: ignore[arg-type]
    with pen.scope():
        first = pen.after(Exit(pen.node("startEvent")), "userTask")
        if not pen.yes(4):
            first = _round(pen, first, 0) or first
        inner = _scope(pen, first, 0, fails=False)
    pen.processes.append(_process("case", inner))
    declared = "".join(f'<bpmn:message id="message_{each}" name="{each}"/>\n' for each in MESSAGES)
    declared += "".join(f'<bpmn:signal id="signal_{each}" name="{each}"/>\n' for each in SIGNALS)
    declared += '<bpmn:escalation id="escalation_help" name="help" escalationCode="help"/>\n'
    declared += '<bpmn:error id="error_bad" name="bad" errorCode="bad"/>\n'
    return f"{_HEAD}{declared}{''.join(pen.processes)}</bpmn:definitions>\n".encode()


@dataclass(frozen=True)
class Move:
    """One thing done, with the facts `a`, `b` and `day` (days from the start, 0: none) from then.

    `action`: to "complete" the nth open task, to "deliver" the nth message or signal, to "wait"
    for some hours, or to look "again".
    """

    action: str
    choice: int
    a: int
    b: int
    hours: int
    day: int


def moves(most: int = 26) -> st.SearchStrategy[list[Move]]:
    """Draw what is done to an instance, mostly people completing their tasks."""
    small = st.integers(0, 3)
    actions = st.sampled_from(["complete"] * 6 + ["deliver"] * 3 + ["wait"] * 2 + ["again"])
    move = st.builds(
        Move, actions, st.integers(0, 11), small, small, st.sampled_from([1, 7, 30, 100]), small
    )
    return st.lists(move, min_size=14, max_size=most)
