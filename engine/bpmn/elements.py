"""What a BPMN file says about its elements: names, lanes, properties, source sentences.

Read from the XML itself, so pages, checks and history need no SpiffWorkflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

FLOW_NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    }
)


@dataclass(frozen=True)
class Element:
    """One flow node of a diagram, as drawn.

    `process` is the id of the executable process (not of an embedded sub-process); `called` the
    process a call activity calls; `within` the embedded sub-process that holds it, or "".
    """

    id: str
    name: str
    kind: str
    process: str
    within: str
    lane: str
    called: str
    documentation: str
    properties: Mapping[str, str]
    outgoing: tuple[str, ...]

    @property
    def rule_ids(self) -> tuple[str, ...]:
        return tuple(self.properties.get("rule_ids", "").split())

    @property
    def title(self) -> str:
        """What a person sees: the property `title` if it is plain, else the label, on one line."""
        title = self.properties.get("title", "")
        plain = "" if title.startswith("=") else title
        return " ".join((plain or self.name or self.id).split())


@dataclass(frozen=True)
class ProcessInfo:
    """One drawing: its id, its name, and the file it stands in."""

    id: str
    name: str
    file: str
    start_messages: tuple[str, ...]
    start_signals: tuple[str, ...] = ()


def read_processes(file: str, root: etree._Element) -> Iterator[ProcessInfo]:
    """Yield the executable processes of one file."""
    messages = {node.get("id"): node.get("name") for node in root.iter(f"{{{BPMN}}}message")}
    signals = {node.get("id"): node.get("name") for node in root.iter(f"{{{BPMN}}}signal")}
    participants = {
        node.get("processRef"): node.get("name") for node in root.iter(f"{{{BPMN}}}participant")
    }
    for process in root.iter(f"{{{BPMN}}}process"):
        process_id = str(process.get("id"))
        starts = process.findall(f"{{{BPMN}}}startEvent/{{{BPMN}}}messageEventDefinition")
        signalled = process.findall(f"{{{BPMN}}}startEvent/{{{BPMN}}}signalEventDefinition")
        yield ProcessInfo(
            id=process_id,
            name=process.get("name") or participants.get(process_id) or process_id,
            file=file,
            start_messages=tuple(
                str(messages.get(start.get("messageRef"), "")) for start in starts
            ),
            start_signals=tuple(
                str(signals.get(start.get("signalRef"), "")) for start in signalled
            ),
        )


def read_thrown(root: etree._Element) -> Iterator[str]:
    """Yield the names of the messages that the diagrams of one file throw."""
    messages = {node.get("id"): node.get("name") for node in root.iter(f"{{{BPMN}}}message")}
    for kind in ("endEvent", "intermediateThrowEvent"):
        for node in root.iterfind(f".//{{{BPMN}}}{kind}/{{{BPMN}}}messageEventDefinition"):
            yield str(messages.get(node.get("messageRef"), ""))
    for node in root.iter(f"{{{BPMN}}}sendTask"):
        yield str(messages.get(node.get("messageRef"), ""))


def read_signals(root: etree._Element) -> Iterator[str]:
    """Yield the names of the signals that the diagrams of one file hear."""
    signals = {node.get("id"): node.get("name") for node in root.iter(f"{{{BPMN}}}signal")}
    for kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
        for node in root.iterfind(f".//{{{BPMN}}}{kind}/{{{BPMN}}}signalEventDefinition"):
            yield str(signals.get(node.get("signalRef"), ""))


def read_elements(root: etree._Element) -> Iterator[Element]:
    """Yield the flow nodes of one file, in document order."""
    lanes = {
        str(ref.text).strip(): _parent_name(ref) for ref in root.iter(f"{{{BPMN}}}flowNodeRef")
    }
    for process in root.iter(f"{{{BPMN}}}process"):
        for node in process.iter():
            if isinstance(node.tag, str) and etree.QName(node).namespace == BPMN:
                kind = etree.QName(node).localname
                if kind in FLOW_NODES:
                    yield _element(node, kind, str(process.get("id")), lanes)


def lane_of(node: etree._Element, lanes: Mapping[str, str]) -> str:
    """Return the name of the lane that an element stands in, or its sub-process does, or "".

    Args:
        lanes: element id -> the name of the innermost lane that lists it.
    """
    holder: etree._Element | None = node
    while holder is not None:
        if (name := lanes.get(str(holder.get("id")))) is not None:
            return name
        holder = holder.getparent()
    return ""


def _parent_name(node: etree._Element) -> str:
    parent = node.getparent()
    return "" if parent is None else str(parent.get("name") or "")


def _element(node: etree._Element, kind: str, process: str, lanes: Mapping[str, str]) -> Element:
    element_id = str(node.get("id"))
    parent = node.getparent()
    inside = parent is not None and etree.QName(parent).localname != "process"
    flows = {} if parent is None else _flows(parent)
    return Element(
        id=element_id,
        name=node.get("name") or "",
        kind=kind,
        process=process,
        within=str(parent.get("id")) if inside and parent is not None else "",
        lane=lane_of(node, lanes),
        called=node.get("calledElement") or "",
        documentation=(node.findtext(f"{{{BPMN}}}documentation") or "").strip(),
        properties=_properties(node),
        outgoing=tuple(flows.get(element_id, ())),
    )


def decision_of(node: etree._Element) -> str:
    """Return the id of the decision table that a business rule task asks, or ""."""
    called = node.findtext(f"{{{BPMN}}}extensionElements/{{{SPIFF}}}calledDecisionId")
    return _properties(node).get("decision") or (called or "").strip()


def result_of(node: etree._Element) -> str:
    """Return the local name that a business rule task gives to the answer."""
    return _properties(node).get("result") or decision_of(node)


def passed_names(process: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a process's data inputs and outputs, as drawn; none for all."""
    inputs, outputs = (
        tuple(
            str(each.get("name") or each.get("id"))
            for each in process.iterfind(f"{{{BPMN}}}ioSpecification/{{{BPMN}}}{kind}")
        )
        for kind in ("dataInput", "dataOutput")
    )
    return inputs, outputs


def passes(node: etree._Element) -> bool:
    """Return whether a task is nobody's work: a box that is passed as soon as it is reached."""
    return _properties(node).get("passes") == "true"


def jumps_in(scope: etree._Element) -> dict[str, str]:
    """Return where the link events of a process or sub-process lead: thrower's id -> catcher's.

    Without those that no catcher, or more than one, answers by name.
    """
    catchers: dict[str, list[str]] = {}
    for node in scope.findall(f"{{{BPMN}}}intermediateCatchEvent"):
        for name in link_names(node):
            catchers.setdefault(name, []).append(str(node.get("id")))
    return {
        str(node.get("id")): catchers[name][0]
        for node in scope.findall(f"{{{BPMN}}}intermediateThrowEvent")
        for name in link_names(node)
        if len(catchers.get(name, ())) == 1
    }


def link_names(node: etree._Element) -> list[str]:
    """Return the names of the links that an event is an end of."""
    links = node.findall(f"{{{BPMN}}}linkEventDefinition")
    return [(link.get("name") or "").strip() for link in links]


def _flows(scope: etree._Element) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for flow in scope.findall(f"{{{BPMN}}}sequenceFlow"):
        targets.setdefault(str(flow.get("sourceRef")), []).append(str(flow.get("targetRef")))
    for source, target in jumps_in(scope).items():
        targets.setdefault(source, []).append(target)
    return targets


def _properties(node: etree._Element) -> dict[str, str]:
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {str(each.get("name")): str(each.get("value") or "") for each in node.findall(path)}
