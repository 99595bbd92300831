"""What generated processes are drawn with: nodes, flows, scopes, the XML of events and loops."""

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
PAYLOADS = ('{"x": x, "y": y}', '{"w": w}', '{"a": a, "z": z}')
_TIMES = ("PT1H", "PT6H", "P1D", "P3D", "day")

Draw = Callable[[st.SearchStrategy[object]], object]


@dataclass
class Node:
    id: str
    kind: str
    attributes: dict[str, str]
    inner: str = ""

    def xml(self) -> str:
        names = "".join(f" {name}={quoteattr(each)}" for name, each in self.attributes.items())
        begin = f'<bpmn:{self.kind} id="{self.id}" name="{self.id}"{names}>'
        return f"{begin}{self.inner}</bpmn:{self.kind}>\n"


@dataclass(frozen=True)
class Exit:
    """Where a path has come to: the next flow leaves `node`, on `condition` or as its default."""

    node: Node
    condition: str | None = None
    default: bool = False


@dataclass
class Pen:
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

    def node(self, kind: str, inner: str = "", **attributes: str) -> Node:
        node = Node(self.id(kind), kind, attributes, inner)
        self.parts[-1].append(node)
        self.left -= 1
        return node

    def flow(self, source: Exit, target: Node) -> None:
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

    def after(self, source: Exit, kind: str, inner: str = "", **attributes: str) -> Exit:
        """Draw a node that follows `source`."""
        node = self.node(kind, inner, **attributes)
        self.flow(source, node)
        return Exit(node)

    @contextmanager
    def scope(self):
        """Collect what is drawn within; yields the list that the caller closes with `closed`."""
        self.parts.append([])
        yield self.parts[-1]
        self.parts.pop()


def closed(parts: list[object]) -> str:
    return "".join(part.xml() if isinstance(part, Node) else str(part) for part in parts)


def message(name: object, *, variable: bool = False) -> str:
    inner = "<spiffworkflow:messageVariable>m</spiffworkflow:messageVariable>" if variable else ""
    if inner:
        inner = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"
    return (
        f'<bpmn:messageEventDefinition messageRef="message_{name}">{inner}'
        "</bpmn:messageEventDefinition>"
    )


def payload(text: object) -> str:
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f'<spiffworkflow:property name="payload" value={quoteattr(str(text))}/>'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )


def timer(text: object) -> str:
    tag = {"day": "timeDate", "R2/PT6H": "timeCycle"}.get(str(text), "timeDuration")
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"


def signal(name: object) -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def awaited(pen: Pen, *, cycles: bool = False) -> str:
    """Draw what an event waits for; `cycles`: a timer may repeat."""
    kind = pen.pick("message", "timer", "message", "timer", "signal")
    if kind == "message":
        return message(pen.pick(*MESSAGES), variable=pen.yes())
    if kind == "signal":
        return signal(pen.pick(*SIGNALS))
    if cycles and pen.yes(3):
        return timer("R2/PT6H")
    return timer(pen.pick(*_TIMES))


def script_text(pen: Pen) -> str:
    return escape(str(pen.pick(*_SCRIPTS)))


def condition(pen: Pen) -> str:
    return str(pen.pick(*_CONDITIONS))


def in_extension(kind: str, script: str) -> str:
    """A script that runs before or after a task."""
    tag = f"spiffworkflow:{kind}Script"
    return f"<bpmn:extensionElements><{tag}>{script}</{tag}></bpmn:extensionElements>"


def repeated(pen: Pen) -> str:
    """Draw how often an activity is done, mostly once."""
    if not pen.yes(6):
        return ""
    if pen.yes(3):
        return (
            f'<bpmn:standardLoopCharacteristics loopMaximum="{pen.pick(2, 3)}"'
            f' testBefore="{pen.pick("false", "true")}">'
            f"<bpmn:loopCondition>{escape(condition(pen))}</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics>"
        )
    if pen.yes():
        how = f"<bpmn:loopCardinality>{pen.pick(2, 3, 'a')}</bpmn:loopCardinality>"
    else:
        row = pen.id("row")
        how = f"<bpmn:loopDataInputRef>{pen.pick('[a, b]', 'z')}</bpmn:loopDataInputRef>"
        how += f'<bpmn:inputDataItem id="{row}" name="{row}"/>'
    until = ""
    if pen.yes(3):
        text = escape(condition(pen))
        until = f"<bpmn:completionCondition>{text}</bpmn:completionCondition>"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{pen.pick("false", "true")}">'
        f"{how}{until}</bpmn:multiInstanceLoopCharacteristics>"
    )
