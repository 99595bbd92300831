"""Hypothesis draws whole BPMN processes, and what is done to them, over every element the checks
accept: each drawing is a file that any modeller could have written.

A drawing is block-structured where SpiffWorkflow itself needs it (a token that reaches a parallel
join twice is outside what it implements); everything else may nest in everything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

MESSAGES = ("one", "two", "three")
SIGNALS = ("red", "blue")
LOCALS = {"x": 0, "y": 0, "z": [], "w": {}, "m": {"n": 0}}
"""Names that scripts and messages set; what they mean until then."""

_CONDITIONS = ("a > 1", "b == 2", "x < 2", "x > y", "x + b > 3", 'm["n"] > 1', "y < a", "x in z")
_SCRIPTS = (
    "x = x + 1",
    "y = x + a",
    "z = [x, y]",
    'w = {"k": x, "l": {"b": b}}',
    'w = {"l": {"a": a}}',
    "x = 0\ny = b",
    'x = x + m["n"]',
)
_PAYLOADS = ('{"x": x, "y": y}', '{"w": w}', '{"a": a, "z": z}')
_TIMES = ("PT1H", "PT6H", "P1D", "P3D", "day")

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.org/drawn">\n'
)

Draw = Callable[[st.SearchStrategy[object]], object]


@dataclass
class _Node:
    id: str
    kind: str
    attributes: dict[str, str]
    inner: str = ""

    def xml(self) -> str:
        names = "".join(f" {name}={quoteattr(each)}" for name, each in self.attributes.items())
        begin = f'<bpmn:{self.kind} id="{self.id}" name="{self.id}"{names}>'
        return f"{begin}{self.inner}</bpmn:{self.kind}>\n"


@dataclass(frozen=True)
class _Exit:
    """Where a path has come to: the next flow leaves `node`, on `condition` or as its default."""

    node: _Node
    condition: str | None = None
    default: bool = False


@dataclass
class _Pen:
    """Draws nodes and flows into the innermost open scope; `left` bounds the size of it all."""

    draw: Draw
    left: int
    parts: list[list[object]] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    count: int = 0

    def pick(self, *options: object) -> object:
        return self.draw(st.sampled_from(options))

    def yes(self, of: int = 2) -> bool:
        """Return true one time in `of`; shrinks towards no."""
        return self.draw(st.integers(0, of - 1)) == of - 1

    def id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def node(self, kind: str, inner: str = "", **attributes: str) -> _Node:
        node = _Node(self.id(kind), kind, attributes, inner)
        self.parts[-1].append(node)
        self.left -= 1
        return node

    def flow(self, source: _Exit, target: _Node) -> None:
        id = self.id("flow")
        inner = ""
        if source.condition is not None:
            inner = (
                '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
                f"{escape(source.condition)}</bpmn:conditionExpression>"
            )
        if source.default:
            source.node.attributes["default"] = id
        self.parts[-1].append(
            f'<bpmn:sequenceFlow id="{id}" sourceRef="{source.node.id}" targetRef="{target.id}">'
            f"{inner}</bpmn:sequenceFlow>\n"
        )

    def after(self, source: _Exit, kind: str, inner: str = "", **attributes: str) -> _Exit:
        """Draw a node that follows `source`."""
        node = self.node(kind, inner, **attributes)
        self.flow(source, node)
        return _Exit(node)

    @contextmanager
    def scope(self):
        """Collect what is drawn within; yields the list that the caller closes with `closed`."""
        self.parts.append([])
        yield self.parts[-1]
        self.parts.pop()


def _closed(parts: list[object]) -> str:
    return "".join(part.xml() if isinstance(part, _Node) else str(part) for part in parts)


def _message(name: object, *, variable: bool = False) -> str:
    inner = "<spiffworkflow:messageVariable>m</spiffworkflow:messageVariable>" if variable else ""
    if inner:
        inner = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"
    return (
        f'<bpmn:messageEventDefinition messageRef="message_{name}">{inner}'
        "</bpmn:messageEventDefinition>"
    )


def _payload(text: object) -> str:
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f'<spiffworkflow:property name="payload" value={quoteattr(str(text))}/>'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )


def _timer(text: object) -> str:
    tag = "timeDate" if text == "day" else "timeDuration"
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"


def _signal(name: object) -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def _awaited(pen: _Pen) -> str:
    """Draw what an event waits for."""
    kind = pen.pick("message", "timer", "message", "timer", "signal")
    if kind == "message":
        return _message(pen.pick(*MESSAGES), variable=pen.yes())
    return _timer(pen.pick(*_TIMES)) if kind == "timer" else _signal(pen.pick(*SIGNALS))


def _script_text(pen: _Pen) -> str:
    return escape(str(pen.pick(*_SCRIPTS)))


# Blocks: each continues a path and returns where it has come to, or None where it ended.


def _task(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    inner = ""
    if pen.yes():
        tag = pen.pick("postScript", "preScript")
        script = f"<spiffworkflow:{tag}>{_script_text(pen)}</spiffworkflow:{tag}>"
        inner = f"<bpmn:extensionElements>{script}</bpmn:extensionElements>"
    inner += _repeated(pen)
    host = pen.after(source, str(pen.pick("userTask", "manualTask", "task")), inner)
    return _watched(pen, host, depth)


def _repeated(pen: _Pen) -> str:
    if not pen.yes(6):
        return ""
    kind = pen.pick("times", "each", "while")
    if kind == "while":
        condition = escape(str(pen.pick(*_CONDITIONS)))
        before = pen.pick("false", "true")
        return (
            f'<bpmn:standardLoopCharacteristics loopMaximum="{pen.pick(2, 3)}"'
            f' testBefore="{before}">'
            f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>"
        )
    many = "true" if kind == "each" else "false"
    until = ""
    if pen.yes(3):
        condition = escape(str(pen.pick(*_CONDITIONS)))
        until = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{many}">'
        f"<bpmn:loopCardinality>{pen.pick(2, 3)}</bpmn:loopCardinality>{until}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def _watched(pen: _Pen, host: _Exit, depth: int, *, error: bool = False) -> _Exit:
    """Draw boundary events onto a host; an interrupting one may lead back to what follows."""
    leaves: list[_Exit] = [host]
    # Two are one of each kind: what the first set going must outlive the other's interruption.
    kinds = pen.pick([], [True], [], [False], [False, True])
    events = [(_awaited(pen), bool(each)) for each in kinds]  # type: ignore[attr-defined]
    if error:
        events.append(('<bpmn:errorEventDefinition errorRef="error_bad"/>', True))
    for event, interrupts in events:
        node = pen.node(
            "boundaryEvent",
            event,
            attachedToRef=host.node.id,
            cancelActivity="true" if interrupts else "false",
        )
        path = _Exit(node) if interrupts else pen.after(_Exit(node), "userTask")
        came_to = _sequence(pen, path, depth + 1, most=2, least=1)
        if came_to is None:
            continue
        if interrupts and pen.yes():
            leaves.append(came_to)
        else:
            pen.after(came_to, "endEvent")
    return _merged(pen, leaves)


def _merged(pen: _Pen, leaves: list[_Exit]) -> _Exit:
    if len(leaves) == 1:
        return leaves[0]
    join = pen.node("exclusiveGateway")
    for leaf in leaves:
        pen.flow(leaf, join)
    return _Exit(join)


def _script(pen: _Pen, source: _Exit, _depth: int) -> _Exit:
    return pen.after(source, "scriptTask", f"<bpmn:script>{_script_text(pen)}</bpmn:script>")


def _throw(pen: _Pen, source: _Exit, _depth: int) -> _Exit | None:
    if pen.yes(4):
        return pen.after(source, "intermediateThrowEvent", _signal(pen.pick(*SIGNALS)))
    name, payload = pen.pick(*MESSAGES), _payload(pen.pick(*_PAYLOADS))
    if pen.yes(4):
        return pen.after(source, "sendTask", payload, messageRef=f"message_{name}")
    return pen.after(source, "intermediateThrowEvent", payload + _message(name))


def _catch(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    if pen.yes(5):
        host = pen.after(source, "receiveTask", messageRef=f"message_{pen.pick(*MESSAGES)}")
        return _watched(pen, host, depth)
    return pen.after(source, "intermediateCatchEvent", _awaited(pen))


def _branches(pen: _Pen, gateway: _Node, *, conditions: bool) -> list[_Exit]:
    """Return the ways out of a gateway; of those with conditions the last is the default."""
    number = int(pen.pick(2, 2, 3))  # type: ignore[call-overload]
    if not conditions:
        return [_Exit(gateway) for _ in range(number)]
    ways = [_Exit(gateway, str(pen.pick(*_CONDITIONS))) for _ in range(number - 1)]
    return [*ways, _Exit(gateway, default=True)]


def _choice(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    gateway = pen.after(source, "exclusiveGateway").node
    leaves = []
    for way in _branches(pen, gateway, conditions=True):
        came_to = _sequence(pen, way, depth + 1, most=2)
        if came_to is not None and (leaves or not pen.yes(4)):
            leaves.append(came_to)
        elif came_to is not None:
            _end(pen, came_to)
    return _merged(pen, leaves) if leaves else None


def _end(pen: _Pen, source: _Exit) -> None:
    if pen.yes():
        source = _script(pen, source, 0)
    kind = pen.pick("plain", "plain", "plain", "terminate", "message")
    if kind == "message":
        payload = _payload(pen.pick(*_PAYLOADS))
        pen.after(source, "endEvent", payload + _message(pen.pick(*MESSAGES)))
    else:
        pen.after(
            source, "endEvent", "<bpmn:terminateEventDefinition/>" if kind == "terminate" else ""
        )


def _fork(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    """Draw a parallel or inclusive fork, joined again; or a fork whose other branches just end."""
    kind = str(pen.pick("parallelGateway", "inclusiveGateway", "parallelGateway"))
    fork = pen.after(source, kind).node
    joins = not pen.yes(3)
    leaves: list[_Exit] = []
    for way in _branches(pen, fork, conditions=kind == "inclusiveGateway"):
        came_to = _sequence(pen, way, depth + 1, most=2, whole=joins or not leaves)
        if came_to is not None and (joins or not leaves):
            leaves.append(came_to)
        elif came_to is not None:
            _end(pen, came_to)
    if not joins:
        return leaves[0]
    join = pen.node(kind)
    for leaf in leaves:
        pen.flow(leaf, join)
    return _Exit(join)


def _events(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    """Draw an event gateway: at most one timer and no event twice, else SpiffWorkflow goes on by
    both when both come at the same look."""
    gateway = pen.after(source, "eventBasedGateway")
    leaves = []
    first, second = pen.draw(st.permutations(MESSAGES))[:2]  # type: ignore[index]
    other = pen.pick("timer", "message", "signal")
    events = [_message(first, variable=pen.yes())]
    if other == "message":
        events.append(_message(second))
    else:
        events.append(_timer(pen.pick(*_TIMES)) if other == "timer" else _signal(SIGNALS[0]))
    for event in events:
        caught = pen.after(gateway, "intermediateCatchEvent", event)
        came_to = _sequence(pen, caught, depth + 1, most=1)
        if came_to is not None:
            leaves.append(came_to)
    return _merged(pen, leaves) if leaves else None


def _round(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    """Draw a loop back through exclusive gateways, with somebody to wait for in it."""
    entry = pen.after(source, "exclusiveGateway")
    worked = pen.after(entry, "userTask")
    came_to = _sequence(pen, worked, depth + 1, most=3, whole=True)
    assert came_to is not None
    choice = pen.after(came_to, "exclusiveGateway")
    again = _Exit(choice.node, str(pen.pick(*_CONDITIONS)))
    pen.flow(again, entry.node)
    return _Exit(choice.node, default=True)


def _sub_process(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    fails = pen.yes(4)
    repeated = _repeated(pen)
    with pen.scope() as parts:
        came_to: _Exit | None = _Exit(pen.node("startEvent"))
        came_to = _sequence(pen, came_to, depth + 1, most=3, least=1)
        if came_to is not None and fails:
            choice = pen.after(came_to, "exclusiveGateway").node
            bad = _Exit(choice, str(pen.pick(*_CONDITIONS)))
            pen.after(bad, "endEvent", '<bpmn:errorEventDefinition errorRef="error_bad"/>')
            came_to = _Exit(choice, default=True)
        if came_to is not None:
            _end(pen, came_to)
        inner = _closed(parts)
    host = pen.after(source, "subProcess", repeated + inner)
    return _watched(pen, host, depth, error=fails)


def _call(pen: _Pen, source: _Exit, depth: int) -> _Exit | None:
    repeated = _repeated(pen)
    process = _process(pen, depth + 1)
    host = pen.after(source, "callActivity", repeated, calledElement=process)
    return _watched(pen, host, depth)


_SMALL = (_task, _task, _script, _task, _throw, _catch)
_LARGE = (*_SMALL, _choice, _fork, _fork, _events, _round, _sub_process, _call)
_ENDING = frozenset({_choice, _events})
"""Blocks that may come to no end of the path, because all their branches ended."""


def _sequence(
    pen: _Pen, source: _Exit, depth: int, *, most: int, least: int = 0, whole: bool = False
) -> _Exit | None:
    """Draw up to `most` blocks one after another; `whole`: the path must come out again."""
    came_to: _Exit | None = source
    for _ in range(int(pen.draw(st.integers(least, most)))):  # type: ignore[call-overload]
        if came_to is None or pen.left <= 0:
            break
        blocks = _LARGE if depth < 4 and pen.left > 4 else _SMALL
        if whole:
            blocks = tuple(each for each in blocks if each not in _ENDING)
        came_to = pen.pick(*blocks)(pen, came_to, depth)  # type: ignore[operator]
    return came_to


def _process(pen: _Pen, depth: int, *, top: bool = False) -> str:
    """Draw a process and return its id."""
    id = "case" if top else pen.id("process")
    with pen.scope() as parts:
        came_to: _Exit | None = _Exit(pen.node("startEvent"))
        if top:
            came_to = pen.after(came_to, "userTask")
        came_to = _sequence(pen, came_to, depth, most=4, least=1)
        if came_to is not None:
            _end(pen, came_to)
        if top and pen.yes(3):
            _event_sub_process(pen, depth + 1)
        inner = _closed(parts)
    pen.processes.append(f'<bpmn:process id="{id}" isExecutable="true">\n{inner}</bpmn:process>\n')
    return id


def _event_sub_process(pen: _Pen, depth: int) -> None:
    with pen.scope() as parts:
        start = pen.node("startEvent", _awaited(pen), isInterrupting="false")
        came_to = _sequence(pen, _Exit(start), depth, most=2)
        if came_to is not None:
            pen.after(came_to, "endEvent")
        inner = _closed(parts)
    pen.node("subProcess", inner, triggeredByEvent="true")


@st.composite
def drawings(draw: Draw, size: int = 24) -> bytes:
    """Draw one BPMN file whose process "case" uses at most about `size` elements."""
    pen = _Pen(draw, draw(st.integers(size // 2, size)))  # type: ignore[arg-type]
    _process(pen, 0, top=True)
    messages = "".join(f'<bpmn:message id="message_{each}" name="{each}"/>\n' for each in MESSAGES)
    signals = "".join(f'<bpmn:signal id="signal_{each}" name="{each}"/>\n' for each in SIGNALS)
    error = '<bpmn:error id="error_bad" name="bad" errorCode="bad"/>\n'
    body = "".join(pen.processes)
    return f"{_HEAD}{messages}{signals}{error}{body}</bpmn:definitions>\n".encode()


@dataclass(frozen=True)
class Move:
    """One thing done: "complete" the nth open task, "deliver" the nth message, let `hours` pass
    ("wait"), or look "again"; `a`, `b` and `day` (0: none, else days from the start) are facts."""

    action: str
    choice: int
    a: int
    b: int
    hours: int
    day: int


def moves(most: int = 22) -> st.SearchStrategy[list[Move]]:
    """Draw what is done to an instance, mostly people completing their tasks."""
    small = st.integers(0, 3)
    actions = st.sampled_from(["complete"] * 6 + ["deliver"] * 2 + ["wait"] * 2 + ["again"])
    move = st.builds(
        Move, actions, st.integers(0, 11), small, small, st.sampled_from([1, 7, 30, 100]), small
    )
    return st.lists(move, min_size=10, max_size=most)
