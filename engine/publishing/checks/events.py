"""The events of diagrams: what each kind may wait for or do, and what it refers to."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.elements import BPMN, link_names
from engine.publishing.checks.reading import Report, called, id_of, kind_of

_SUFFIX = "EventDefinition"
_ALLOWED = {
    "startEvent": {"message", "signal"},
    "endEvent": {"message", "signal", "error", "escalation", "terminate"},
    "intermediateCatchEvent": {"message", "timer", "signal", "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "link"},
    "boundaryEvent": {"message", "timer", "signal", "error", "escalation"},
}
_IN_EVENT_SUB_PROCESS = {"message", "timer", "signal", "error", "escalation"}
_NEED_ONE = frozenset({"intermediateCatchEvent", "boundaryEvent"})
_NEVER = {
    "compensate": "undoes work (compensation), which cannot be run. Draw the tasks that put things"
    " right.",
    "cancel": "cancels a transaction, which cannot be run. Use an error event.",
    "conditional": "waits for a condition, which cannot be run. Wait for a message or a timer.",
}
_REFERS_TO = {
    "message": "message",
    "signal": "signal",
    "error": "error",
    "escalation": "escalation",
}
_MAY_STAND_BARE = {"error", "escalation"}


def check_event(node: etree._Element, root: etree._Element, report: Report) -> None:
    """Report what is wrong with one event, with a task that sends or receives, or with an event
    sub-process."""
    kind, id, name = kind_of(node), id_of(node), called(node)
    if kind in ("sendTask", "receiveTask"):
        _check_reference(node, node, "message", root, report)
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        _check_event_sub_process(node, report)
    if kind not in _ALLOWED:
        return
    definitions = [child for child in node if kind_of(child).endswith(_SUFFIX)]
    if node.find(f"{{{BPMN}}}eventDefinitionRef") is not None:
        message = (
            f"The {name} refers to an event defined elsewhere. Choose what it waits for on it."
        )
        report.error(id, "event-definition", message)
    elif not definitions and kind in _NEED_ONE:
        message = (
            f"The {name} does not say what it waits for. Give it a timer or a message in the"
            " modeller."
        )
        report.error(id, "event-definition", message)
    if len(definitions) > 1:
        message = f"The {name} has {len(definitions)} meanings. Draw one event for each."
        report.error(id, "event-definition", message)
    for definition in definitions:
        _check_definition(node, definition, root, report)


def _check_definition(
    node: etree._Element, definition: etree._Element, root: etree._Element, report: Report
) -> None:
    id, name, kind = id_of(node), called(node), kind_of(definition).removesuffix(_SUFFIX)
    allowed = _ALLOWED[kind_of(node)]
    parent = node.getparent()
    if kind_of(node) == "startEvent" and parent is not None:
        if parent.get("triggeredByEvent") == "true":
            allowed = _IN_EVENT_SUB_PROCESS
        elif kind_of(parent) != "process":
            allowed = set()
    if kind in _NEVER:
        report.error(id, "unsupported", f"The {name} {_NEVER[kind]}")
    elif kind not in allowed:
        may = ", ".join(sorted(allowed)) or "nothing: it is plain"
        message = f"The {name} is a {kind} event, which cannot stand here. It may be: {may}."
        report.error(id, "event-place", message)
    elif kind == "timer":
        _check_timer(node, definition, report)
    elif kind == "link":
        _check_link(node, definition, report)
    elif kind in _REFERS_TO:
        _check_reference(node, definition, kind, root, report)
    if kind == "error" and node.get("cancelActivity") == "false":
        message = f"The {name} waits for an error, which always interrupts. Let it interrupt."
        report.error(id, "event-place", message)


def _check_timer(node: etree._Element, definition: etree._Element, report: Report) -> None:
    parts = [kind_of(part) for part in definition if kind_of(part).startswith("time")]
    beside = kind_of(node) == "boundaryEvent" and node.get("cancelActivity") == "false"
    if "timeCycle" in parts and not beside:
        message = (
            f"The {called(node)} repeats by itself (timeCycle), which only a boundary event does"
            " that does not interrupt. Use a date or a duration, and draw a flow back to it."
        )
        report.error(id_of(node), "unsupported", message)
    elif len(parts) != 1:
        message = (
            f"The {called(node)} is a timer without a time. Give it one date or duration, such as"
            ' opens("ppm") or P6W.'
        )
        report.error(id_of(node), "timer", message)


def _check_link(node: etree._Element, definition: etree._Element, report: Report) -> None:
    """Report the end of a link that has no other end, or several."""
    name, scope = (definition.get("name") or "").strip(), node.getparent()
    if not name or scope is None:
        message = f"The {called(node)} is a link without a name. Name the link on both of its ends."
        report.error(id_of(node), "link", message)
        return
    throws = kind_of(node) == "intermediateThrowEvent"
    other = "intermediateCatchEvent" if throws else "intermediateThrowEvent"
    ends = [each for each in scope.findall(f"{{{BPMN}}}{other}") if name in link_names(each)]
    if throws and len(ends) != 1:
        message = (
            f"The {called(node)} is a link to '{name[:80]}', which {len(ends)} events of the same"
            " process or sub-process catch. Draw one that does."
        )
        report.error(id_of(node), "link", message)
    elif not ends:
        message = (
            f"The {called(node)} catches the link '{name[:80]}', which no event of the same process"
            " or sub-process throws. Draw one that does, or delete it."
        )
        report.error(id_of(node), "link", message)


def _check_reference(
    node: etree._Element, holder: etree._Element, kind: str, root: etree._Element, report: Report
) -> None:
    """Report a message, signal, … that is not declared, or has no name."""
    reference = holder.get(f"{kind}Ref")
    if not reference:
        if kind not in _MAY_STAND_BARE:
            message = f"The {called(node)} names no {kind}. Choose or add one in the modeller."
            report.error(id_of(node), f"{kind}-reference", message)
        return
    found = [each for each in root.findall(f"{{{BPMN}}}{kind}") if id_of(each) == reference]
    if len(found) != 1 or not (found[0].get("name") or "").strip():
        message = (
            f"The {called(node)} refers to the {kind} '{reference[:80]}', which the file does not"
            f" declare with a name. Choose the {kind} again in the modeller."
        )
        report.error(id_of(node), f"{kind}-reference", message)


def _check_event_sub_process(node: etree._Element, report: Report) -> None:
    id, name = id_of(node), called(node)
    for start in node.findall(f"{{{BPMN}}}startEvent"):
        if not any(kind_of(child).endswith(_SUFFIX) for child in start):
            message = f"The {name} does not say which event begins it. Give its start one."
            report.error(id, "event-sub-process", message)
