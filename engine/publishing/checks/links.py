"""What holds diagrams together: ids, calls, messages sent and awaited, who hears what is thrown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES, passed_names
from engine.publishing.checks.diagrams import SCOPES, scopes_of
from engine.publishing.checks.reading import (
    Material,
    Report,
    called,
    id_of,
    kind_of,
    listed,
    shortened,
    suggestion,
)

CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass
class Links:
    """All diagrams together.

    `files` id of a flow node or process -> the files that hold one of that id, once for each;
    `starts` process id -> the kind of its start: "plain", "message", "signal", "timer";
    `calls` process id -> the processes it calls; `passed` process id -> the names of its data
    inputs and outputs, none for all; `thrown`, `caught` names of messages;
    `signals` of each signal thrown or heard: its name, and whether it is heard.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    passed: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    thrown: set[str] = field(default_factory=set)
    caught: set[str] = field(default_factory=set)
    signals: set[tuple[str, bool]] = field(default_factory=set)

    def handing_on(self, process: str) -> tuple[set[str], set[str]]:
        """Return what a process knows the values of, near or far along its calls.

        Processes of which it knows all, itself among them: a call is given all values and hands
        all back. And names of single values, where data inputs or outputs say which.
        """
        found, names, todo = {process}, set[str](), [process]
        while todo:
            here = todo.pop()
            passed_in, _ = self.passed.get(here, ((), ()))
            names.update(passed_in)
            callers = (each for each, callees in self.calls.items() if here in callees)
            reached = set() if passed_in else set(callers)
            for callee in self.calls.get(here, ()):
                _, passed_out = self.passed.get(callee, ((), ()))
                names.update(passed_out)
                reached |= set() if passed_out else {callee}
            todo += reached - found
            found |= reached
        return found, names

    def is_called(self, process: str) -> bool:
        return any(process in callees for callees in self.calls.values())


def links_of(material: Material) -> Links:
    """Return the links of all diagrams that could be read; worked out once."""
    if "links" not in material.kept:
        links = Links()
        for path, root in material.diagrams.items():
            _add(links, path, root)
        material.kept["links"] = links
    found: Links = material.kept["links"]
    return found


def _add(links: Links, path: str, root: etree._Element) -> None:
    tags = (f"{{{BPMN}}}{kind}" for kind in FLOW_NODES | SCOPES)
    for node in root.iter(*tags):
        links.files.setdefault(id_of(node), []).append(path)
        name = message_of(node, root)
        if name and kind_of(node) in CATCHING:
            links.caught.add(name)
        elif name:
            links.thrown.add(name)
        if signal := signal_of(node, root):
            links.signals.add((signal, kind_of(node) in CATCHING))
    for process in root.iter(f"{{{BPMN}}}process"):
        calls = process.iter(f"{{{BPMN}}}callActivity")
        links.passed[id_of(process)] = passed_names(process)
        links.calls[id_of(process)] = {call.get("calledElement") or "" for call in calls}
        start = process.find(f"{{{BPMN}}}startEvent")
        if start is not None:
            kinds = [kind_of(child) for child in start]
            named = [
                kind for kind in ("message", "signal", "timer") if f"{kind}EventDefinition" in kinds
            ]
            links.starts[id_of(process)] = named[0] if named else "plain"


def message_of(node: etree._Element, root: etree._Element) -> str:
    """Return the name of the message that an element sends or awaits, or ""."""
    holder = node.find(f"{{{BPMN}}}messageEventDefinition")
    if holder is None and kind_of(node) in ("sendTask", "receiveTask"):
        holder = node
    return _named("message", holder, root)


def signal_of(node: etree._Element, root: etree._Element) -> str:
    """Return the name of the signal that an event throws or hears, or ""."""
    return _named("signal", node.find(f"{{{BPMN}}}signalEventDefinition"), root)


def _named(kind: str, holder: etree._Element | None, root: etree._Element) -> str:
    reference = None if holder is None else holder.get(f"{kind}Ref")
    for each in root.findall(f"{{{BPMN}}}{kind}"):
        if reference and id_of(each) == reference:
            return each.get("name") or ""
    return ""


def check(material: Material, report: Report) -> None:
    """Report what one diagram has wrong in relation to the others."""
    root = material.diagrams.get(report.file)
    if root is None:
        return
    links = links_of(material)
    _check_ids(links, root, report)
    for process in root.findall(f"{{{BPMN}}}process"):
        _check_begun(material, links, process, report)
        _check_circle(links, process, report)
        _check_passed(links, process, report)
        for call in process.iter(f"{{{BPMN}}}callActivity"):
            _check_call(material, links, call, report)
    if material.complete:
        for scope in scopes_of(root):
            for node in scope.nodes.values():
                _check_message(material, links, node, message_of(node, root), report)
                _check_signal(links, node, signal_of(node, root), report)


def _check_passed(links: Links, process: etree._Element, report: Report) -> None:
    """Report data inputs and outputs that nobody passes, or that no expression could name."""
    if process.find(f"{{{BPMN}}}ioSpecification") is None:
        return
    if not links.is_called(id_of(process)):
        message = (
            f"The {called(process)} says what is passed in and out, but no call activity calls it."
            " Delete that; what is known of a case are its facts."
        )
        report.error(id_of(process), "data-object", message)
    for name in (*passed_names(process)[0], *passed_names(process)[1]):
        if not _NAME.fullmatch(name):
            message = (
                f"The {called(process)} passes {shortened(name)!r}. Name it with letters, digits"
                " and _, as expressions do."
            )
            report.error(id_of(process), "data-object", message)


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _check_ids(links: Links, root: etree._Element, report: Report) -> None:
    for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in FLOW_NODES | SCOPES)):
        holders = links.files[id_of(node)]
        if len(holders) > 1:
            other = next((file for file in holders if file != report.file), "this file")
            message = (
                f"The id '{id_of(node)}' of the {called(node)} is used again in {other}. Give one"
                " of the two another id: the whole pack shares them."
            )
            report.error(id_of(node), "duplicate-id", message)
    seen: set[str] = set()
    for node in root.iter(f"{{{BPMN}}}*"):
        id = id_of(node)
        if id in seen and len(links.files.get(id, ())) < 2:
            message = f"The id '{id[:80]}' stands twice in the file. Give one of them another id."
            report.error(id[:100], "duplicate-id", message)
        if id:
            seen.add(id)


def _check_begun(material: Material, links: Links, process: etree._Element, report: Report) -> None:
    id, pack = id_of(process), material.pack
    start = links.starts.get(id)
    if pack is None or start is None:
        return
    called_by = any(id in calls for calls in links.calls.values())
    begins = pack.opening_processes | pack.processes_beside
    if id in begins and start != "plain":
        message = (
            f"A case begins with the {called(process)}, so its start event must be plain, not wait"
            f" for a {start}. Draw a plain start event."
        )
        report.error(id, "opening-start", message)
    elif id not in begins and not called_by and start not in ("message", "signal"):
        message = (
            f"Nothing begins the {called(process)}. Call it from another process, or let its start"
            " event await a message or a signal."
        )
        report.warn(id, "never-begun", message)


def _check_call(material: Material, links: Links, call: etree._Element, report: Report) -> None:
    target = call.get("calledElement") or ""
    if not target:
        message = f"The {called(call)} names no process. Write the id of the one to call."
        report.error(id_of(call), "call", message)
    elif target not in links.calls:
        if material.complete:
            message = (
                f"The {called(call)} calls the process '{target[:80]}', which is not in the pack."
                f" Use one of {listed(set(links.calls))}.{suggestion(target, set(links.calls))}"
            )
            report.error(id_of(call), "call", message)
    elif links.starts.get(target, "plain") != "plain":
        message = (
            f"The {called(call)} calls '{target}', which begins only by a {links.starts[target]},"
            " so the call would wait for ever. Give that process a plain start event."
        )
        report.error(id_of(call), "call", message)


def _check_circle(links: Links, process: etree._Element, report: Report) -> None:
    own = id_of(process)
    for call in process.iter(f"{{{BPMN}}}callActivity"):
        todo, seen = [call.get("calledElement") or ""], set[str]()
        while todo:
            each = todo.pop()
            if each == own:
                how = (
                    "itself" if call.get("calledElement") == own else "a process that calls it back"
                )
                message = (
                    f"The {called(call)} makes '{own}' call {how}, so it would never be over. Draw"
                    " a flow back instead."
                )
                report.error(id_of(call), "call-circle", message)
                break
            if each not in seen:
                seen.add(each)
                todo += links.calls.get(each, set())


def _check_message(
    material: Material, links: Links, node: etree._Element, name: str, report: Report
) -> None:
    if not name or material.pack is None:
        return
    declared = set(material.pack.messages)
    catches = kind_of(node) in CATCHING
    if catches and name not in links.thrown | declared:
        message = (
            f"The {called(node)} waits for the message '{name}', which nobody sends. Let an event"
            f" send it, or declare it in pack.toml.{suggestion(name, links.thrown | declared)}"
        )
        report.warn(id_of(node), "message-never-sent", message)
    elif not catches and name not in links.caught | declared:
        message = (
            f"The {called(node)} sends the message '{name}', which nobody receives. Let an event"
            f" await it, or declare it in pack.toml.{suggestion(name, links.caught | declared)}"
        )
        report.warn(id_of(node), "message-never-received", message)


def _check_signal(links: Links, node: etree._Element, name: str, report: Report) -> None:
    if not name:
        return
    hears = kind_of(node) in CATCHING
    others = {other for other, heard in links.signals if heard != hears}
    if name in others:
        return
    does, rule, cure = (
        ("waits for the signal", "signal-never-thrown", "which nobody throws. Let an event throw")
        if hears
        else ("throws the signal", "signal-never-heard", "which nobody hears. Let an event await")
    )
    message = f"The {called(node)} {does} '{shortened(name)}', {cure} it.{suggestion(name, others)}"
    report.warn(id_of(node), rule, message)


_KINDS = ("error", "escalation")
_THROWERS = ("endEvent", "intermediateThrowEvent")
_HOLDS_OTHERS = ("subProcess", "callActivity")


def check_thrown(material: Material, report: Report) -> None:
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
