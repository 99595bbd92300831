"""Dudley's pack with one thing changed: an amount, an anchor, an element, a question.

Each function returns a change: files in, files out. A change that finds nothing to change fails,
so that a proof cannot pass because the pack has moved on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from engine.bpmn.elements import BPMN

Files = Mapping[str, bytes]
Change = Callable[[Files], dict[str, bytes]]

_TABLE = "timescales.dmn"


def amount(row: str) -> Change:
    """Return the change that makes a timescale row's amount one more."""
    return _cell(row, "amount", lambda text: str(int(text) + 1))


def anchor(row: str, fact: str) -> Change:
    """Return the change that makes a timescale row count from another fact."""
    return _cell(row, "count_from", lambda _: f'"{fact}"')


def met_by(row: str, fact: str) -> Change:
    """Return the change that lets another fact meet a timescale row."""
    return _cell(row, "met_by", lambda _: f'"{fact}"')


def tells(row: str, *roles: str) -> Change:
    """Return the change after which others are told of a date that is missed."""
    return _cell(row, "tell", lambda _: json.dumps(roles), table="missed_dates.dmn")


def _cell(row: str, column: str, new: Callable[[str], str], *, table: str = _TABLE) -> Change:
    def change(files: Files) -> dict[str, bytes]:
        root = etree.fromstring(files[table])
        [cell] = root.xpath(f"//*[@id='{row}_out_{column}']/*[local-name()='text']")
        before, cell.text = cell.text, new(cell.text)
        assert cell.text != before
        return {**files, table: etree.tostring(root)}

    return change


def without_row(table: str, row: str) -> Change:
    """Return the change that deletes a row of a decision table."""

    def change(files: Files) -> dict[str, bytes]:
        root = etree.fromstring(files[table])
        [rule] = root.xpath(f"//*[local-name()='rule'][@id='{row}']")
        rule.getparent().remove(rule)
        return {**files, table: etree.tostring(root)}

    return change


def without_element(file: str, id: str) -> Change:
    """Return the change that takes an element out: what led to it leads to the first after it."""

    def change(files: Files) -> dict[str, bytes]:
        root = etree.fromstring(files[file])
        [node] = root.xpath(f"//*[@id='{id}']")
        flows = list(root.iter(f"{{{BPMN}}}sequenceFlow"))
        after = next(each for each in flows if each.get("sourceRef") == id)
        for flow in flows:
            if flow.get("targetRef") == id:
                flow.set("targetRef", after.get("targetRef"))
        watching = root.xpath(f"//*[@attachedToRef='{id}']")
        gone = {id, *(each.get("id") for each in watching)}
        told = {each.get("targetRef") for each in flows if each.get("sourceRef") in gone - {id}}
        for element in [node, after, *watching, *_named(root, told)]:
            element.getparent().remove(element)
        _tidy(root)
        return {**files, file: etree.tostring(root)}

    return change


def _named(root: Any, ids: set[str]) -> list[Any]:
    return [each for each in root.iter(f"{{{BPMN}}}endEvent") if each.get("id") in ids]


def _tidy(root: Any) -> None:
    """Delete flows and references whose ends are gone, and the drawing of what is not there."""
    known = {each.get("id") for each in root.iter() if each.get("id")}
    for flow in list(root.iter(f"{{{BPMN}}}sequenceFlow")):
        if not {flow.get("sourceRef"), flow.get("targetRef")} <= known:
            flow.getparent().remove(flow)
    flows = {each.get("id"): each for each in root.iter(f"{{{BPMN}}}sequenceFlow")}
    for name in ("incoming", "outgoing", "flowNodeRef"):
        for each in list(root.iter(f"{{{BPMN}}}{name}")):
            each.getparent().remove(each) if name != "flowNodeRef" or each.text not in known else 0
    for id, flow in flows.items():
        for end, name in (("targetRef", "incoming"), ("sourceRef", "outgoing")):
            [node] = root.xpath(f"//*[@id='{flow.get(end)}']")
            place = sum(each.tag.endswith(("documentation", "extensionElements")) for each in node)
            node.insert(place, etree.Element(f"{{{BPMN}}}{name}"))
            node[place].text = id


def text(file: str, old: str, new: str) -> Change:
    """Return the change that replaces a text in a file, wherever it stands."""

    def change(files: Files) -> dict[str, bytes]:
        before = files[file].decode()
        assert old in before, f"{old!r} does not stand in {file}"
        return {**files, file: before.replace(old, new).encode()}

    return change


def lane(file: str, element: str, to: str) -> Change:
    """Return the change that moves an element into another lane."""

    def change(files: Files) -> dict[str, bytes]:
        root = etree.fromstring(files[file])
        [here] = root.xpath(f"//*[local-name()='flowNodeRef'][text()='{element}']")
        [there] = root.xpath(f"//*[local-name()='lane'][@id='{to}']")
        there.append(here)
        return {**files, file: etree.tostring(root)}

    return change


def form(name: str, edit: Callable[[dict[str, Any]], object]) -> Change:
    """Return the change that edits a form's JSON Schema."""

    def change(files: Files) -> dict[str, bytes]:
        path = f"forms/{name}.json"
        schema = json.loads(files[path])
        before = json.dumps(schema)
        edit(schema)
        assert json.dumps(schema) != before
        return {**files, path: json.dumps(schema).encode()}

    return change


def without_question(name: str, *questions: str) -> Change:
    """Return the change that takes questions out of a form, with the checks upon them."""

    def edit(schema: dict[str, Any]) -> None:
        for question in questions:
            del schema["properties"][question]
            if question in schema.get("required", ()):
                schema["required"].remove(question)
        schema["x-checks"] = [
            each for each in schema.get("x-checks", ()) if each["field"] not in questions
        ]

    return form(name, edit)


def not_required(name: str, question: str) -> Change:
    """Return the change that lets a question go unanswered."""
    return form(name, lambda schema: schema["required"].remove(question))


def without_check(name: str, question: str, part: str = "") -> Change:
    """Return the change that drops a form's checks upon a question whose rule holds `part`."""

    def edit(schema: dict[str, Any]) -> None:
        schema["x-checks"] = [
            each
            for each in schema["x-checks"]
            if each["field"] != question or part not in each["check"]
        ]

    return form(name, edit)


def without_fact(name: str, question: str) -> Change:
    """Return the change that makes a question set no fact."""
    return form(name, lambda schema: schema["properties"][question].pop("x-fact"))


def both(*changes: Change) -> Change:
    """Return one change after another."""

    def change(files: Files) -> dict[str, bytes]:
        for each in changes:
            files = each(files)
        return dict(files)

    return change


def nobody_told(message: str) -> Change:
    """Return the change after which a message of pack.toml tells nobody."""

    def change(files: Files) -> dict[str, bytes]:
        head, found, rest = files["pack.toml"].decode().partition(f"[messages.{message}]")
        section, end, after = rest.partition("\n[")
        lines = [each for each in section.splitlines() if not each.startswith("notify")]
        assert found
        assert len(lines) < len(section.splitlines())
        return {**files, "pack.toml": (head + found + "\n".join(lines) + end + after).encode()}

    return change
