"""Where a case is on a drawing: the state for the picture, and the same in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.open_work.work_list import WorkItemRow
from engine.packs.version import Definition, Element
from engine.reads import InstanceRow
from engine.reads.history import WorkThen
from web.request import filters

Waiting: TypeAlias = WorkItemRow | WorkThen
"""A work item as it stands, or as it stood at an event."""

KINDS = {
    "startEvent": "Start",
    "endEvent": "End",
    "userTask": "Task",
    "manualTask": "Task",
    "scriptTask": "Recorded by the system",
    "serviceTask": "Done by the system",
    "sendTask": "Message sent",
    "receiveTask": "Message awaited",
    "businessRuleTask": "Decision table",
    "callActivity": "Steps of its own",
    "subProcess": "Group of steps",
    "exclusiveGateway": "Decision",
    "inclusiveGateway": "Decision",
    "parallelGateway": "Side by side",
    "eventBasedGateway": "Whatever comes first",
    "boundaryEvent": "Watches the step",
    "intermediateCatchEvent": "Waits",
    "intermediateThrowEvent": "Tells",
}


@dataclass(frozen=True)
class DrawnElement:
    """One element of a drawing in words. `state` is done, waiting or not reached."""

    id: str
    title: str
    kind: str
    state: str
    who: str
    called: str
    sentence: str
    rule_ids: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """One drawing on a page: where its file is found, its state, and its steps in words."""

    process: str
    name: str
    definition: str
    file: str
    state: Mapping[str, object]
    steps: tuple[DrawnElement, ...]
    called: tuple[tuple[str, str], ...]


def draw(
    definition: Definition,
    process: str,
    *,
    done: Collection[str] = (),
    instances: Iterable[InstanceRow] = (),
    work_items: Sequence[Waiting] = (),
) -> Drawing:
    """Return the drawing of `process` with its tokens.

    Args:
        done: ids of the elements that ever ran.
        instances: the case's instances.
        work_items: the open work items, for the names of those who are waited for.
    """
    everything = [each for each in definition.elements.values() if each.process == process]
    # A frame around other elements is never where a case is: tinting it would tint all within.
    frames = {each.within for each in everything}
    elements = [each for each in everything if each.id not in frames]
    waiting = _waiting(elements, instances, work_items, definition)
    known = {each.id for each in elements}
    reached = [element_id for element_id in done if element_id in known]
    state = {
        "done": sorted(reached),
        "waiting": [
            {"element": element_id, "label": label}
            for element_id, labels in waiting.items()
            for label in labels
        ],
    }
    ordered = [each for each in in_order(everything) if each.id not in frames and each.name]
    steps = tuple(_drawn(each, waiting, set(reached)) for each in ordered)
    info = definition.processes[process]
    called = {
        each.called: definition.processes[each.called].name
        for each in elements
        if each.called in definition.processes
    }
    links = tuple(called.items())
    return Drawing(process, info.name, definition.hash, info.file, state, steps, links)


def in_order(elements: Sequence[Element]) -> list[Element]:
    """Return the elements as the flow runs from its starts; what no flow reaches comes last."""
    by_id = {each.id: each for each in elements}
    led_to = {target for each in elements for target in each.outgoing}
    starts = [each.id for each in elements if each.id not in led_to and not each.within]
    starts.sort(key=lambda element_id: by_id[element_id].kind != "startEvent")
    ordered: dict[str, Element] = {}
    for first in (*starts, *by_id):
        queue = [first]
        while queue:
            here = queue.pop(0)
            if here in ordered or here not in by_id:
                continue
            ordered[here] = by_id[here]
            queue.extend(by_id[here].outgoing)
            queue.extend(each.id for each in elements if each.within == here)
    return list(ordered.values())


def _waiting(
    elements: Sequence[Element],
    instances: Iterable[InstanceRow],
    work_items: Sequence[Waiting],
    definition: Definition,
) -> dict[str, list[str]]:
    by_id = {each.id: each for each in elements}
    waiting: dict[str, list[str]] = {}
    for instance in instances:
        # What a case waits for inside a called process stands in the caller's instance; ids are
        # unique over the pack, so the elements of this drawing pick their own.
        for element_id in instance.waiting:
            if element_id not in by_id or element_id in waiting:
                continue
            items = [item for item in work_items if item.element == element_id]
            waiting[element_id] = [_who(item, definition) for item in items] or [
                _what_for(by_id[element_id], definition, work_items)
            ]
    return waiting


def _who(item: Waiting, definition: Definition) -> str:
    if item.assignee:
        return filters.person_name(item.assignee)
    role = definition.pack.roles.get(item.role)
    return f"{role.label if role else item.role}, to claim"


def _what_for(element: Element, definition: Definition, work_items: Sequence[Waiting]) -> str:
    if element.kind in ("boundaryEvent", "intermediateCatchEvent", "receiveTask"):
        return "its date or message"
    if element.called in definition.processes:
        inside = [
            _who(item, definition)
            for item in work_items
            if _process_of(item, definition) == element.called
        ]
        return ", ".join(dict.fromkeys(inside)) or "the date of its next step"
    return ""


def _process_of(item: Waiting, definition: Definition) -> str:
    element = definition.elements.get(item.element)
    return element.process if element else ""


def _drawn(element: Element, waiting: Mapping[str, list[str]], done: set[str]) -> DrawnElement:
    state = "not reached"
    if element.id in waiting:
        state = "waiting"
    elif element.id in done:
        state = "done"
    return DrawnElement(
        id=element.id,
        title=element.title,
        kind=KINDS.get(element.kind, "Step"),
        state=state,
        who=", ".join(filter(None, waiting.get(element.id, []))),
        called=element.called,
        sentence=element.documentation,
        rule_ids=element.rule_ids,
    )
