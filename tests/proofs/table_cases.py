"""Decision tables after DMN 1.5, sections 8 and 10, with what each answers: levels 2 and 3.

Written anew for this project, on the themes of the public compatibility kit: hit policies, lists
and ranges, comparisons with other inputs, decimals, dates, null, several inputs and outputs. Level
2 is what simple FEEL says in cells, level 3 what needs expressions in inputs or outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules.decisions import evaluate_table, parse_tables
from tests.builders.timescales import dmn

Row = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class TableCase:
    """A table, and for each group of named values what it answers."""

    name: str
    level: int
    rows: tuple[Row, ...]
    answers: tuple[tuple[Mapping[str, Any], Any], ...]
    inputs: tuple[str, ...] = ("x",)
    outputs: tuple[str, ...] = ("out",)
    policy: str = "UNIQUE"
    aggregation: str = ""

    def xml(self) -> bytes:
        return dmn(
            *self.rows,
            inputs=self.inputs,
            outputs=self.outputs,
            policy=self.policy,
            aggregation=self.aggregation,
        )

    def wrong(self) -> list[str]:
        """Return what it answers otherwise than it should."""
        table = parse_tables(self.xml())["table"]
        found = []
        for names, expected in self.answers:
            said = evaluate_table(table, names, {}).result
            if said != expected or type(said) is not type(expected):
                found.append(f"{self.name}: {names} gives {said!r}, not {expected!r}")
        return found


def one(value: Any) -> dict[str, Any]:
    return {"out": value}


_LOAN: tuple[Row, ...] = (
    ((">= 18", '"Medium","Low"', "true"), ('"Approved"',)),
    (("< 18", '"Medium","Low"', "-"), ('"Declined"',)),
    (("-", '"High"', "true"), ('"Declined"',)),
    (("-", "-", "false"), ('"Declined"',)),
)
_LOAN_INPUTS = ("age", "risk", "affordable")


def _loan(age: int, risk: str, affordable: bool) -> dict[str, Any]:
    return {"age": age, "risk": risk, "affordable": affordable}


_HOLIDAYS: tuple[Row, ...] = (
    (("-", "-"), ("22",)),
    ((">= 60", "-"), ("3",)),
    (("-", ">= 30"), ("3",)),
    (("< 18", "-"), ("5",)),
    ((">= 60", ">= 30"), ("2",)),
)
_DISCOUNT: tuple[Row, ...] = (
    (('"Business"', "< 10"), ("0.05",)),
    (('"Business"', ">= 10"), ("0.10",)),
    (('"Private"', "-"), ("0",)),
)

CASES: tuple[TableCase, ...] = (
    TableCase("unique: one row for each", 2, _LOAN[:3], (
        (_loan(18, "Low", True), one("Approved")),
        (_loan(17, "Medium", True), one("Declined")),
        (_loan(50, "High", True), one("Declined")),
        (_loan(50, "High", False), None),
    ), _LOAN_INPUTS),
    TableCase("any: rows that overlap and agree", 2, _LOAN, (
        (_loan(18, "Low", True), one("Approved")),
        (_loan(17, "Low", False), one("Declined")),
        (_loan(40, "High", False), one("Declined")),
    ), _LOAN_INPUTS, policy="ANY"),
    TableCase("first: the order of rows decides", 2, (
        ((">= 60",), ('"senior"',)), ((">= 18",), ('"adult"',)), (("-",), ('"child"',)),
    ), (({"x": 70}, one("senior")), ({"x": 60}, one("senior")), ({"x": 59}, one("adult")),
        ({"x": 3}, one("child"))), policy="FIRST"),
    TableCase("rule order: all in the order of rows", 2, (
        (("> 0",), ('"some"',)), (("> 10",), ('"many"',)), (("> 100",), ('"very many"',)),
    ), (({"x": 11}, [one("some"), one("many")]), ({"x": 1}, [one("some")])), policy="RULE ORDER"),
    TableCase("collect: all", 2, _HOLIDAYS, (
        ({"age": 16, "service": 1}, [one(22), one(5)]),
        ({"age": 60, "service": 30}, [one(22), one(3), one(3), one(2)]),
    ), ("age", "service"), policy="COLLECT"),
    TableCase("collect sum", 2, _HOLIDAYS, (
        ({"age": 16, "service": 1}, 27), ({"age": 25, "service": 32}, 25),
        ({"age": 44, "service": 20}, 22), ({"age": 60, "service": 30}, 30),
    ), ("age", "service"), policy="COLLECT", aggregation="SUM"),
    TableCase("collect min", 2, _HOLIDAYS, (
        ({"age": 16, "service": 1}, 5), ({"age": 60, "service": 30}, 2),
    ), ("age", "service"), policy="COLLECT", aggregation="MIN"),
    TableCase("collect max", 2, _HOLIDAYS, (
        ({"age": 16, "service": 1}, 22),
    ), ("age", "service"), policy="COLLECT", aggregation="MAX"),
    TableCase("collect count", 2, _HOLIDAYS, (
        ({"age": 16, "service": 1}, 2), ({"age": 30, "service": 1}, 1),
    ), ("age", "service"), policy="COLLECT", aggregation="COUNT"),
    TableCase("collect sum of decimals", 2, (
        (("> 0",), ("0.1",)), (("> 1",), ("0.2",)), (("> 2",), ("0.3",)),
    ), (({"x": 2}, 0.3), ({"x": 3}, 0.6), ({"x": 1}, 0.1)), policy="COLLECT", aggregation="SUM"),
    TableCase("ranges, closed and open", 2, (
        (("[1..5]",), ('"a"',)), (("(5..10)",), ('"b"',)), (("[10..11[",), ('"c"',)),
        (("]11..12]",), ('"d"',)),
    ), (({"x": 1}, one("a")), ({"x": 5}, one("a")), ({"x": 5.1}, one("b")), ({"x": 10}, one("c")),
        ({"x": 11}, None), ({"x": 12}, one("d")), ({"x": 0}, None), ({"x": None}, None))),
    TableCase("lists and not", 2, (
        (('"a","b"',), ("1",)), (('not("a","b")',), ("2",)),
    ), (({"x": "a"}, one(1)), ({"x": "b"}, one(1)), ({"x": "c"}, one(2)))),
    TableCase("numbers in lists and ranges together", 2, (
        (("1, 3, [10..20]",), ('"in"',)), (("not(1, 3, [10..20])",), ('"out"',)),
    ), (({"x": 3}, one("in")), ({"x": 10}, one("in")), ({"x": 2}, one("out")),
        ({"x": 20.5}, one("out")))),
    TableCase("decimals compare as decimals", 2, (
        (("0.3",), ('"same"',)), (("< 0.3",), ('"less"',)), (("> 0.3",), ('"more"',)),
    ), (({"x": 0.3}, one("same")), ({"x": 0.29}, one("less")), ({"x": 0.3000001}, one("more")))),
    TableCase("dates and ranges of dates", 2, (
        (('< date("2026-03-09")',), ('"before"',)),
        (('[date("2026-03-09")..date("2026-03-31")]',), ('"march"',)),
        (('> date("2026-03-31")',), ('"after"',)),
    ), (({"x": date(2026, 3, 8)}, one("before")), ({"x": date(2026, 3, 9)}, one("march")),
        ({"x": date(2026, 3, 31)}, one("march")), ({"x": date(2026, 4, 1)}, one("after")))),
    TableCase("null and not null", 2, (
        (("null",), ('"unset"',)), (("not(null)",), ('"set"',)),
    ), (({"x": None}, one("unset")), ({"x": 0}, one("set")), ({"x": ""}, one("set")))),
    TableCase("true is no number", 2, (
        (("true",), ('"yes"',)), (("1",), ('"one"',)),
    ), (({"x": True}, one("yes")), ({"x": 1}, one("one")), ({"x": False}, None))),
    TableCase("several outputs", 2, (
        (('"Low"',), ('"Approved"', "0.05")), (('"High"',), ('"Declined"', "null")),
    ), (({"x": "Low"}, {"status": "Approved", "rate": 0.05}),
        ({"x": "High"}, {"status": "Declined", "rate": None})), outputs=("status", "rate")),
    TableCase("several inputs decide a decimal", 2, _DISCOUNT, (
        ({"who": "Business", "n": 5}, one(0.05)), ({"who": "Business", "n": 10}, one(0.1)),
        ({"who": "Private", "n": 50}, one(0)),
    ), ("who", "n")),
    TableCase("texts and names in cells", 2, (
        (("y",), ('"same"',)), (("not(y)",), ('"other"',)),
    ), (({"x": "a", "y": "a"}, one("same")), ({"x": "a", "y": "b"}, one("other")))),
    TableCase("? is the input", 3, (
        (("? >= y",), ('"reached"',)), (("? < y",), ('"short"',)),
    ), (({"x": 5, "y": 5}, one("reached")), ({"x": 4, "y": 5}, one("short")))),
    TableCase("an expression as the input", 3, (
        (("0.3",), ('"three tenths"',)), (("not(0.3)",), ('"other"',)),
    ), (({"a": 0.1, "b": 0.2}, one("three tenths")), ({"a": 0.1, "b": 0.1}, one("other"))),
        ("a + b",)),
    TableCase("expressions as outputs", 3, (
        (("> 0",), ("x * 1.1",)), (("<= 0",), ("-x / 4",)),
    ), (({"x": 3}, one(3.3)), ({"x": 10}, one(11)), ({"x": -1}, one(0.25)), ({"x": -8}, one(2)))),
    TableCase("lists and groups as outputs", 3, (
        (("true",), ('["a", "b"]',)), (("false",), ('{"k": 1}',)),
    ), (({"x": True}, one(["a", "b"])), ({"x": False}, one({"k": 1})))),
    TableCase("members of a group as the input", 3, (
        ((">= 670",), ('"good"',)), (("< 670",), ('"poor"',)),
    ), (({"applicant": {"score": 670}}, one("good")), ({"applicant": {"score": 1.5}}, one("poor")),
        ({"applicant": {}}, None)), ("applicant.score",)),
    TableCase("a list that is given in the cell by name", 3, (
        (("known",), ('"known"',)), (("not(known)",), ('"new"',)),
    ), (({"x": "a", "known": ["a", "b"]}, one("known")),
        ({"x": "c", "known": ["a", "b"]}, one("new")))),
    TableCase("whether an expression holds", 3, (
        (("true",), ('"both"',)), (("false",), ('"not both"',)),
    ), (({"a": True, "b": True}, one("both")), ({"a": True, "b": False}, one("not both")),
        ({"a": None, "b": True}, one("not both"))), ("a and b",)),
)  # fmt: skip

REFUSED: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("a number with a comma as output", "1,000", {}),
    ("a number in sixteens", "0x10", {}),
    ("a number with an exponent", "1e3", {}),
    ("a number with lines in it", "1_000", {}),
    ("two texts in a row", '"a" "b"', {}),
    ("a list without brackets", '"a", "b"', {}),
    ("a place in a list, counted from 0", "y[0]", {}),
    ("a part of a text", '"a" in "abc"', {}),
    ("true as Python writes it", "True", {}),
    ("sum on the order of rows", "1", {"policy": "RULE ORDER", "aggregation": "SUM"}),
    ("sum on unique", "1", {"policy": "UNIQUE", "aggregation": "SUM"}),
    ("an order of outputs", "1", {"policy": "OUTPUT ORDER"}),
    ("priority", "1", {"policy": "PRIORITY"}),
)
"""What is refused by name instead of read otherwise: what, an output cell, the settings."""


def prove() -> dict[str, Any]:
    """Answer all cases; return how many there are of each level, and what is wrong."""
    problems = [each for case in CASES for each in case.wrong()]
    return {
        "proof": "decision tables answer as DMN says",
        "tables": {level: sum(case.level == level for case in CASES) for level in (2, 3)},
        "answers": sum(len(case.answers) for case in CASES),
        "refused": len(REFUSED),
        "problems": problems,
    }
