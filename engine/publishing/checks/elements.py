"""The elements of diagrams one by one: can it be run, whose work is it, how often is it done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.elements import (
    BPMN,
    FLOW_NODES,
    SPIFF,
    decision_of,
    lane_of,
    passes,
    result_of,
)
from engine.errors import ExpressionError
from engine.packs.own_words import ELEMENT
from engine.publishing.checks import standard
from engine.publishing.checks.events import check_event
from engine.publishing.checks.reading import (
    Material,
    Report,
    called,
    id_of,
    kind_of,
    listed,
    suggestion,
)
from engine.rules.decisions import amount_from
from engine.rules.expressions import compile_expression, compile_script, evaluate

PEOPLES_TASKS = frozenset({"task", "userTask", "manualTask"})
"""Tasks that wait for a person, if they do not pass: each becomes a work item, so needs a role."""

MAX_IN_LANE = 15

RULE = re.compile(r"[A-Z]+-\d+(?:\.\d+)*[a-z]?")
"""The id of a rule: D-05, D-05a, CHC-6.2."""

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_RESULT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_RESERVED_IDS = frozenset({"Start", "End", "Root"})


def check(material: Material, report: Report) -> None:
    """Report what is wrong with the elements of one diagram, each seen by itself."""
    root = material.diagrams.get(report.file)
    if root is None:
        return
    standard.check(root, report)
    lanes = _lanes(material, root, report)
    for holder in root.iter(*(f"{{{BPMN}}}{kind}" for kind in ("process", "subProcess"))):
        _check_id(holder, report)
        for node in holder:
            if kind_of(node) in FLOW_NODES or kind_of(node) in standard.REFUSED_NODES:
                _check_id(node, report)
            if kind_of(node) in FLOW_NODES:
                _check_repeated(node, report)
                check_event(node, root, report)
                _check_work(material, node, lanes, report)
                _check_properties(material, node, report)
                _check_decision(material, node, report)
    _check_foreign(root, report)


def properties_of(node: etree._Element) -> dict[str, str]:
    """Return an element's properties by name."""
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {str(each.get("name")): str(each.get("value") or "") for each in node.findall(path)}


def _check_id(node: etree._Element, report: Report) -> None:
    id = id_of(node)
    if not _ID.fullmatch(id):
        message = (
            f"The {called(node)} has the id {id[:100]!r}. Give it one of letters, digits, _ and -"
            " that begins with a letter, 100 characters at most."
        )
        report.error(id[:100], "id", message)
    elif id in _RESERVED_IDS:
        message = (
            f"The id '{id}' is used by the engine itself. Give the {called(node)} another, such as"
            f" '{id.lower()}_of_process'."
        )
        report.error(id, "reserved-id", message)


def _lanes(material: Material, root: etree._Element, report: Report) -> dict[str, str]:
    """Return element id -> the name of its lane, after checking the lanes."""
    ids = {id_of(node) for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in FLOW_NODES))}
    lanes = {lane: _listed_in(lane) for lane in root.iter(f"{{{BPMN}}}lane")}
    innermost = {ref: lane for lane, refs in lanes.items() for ref in refs}
    for lane, refs in lanes.items():
        name = lane.get("name") or ""
        for missing in [ref for ref in refs if ref not in ids]:
            message = f"The {called(lane)} lists '{missing[:80]}', which is not in the file."
            report.warn(id_of(lane), "lane-content", message + " Move an element and save again.")
        if len(refs) > MAX_IN_LANE:
            message = (
                f"The {called(lane)} holds {len(refs)} elements; more than {MAX_IN_LANE} are hard"
                " to read. Move some into a process of their own and call it."
            )
            report.warn(id_of(lane), "crowded-lane", message)
        pack = material.pack
        own = [ref for ref in refs if innermost[ref] is lane]
        has_work = any("role" not in properties_of(task) for task in _tasks(root, own))
        if pack is not None and has_work and pack.role_of_lane(name) is None:
            labels = {role.label for role in pack.roles.values()}
            message = (
                f"The {called(lane)} is no role of pack.toml, so nobody would get its tasks. Name"
                f" it after one: {listed(labels)}.{suggestion(name, labels)}"
            )
            report.error(id_of(lane), "unknown-lane", message)
    return {ref: lane.get("name") or "" for ref, lane in innermost.items()}


def _check_lead(node: etree._Element, properties: dict[str, str], report: Report) -> None:
    """Report a lead that is no amount, or that no date stands behind."""
    lead = properties.get("lead")
    if lead is None:
        return
    if amount_from(lead) is None:
        message = (
            f"The {called(node)} has lead = '{lead[:80]}'. Write an amount such as"
            " '5 working days'."
        )
        report.error(id_of(node), "lead", message)
    if "deadline" not in properties:
        message = f"The {called(node)} has a lead, but no deadline that it comes before. Name one."
        report.error(id_of(node), "lead", message)


def _listed_in(lane: etree._Element) -> list[str]:
    return [(ref.text or "").strip() for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")]


def _tasks(root: etree._Element, ids: list[str]) -> Iterator[etree._Element]:
    """Yield the people's tasks among these elements and in the sub-processes among them."""
    wanted = set(ids)
    for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in PEOPLES_TASKS)):
        if not _is_peoples(node):
            continue
        holders = (node, *node.iterancestors(f"{{{BPMN}}}subProcess"))
        if any(id_of(holder) in wanted for holder in holders):
            yield node


def _check_work(
    material: Material, node: etree._Element, lanes: dict[str, str], report: Report
) -> None:
    """Report a person's task that nobody would get, or without a form or a known deadline."""
    if not _is_peoples(node):
        return
    id, name, properties, pack = id_of(node), called(node), properties_of(node), material.pack
    role = properties.get("role")
    if role is None and not lane_of(node, lanes):
        message = f"The {name} has no lane, so nobody would get it. Put it in a lane."
        report.error(id, "no-lane", message)
    worked_out = role is not None and role.startswith("=")
    if role and not worked_out and pack is not None and pack.role_of_lane(role) is None:
        message = (
            f"The {name} is for the role '{role}', which pack.toml does not have. Use one of"
            f" {listed(pack.roles)}.{suggestion(role, pack.roles)}"
        )
        report.error(id, "unknown-role", message)
    _check_lead(node, properties, report)
    form = properties.get("form")
    if form and material.complete and form not in material.form_ids:
        message = (
            f"The {name} asks with the form '{form}', but there is no forms/{form}.json. Add it,"
            f" or name another.{suggestion(form, material.form_ids)}"
        )
        report.error(id, "unknown-form", message)
    deadline, known = properties.get("deadline"), material.deadlines
    if deadline and not deadline.startswith("=") and known is not None and deadline not in known:
        message = (
            f"The {name} is due by the deadline '{deadline}', which no row of timescales.dmn has."
            f" Add a row, or name another.{suggestion(deadline, known)}"
        )
        report.error(id, "unknown-deadline", message)
    if not (node.get("name") or properties.get("title") or "").strip():
        message = f"The {name} has no name. Write on it what is to be done."
        report.warn(id, "no-name", message)


def _check_properties(material: Material, node: etree._Element, report: Report) -> None:
    id, name, properties = id_of(node), called(node), properties_of(node)
    for each in properties:
        if each not in ELEMENT:
            message = (
                f"The {name} has a property '{each[:60]}', which means nothing here. Delete it, or"
                f" mend its name.{suggestion(each, ELEMENT)}"
            )
            report.warn(id, "unknown-property", message)
    theirs = {"form", "deadline", "work_item", "optional", "role", "person"} & properties.keys()
    if theirs and not _is_peoples(node):
        message = (
            f"The {name} has the property '{min(theirs)}', which only a person's task reads."
            " Delete it."
        )
        report.warn(id, "misplaced-property", message)
    _check_passes(node, properties, report)
    optional = properties.get("optional", "true")
    if optional not in ("true", "false") and not optional.startswith("="):
        message = f"The {name} has optional = {properties['optional'][:20]!r}. Write true or false."
        report.warn(id, "unknown-property", message)
    _check_rule_ids(material, node, properties.get("rule_ids", ""), report)


def _is_peoples(node: etree._Element) -> bool:
    return kind_of(node) in PEOPLES_TASKS and not (kind_of(node) == "task" and passes(node))


def _check_passes(node: etree._Element, properties: dict[str, str], report: Report) -> None:
    value = properties.get("passes")
    if value is None:
        return
    id, name = id_of(node), called(node)
    if kind_of(node) != "task":
        message = (
            f"The {name} has the property 'passes', which only a plain task reads. Delete it, or"
            " make the element a plain task."
        )
        report.error(id, "misplaced-property", message)
    elif value not in ("true", "false"):
        message = f"The {name} has passes = {value[:20]!r}. Write true or false."
        report.error(id, "unknown-property", message)


def _check_decision(material: Material, node: etree._Element, report: Report) -> None:
    id, name = id_of(node), called(node)
    if kind_of(node) != "businessRuleTask":
        for each in {"decision", "result"} & properties_of(node).keys():
            message = (
                f"The {name} has the property '{each}', which only a business rule task reads."
            )
            report.warn(id, "misplaced-property", message + " Delete it.")
        return
    decision, result = decision_of(node), result_of(node)
    known = {table for tables in material.tables.values() for table in tables}
    if not decision:
        message = f"The {name} names no decision table. Give it the property decision, such as"
        report.error(id, "unknown-decision", message + " the id of a table.")
    elif decision not in known and material.complete and not material.unread_tables:
        message = (
            f"The {name} asks the decision table '{decision[:80]}', which is in no .dmn file. Use"
            f" one of {listed(known)}.{suggestion(decision, known)}"
        )
        report.error(id, "unknown-decision", message)
    if decision and not _RESULT.fullmatch(result):
        message = f"The answer of the {name} is named '{result[:40]}'. Write letters, digits and _"
        report.error(id, "unknown-decision", message + " in the property result.")


def _check_rule_ids(_: Material, node: etree._Element, rule_ids: str, report: Report) -> None:
    for each in rule_ids.split():
        if not RULE.fullmatch(each):
            message = (
                f"The {called(node)} names the rule '{each[:40]}'. Write rules like D-05 or"
                " CHC-6.2, with spaces between them."
            )
            report.warn(id_of(node), "rule-id", message)


def _check_foreign(root: etree._Element, report: Report) -> None:
    """Tell once that settings of another program's own are not looked at."""
    found: dict[str, None] = {}
    for node in root.iter(f"{{{BPMN}}}process"):
        for each in node.iter():
            names = [str(name) for name in each.attrib]
            if kind_of(each) == "extensionElements":
                names += [str(child.tag) for child in each]
            for name in names:
                if name.startswith("{") and not name.startswith((f"{{{SPIFF}}}", f"{{{BPMN}}}")):
                    found.setdefault(etree.QName(name).localname, None)
    found.pop("type", None)  # xsi:type
    if found:
        message = (
            f"The diagram holds settings of another program ({', '.join(list(found)[:6])}), which"
            " are not looked at here. Use properties such as form and deadline instead."
        )
        report.warn("", "foreign-settings", message)


MAX_TIMES = 9_999

_SCRIPTS = (f"{{{SPIFF}}}preScript", f"{{{SPIFF}}}postScript", f"{{{BPMN}}}script")


def _check_repeated(node: etree._Element, report: Report) -> None:
    """Report what is wrong with how an activity is repeated."""
    for several in node.findall(f"{{{BPMN}}}multiInstanceLoopCharacteristics"):
        _check_several(node, several, report)
    for loop in node.findall(f"{{{BPMN}}}standardLoopCharacteristics"):
        _check_loop(node, loop, report)


def names_set(holder: etree._Element) -> Iterator[str]:
    """Yield the local names that scripts and tables within an element set."""
    for node in holder.iter(*_SCRIPTS):
        try:
            yield from compile_script(node.text or "").assigns
        except ExpressionError:
            # Told at its place; what it meant to set is not missing on top of that.
            yield from re.findall(r"^\s*([A-Za-z]\w*)\s*=", node.text or "", re.MULTILINE)
    for node in holder.iter(f"{{{BPMN}}}businessRuleTask"):
        yield result_of(node)


def _check_several(node: etree._Element, several: etree._Element, report: Report) -> None:
    id, name = id_of(node), called(node)
    if several.get("behavior", "All") != "All" or any(
        several.get(each) for each in ("noneBehaviorEventRef", "oneBehaviorEventRef")
    ):
        message = f"The {name} sets a multi-instance behaviour, which is not supported. Delete it."
        report.error(id, "ignored-attribute", message)
    parts = {kind_of(part): part for part in several}
    if len(parts.keys() & {"loopCardinality", "loopDataInputRef"}) != 1:
        message = (
            f"The {name} is done several times. Say how often, or for which list: one of both."
        )
        report.error(id, "loop", message)
    if "loopCardinality" in parts and not _is_number_of_times(parts["loopCardinality"].text or ""):
        message = (
            f"The {name} is done {(parts['loopCardinality'].text or '').strip()[:20]!r} times."
            f" Write a whole number up to {MAX_TIMES}, or an expression that gives one."
        )
        report.error(id, "loop", message)
    if len(parts.keys() & {"loopDataOutputRef", "outputDataItem"}) == 1:
        message = (
            f"The {name} collects a result of each turn. Name both the list of results and the"
            " result of one turn, or neither."
        )
        report.error(id, "loop", message)
    elif "outputDataItem" in parts:
        item = id_of(parts["outputDataItem"])
        if kind_of(node) != "callActivity" and item not in set(names_set(node)):
            message = (
                f"The {name} collects '{item[:80]}' of each turn, which nothing in it sets. Let a"
                " script set it."
            )
            report.error(id, "loop", message)


def _is_number_of_times(text: str) -> bool:
    """Return whether a number of times may do; one that only facts can tell may."""
    try:
        if compile_expression(text).names or compile_expression(text).functions:
            return True
        times = evaluate(text, {}, {})
    except ExpressionError:
        return True  # told as an expression
    return isinstance(times, int) and not isinstance(times, bool) and 0 <= times <= MAX_TIMES


def _check_loop(node: etree._Element, loop: etree._Element, report: Report) -> None:
    id, name, most = id_of(node), called(node), loop.get("loopMaximum")
    if most is not None and not re.fullmatch(r"[1-9]\d{0,3}", most.strip()):
        message = f"The {name} is repeated {most[:20]!r} times. Write a number from 1 to 9999."
        report.error(id, "loop", message)
    if most is None and loop.find(f"{{{BPMN}}}loopCondition") is None:
        message = f"The {name} is repeated without end. Give a condition or a highest number."
        report.error(id, "loop", message)
