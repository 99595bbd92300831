"""Decision tables as the standard has them: answered as it says, or refused naming the cell."""

import pytest

from engine.errors import ExpressionError, PackRefused
from engine.rules.decisions import evaluate_table, parse_tables
from engine.rules.expressions import compile_expression, evaluate
from tests.builders.timescales import dmn
from tests.proofs.table_cases import CASES, REFUSED, TableCase


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_answers_as_the_standard_says(case: TableCase):
    assert case.wrong() == []


@pytest.mark.parametrize(
    ("cell", "how"), [each[1:] for each in REFUSED], ids=[e[0] for e in REFUSED]
)
def test_d8_d10_is_refused_by_name(cell: str, how: dict[str, str]):
    with pytest.raises(PackRefused) as refused:
        parse_tables(dmn((("-",), (cell,)), **how))  # type: ignore[arg-type]
    [finding] = refused.value.findings
    assert (finding.severity, finding.element) == ("error", "table")
    if not how:
        assert finding.message.startswith(f"Row 1, column 'out', cell {cell!r}: ")


@pytest.mark.parametrize("text", ["1,000", "0x10", '"a" "b"', "1_0", "1e3", "00", "1.", "0b1"])
def test_d8_is_refused_in_every_expression(text: str):
    with pytest.raises(ExpressionError):
        compile_expression(text)


@pytest.mark.parametrize("text", ["x,000", "0x10 + 1", '"a" "b" == "ab"'])
def test_d8_is_refused_as_the_input_of_a_table(text: str):
    with pytest.raises(PackRefused) as refused:
        parse_tables(dmn((("-",), ("1",)), inputs=(text,)))
    assert [finding.rule for finding in refused.value.findings] == ["dmn-input"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", 0.3), ("0.3 - 0.1", 0.2), ("1.1 * 3", 3.3), ("0.7 / 0.1", 7), ("6 / 4", 1.5),
        ("2.5 * 2", 5), ("7 // 2", 3), ("-7 // 2", -4), ("-7 % 3", 2), ("0.3 // 0.1", 3),
        ("0.3 % 0.1", 0), ("4.35 * 100", 435), ("1.005 * 1000", 1005), ("100 - 99.99", 0.01),
    ],
)  # fmt: skip
def test_d9_numbers_are_decimals(text: str, value: float):
    found = evaluate(text, {}, {})
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["1 / 0", "1.5 // 0", "1 % 0", "9000000000 * 9000000000 * 9.5"])
def test_d9_what_has_no_number_is_told(text: str):
    with pytest.raises(ExpressionError, match=r"division by zero|too large"):
        evaluate(text, {}, {})


def test_d9_a_sum_meets_the_cell_of_another_table():
    rows = ((("-",), ("0.1",)), (("-",), ("0.2",)))
    summed = parse_tables(dmn(*rows, policy="COLLECT", aggregation="SUM"))["table"]
    said = evaluate_table(summed, {"x": 1}, {}).result
    asked = parse_tables(dmn((("0.3",), ('"yes"',)), (("not(0.3)",), ('"no"',))))["table"]
    assert evaluate_table(asked, {"x": said}, {}).result == {"out": "yes"}


@pytest.mark.parametrize(
    ("one", "other"), [("true", "1"), ("[true]", "[1]"), ('{"a": 0}', '{"a": false}')]
)
def test_d10_any_tells_true_from_one(one: str, other: str):
    table = parse_tables(dmn((("-",), (one,)), (("-",), (other,)), policy="ANY"))["table"]
    with pytest.raises(ExpressionError, match="rows 1 and 2 differ, but the hit policy is ANY"):
        evaluate_table(table, {"x": 1}, {})


def test_d10_any_lets_equal_numbers_agree():
    table = parse_tables(dmn((("-",), ("0.3",)), (("-",), ("0.1 + 0.2",)), policy="ANY"))["table"]
    assert evaluate_table(table, {"x": 1}, {}).result == {"out": 0.3}
