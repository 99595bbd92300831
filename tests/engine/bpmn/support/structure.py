"""Processes, flows, gateways, data, artefacts, pools and lanes, and what stands beside them."""

from __future__ import annotations

from tests.builders.drawn import FORMAL, event, flows, node, path, process
from tests.engine.bpmn.support.rows import Row, drawn_only, line, refused, runs, script, work

WORK = line(work())


def choice(kind: str, first: str, other: str, default: str = "") -> str:
    """A gateway of a kind to `a` and `b`, under these conditions ("" for none)."""
    conditions = [
        f"<bpmn:conditionExpression {FORMAL}>{text}</bpmn:conditionExpression>" if text else ""
        for text in (first, other)
    ]
    ways = "".join(
        f'<bpmn:sequenceFlow id="g_{to}" sourceRef="g" targetRef="{to}">{condition}'
        "</bpmn:sequenceFlow>"
        for to, condition in zip(("a", "b"), conditions, strict=True)
    )
    gateway = node(kind, "g", **({"default": default} if default else {}))
    return (
        node("startEvent", "s") + gateway + work(id="a") + work(id="b") + node("endEvent", "e")
        + flows("s", "g") + ways + flows("a", "e") + flows("b", "e")
    )  # fmt: skip


def joined(kind: str, split: str) -> str:
    """A split of a kind to `a` and `b`, and a join of `kind` before `after`."""
    drawn = choice(split, "x > 5", "", "g_b") if split == "exclusiveGateway" else choice(
        split, "x > 5" if split == "inclusiveGateway" else "", "x > 0" if split
        == "inclusiveGateway" else "")  # fmt: skip
    drawn = drawn.replace(flows("a", "e") + flows("b", "e"), "")
    return drawn + node(kind, "j") + work(id="after") + (
        flows("a", "j") + flows("b", "j") + flows("j", "after", "e"))  # fmt: skip


def either(*definitions: str, **attributes: str) -> str:
    """An event-based gateway before catching events `c0`, `c1`, each with a task `w0`, `w1`."""
    drawn = node("startEvent", "s") + node("eventBasedGateway", "g", **attributes) + flows("s", "g")
    for number, definition in enumerate(definitions):
        drawn += (
            node("intermediateCatchEvent", f"c{number}", definition) + work(id=f"w{number}")
            + node("endEvent", f"e{number}") + flows("g", f"c{number}", f"w{number}", f"e{number}")
        )  # fmt: skip
    return drawn


def attribute(name: str, value: str) -> tuple[str]:
    return (process(WORK).replace(" isExecutable", f' {name}="{value}" isExecutable'),)


def beside(text: str) -> tuple[str, str]:
    """A process, and something beside it in the file."""
    return process(WORK), text


def in_pools(inner: str) -> tuple[str, str]:
    pool = node("participant", "pool", processRef="case")
    return beside(node("collaboration", "co", pool + inner))


def lane(inner: str) -> str:
    own = node("lane", "l", inner).replace('name="l"', 'name="Team Manager"')
    return f'<bpmn:laneSet id="ls">{own}</bpmn:laneSet>'


PASSED = (
    '<bpmn:ioSpecification><bpmn:dataInput id="in" name="a" /><bpmn:dataOutput id="out" name="c" />'
    "<bpmn:inputSet /><bpmn:outputSet /></bpmn:ioSpecification>"
)
HERE = "<bpmn:flowNodeRef>work</bpmn:flowNodeRef>"
FLOW = '<bpmn:sequenceFlow id="work_e"'

PROCESSES: list[Row] = [
    runs("Process", "one instance in a case; more of the same beside it if messages begin them",
        WORK, "open work; done work; over"),
    refused("Process that is not executable", "tick executable", (process(WORK).replace(
        ' isExecutable="true"', ""),), "case", "not-executable"),
    refused("Process without a start event", "draw one", work() + node("endEvent", "e")
        + flows("work", "e"), "case", "no-start"),
    refused("Process with several start events", "keep one", node("startEvent", "s2") + flows(
        "s2", "work") + WORK, "case", "several-starts"),
    refused("Process without an end event", "draw one", node("startEvent", "s") + work()
        + flows("s", "work"), "case", "no-end"),
    refused("Properties of a process", "facts are declared in pack.toml",
        WORK + '<bpmn:property id="p" />', "p"),
    runs("Data inputs and outputs of a called process", "what alone is passed in and out",
        (process(line(script("set", "a = 1\nb = 1"), node("callActivity", "part",
            calledElement="other"), work())), process(PASSED + node("startEvent", "is")
            + script("add", "c = a + 1\nb = 9") + node("endEvent", "ie")
            + flows("is", "add", "ie"), "other")),
        'holds {"a": 1, "b": 1, "c": 2}; done work; over'),
    refused("Data inputs of a process that nothing calls", "facts are known everywhere",
        WORK + "<bpmn:ioSpecification />", "case", "data-object"),
    refused("Correlation subscription", "messages find their instance by the property key",
        WORK + '<bpmn:correlationSubscription id="c" />', "c"),
    refused("Resources of a process", "lanes say whose work it is",
        WORK + '<bpmn:performer id="r" />', "r"),
    *(drawn_only(name, "without effect on how it runs", attribute(name, value)) for name, value in (
        ("processType", "Private"), ("isClosed", "false"))),
    drawn_only("supports", "without effect on how it runs",
        WORK + "<bpmn:supports>x</bpmn:supports>"),
]  # fmt: skip

FLOWS: list[Row] = [
    runs("Sequence flow", "leads on", WORK, "ran s; done work; ran work e; over"),
    runs("Several flows out of an element", "a fork: a token along each", node("startEvent", "s")
        + work(id="a") + work(id="b") + work() + node("endEvent", "e") + flows("s", "work", "a",
        "e") + flows("work", "b", "e"), "done work; open a b; done a b; over"),
    runs("Several flows into an element", "each token passes by itself", choice("parallelGateway",
        "", "").replace(flows("a", "e") + flows("b", "e"), "") + work(id="after")
        + flows("a", "after", "e") + flows("b", "after"), "done a b; open after after"),
    runs("Condition at an exclusive or inclusive gateway", "an expression", choice(
        "exclusiveGateway", "x > 5", "", "g_b"), "open a", names={"x": 7}),
    runs("Default flow of a gateway", "taken when no condition holds", choice("exclusiveGateway",
        "x > 5", "", "g_b"), "open b", names={"x": 3}),
    refused("Condition on a flow out of anything else", "draw an exclusive gateway", line(work())
        .replace(f'{FLOW} sourceRef="work" targetRef="e" />', f'{FLOW} sourceRef="work"'
        ' targetRef="e"><bpmn:conditionExpression>wanted</bpmn:conditionExpression>'
        "</bpmn:sequenceFlow>"), "work_e", "condition-ignored"),
    refused("isImmediate = false", "nothing comes between", line(work()).replace(FLOW,
        f'{FLOW} isImmediate="false"'), "work_e"),
    refused("Flow across the border of a sub-process", "draw it to the sub-process", line(node(
        "subProcess", "part", path("p", "inside") + '<bpmn:sequenceFlow id="out"'
        ' sourceRef="inside" targetRef="e" />')), "out", "flow-across-border"),
]  # fmt: skip

GATEWAYS: list[Row] = [
    runs("Exclusive gateway, splitting", "the first flow whose condition holds, else the default",
        choice("exclusiveGateway", "x > 5", "", "g_b"), "open a; done a; over", names={"x": 7}),
    runs("Exclusive gateway, joining", "each token passes", joined("exclusiveGateway",
        "parallelGateway"), "done a; open after b; done b; open after after"),
    runs("Parallel gateway, splitting", "a token along each flow", choice("parallelGateway", "",
        ""), "open a b; done a b; over"),
    runs("Parallel gateway, joining", "waits for a token on each flow", joined("parallelGateway",
        "parallelGateway"), "done a; open b; done b; open after", also="test_pruning.py"),
    runs("Inclusive gateway, splitting", "every flow whose condition holds, else the default",
        choice("inclusiveGateway", "x > 5", "x > 6"), "open a b", names={"x": 7}),
    runs("Inclusive gateway, joining", "waits for what may still come", joined("inclusiveGateway",
        "inclusiveGateway"), "open b; done b; open after", names={"x": 3}, also="test_pruning.py"),
    runs("Event-based gateway: message", "the first event goes on, the others are forgotten",
        either(event("message", "go"), event("timer", "P1D")), "send go; open w0; wait 9; open w0",
        also="test_flow.py"),
    runs("Event-based gateway: timer", "the first event goes on, the others are forgotten",
        either(event("message", "go"), event("timer", "P1D")), "wait 2; open w1; unheard go"),
    runs("Event-based gateway: signal", "the first event goes on, the others are forgotten",
        either(event("signal", "red"), event("timer", "P1D")), "signal red; open w0; wait 9;"
        " open w0"),
    runs("Event-based gateway: receive task", "the first event goes on, the others are forgotten",
        either(event("timer", "P1D")) + node("receiveTask", "hear", messageRef="m_go")
        + work(id="after") + flows("g", "hear", "after", "e0"), "send go; open after"),
    refused("Event-based gateway: anything else after it", "lead its flows to waiting events",
        line(node("eventBasedGateway", "g"), work()), "g", "event-gateway-target"),
    refused("Event-based gateway that instantiates", "draw message start events", either(
        event("message", "go"), event("message", "stop"), instantiate="true"), "g"),
    refused("Event-based gateway, parallel", "a parallel gateway before the events", either(
        event("message", "go"), event("message", "stop"), eventGatewayType="Parallel"), "g"),
    refused("Complex gateway", "exclusive, parallel or inclusive gateways", line(node(
        "complexGateway", "odd")), "odd"),
    drawn_only("gatewayDirection", "the flows say it", line(node("exclusiveGateway", "g",
        gatewayDirection="Converging"), work())),
    refused("Gateway without a way out", "draw a flow", node("startEvent", "s") + node(
        "parallelGateway", "g") + node("endEvent", "e") + flows("s", "g"), "g",
        "gateway-no-way-out"),
]  # fmt: skip

_LINE = '<bpmn:{0} id="d"><bpmn:sourceRef>x</bpmn:sourceRef></bpmn:{0}>'
DATA: list[Row] = [
    *(drawn_only(kind, "what is known of a case are its facts", WORK + f'<bpmn:{kind} id="d"'
        ' name="d" />') for kind in ("dataObject", "dataObjectReference", "dataStoreReference")),
    *(drawn_only(kind, "without effect on how it runs", beside(f'<bpmn:{kind} id="d" />'))
        for kind in ("dataStore", "itemDefinition")),
    *(refused(kind, "nothing would be read or written along it", line(work(_LINE.format(kind))),
        "work", "data-object") for kind in ("dataInputAssociation", "dataOutputAssociation")),
    refused("dataInput or dataOutput of an event", "messages carry the property payload", line(
        node("intermediateThrowEvent", "ev", '<bpmn:dataInput id="d" />'
        + event("message", "go"))), "ev", "data-object"),
]  # fmt: skip

ARTEFACTS: list[Row] = [
    drawn_only("Text annotation", "shown", WORK + '<bpmn:textAnnotation id="t"><bpmn:text>x'
        "</bpmn:text></bpmn:textAnnotation>"),
    drawn_only("Association", "shown", WORK + '<bpmn:textAnnotation id="t" /><bpmn:association'
        ' id="a" sourceRef="work" targetRef="t" />'),
    drawn_only("Group", "shown", WORK + '<bpmn:group id="g" />'),
    drawn_only("Category", "shown", beside('<bpmn:category id="c"><bpmn:categoryValue id="v" />'
        "</bpmn:category>")),
]  # fmt: skip

COLLABORATION: list[Row] = [
    drawn_only("Pool (participant)", "gives the process its name", in_pools("")),
    drawn_only("Message flow", "messages find who waits for them by name", in_pools(
        node("participant", "other") + node("messageFlow", "mf", sourceRef="work",
        targetRef="other"))),
    runs("Lane", "whose work it is: a role's label or id", lane(HERE) + WORK,
        "open work; done work; over", also="test_check_diagrams.py"),
    runs("Lane in a lane", "the innermost counts", '<bpmn:laneSet id="ls"><bpmn:lane id="l"'
        f' name="The council">{HERE}<bpmn:childLaneSet id="ls2"><bpmn:lane id="l2"'
        f' name="Team Manager">{HERE}</bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>'
        + WORK, "open work; done work; over"),
    refused("Lane that is no role", "name it after a role of pack.toml", lane(HERE).replace(
        "Team Manager", "Nobody") + WORK, "l", "unknown-lane"),
    refused("Multiplicity of a pool", "delete the mark", beside(node("collaboration", "co",
        node("participant", "pool", '<bpmn:participantMultiplicity maximum="3" />',
        processRef="case"))), "pool", "ignored-attribute"),
    *(refused(f"{kind} in a collaboration", "only pools and message flows are drawn", in_pools(
        f'<bpmn:{kind} id="c" />'), "c") for kind in ("correlationKey", "conversation",
        "callConversation", "subConversation", "conversationLink", "participantAssociation",
        "messageFlowAssociation", "choreographyRef")),
    *(refused(f"{kind} in a file", "draw processes", beside(f'<bpmn:{kind} id="c" />'), "c")
        for kind in ("choreography", "globalChoreographyTask", "globalConversation")),
    *(refused(f"{kind} in a process", "draw a user task or a call", line(node(kind, "odd")), "odd")
        for kind in ("choreographyTask", "subChoreography", "callChoreography")),
    *(refused(f"{kind} in a file", "messages find their instance by the property key; files of a"
        " pack know each other", beside(f'<bpmn:{kind} id="c" />'), "c")
        for kind in ("correlationProperty", "import")),
    *(drawn_only(kind, "without effect on how it runs", beside(f'<bpmn:{kind} id="c" />'))
        for kind in ("interface", "resource", "endPoint", "partnerEntity", "partnerRole",
        "relationship")),
]  # fmt: skip
