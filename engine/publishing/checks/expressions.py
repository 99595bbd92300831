"""The expressions of diagrams: conditions, timers, loops, scripts, payloads, keys, deadlines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES, SPIFF
from engine.bpmn.payloads import ROW
from engine.errors import ExpressionError
from engine.publishing.checks.elements import names_set, properties_of
from engine.publishing.checks.language import Vocabulary, vocabulary
from engine.publishing.checks.links import CATCHING, links_of, message_of
from engine.publishing.checks.reading import Material, Report, called, id_of, kind_of
from engine.rules.expressions import compile_expression

_CONDITIONS = {
    "conditionExpression": "the condition of the {}",
    "loopCondition": "the loop condition of the {}",
    "completionCondition": "the completion condition of the {}",
}
_PLACES = {
    "loopCardinality": "the number of times of the {}",
    "messagePath": "the message path of the {}",
}
_TIMES = frozenset({"timeDate", "timeDuration", "timeCycle"})
_SCRIPTS = frozenset({"preScript", "postScript"})
_VARIABLES = frozenset({"messageVariable", "variableName"})
OUTSIDER = "outsider"
"""What a title reads as who does the work, if that is nobody of the council."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check(material: Material, report: Report) -> None:
    """Report every expression of one diagram that cannot be read or reads what is not there."""
    root = material.diagrams.get(report.file)
    if root is None:
        return
    for process in root.findall(f"{{{BPMN}}}process"):
        words = vocabulary(material, _locals(material, id_of(process)))
        for node in process.iter(f"{{{BPMN}}}*"):
            kind = kind_of(node)
            if kind in FLOW_NODES:
                _check_properties(node, words, report)
                _check_person(material, node, report)
                _check_payload(material, node, root, report)
            _check_place(node, kind, words, report)
        for node in process.iter(*(f"{{{SPIFF}}}{name}" for name in _SCRIPTS)):
            owner = _owner(node)
            what = f"the script before or after the {called(owner)}"
            words.check_script(report, id_of(owner), node.text or "", what)
        for node in process.iter(f"{{{SPIFF}}}messagePayload"):
            owner = _owner(node)
            what = f"the payload of the {called(owner)}"
            words.check(report, id_of(owner), node.text or "", what)


def _check_place(node: etree._Element, kind: str, words: Vocabulary, report: Report) -> None:
    owner = _owner(node)
    if kind in _CONDITIONS:
        what = _CONDITIONS[kind].format(called(owner))
        words.check_condition(report, id_of(owner), node.text or "", what)
    elif kind in _PLACES:
        words.check(report, id_of(owner), node.text or "", _PLACES[kind].format(called(owner)))
    elif kind in _TIMES:
        what = f"the time of the {called(owner)}"
        repeats = kind == "timeCycle"
        words.check_timer(report, id_of(owner), node.text or "", what, repeats=repeats)
    elif kind == "script":
        what = f"the script of the {called(owner)}"
        words.check_script(report, id_of(owner), node.text or "", what)
    elif kind == "scriptTask" and node.find(f"{{{BPMN}}}script") is None:
        message = f"The {called(node)} has no script. Write lines such as: name = expression."
        report.error(id_of(node), "no-script", message)
    elif kind == "loopDataInputRef":
        what = f"the list of the {called(owner)}"
        words.check(report, id_of(owner), node.text or "", what)


def _owner(node: etree._Element) -> etree._Element:
    """Return the flow node or flow that an expression belongs to."""
    owner: etree._Element | None = node
    while owner is not None:
        if kind_of(owner) in FLOW_NODES or kind_of(owner) in ("sequenceFlow", "process"):
            return owner
        owner = owner.getparent()
    return node


def _check_properties(node: etree._Element, words: Vocabulary, report: Report) -> None:
    id, properties = id_of(node), properties_of(node)
    for name in ("deadline", "role", "title"):
        if name == "title" and "person" in properties and words.names is not None:
            words = replace(words, names={*words.names, OUTSIDER})
        if properties.get(name, "").startswith("="):
            words.check(report, id, properties[name], f"the {name} of the {called(node)}")
    for name in ("key", "each"):
        if name in properties:
            words.check(report, id, properties[name], f"the {name} of the {called(node)}")
    if "payload" in properties:
        if "each" in properties and words.names is not None:
            words = replace(words, names={*words.names, ROW})
        words.check(report, id, properties["payload"], f"the payload of the {called(node)}")


def _check_person(material: Material, node: etree._Element, report: Report) -> None:
    """Report a person that cannot be looked up again later, when only facts are known."""
    text = properties_of(node).get("person")
    if text is None:
        return
    if not text.startswith("="):
        message = (
            f"The person of the {called(node)} is '{text[:60]}'. Write = and the fact that names"
            " them, such as =action_owner; people come and go, and a pack names none."
        )
        report.error(id_of(node), "person", message)
        return
    facts_alone = vocabulary(material, set())
    facts_alone.check(report, id_of(node), text, f"the person of the {called(node)}")


def _check_payload(
    material: Material, node: etree._Element, root: etree._Element, report: Report
) -> None:
    """Report a payload that does not hold what pack.toml says of the message."""
    name = message_of(node, root)
    catches = kind_of(node) in CATCHING
    text = properties_of(node).get("payload")
    for what in ("payload", "each"):
        if what in properties_of(node) and (catches or not name):
            message = (
                f"The {called(node)} has the property {what}, but sends no message. Delete it."
            )
            report.warn(id_of(node), "misplaced-property", message)
    sent = _sent_keys(node)
    if sent is None and text is not None:
        message = (
            f"The payload of the {called(node)} must be written as a dictionary, such as"
            ' {"duty": "ppm"}.'
        )
        report.error(id_of(node), "payload", message)
    declared = material.pack.messages.get(name) if material.pack is not None else None
    sends_rows = text is None and "each" in properties_of(node)
    if declared is None or catches or sent is None or sends_rows:
        return
    wanted = {each.name for each in declared.payload if each.required}
    for missing in sorted(wanted - sent):
        message = (
            f"The {called(node)} sends '{name}' without '{missing}', which pack.toml asks for. Add"
            " it to the property payload."
        )
        report.error(id_of(node), "payload", message)


def _sent_keys(node: etree._Element) -> set[str] | None:
    """Return the keys of the payload that an event sends; None if they cannot be told."""
    text = properties_of(node).get("payload")
    if text is None and "each" in properties_of(node):
        return None  # each row as it is
    if text is None:
        inner = next(node.iter(f"{{{SPIFF}}}messagePayload"), None)
        if inner is None:
            return set()
        text = inner.text or ""
    try:
        tree = compile_expression(text).tree
    except ExpressionError:
        return set()  # told as an expression
    if not isinstance(tree, ast.Dict):
        return None
    return {str(key.value) for key in tree.keys if isinstance(key, ast.Constant)}


def _locals(material: Material, process: str) -> set[str] | None:
    """Return the names of local data in a process: payloads, scripts, loops, along its calls.

    None when a payload cannot be told from its expression.
    """
    known = _local_names(material)
    whole, names = links_of(material).handing_on(process)
    for each in whole:
        found = known.get(each, set())
        if found is None:
            return None
        names |= found
    return names


def _local_names(material: Material) -> dict[str, set[str] | None]:
    """Return what each process sets by itself, by process id; worked out once."""
    if "local names" not in material.kept:
        payloads = _payloads(material)
        found: dict[str, set[str] | None] = {}
        for root in material.diagrams.values():
            for process in root.findall(f"{{{BPMN}}}process"):
                names: set[str] | None = set(_names_set(process, root))
                for start in process.findall(f"{{{BPMN}}}startEvent"):
                    sent = payloads.get(message_of(start, root), set())
                    names = None if sent is None or names is None else names | sent
                found[id_of(process)] = names
        material.kept["local names"] = found
    kept: dict[str, set[str] | None] = material.kept["local names"]
    return kept


def _payloads(material: Material) -> dict[str, set[str] | None]:
    """Return message name -> the keys that its senders give it."""
    found: dict[str, set[str] | None] = {}
    if material.pack is not None:
        for message in material.pack.messages.values():
            found[message.name] = {each.name for each in message.payload}
    for root in material.diagrams.values():
        kinds = (f"{{{BPMN}}}{kind}" for kind in ("endEvent", "intermediateThrowEvent", "sendTask"))
        for node in root.iter(*kinds):
            name, sent = message_of(node, root), _sent_keys(node)
            if name:
                known = found.get(name, set())
                found[name] = None if known is None or sent is None else known | sent
    return found


def _names_set(process: etree._Element, root: etree._Element) -> Iterator[str]:
    yield from names_set(process)
    for node in process.iter(f"{{{BPMN}}}inputDataItem", f"{{{BPMN}}}outputDataItem"):
        yield id_of(node)
    for node in process.iter(f"{{{BPMN}}}loopDataOutputRef"):
        yield (node.text or "").strip()
    for node in root.iter(*(f"{{{SPIFF}}}{name}" for name in _VARIABLES)):
        if _NAME.fullmatch((node.text or "").strip()):
            yield (node.text or "").strip()
