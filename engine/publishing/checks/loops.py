"""Activities done several times: how often, for which list, and what comes of each turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.elements import BPMN, SPIFF, result_of
from engine.errors import ExpressionError
from engine.publishing.checks.reading import Report, called, id_of, kind_of
from engine.rules.expressions import compile_expression, compile_script, evaluate

MAX_TIMES = 9_999

_SCRIPTS = (f"{{{SPIFF}}}preScript", f"{{{SPIFF}}}postScript", f"{{{BPMN}}}script")


def check(node: etree._Element, report: Report) -> None:
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
