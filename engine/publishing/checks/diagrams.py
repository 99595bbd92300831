"""The structure of diagrams: flows, starts and ends, gateways, what can be reached.

The rules are those BPMN 2.0 states in words; its XML schema and SpiffWorkflow's parser let most
breaches through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES, jumps_in, link_names, passes
from engine.publishing.checks.reading import Material, Report, called, id_of, kind_of, shortened

SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
_GATEWAYS = frozenset(kind for kind in FLOW_NODES if kind.endswith("Gateway"))
_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_ACTIVITIES = frozenset(kind for kind in FLOW_NODES if kind.endswith(("Task", "task"))) | {
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
}
_AFTER_EVENT_GATEWAY = frozenset({"intermediateCatchEvent", "receiveTask"})
_WITHOUT_WAIT = _GATEWAYS - {"eventBasedGateway"} | {
    "scriptTask",
    "businessRuleTask",
    "intermediateThrowEvent",
}
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,20})?([eE][+-]?\d{1,2})?")


@dataclass
class Scope:
    """A process or an embedded sub-process: its own nodes and the flows between them."""

    node: etree._Element
    nodes: dict[str, etree._Element]
    flows: list[etree._Element]
    outgoing: dict[str, list[etree._Element]] = field(default_factory=dict)
    incoming: dict[str, list[etree._Element]] = field(default_factory=dict)

    @cached_property
    def jumps(self) -> dict[str, str]:
        """Where links lead: thrower's id -> catcher's id."""
        return jumps_in(self.node)

    def follows(self, id: str) -> set[str]:
        """Return the ids that flows and links lead to from an element."""
        targets = {flow.get("targetRef") or "" for flow in self.outgoing.get(id, [])}
        return targets | ({self.jumps[id]} if id in self.jumps else set())

    def of_kind(self, kind: str) -> list[etree._Element]:
        return [node for node in self.nodes.values() if kind_of(node) == kind]


def scopes_of(root: etree._Element) -> Iterator[Scope]:
    """Yield the processes of a file and the sub-processes in them, in document order."""
    for holder in root.iter(*(f"{{{BPMN}}}{kind}" for kind in SCOPES)):
        nodes = {id_of(child): child for child in holder if kind_of(child) in FLOW_NODES}
        flows = holder.findall(f"{{{BPMN}}}sequenceFlow")
        scope = Scope(holder, nodes, flows)
        for flow in flows:
            scope.outgoing.setdefault(flow.get("sourceRef") or "", []).append(flow)
            scope.incoming.setdefault(flow.get("targetRef") or "", []).append(flow)
        yield scope


def check(material: Material, report: Report) -> None:
    """Report what is wrong with the structure of one diagram."""
    root = material.diagrams.get(report.file)
    if root is None:
        return
    processes = root.findall(f"{{{BPMN}}}process")
    if not processes:
        report.error("", "no-process", "The file holds no process. Draw one, with start and end.")
    for process in processes:
        if process.get("isExecutable") != "true":
            report.error(
                id_of(process),
                "not-executable",
                f"The {called(process)} is not marked as executable, so it would never run. Tick"
                ' "executable" in the modeller (isExecutable="true"), or delete it.',
            )
    _check_places(root, report)
    elsewhere = {id_of(node) for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in FLOW_NODES))}
    for scope in scopes_of(root):
        _check_flows(scope, elsewhere, report)
        _check_ends(scope, report)
        for node in scope.nodes.values():
            _check_node(scope, node, report)
        _check_reached(scope, report)
        _check_endless(scope, report)


def _check_places(root: etree._Element, report: Report) -> None:
    """Report shapes whose place on the drawing is no number."""
    for bounds in root.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds"):
        for name in ("x", "y", "width", "height"):
            value = bounds.get(name, "0")
            if not _NUMBER.fullmatch(value.strip()):
                shape = bounds.getparent()
                element = "" if shape is None else shape.get("bpmnElement") or ""
                message = (
                    f"The shape of '{shortened(element)}' has {name} = {value[:20]!r}, which"
                    " is no number. Move the element in the modeller and save again."
                )
                report.error(element[:100], "coordinates", message)


def _check_flows(scope: Scope, elsewhere: set[str], report: Report) -> None:
    for flow in scope.flows:
        for end, does in (("sourceRef", "begins"), ("targetRef", "ends")):
            other = flow.get(end) or ""
            if other in scope.nodes:
                continue
            name = called(flow)
            if other in elsewhere:
                report.error(
                    id_of(flow),
                    "flow-across-border",
                    f"The {name} {does} at '{other}' on the other side of a sub-process's border."
                    " Draw it to the sub-process itself, and go on inside from its start event.",
                )
            else:
                report.error(
                    id_of(flow),
                    "dangling-flow",
                    f"The {name} {does} nowhere: there is no '{other}'. Draw both of its ends onto"
                    " elements, or delete it.",
                )


def _check_ends(scope: Scope, report: Report) -> None:
    where, name = id_of(scope.node), called(scope.node)
    starts = scope.of_kind("startEvent")
    if not starts:
        message = f"The {name} has no start event, so it could not begin. Draw one."
        report.error(where, "no-start", message)
    if len(starts) > 1:
        names = ", ".join(called(start) for start in starts)
        message = f"The {name} has {len(starts)} start events ({names}). Keep one."
        report.error(where, "several-starts", message)
    if not scope.of_kind("endEvent"):
        message = f"The {name} has no end event, so it would never be over. Draw one."
        report.error(where, "no-end", message)


def _check_node(scope: Scope, node: etree._Element, report: Report) -> None:
    kind, id, name = kind_of(node), id_of(node), called(node)
    incoming, outgoing = scope.incoming.get(id, []), scope.outgoing.get(id, [])
    link = bool(link_names(node))
    starts = kind in ("startEvent", "boundaryEvent") or (link and kind == "intermediateCatchEvent")
    ends = kind == "endEvent" or (link and kind == "intermediateThrowEvent")
    if starts and incoming:
        message = f"A flow leads into the {name}; nothing leads into such an event. Delete it."
        report.error(id, "incoming-at-start", message)
    if ends and outgoing:
        message = f"A flow leaves the {name}; nothing follows it. Delete the flow."
        report.error(id, "outgoing-at-end", message)
    if kind == "boundaryEvent":
        _check_attached(scope, node, report)
    if kind in _GATEWAYS:
        _check_gateway(scope, node, report)
    else:
        _check_conditions_ignored(node, outgoing, report)
        if not (outgoing or ends or kind == "boundaryEvent" or _stands_apart(node)):
            message = (
                f"Nothing follows the {name}, so this path ends there. Draw a flow to an end"
                " event, so that readers see it is meant."
            )
            report.warn(id, "dead-end", message)
        if kind == "boundaryEvent" and not outgoing:
            message = f"Nothing follows the {name}. Draw a flow to what happens then."
            report.error(id, "dead-end", message)


def _check_attached(scope: Scope, node: etree._Element, report: Report) -> None:
    host = scope.nodes.get(node.get("attachedToRef") or "")
    if host is None or kind_of(host) not in _ACTIVITIES:
        message = (
            f"The {called(node)} sits on no task, call or sub-process. Drag it onto the border of"
            " the one that it watches."
        )
        report.error(id_of(node), "unattached", message)


def _check_gateway(scope: Scope, node: etree._Element, report: Report) -> None:
    kind, id, name = kind_of(node), id_of(node), called(node)
    outgoing = scope.outgoing.get(id, [])
    if not outgoing:
        message = f"No flow leaves the {name}, so the case would stop there. Draw one."
        report.error(id, "gateway-no-way-out", message)
    if kind in _CHOOSING:
        _check_choice(node, outgoing, report)
    else:
        _check_conditions_ignored(node, outgoing, report)
    if kind == "eventBasedGateway":
        for flow in outgoing:
            target = scope.nodes.get(flow.get("targetRef") or "")
            if target is not None and kind_of(target) not in _AFTER_EVENT_GATEWAY:
                message = (
                    f"The {name} waits for events, but the {called(target)} is none. Let its"
                    " flows lead to waiting events only."
                )
                report.error(id, "event-gateway-target", message)


def _check_choice(node: etree._Element, outgoing: list[etree._Element], report: Report) -> None:
    id, name, default = id_of(node), called(node), node.get("default")
    if default and default not in [id_of(flow) for flow in outgoing]:
        message = f"The default flow of the {name} does not leave it. Choose one that does."
        report.error(id, "default-flow", message)
    for flow in outgoing:
        has_condition = flow.find(f"{{{BPMN}}}conditionExpression") is not None
        if id_of(flow) == default:
            if has_condition:
                message = (
                    f"The {called(flow)} is the default of the {name}, so its condition is never"
                    " looked at. Delete the condition."
                )
                report.warn(id_of(flow), "default-condition", message)
        elif not has_condition and len(outgoing) > 1:
            message = (
                f"The {called(flow)} leaves the {name} without a condition, so nobody knows when"
                " to take it. Give it a condition, or make it the default flow."
            )
            report.error(id_of(flow), "no-condition", message)
    if len(outgoing) > 1 and not default:
        message = (
            f"The {name} has no default flow: if no condition holds, the case stops there. Mark"
            " one of its flows as the default."
        )
        report.warn(id, "no-default", message)


def _check_conditions_ignored(
    node: etree._Element, outgoing: list[etree._Element], report: Report
) -> None:
    for flow in outgoing:
        if flow.find(f"{{{BPMN}}}conditionExpression") is not None:
            message = (
                f"The {called(flow)} has a condition, but leaves the {called(node)}, where"
                " conditions are not looked at. Draw an exclusive gateway and let it leave that."
            )
            report.error(id_of(flow), "condition-ignored", message)


def _stands_apart(node: etree._Element) -> bool:
    return node.get("triggeredByEvent") == "true" or node.get("isForCompensation") == "true"


def _check_reached(scope: Scope, report: Report) -> None:
    starts = scope.of_kind("startEvent")
    if not starts:
        return
    attached: dict[str, list[str]] = {}
    for node in scope.of_kind("boundaryEvent"):
        attached.setdefault(node.get("attachedToRef") or "", []).append(id_of(node))
    todo = [id_of(start) for start in starts]
    todo += [id for id, node in scope.nodes.items() if _stands_apart(node)]
    reached = set(todo)
    while todo:
        id = todo.pop()
        for target in [*scope.follows(id), *attached.get(id, [])]:
            if target in scope.nodes and target not in reached:
                reached.add(target)
                todo.append(target)
    for id, node in scope.nodes.items():
        host = node.get("attachedToRef")
        if id not in reached and (host is None or host in reached):
            message = (
                f"Nothing leads from the start to the {called(node)}, so it would never happen."
                " Draw a flow to it, or delete it."
            )
            report.error(id, "unreachable", message)


def _check_endless(scope: Scope, report: Report) -> None:
    """Report circles of elements none of which waits for anybody."""
    quick = {
        id
        for id, node in scope.nodes.items()
        if kind_of(node) in _WITHOUT_WAIT or link_names(node) or passes(node)
    }
    follows = {id: scope.follows(id) for id in quick}
    reaches = {id: _reach(id, follows) for id in quick}
    reported: set[str] = set()
    for id in sorted(quick):
        if id not in reaches[id] or id in reported:
            continue
        circle = {other for other in reaches[id] & quick if id in reaches[other]}
        reported |= circle
        name = called(scope.nodes[id])
        # A fork sends a token round as well as out.
        choosing = [each for each in circle if kind_of(scope.nodes[each]) in _CHOOSING]
        if any(follows[each] - circle for each in choosing):
            message = (
                f"The flows through the {name} go round without waiting for anybody. Make sure"
                " that a condition leads out, or put a task or timer into the circle."
            )
            report.warn(id, "circle-without-wait", message)
        else:
            message = (
                f"The flows through the {name} go round for ever without waiting for anybody. Put"
                " a task or timer into the circle, or lead a flow out of it."
            )
            report.error(id, "endless-circle", message)


def _reach(start: str, follows: dict[str, set[str]]) -> set[str]:
    """Return what can be reached from `start` through `follows` in one step or more."""
    reached: set[str] = set()
    todo = [start]
    while todo:
        new = follows.get(todo.pop(), set()) - reached
        reached |= new
        todo += new
    return reached
