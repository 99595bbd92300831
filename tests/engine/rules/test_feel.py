"""FEEL cells as dmn-js writes them, with their FEEL meaning or refused naming the place."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.rules.unary_tests import compile_output, compile_unary_tests

NAMES = {
    "last_ppm_held_on": date(2026, 3, 2),
    "unset": None,
    "codes": ["C1", "V2"],
    "answers": {"held_on": "2026-03-02"},
}
numbers = st.integers(-1000, 1000)


def passes(cell, value):
    return compile_unary_tests(cell).matches(value, NAMES)


class TestUnaryTests:
    @pytest.mark.parametrize(
        ("cell", "value", "expected"),
        [
            ("-", None, True),
            ("", 5, True),
            ("  ", 5, True),
            ("null", None, True),
            ("null", 0, False),
            ("null", "", False),
            ("not(null)", None, False),
            ("not(null)", False, True),
            ("true", True, True),
            ("true", 1, False),
            ("true", None, False),
            ("false", False, True),
            ("false", None, False),
            ('"D-PG"', "D-PG", True),
            ('"D-PG"', "D-2021", False),
            ('"C1","V2"', "V2", True),
            ('"C1", "V2"', "E1", False),
            ('"C1","V2"', None, False),
            ('"C1",null', None, True),
            ('not("C1","V2")', "E1", True),
            ('not("C1","V2")', "C1", False),
            (r'"say \"no\""', 'say "no"', True),
            ('"a,b"', "a,b", True),
            ("10", 10, True),
            ("-1", -1, True),
            ("1.5", 1.5, True),
            (".5", 0.5, True),
            ("10", "10", False),
            ("< 8", 7, True),
            ("< 8", 8, False),
            ("<= 8", 8, True),
            ("> -3", -2, True),
            (">= 8", None, False),
            ("not(> 3)", 2, True),
            ("< 3, > 8", 9, True),
            ("= 3", 3, True),
            ("!= 3", 4, True),
            ("? > 3", 4, True),
            ("[1..5]", 5, True),
            ("[1..5)", 5, False),
            ("(1..5]", 1, False),
            ("]1..5[", 5, False),
            ("]1..5[", 3, True),
            ("[1.5..2.5]", 2, True),
            ("[-5..-1]", -3, True),
            ("[1..5]", None, False),
            ("[1..2], [8..9]", 8, True),
            ('date("2026-03-02")', date(2026, 3, 2), True),
            ('@"2026-03-02"', date(2026, 3, 2), True),
            ('>= date("2026-03-02")', date(2026, 3, 1), False),
            ('[date("2026-03-01")..date("2026-03-31")]', date(2026, 3, 9), True),
            ("> last_ppm_held_on", date(2026, 3, 3), True),
            ("> last_ppm_held_on", date(2026, 3, 2), False),
            ("> last_ppm_held_on", "2026-03-03", True),
            ("> last_ppm_held_on", None, False),
            ("> unset", date(2026, 3, 3), False),
            ("< unset", date(2026, 3, 3), False),
            ("not_among_the_names", None, True),
            ("> not_among_the_names", 5, False),
            ("answers.held_on", date(2026, 3, 2), True),
            ("answers.missing.deeper", 1, False),
            ("codes", "V2", True),
            ("codes", "E1", False),
        ],
    )
    def test_mean_what_feel_means(self, cell, value, expected):
        assert passes(cell, value) is expected

    @pytest.mark.parametrize(
        "cell",
        [
            "> > 1", "1..5", "[1..5", "[1..", "[..5]", "[1,5]", "1,", ",1", "not(", "not()",
            "not(1", "not(1) , 2", "a b", '"unfinished', "'single'", "x(1)", "date(2026)",
            'date("soon")', 'date("2026-02-30")', 'date("2026-03-02"', "? in [1..2]", "?", "? 5",
            "x + 1", "1 + 1", "-x", "--1", "- -", "9" * 30, "= = 1", "if x then 1 else 2",
            "some x in y satisfies x", '__import__("os")', "x.__class__", "_x", "a..b", "{}", "[]",
            "\x00", "1;2", '"a" "b"', "matches(?, \"x\")", "1" * 2001, 'duration("P1D")', "\\",
        ],
    )  # fmt: skip
    def test_refuse_anything_else(self, cell):
        with pytest.raises(ExpressionError) as refused:
            compile_unary_tests(cell)
        assert refused.value.why

    @pytest.mark.parametrize(
        ("cell", "value"), [("> 3", "a"), ('< "a"', 3), ("[1..5]", True), ("> codes", 5)]
    )
    def test_refuse_an_order_between_kinds(self, cell, value):
        with pytest.raises(ExpressionError, match="no order"):
            passes(cell, value)

    def test_name_the_place(self):
        with pytest.raises(ExpressionError, match="at character 6"):
            compile_unary_tests('"a",>>')

    def test_name_what_they_read(self):
        cell = compile_unary_tests('> last_ppm_held_on, answers.held_on, "x", true')

        assert cell.names == {"last_ppm_held_on", "answers"}

    @given(numbers, numbers, numbers)
    def test_ranges_are_pairs_of_comparisons(self, value, low, high):
        assert passes(f"[{low}..{high})", value) is (low <= value < high)
        assert passes(f"]{low}..{high}]", value) is (low < value <= high)

    @given(st.lists(numbers, min_size=1, max_size=8), numbers)
    def test_lists_are_alternatives(self, members, value):
        cell = ",".join(map(str, members))

        assert passes(cell, value) is (value in members)
        assert passes(f"not({cell})", value) is (value not in members)

    @given(st.text(max_size=30) | st.text(alphabet='[]()<>=.,-?@"not 12adl', max_size=30), numbers)
    def test_whatever_is_written_matches_or_is_refused(self, cell, value):
        with contextlib.suppress(ExpressionError):
            assert passes(cell, value) in (True, False)


class TestOutputs:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ('"ppm"', "ppm"),
            ("10", 10),
            ("-1.5", -1.5),
            ("true", True),
            ("null", None),
            ("", None),
            ('date("2026-03-02")', date(2026, 3, 2)),
            ("amount * 2", 20),
            ('"a" + "b"', "ab"),
            ("amount", 10),
            ("unset", None),
        ],
    )
    def test_are_literals_or_expressions(self, cell, value):
        assert compile_output(cell).value({"amount": 10, "unset": None}, {}) == value

    @pytest.mark.parametrize("cell", ["-", "15 working days", "open('x')[", "a = 1", "a.b()"])
    def test_refuse_anything_else(self, cell):
        with pytest.raises(ExpressionError):
            compile_output(cell)
