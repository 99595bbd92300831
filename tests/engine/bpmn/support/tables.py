"""Decision tables as DMN 1.3 writes them: hit policies, cells, and what else a decision may be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.builders.timescales import dmn

Rule = tuple[Sequence[str], Sequence[str]]
LOW, HIGH = (("< 10",), ('"low"',)), (("> 5",), ('"high"',))
TWO, THREE = (("-",), ("2",)), (("-",), ("3",))


@dataclass(frozen=True)
class TableRow:
    """`says` is what the table gives for x = 7; with `rule` it is refused by that instead."""

    element: str
    note: str
    xml: bytes
    says: Any = None
    rule: str = ""
    also: str = "test_decisions.py"

    @property
    def verdict(self) -> str:
        return "refused" if self.rule else "supported"

    @property
    def id(self) -> str:
        named = self.note if self.element.startswith("Input cell") else self.element
        return "dmn-" + re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-")


def policy(name: str, says: Any, note: str, *rules: Rule, aggregation: str = "") -> TableRow:
    title = f"Hit policy {name}" + (f" {aggregation}" if aggregation else "")
    return TableRow(
        title, note, dmn(*rules, policy=name, aggregation=aggregation), says,
        also="test_business_rules.py",
    )  # fmt: skip


def refused_policy(name: str, note: str) -> TableRow:
    return TableRow(f"Hit policy {name}", note, dmn(LOW, policy=name), rule="dmn-hit-policy")


def cell(text: str, note: str) -> TableRow:
    xml = dmn(((text,), ('"yes"',)))
    return TableRow(f"Input cell {text}", note, xml, {"out": "yes"}, also="test_feel.py")


def refused_cell(text: str, note: str) -> TableRow:
    xml = dmn(((text,), ('"yes"',)))
    return TableRow(f"Input cell {text}", note, xml, rule="dmn-cell", also="test_feel.py")


def instead_of_a_table(kind: str) -> TableRow:
    xml = dmn(LOW).replace(b"<decisionTable", f"<{kind} /><decisionTable".encode(), 1)
    return TableRow(kind, "draw a decision table", xml, rule="dmn-unsupported")


TABLES = [
    policy("UNIQUE", {"out": "low"}, "the one row; rows that overlap stop the step", LOW),
    policy("FIRST", {"out": "high"}, "the first row", HIGH, LOW),
    policy("ANY", {"out": "low"}, "rows that agree; others stop the step", LOW, LOW),
    policy("RULE ORDER", [{"out": "high"}, {"out": "low"}], "all rows in order", HIGH, LOW),
    policy("COLLECT", [{"out": "low"}, {"out": "high"}], "all rows", LOW, HIGH),
    policy("COLLECT", 5, "their sum (+)", TWO, THREE, aggregation="SUM"),
    policy("COLLECT", 2, "the least (<)", TWO, THREE, aggregation="MIN"),
    policy("COLLECT", 3, "the greatest (>)", TWO, THREE, aggregation="MAX"),
    policy("COLLECT", 2, "how many (#)", TWO, THREE, aggregation="COUNT"),
    refused_policy("PRIORITY", "order the rows and use FIRST"),
    refused_policy("OUTPUT ORDER", "order the rows and use RULE ORDER"),
    cell("-", "any value"),
    cell("7", "equal"),
    cell("5, 7", "one of a list"),
    cell("< 10", "compared"),
    cell("[5..9]", "a range, its ends included"),
    cell("(5..9)", "a range, its ends left out"),
    cell("not(5)", "none of these"),
    cell("not(null)", "set"),
    refused_cell("for x in y return x", "not a unary test of the language"),
    refused_cell("some text", "put texts into quotes"),
    *(instead_of_a_table(kind) for kind in ("literalExpression", "context", "invocation",
        "relation", "list", "functionDefinition")),
    TableRow("requiredDecision", "give the table the facts", dmn(LOW).replace(b"<decisionTable",
        b'<informationRequirement><requiredDecision href="#x" /></informationRequirement>'
        b"<decisionTable", 1), rule="dmn-unsupported"),
]  # fmt: skip
