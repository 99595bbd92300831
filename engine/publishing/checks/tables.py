"""Decision tables: the names they read; amounts of time in tables and on drawings agree."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES
from engine.packs.manifest import Pack
from engine.publishing.checks.elements import RULE, properties_of
from engine.publishing.checks.language import tracker_vocabulary, vocabulary
from engine.publishing.checks.reading import (
    Material,
    Report,
    called,
    id_of,
    kind_of,
    shortened,
    suggestion,
)
from engine.rules.decision_tables import DecisionTable, Rule
from engine.rules.decisions import timescale_findings

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30}
_AMOUNT = re.compile(
    rf"\b(\d{{1,4}}|(?:(?:{'|'.join(_TENS)})-)?(?:{'|'.join(_NUMBERS)}))[\s-]+(working\s+days?|days?|week(?:s|ly)?|month(?:s|ly)?)\b",
    re.IGNORECASE,
)
_FURTHER = ("then", "opens_before", "not_before")
"""Columns that hold amounts beside the row's own."""
_RULE = re.compile(rf"\b{RULE.pattern}\b")
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class _Row:
    """A row of timescales.dmn: its amount, such as (6, "weeks"), its rules, its id.

    `further` are the amounts that it counts from there, and how long before its work opens.
    """

    amount: tuple[int, str]
    rules: frozenset[str]
    id: str
    further: frozenset[tuple[int, str]] = frozenset()

    def agrees(self, written: Collection[tuple[int, str]]) -> bool:
        """Return whether one of its amounts is among those written."""
        return self.amount in written or not self.further.isdisjoint(written)


def check(material: Material, report: Report) -> None:
    """Report what is wrong with the tables of one file, or with amounts written in a diagram."""
    for table in material.tables.get(report.file, {}).values():
        _check_rows(table, report)
        _check_names(material, table, report)
        if table.id == "timescales":
            for finding in timescale_findings(table, file=report.file):
                report.add(finding)
            if material.pack is not None:
                _check_facts(material.pack, table, report)
        for path, tables in material.tables.items():
            if path != report.file and table.id in tables:
                message = f"{path} has a decision '{table.id}' too. Give one of them another id."
                report.error(table.id, "duplicate-id", message)
    root = material.diagrams.get(report.file)
    if root is not None:
        _check_labels(list(_rows(material)), root, report)
    form = material.forms.get(report.file.removeprefix("forms/").removesuffix(".json"))
    if form is not None and report.file.endswith(".json"):
        _check_hints(list(_rows(material)), form, report)


def _check_rows(table: DecisionTable, report: Report) -> None:
    for id, times in Counter(rule.id for rule in table.rules).items():
        if times > 1:
            message = f"{times} rows have the id '{shortened(id)}'. Give each row its own."
            report.error(id[:100], "duplicate-id", message)


def _check_names(material: Material, table: DecisionTable, report: Report) -> None:
    is_rag = material.pack is not None and table.id == material.pack.tracker.rag
    words = tracker_vocabulary(material) if is_rag else vocabulary(material)
    for label, expression in table.inputs:
        what = f"the column '{shortened(label)}' of '{table.id}'"
        words.check(report, table.id, expression.text, what)
    _check_free(table, words.free, report)
    for place, rule in enumerate(table.rules, start=1):
        for cell in rule.outputs:
            if cell.expression is not None:
                what = f"row {place} of '{table.id}'"
                words.check(report, rule.id, cell.expression.text, what)
        for test in rule.tests:
            for name in sorted(test.names) if words.names is not None else ():
                if name not in (words.names or ()):
                    message = (
                        f"Row {place} of '{table.id}' compares with '{shortened(name)}', which is"
                        " no fact of pack.toml. Put a text into quotes, or mend the"
                        f" name.{suggestion(name, set(words.names or ()))}"
                    )
                    report.error(rule.id, "unknown-name", message)


def _check_free(table: DecisionTable, free: Collection[str], report: Report) -> None:
    """Report columns that compare with texts what people type freely."""
    for column, (label, expression) in enumerate(table.inputs):
        tree = expression.tree
        if not isinstance(tree, ast.Name) or tree.id not in free:
            continue
        if any('"' in rule.tests[column].text for rule in table.rules):
            message = (
                f"The column '{shortened(label)}' of '{table.id}' compares '{tree.id}' with texts,"
                " but people type it freely, and only that very text matches. Let them choose from"
                ' a list: give the fact type = "code" with values.'
            )
            report.warn(table.id, "free-text", message)


def _check_facts(pack: Pack, table: DecisionTable, report: Report) -> None:
    """Report rows that count from, or are met by, what is no date of the pack."""
    for place, rule in enumerate(table.rules, start=1):
        for column in ("count_from", "met_by"):
            text = _literal(table, rule, column)
            for name in text.split(",") if isinstance(text, str) else ():
                fact = pack.facts.get(name.strip())
                if fact is None or fact.type != "date":
                    dates = {each.name for each in pack.facts.values() if each.type == "date"}
                    message = (
                        f"Row {place} of '{table.id}' has '{shortened(name.strip())}' in the column"
                        f" {column}, which is no date fact of pack.toml. Name a date"
                        f" fact.{suggestion(name.strip(), dates)}"
                    )
                    report.error(rule.id, "unknown-fact", message)
        _check_extension(pack, table, rule, place, report)
        for (_, expression), test in zip(table.inputs, rule.tests, strict=False):
            named = _QUOTED.findall(test.text) if expression.text.strip() == "policy" else []
            for policy in named:
                if policy not in pack.policies:
                    message = (
                        f"Row {place} of '{table.id}' is for the policy '{shortened(policy)}',"
                        " which pack.toml does not have, so it never applies. Mend the"
                        f" name.{suggestion(policy, pack.policies)}"
                    )
                    report.error(rule.id, "unknown-policy", message)


def _check_extension(
    pack: Pack, table: DecisionTable, rule: Rule, place: int, report: Report
) -> None:
    """Report a row that is extended by what is no number of the pack."""
    more = _literal(table, rule, "extended_by")
    fact = pack.facts.get(more) if isinstance(more, str) else None
    if isinstance(more, str) and more and (fact is None or fact.type != "number"):
        numbers = {each.name for each in pack.facts.values() if each.type == "number"}
        message = (
            f"Row {place} of '{table.id}' has '{shortened(more)}' in the column extended_by, which"
            " is no number of pack.toml. Name a fact that says how many units"
            f" more.{suggestion(more, numbers)}"
        )
        report.error(rule.id, "unknown-fact", message)


def _literal(table: DecisionTable, rule: Rule, column: str) -> object:
    if column not in table.outputs or len(rule.outputs) != len(table.outputs):
        return None
    cell = rule.outputs[table.outputs.index(column)]
    return None if cell.expression is not None else cell.literal


def _rows(material: Material) -> Iterator[_Row]:
    for tables in material.tables.values():
        table = tables.get("timescales")
        for rule in table.rules if table is not None else ():
            assert table is not None
            amount, unit = _literal(table, rule, "amount"), _literal(table, rule, "unit")
            rules = _literal(table, rule, "rule")
            if isinstance(amount, int) and isinstance(unit, str) and isinstance(rules, str):
                amount_of_time = (amount, unit.removesuffix("s") + "s")
                also = [_literal(table, rule, each) for each in _FURTHER]
                further = amounts_in("; ".join(each for each in also if isinstance(each, str)))
                ids = frozenset(rules.split())
                yield _Row(amount_of_time, ids, rule.id, frozenset(further))


def amounts_in(text: str) -> set[tuple[int, str]]:
    """Return the amounts of time in a label: "Every 6 weeks" and "six-weekly" give (6, "weeks")."""
    found = set()
    for number, word in _AMOUNT.findall(text):
        unit = " ".join(word.lower().split()).removesuffix("ly").removesuffix("s") + "s"
        found.add((_number(number.lower()), unit))
    return found


def _number(text: str) -> int:
    tens, _, ones = text.rpartition("-")
    return _TENS.get(tens, 0) + (_NUMBERS[ones] if ones in _NUMBERS else int(ones))


def _check_labels(rows: list[_Row], root: etree._Element, report: Report) -> None:
    by_id = {id_of(node): node for node in root.iter(f"{{{BPMN}}}*") if id_of(node)}
    for node, label, rules in _labels(root, by_id):
        written = amounts_in(label)
        for row in _differing(rows, written, rules) if written else ():
            message = (
                f"The diagram says '{shortened(label)}' at the {called(node)}, but timescales.dmn"
                f" row '{row.id}' ({', '.join(sorted(row.rules & rules))}) says"
                f" {_in_words(row.amount)}. Change one of them."
            )
            report.warn(id_of(node), "amount-differs", message)


def _check_hints(rows: list[_Row], form: Mapping[str, Any], report: Report) -> None:
    """Report amounts in a form's questions and hints that differ from the rows of their rules."""
    for name, schema in form.get("properties", {}).items():
        if not isinstance(schema, Mapping):
            continue
        rules = set(_RULE.findall(str(schema.get("x-source") or "")))
        for text in (schema.get("title"), schema.get("x-hint")):
            label = _one_line(text if isinstance(text, str) else "")
            written = amounts_in(label)
            for row in _differing(rows, written, rules) if written else ():
                message = (
                    f"The form says '{shortened(label)}' at '{shortened(name)}', but timescales.dmn"
                    f" row '{row.id}' ({', '.join(sorted(row.rules & rules))}) says"
                    f" {_in_words(row.amount)}. Change one of them."
                )
                report.warn(name, "amount-differs", message)


def _differing(rows: list[_Row], written: set[tuple[int, str]], rules: set[str]) -> Iterator[_Row]:
    """Yield the rows that share a rule with a label and say another amount than it.

    A task may carry several rules, of which the label tells one. So when one row agrees with the
    label, only rows of the same rule and unit can differ from it; when none does, the label means
    the row whose amount is nearest.
    """
    sharing = [row for row in rows if row.rules & rules]
    units = {unit for _, unit in written}
    agreeing = [row for row in sharing if row.agrees(written)]
    same_unit = [row for row in sharing if row.amount[1] in units]
    candidates = same_unit or sharing
    if not agreeing:
        said = max(count for count, _ in written)
        yield from sorted(candidates, key=lambda row: abs(row.amount[0] - said))[:1]
        return
    for row in candidates:
        if not row.agrees(written) and any(each.rules & row.rules & rules for each in agreeing):
            yield row


def _in_words(amount: tuple[int, str]) -> str:
    count, unit = amount
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


def _labels(
    root: etree._Element, by_id: dict[str, etree._Element]
) -> Iterator[tuple[etree._Element, str, set[str]]]:
    """Yield what is written on a drawing, with the rules of the element that it is about."""
    for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in FLOW_NODES)):
        yield node, _one_line(node.get("name")), _rules(node)
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        ends = [by_id.get(flow.get(end) or "") for end in ("targetRef", "sourceRef")]
        rules = next((found for end in ends if (found := _rules(end))), set())
        yield flow, _one_line(flow.get("name")), rules
    for link in root.iter(f"{{{BPMN}}}association"):
        ends = [by_id.get(link.get(end) or "") for end in ("sourceRef", "targetRef")]
        for note, about in (ends, reversed(ends)):
            if note is not None and kind_of(note) == "textAnnotation":
                yield note, _one_line(note.findtext(f"{{{BPMN}}}text")), _rules(about)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _rules(node: etree._Element | None) -> set[str]:
    return set() if node is None else set(properties_of(node).get("rule_ids", "").split())
