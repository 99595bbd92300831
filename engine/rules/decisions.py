"""What decision tables say: evaluated with a record of the matched rows, and timescales.

Our own evaluator, because SpiffWorkflow's knows two hit policies, keeps no record of the matched
row and reads a cell `"C1","V2"` as a pair of texts. `engine.rules.decision_tables` reads the files.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from engine.domain import CALENDARS, Amount, Direction, Timescale, Unit
from engine.errors import ExpressionError, Finding
from engine.rules.decimals import total
from engine.rules.decision_tables import DecisionTable, HitPolicy, Rule, parse_tables
from engine.rules.expressions import evaluate
from engine.rules.operators import equal

__all__ = [
    "Decision",
    "DecisionTable",
    "Match",
    "amount_from",
    "evaluate_table",
    "parse_tables",
    "timescale_findings",
    "timescales_from",
    "why_not",
]

TIMESCALE_OUTPUTS = (
    "deadline", "count_from", "amount", "unit", "direction", "kind", "met_by", "opens_before",
    "rule", "source_sentence", "source_ref", "assumption",
)  # fmt: skip
"""What every table has."""
OPTIONAL_OUTPUTS = ("calendar", "then", "extended_by", "not_before")
MAX_AMOUNT = 2_000

_UNITS: dict[str, Unit] = {
    unit: whole
    for whole in ("working days", "days", "weeks", "months")
    for unit in (whole, whole.removesuffix("s"))
}
_AMOUNT = re.compile(r"(\d+) +([a-z ]+)")
_STEP = re.compile(r"(\d+ +[a-z ]+?) +(after|before)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Match:
    """A row that applied: its place (0 first), its id, and output name -> value."""

    index: int
    rule_id: str
    outputs: Mapping[str, object]


@dataclass(frozen=True)
class Decision:
    """What a table said, and why: the inputs' values by label and the rows that matched.

    `result` is what the diagram gets: the outputs of the row, null if none matched; with RULE
    ORDER and COLLECT a list of them, with an aggregation its number.
    """

    table_id: str
    hit_policy: HitPolicy
    inputs: Mapping[str, object]
    matched: tuple[Match, ...]
    result: object


def evaluate_table(
    table: DecisionTable,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> Decision:
    """Return what the table says of these names.

    Raises:
        ExpressionError: a cell failed, or rows overlap that the hit policy keeps apart; says
            which table, row and column.
    """
    inputs = [(label, evaluate(expression, names, functions)) for label, expression in table.inputs]
    matched = []
    for index, rule in enumerate(table.rules):
        if _applies(table, index, rule, inputs, names):
            outputs = _outputs(table, index, rule, names, functions)
            matched.append(Match(index, rule.id, outputs))
            if table.hit_policy == "FIRST":
                break
    _require_policy(table, matched)
    return Decision(
        table.id, table.hit_policy, dict(inputs), tuple(matched), _result(table, matched)
    )


def _applies(
    table: DecisionTable,
    index: int,
    rule: Rule,
    inputs: Sequence[tuple[str, object]],
    names: Mapping[str, object],
) -> bool:
    for place, test in rule.asking:
        label, value = inputs[place]
        try:
            if not test.matches(value, names):
                return False
        except ExpressionError as error:
            raise ExpressionError(test.text, _at(table, index, label) + error.why) from error
    return True


def why_not(
    table: DecisionTable,
    rule_id: str,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
    *,
    before: Mapping[str, object],
) -> frozenset[str]:
    """Return the names for which a row that held does not hold now.

    Of each failing cell those of `before` (name -> its former value) with whose former value alone
    it would hold; if there is none, all that it reads.
    """
    found: set[str] = set()
    rule = next((each for each in table.rules if each.id == rule_id), None)
    tests = rule.tests if rule is not None else ()
    for (_, expression), test in zip(table.inputs, tests, strict=rule is not None):
        if test.matches(evaluate(expression, names, functions), names):
            continue
        read = expression.names | test.names
        decisive = set()
        for name in read & before.keys():
            former = ChainMap({name: before[name]}, dict(names))
            if test.matches(evaluate(expression, former, functions), former):
                decisive.add(name)
        found |= decisive or read
    return frozenset(found)


def _outputs(
    table: DecisionTable,
    index: int,
    rule: Rule,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, cell in zip(table.outputs, rule.outputs, strict=True):
        try:
            values[name] = cell.value(names, functions)
        except ExpressionError as error:
            raise ExpressionError(cell.text, _at(table, index, name) + error.why) from error
    return values


def _require_policy(table: DecisionTable, matched: list[Match]) -> None:
    if len(matched) < 2:
        return
    rows = " and ".join(str(match.index + 1) for match in matched)
    if table.hit_policy == "UNIQUE":
        raise ExpressionError(table.id, f"rows {rows} both apply, but the hit policy is UNIQUE")
    if table.hit_policy == "ANY" and any(
        not equal(dict(match.outputs), dict(matched[0].outputs)) for match in matched
    ):
        raise ExpressionError(table.id, f"rows {rows} differ, but the hit policy is ANY")


def _result(table: DecisionTable, matched: list[Match]) -> object:
    if table.hit_policy in ("UNIQUE", "FIRST", "ANY"):
        return dict(matched[0].outputs) if matched else None
    if table.aggregation is None:
        return [dict(match.outputs) for match in matched]
    if table.aggregation == "COUNT":
        return len(matched)
    values = [match.outputs[table.outputs[0]] for match in matched]
    numbers = [n for n in values if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(numbers) != len(values):
        raise ExpressionError(table.id, f"{table.aggregation} needs numbers")
    if not numbers:
        return None
    if table.aggregation == "SUM":
        return total(numbers)
    return min(numbers) if table.aggregation == "MIN" else max(numbers)


def _at(table: DecisionTable, index: int, column: str) -> str:
    return f"table {table.id}, row {index + 1}, column {column!r}: "


def timescales_from(decision: Decision) -> list[Timescale]:
    """Return the rows of a timescales table that apply now, in the table's order.

    `key` is the table's id and the rule's id, stable while the row is.

    Raises:
        ExpressionError: a cell is no such value; says which row and column.
    """
    return [_timescale(decision.table_id, match) for match in decision.matched]


def timescale_findings(table: DecisionTable, *, file: str) -> list[Finding]:
    """Return what is wrong with a timescales table, whichever of its rows apply now.

    Cells that are expressions are left to the rows as they apply.
    """
    missing = [name for name in TIMESCALE_OUTPUTS if name not in table.outputs]
    if missing:
        message = f"The table lacks the outputs {', '.join(missing)}."
        return [Finding("error", file, table.id, "timescale-column", message)]
    strange = [name for name in table.outputs if name not in TIMESCALE_OUTPUTS + OPTIONAL_OUTPUTS]
    if strange:
        message = (
            f"The outputs {', '.join(strange)} say nothing of a deadline. Take them out, or name"
            f" them as one of {', '.join(TIMESCALE_OUTPUTS + OPTIONAL_OUTPUTS)}."
        )
        return [Finding("error", file, table.id, "timescale-column", message)]
    findings = []
    for index, rule in enumerate(table.rules):
        if any(cell.expression for cell in rule.outputs):
            continue
        cells = zip(table.outputs, rule.outputs, strict=True)
        match = Match(index, rule.id, {name: cell.literal for name, cell in cells})
        try:
            _timescale(table.id, match)
        except ExpressionError as error:
            findings.append(Finding("error", file, rule.id, "timescale-cell", error.why))
    return findings


def _timescale(table_id: str, match: Match) -> Timescale:
    row = _RowReader(table_id, match)
    if row.text("kind", default="limit") != "limit":
        raise row.wrong("kind", "write limit")
    assumption = row.cell("assumption")
    if assumption is not None and not isinstance(assumption, bool):
        raise row.wrong("assumption", "write true or false")
    return Timescale(
        key=f"{table_id}:{match.rule_id}",
        deadline=row.name("deadline"),
        count_from=row.names("count_from"),
        amount=Amount(row.whole_number("amount"), row.unit("unit")),
        direction=row.direction(),
        met_by=row.name("met_by"),
        opens_before=row.opens_before(),
        rule_ids=tuple(row.text("rule", default="").split()),
        source_sentence=row.text("source_sentence", default=""),
        source_ref=row.text("source_ref", default=""),
        assumption=bool(assumption),
        calendar=row.calendar(),
        then=row.further(),
        extended_by=row.text("extended_by", default=""),
        not_before=row.amount_in("not_before"),
    )


def amount_from(text: str) -> Amount | None:
    """Return the amount that a text such as "15 working days" says, None if it says none."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found[2] not in _UNITS or len(found[1]) > 4:
        return None
    return Amount(int(found[1]), _UNITS[found[2]])


class _RowReader:
    """Reads one row's outputs; what does not fit is refused with row and column."""

    def __init__(self, table_id: str, match: Match) -> None:
        self._table_id = table_id
        self._match = match

    def cell(self, column: str) -> object:
        """Return the cell's value, None when it is empty or the column is missing."""
        return self._match.outputs.get(column)

    def text(self, column: str, *, default: str | None = None) -> str:
        """Return a text; `default` stands for an empty cell."""
        value = self.cell(column)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.wrong(column, "write a text in quotes")
        return value.strip()

    def name(self, column: str) -> str:
        """Return the name of a fact or deadline."""
        text = self.text(column)
        if not _NAME.fullmatch(text):
            raise self.wrong(column, "write a name of letters, digits and _")
        return text

    def names(self, column: str) -> tuple[str, ...]:
        """Return names separated by commas, one at least."""
        names = tuple(name.strip() for name in self.text(column).split(","))
        if not all(_NAME.fullmatch(name) for name in names):
            raise self.wrong(column, "write names of facts, separated by commas")
        return names

    def whole_number(self, column: str) -> int:
        """Return a whole number within the calendar's reach."""
        value = self.cell(column)
        if not _is_whole(value) or not 0 <= value <= MAX_AMOUNT:
            raise self.wrong(column, f"write a whole number from 0 to {MAX_AMOUNT}")
        return value

    def calendar(self) -> str:
        """Return whose bank holidays the row counts by, "" for the pack's."""
        of = self.text("calendar", default="")
        if of and of not in CALENDARS:
            raise self.wrong("calendar", f"write one of {', '.join(CALENDARS)}, or leave it empty")
        return of

    def unit(self, column: str) -> Unit:
        """Return the unit of an amount."""
        unit = _UNITS.get(self.text(column))
        if unit is None:
            raise self.wrong(column, "write working days, days, weeks or months")
        return unit

    def direction(self) -> Direction:
        """Return whether the amount counts on or back."""
        text = self.text("direction")
        if text == "after":
            return "after"
        if text == "before":
            return "before"
        raise self.wrong("direction", "write after or before")

    def opens_before(self) -> Amount | None:
        """Return how long before ACT-BY the work opens, None for at once."""
        if self.text("opens_before", default="at once") in ("at once", ""):
            return None
        return self.amount_in("opens_before", 'write "at once" or')

    def amount_in(self, column: str, otherwise: str = "write") -> Amount | None:
        """Return the amount in a column, None for an empty cell."""
        text = self.text(column, default="")
        found = amount_from(text)
        if text and found is None:
            raise self.wrong(column, f'{otherwise} an amount such as "15 working days"')
        return found

    def further(self) -> tuple[tuple[Amount, Direction], ...]:
        """Return the amounts counted from the day that the row's own amount gives."""
        text = self.text("then", default="")
        steps = [_STEP.fullmatch(each.strip()) for each in text.split(";")] if text else []
        read: list[tuple[Amount, Direction]] = []
        for step in steps:
            amount = None if step is None else amount_from(step[1])
            if step is None or amount is None:
                raise self.wrong("then", 'write such as "3 months after; 1 day before"')
            read.append((amount, "after" if step[2] == "after" else "before"))
        return tuple(read)

    def wrong(self, column: str, why: str) -> ExpressionError:
        """Return the error that names the row and the column."""
        value = self.cell(column)
        place = f"table {self._table_id}, row {self._match.index + 1}, column {column!r}"
        return ExpressionError("" if value is None else str(value), f"{place}: {why}")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
