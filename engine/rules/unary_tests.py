"""FEEL unary tests and literals, as dmn-js writes them into the cells of a decision table.

Accepted with their FEEL meaning: `-`, empty, texts, numbers, true, false, null, `date("…")`,
names, lists, `not(…)`, `< <= > >= = !=`, ranges, and `?` for the input before a comparison.
Anything else is refused. `null` matches an unset input, `not(null)` a set one.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from engine.errors import ExpressionError
from engine.rules.expressions import Expression, compile_for_table, evaluate
from engine.rules.operators import RESERVED, LanguageError, bounded, compare, equal

MAX_LENGTH = 2_000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\["\\])*")
    | (?P<number>(?:\d+(?:\.(?!\.)\d+)?|\.\d+))
    | (?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)
    | (?P<sign>\.\.|<=|>=|!=|[<>=()\[\],?@-])
    )""",
    re.VERBOSE,
)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Scope = Callable[[str], object]
Test = Callable[[object, Scope], bool]
Read = Callable[[Scope], object]


@dataclass(frozen=True)
class UnaryTests:
    """A compiled cell: `text` as written, the `names` it reads from the facts in scope."""

    text: str
    names: frozenset[str]
    _test: Test = field(repr=False, compare=False)

    def matches(self, value: object, names: Mapping[str, object]) -> bool:
        """Return whether the input `value` passes; a name that is not in `names` is null.

        Raises:
            ExpressionError: the input and the cell cannot be compared.
        """
        try:
            return self._test(value, lambda name: _read(name, names))
        except LanguageError as error:
            raise ExpressionError(self.text, str(error)) from error


@dataclass(frozen=True)
class OutputCell:
    """A compiled output: a FEEL literal, else an expression of ours."""

    text: str
    literal: object = None
    expression: Expression | None = None

    def value(
        self,
        names: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
    ) -> object:
        """Return the cell's value."""
        if self.expression is None:
            return self.literal
        return evaluate(self.expression, names, functions)


@lru_cache(maxsize=4096)
def compile_unary_tests(text: str) -> UnaryTests:
    """Return the cell's tests.

    Raises:
        ExpressionError: the cell is not one of the forms above; says where.
    """
    reader = _Reader(text)
    test = reader.whole()
    return UnaryTests(text, frozenset(reader.names), test)


@lru_cache(maxsize=4096)
def compile_output(text: str) -> OutputCell:
    """Return the output cell: empty is null, a literal itself, else an expression of ours."""
    if not text.strip():
        return OutputCell(text)
    try:
        reader = _Reader(text)
        read = reader.endpoint()
        reader.end()
        if not reader.names:
            return OutputCell(text, literal=read(lambda _: None))
    except ExpressionError:
        pass  # No literal: it has to be an expression, whose compiler says what is wrong.
    return OutputCell(text, expression=compile_for_table(text))


def _read(name: str, names: Mapping[str, object]) -> object:
    first, *keys = name.split(".")
    value = names.get(first)
    for key in keys:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise LanguageError(f"{first} has no {key!r}")
        value = value.get(key)
    return value


class _Reader:
    """Reads one cell from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self._tokens = self._split(text)
        self._at = 0

    def whole(self) -> Test:
        """Read `-`, nothing, `not(list)` or a list of tests."""
        if not self._tokens or [sign for _, sign, _ in self._tokens] == ["-"]:
            return lambda _value, _scope: True
        if self._peek() == "not" and self._peek(1) == "(":
            self._at += 2
            inner = self._list()
            self._expect(")")
            self.end()
            return lambda value, scope: not inner(value, scope)
        test = self._list()
        self.end()
        return test

    def end(self) -> None:
        """Require that nothing is left."""
        if self._at < len(self._tokens):
            raise self._wrong(f"{self._peek()!r} is not understood here")

    def endpoint(self) -> Read:
        """Read a literal, `date("…")`, a negative number or a name."""
        kind, token, _ = self._next()
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda _scope: text
        if kind == "number":
            return self._number(token)
        if token == "-" and self._kind() == "number":
            return self._number("-" + self._next()[1])
        if token == "@" or (token == "date" and self._peek() == "("):
            day = self._date(in_brackets=token == "date")
            return lambda _scope: day
        if kind != "name" or self._peek() == "(":
            self._at -= 1
            raise self._wrong(f"{token!r} is not understood here")
        if token in RESERVED:
            constant = {"true": True, "false": False, "null": None}[token]
            return lambda _scope: constant
        self.names.add(token.split(".")[0])
        return lambda scope: scope(token)

    def _list(self) -> Test:
        tests = [self._test()]
        while self._peek() == ",":
            self._at += 1
            tests.append(self._test())
        if len(tests) == 1:
            return tests[0]
        return lambda value, scope: any(test(value, scope) for test in tests)

    def _test(self) -> Test:
        asked = self._peek() == "?"
        self._at += asked
        sign = self._peek()
        if sign in _ORDER or sign in ("=", "!="):
            self._at += 1
            return _comparison(sign, self.endpoint())
        if asked:
            raise self._wrong("after ? a comparison is needed")
        if sign in ("[", "(", "]"):
            return self._range()
        return _member(self.endpoint())

    def _range(self) -> Test:
        above = operator.ge if self._next()[1] == "[" else operator.gt
        low = self.endpoint()
        self._expect("..")
        high = self.endpoint()
        closing = self._peek()
        if closing not in ("]", ")", "["):
            raise self._wrong("the range is not closed with ] or )")
        self._at += 1
        below = operator.le if closing == "]" else operator.lt
        return lambda value, scope: (
            compare(above, value, low(scope)) and compare(below, value, high(scope))
        )

    def _number(self, token: str) -> Read:
        number: int | float = float(token) if "." in token else int(token)
        try:
            bounded(number)
        except LanguageError as error:
            raise self._wrong(str(error)) from error
        return lambda _scope: number

    def _date(self, *, in_brackets: bool) -> date:
        if in_brackets:
            self._expect("(")
        kind, token, _ = self._next()
        try:
            day = date.fromisoformat(token[1:-1]) if kind == "text" and len(token) == 12 else None
        except ValueError:
            day = None
        if day is None:
            raise self._wrong('a date is written date("2026-03-09")')
        if in_brackets:
            self._expect(")")
        return day

    def _split(self, text: str) -> list[tuple[str, str, int]]:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(text[:60] + "…", f"is longer than {MAX_LENGTH} characters")
        tokens, at, end = [], 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise ExpressionError(text, f"at character {at + 1}: not understood")
            kind = found.lastgroup
            tokens.append((kind, found[kind], found.start(kind) + 1))
            at = found.end()
        return tokens

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _peek(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place][1] if place < len(self._tokens) else ""

    def _next(self) -> tuple[str, str, int]:
        if self._at >= len(self._tokens):
            raise ExpressionError(self.text, "something is missing at the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._wrong(f"{sign!r} is missing")
        self._at += 1

    def _wrong(self, why: str) -> ExpressionError:
        known = self._at < len(self._tokens)
        place = f"at character {self._tokens[self._at][2]}" if known else "at the end"
        return ExpressionError(self.text, f"{place}: {why}")


def _comparison(sign: str, read: Read) -> Test:
    if sign == "=":
        return lambda value, scope: equal(value, read(scope))
    if sign == "!=":
        return lambda value, scope: not equal(value, read(scope))
    return lambda value, scope: compare(_ORDER[sign], value, read(scope))


def _member(read: Read) -> Test:
    """Equal to the endpoint, or one of its members where it is a list."""

    def test(value: object, scope: Scope) -> bool:
        wanted = read(scope)
        if isinstance(wanted, list) and not isinstance(value, list):
            return any(equal(value, item) for item in wanted)
        return equal(value, wanted)

    return test
