"""Decision tables as DMN files write them: read once, every cell compiled, or refused by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

from lxml import etree

from engine.errors import ExpressionError, Finding, PackRefused
from engine.rules.expressions import Expression, compile_for_table
from engine.rules.safe_xml import parse_xml
from engine.rules.unary_tests import OutputCell, UnaryTests, compile_output, compile_unary_tests

HitPolicy: TypeAlias = Literal["UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT"]
Aggregation: TypeAlias = Literal["SUM", "MIN", "MAX", "COUNT"]

Cell = TypeVar("Cell")

_POLICIES: dict[str, HitPolicy] = {
    "UNIQUE": "UNIQUE",
    "FIRST": "FIRST",
    "ANY": "ANY",
    "RULE ORDER": "RULE ORDER",
    "COLLECT": "COLLECT",
}
_AGGREGATIONS: dict[str, Aggregation] = {"SUM": "SUM", "MIN": "MIN", "MAX": "MAX", "COUNT": "COUNT"}
_REFUSED = ("literalExpression", "context", "invocation", "relation", "list", "functionDefinition")


@dataclass(frozen=True)
class Rule:
    """One row: `id` is the DMN rule's id attribute; cells stand in the table's column order."""

    id: str
    tests: tuple[UnaryTests, ...]
    outputs: tuple[OutputCell, ...]

    @cached_property
    def asking(self) -> tuple[tuple[int, UnaryTests], ...]:
        """The cells that ask anything, each with its column's place; `-` holds for any input."""
        return tuple(
            (place, test)
            for place, test in enumerate(self.tests)
            if test.text.strip() not in ("", "-")
        )


@dataclass(frozen=True)
class DecisionTable:
    """A decision table; `inputs` pairs each column's label with its compiled expression."""

    id: str
    name: str
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[tuple[str, Expression], ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> frozenset[str]:
        """All names that its columns and cells read."""
        cells = (cell for rule in self.rules for cell in rule.outputs)
        return frozenset().union(
            *(expression.names for _, expression in self.inputs),
            *(test.names for rule in self.rules for test in rule.tests),
            *(cell.expression.names for cell in cells if cell.expression is not None),
        )


def rows_asking(
    table: DecisionTable, names: Collection[str], functions: Collection[str]
) -> DecisionTable:
    """Return the rows that ask for any of these names or call any of these functions.

    With the columns that they ask for; the other rows say the same whatever the names hold.
    """

    def reads(place: int, test: UnaryTests) -> bool:
        expression = table.inputs[place][1]
        read = {*expression.names, *test.names, *expression.functions}
        return not read.isdisjoint((*names, *functions))

    rules = [rule for rule in table.rules if any(reads(*each) for each in rule.asking)]
    places = sorted({place for rule in rules for place, _ in rule.asking})
    return replace(
        table,
        inputs=tuple(table.inputs[place] for place in places),
        rules=tuple(
            replace(rule, tests=tuple(rule.tests[place] for place in places)) for rule in rules
        ),
    )


def parse_tables(xml: bytes, *, file: str = "") -> dict[str, DecisionTable]:
    """Return the decision tables of a DMN file by decision id, every cell compiled.

    Raises:
        PackRefused: one finding for each thing that is unreadable or unsupported, naming the
            table, the rule's row and the column.
    """
    root = parse_xml(xml, file=file)
    tables: dict[str, DecisionTable] = {}
    findings: list[Finding] = []
    for decision in _all(root, "decision"):
        reader = _TableReader(decision, file=file)
        table = reader.read()
        findings += reader.findings
        if table is not None:
            tables[table.id] = table
    if not tables and not findings:
        findings.append(Finding("error", file, "", "dmn-empty", "The file holds no decision."))
    if findings:
        raise PackRefused(findings)
    return tables


class _TableReader:
    """Reads one decision element; collects findings instead of stopping at the first."""

    def __init__(self, decision: etree._Element, *, file: str) -> None:
        self.findings: list[Finding] = []
        self._decision = decision
        self._file = file
        self._id = decision.get("id") or ""

    def read(self) -> DecisionTable | None:
        """Return the table, or None with at least one finding."""
        [*tables] = _children(self._decision, "decisionTable")
        self._refuse_unsupported()
        if not self._id or len(tables) != 1:
            self._find("dmn-no-table", "The decision needs an id and one decision table.")
            return None
        [table] = tables
        policy = _POLICIES.get((table.get("hitPolicy") or "UNIQUE").upper())
        aggregation = self._aggregation(table)
        inputs = [self._input(place, e) for place, e in enumerate(_children(table, "input"))]
        outputs = [e.get("name") or "" for e in _children(table, "output")]
        if policy is None:
            self._find("dmn-hit-policy", f"The hit policy {table.get('hitPolicy')!r} is unknown.")
        if not outputs or "" in outputs or len(set(outputs)) != len(outputs):
            self._find("dmn-output", "Every output needs a name of its own.")
        if aggregation is not None and policy != "COLLECT":
            message = f"The aggregation {aggregation} belongs to the hit policy COLLECT."
            self._find("dmn-hit-policy", f"{message} Choose that, or delete the aggregation.")
        if aggregation is not None and len(outputs) != 1:
            self._find("dmn-hit-policy", "A table that aggregates has one output.")
        labels = [label for label, _ in inputs]
        rules = [
            self._rule(place, rule, labels, outputs)
            for place, rule in enumerate(_children(table, "rule"))
        ]
        if len({rule.id for rule in rules}) != len(rules):
            self._find("dmn-rule-id", "Two rows have the same id.")
        if self.findings or policy is None:
            return None
        return DecisionTable(
            id=self._id,
            name=self._decision.get("name") or self._id,
            hit_policy=policy,
            aggregation=aggregation,
            inputs=tuple((label, found) for label, found in inputs if found is not None),
            outputs=tuple(outputs),
            rules=tuple(rules),
        )

    def _refuse_unsupported(self) -> None:
        for kind in _REFUSED:
            if next(_children(self._decision, kind), None) is not None:
                self._find("dmn-unsupported", f"A {kind} cannot be used; draw a decision table.")
        if next(_all(self._decision, "requiredDecision"), None) is not None:
            self._find("dmn-unsupported", "A decision cannot require another; give it the facts.")
        if next(_all(self._decision, "defaultOutputEntry"), None) is not None:
            self._find("dmn-unsupported", "Default outputs cannot be used; add a row.")

    def _aggregation(self, table: etree._Element) -> Aggregation | None:
        text = (table.get("aggregation") or "").upper()
        if text and text not in _AGGREGATIONS:
            self._find("dmn-hit-policy", f"The aggregation {text!r} is unknown.")
        return _AGGREGATIONS.get(text)

    def _input(self, place: int, element: etree._Element) -> tuple[str, Expression | None]:
        texts = [_text(e) for e in _children(element, "inputExpression")]
        text = texts[0].strip() if texts else ""
        # Two columns of one label would hide one another in the record of the inputs.
        label = element.get("label") or text or f"input {place + 1}"
        label = label if text in (label, "") else f"{label} ({text})"
        try:
            return label, compile_for_table(text)
        except ExpressionError as error:
            self._find("dmn-input", f"Column {label!r}: {error.why}.")
            return label, None

    def _rule(
        self, place: int, element: etree._Element, inputs: list[str], outputs: list[str]
    ) -> Rule:
        rule_id = element.get("id") or ""
        if not rule_id:
            self._find("dmn-rule-id", f"Row {place + 1} has no id.")
        tests = list(_children(element, "inputEntry"))
        cells = list(_children(element, "outputEntry"))
        if (len(tests), len(cells)) != (len(inputs), len(outputs)):
            self._find("dmn-cells", f"Row {place + 1} has too many or too few cells.")
            return Rule(rule_id, (), ())
        read_tests = [
            self._cell(compile_unary_tests, place, label, cell)
            for label, cell in zip(inputs, tests, strict=True)
        ]
        read_cells = [
            self._cell(compile_output, place, label, cell)
            for label, cell in zip(outputs, cells, strict=True)
        ]
        return Rule(
            rule_id,
            tuple(test for test in read_tests if test is not None),
            tuple(cell for cell in read_cells if cell is not None),
        )

    def _cell(
        self,
        compile_cell: Callable[[str], Cell],
        place: int,
        column: str,
        element: etree._Element,
    ) -> Cell | None:
        text = _text(element)
        language = element.get("expressionLanguage") or "feel"
        try:
            if "feel" not in language.lower():
                raise ExpressionError(text, f"the language {language!r} is not supported")
            return compile_cell(text)
        except ExpressionError as error:
            where = f"Row {place + 1}, column {column!r}, cell {text.strip()!r}"
            self._find("dmn-cell", f"{where}: {error.why}.")
            return None

    def _find(self, rule: str, message: str) -> None:
        self.findings.append(Finding("error", self._file, self._id, rule, message))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _local(child) == name)


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (found for found in element.iter() if _local(found) == name)


def _text(element: etree._Element) -> str:
    return next((child.text or "" for child in _children(element, "text")), "")
