"""Errors and escalations: who hears what is thrown, from its scope outwards and along calls."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.elements import BPMN
from engine.publishing.checks.reading import Material, Report, called, id_of, kind_of

_KINDS = ("error", "escalation")
_THROWERS = ("endEvent", "intermediateThrowEvent")
_HOLDS_OTHERS = ("subProcess", "callActivity")


def check(material: Material, report: Report) -> None:
    """Report what one diagram throws and nobody hears, and what is heard where nothing throws."""
    root = material.diagrams.get(report.file)
    if root is None:
        return
    for kind in _KINDS:
        for thrower in _THROWERS:
            for node in root.iterfind(f".//{{{BPMN}}}{thrower}/{{{BPMN}}}{kind}EventDefinition/.."):
                _check_heard(material, node, kind, report)
        for node in root.iterfind(f".//{{{BPMN}}}boundaryEvent/{{{BPMN}}}{kind}EventDefinition/.."):
            _check_host(node, kind, report)


def _check_heard(material: Material, node: etree._Element, kind: str, report: Report) -> None:
    [code, *_] = _codes(node, kind)
    ways = set(_ways_out(material, node.getparent(), kind, code, inner=None, seen=set()))
    if ways == {True} or not material.complete:
        return
    named = f" '{code[:80]}'" if code else ""
    message = f"The {called(node)} throws the {kind}{named}, which "
    cure = (
        " Draw an event sub-process that begins with it, or a boundary event on the sub-process or"
        " call around it."
    )
    if True in ways:
        message += "not every process that calls this one hears." + cure
        report.warn(id_of(node), f"{kind}-not-always-heard", message)
    elif kind == "error":
        report.error(id_of(node), "error-unheard", message + "nobody hears." + cure)
    else:
        report.warn(id_of(node), "escalation-unheard", message + "nobody hears." + cure)


def _check_host(node: etree._Element, kind: str, report: Report) -> None:
    scope, host = node.getparent(), node.get("attachedToRef")
    for each in () if scope is None else scope:
        if id_of(each) == host and kind_of(each) not in _HOLDS_OTHERS:
            message = (
                f"The {called(node)} waits for an {kind} of the {called(each)}, but only"
                " sub-processes and calls throw any. Draw it on one of those, or ask in the task's"
                " form and draw a gateway."
            )
            report.error(id_of(node), "event-place", message)


def _ways_out(
    material: Material,
    scope: etree._Element | None,
    kind: str,
    code: str | None,
    *,
    inner: etree._Element | None,
    seen: set[str],
) -> Iterator[bool]:
    """Yield for each way outwards from a scope whether what is thrown in it is heard there."""
    if scope is None or id_of(scope) in seen:
        return
    if inner is None or inner.get("triggeredByEvent") != "true":
        starts = (
            start
            for each in scope.findall(f"{{{BPMN}}}subProcess")
            if each.get("triggeredByEvent") == "true"
            for start in each.findall(f"{{{BPMN}}}startEvent")
        )
        if any(_hears(start, kind, code) for start in starts):
            yield True
            return
    if kind_of(scope) == "process":
        holders = [
            call
            for root in material.diagrams.values()
            for call in root.iter(f"{{{BPMN}}}callActivity")
            if call.get("calledElement") == id_of(scope)
        ]
    else:
        holders = [scope]
    if not holders:
        yield False
    for holder in holders:
        around = holder.getparent()
        if any(_hears(each, kind, code) for each in _boundaries(around, id_of(holder))):
            yield True
        else:
            seen = seen | {id_of(scope)}
            yield from _ways_out(material, around, kind, code, inner=holder, seen=seen)


def _boundaries(scope: etree._Element | None, host: str) -> Iterator[etree._Element]:
    for each in () if scope is None else scope.findall(f"{{{BPMN}}}boundaryEvent"):
        if each.get("attachedToRef") == host:
            yield each


def _hears(node: etree._Element, kind: str, code: str | None) -> bool:
    return any(own is None or own == code for own in _codes(node, kind))


def _codes(node: etree._Element, kind: str) -> list[str | None]:
    """Return the code of each error or escalation of an event; None is any, or none in particular.

    SpiffWorkflow compares codes, not names.
    """
    root = node.getroottree().getroot()
    declared = {id_of(each): each for each in root.findall(f"{{{BPMN}}}{kind}")}
    found: list[str | None] = []
    for definition in node.findall(f"{{{BPMN}}}{kind}EventDefinition"):
        one = declared.get(definition.get(f"{kind}Ref") or "")
        found.append(None if one is None else one.get(f"{kind}Code"))
    return found
