"""What the closed expression language computes: operators on fact values, within bounds.

The values are null, booleans, numbers, texts, dates, lists and dictionaries. Null is an unset
fact: an order comparison with it is false, arithmetic with it is null. Nothing else is implied:
where two kinds of value do not belong together, the expression fails with `LanguageError`.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import simpleeval

from engine.rules.decimals import in_decimals, quotient, remainder

MAX_INT = 2**64
MAX_TEXT = 20_000
MAX_LIST = 1_000
MAX_DEPTH = 20
MAX_SIZE = 200_000

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}
RESERVED = frozenset(_CONSTANTS)


class LanguageError(Exception):
    """An operation the language does not have; the message says which, for people."""


def equal(left: object, right: object) -> bool:
    """Return whether two values are the same; a date equals its ISO 8601 text, `true` no number."""
    if isinstance(left, date) != isinstance(right, date):
        left, right = _day(left), _day(right)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def compare(test: Callable[[Any, Any], bool], left: object, right: object) -> bool:
    """Return `test(left, right)` for two numbers, texts or dates; false if either is null.

    Raises:
        LanguageError: the two cannot be put in order.
    """
    if left is None or right is None:
        return False
    if isinstance(left, date) or isinstance(right, date):
        left, right = _day(left), _day(right)
    kinds = {_kind(left), _kind(right)}
    if len(kinds) != 1 or not kinds <= {"number", "text", "date", "instant"}:
        raise LanguageError(f"a {_kind(left)} and a {_kind(right)} have no order")
    try:
        return test(left, right)
    except TypeError as error:
        raise LanguageError("an instant with a zone and one without have no order") from error


def yes_or_no(value: object) -> bool:
    """Return a yes/no value as it is; null is no.

    Raises:
        LanguageError: it is something else, which Python would take for yes: the text "no" too.
    """
    if value is not None and not isinstance(value, bool):
        said = f" {value[:40]!r}" if isinstance(value, str) else ""
        raise LanguageError(f"yes or no is needed, not a {_kind(value)}{said}")
    return bool(value)


def contains(container: object, member: object) -> bool:
    """Return whether a list, dictionary (its keys) or text contains `member`; null has none."""
    if container is None:
        return False
    if isinstance(container, list | dict):
        return any(equal(member, item) for item in container)
    if isinstance(container, str) and isinstance(member, str):
        return member in container
    if isinstance(container, str) and member is None:
        return False
    raise LanguageError(f"a {_kind(member)} cannot be sought in a {_kind(container)}")


def bounded(value: object) -> object:
    """Return `value` if it is small and of a kind the language knows.

    Raises:
        LanguageError: a number, text, list or depth beyond the bounds above, or a foreign kind.
    """
    if value is None or isinstance(value, bool):
        return value
    _size(value, depth=0, left=MAX_SIZE)
    return value


def _size(value: object, *, depth: int, left: int) -> int:
    """Return what is left of the size budget after `value`."""
    left -= 1
    if isinstance(value, int):
        if abs(value) >= MAX_INT:
            raise LanguageError("the number is too large")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise LanguageError("the number is too large")
    elif isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise LanguageError(f"the text is longer than {MAX_TEXT} characters")
        left -= len(value)
    elif isinstance(value, list | tuple | dict):
        if len(value) > MAX_LIST:
            raise LanguageError(f"the list is longer than {MAX_LIST}")
        if depth >= MAX_DEPTH:
            raise LanguageError("the value is nested too deeply")
        items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in items:
            left = _size(item, depth=depth + 1, left=left - len(str(key)))
    elif value is not None and not isinstance(value, date):
        raise LanguageError(f"a {type(value).__name__} is no value of the language")
    if left < 0:
        raise LanguageError("the value is too large")
    return left


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "yes/no value"
    if isinstance(value, int | float):
        return "number"
    names: list[tuple[type, str]] = [
        (str, "text"),
        (datetime, "instant"),
        (date, "date"),
        (list, "list"),
        (dict, "dictionary"),
    ]
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def _day(value: object) -> object:
    """Return a date for its ISO text, anything else as it is."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


def _numbers(
    name: str, work: Callable[[Decimal, Decimal], Decimal]
) -> Callable[[object, object], object]:
    """Make an arithmetic operator: numbers only, in decimals, null if either is null, bounded."""

    def apply(left: object, right: object) -> object:
        if left is None or right is None:
            return None
        if _kind(left) != "number" or _kind(right) != "number":
            raise LanguageError(f"{name} needs two numbers, not a {_kind(left)}, {_kind(right)}")
        try:
            return bounded(in_decimals(work, left, right))  # type: ignore[arg-type]
        except ArithmeticError as error:
            by_zero = name in ("/", "//", "%") and right == 0
            why = "division by zero" if by_zero else "the number is too large"
            raise LanguageError(why) from (ZeroDivisionError(why) if by_zero else error)

    return apply


def _add(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return bounded(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return bounded(left + right)
    return _ADD_NUMBERS(left, right)


def _negative(value: object) -> object:
    return _SUBTRACT(0, value)


_ADD_NUMBERS = _numbers("+", operator.add)
_SUBTRACT = _numbers("-", operator.sub)

OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Add: _add,
    ast.Sub: _SUBTRACT,
    ast.Mult: _numbers("*", operator.mul),
    ast.Div: _numbers("/", operator.truediv),
    ast.FloorDiv: _numbers("//", quotient),
    ast.Mod: _numbers("%", remainder),
    ast.USub: _negative,
    ast.UAdd: lambda value: _ADD_NUMBERS(0, value),
    ast.Not: lambda value: not yes_or_no(value),
    ast.Eq: equal,
    ast.NotEq: lambda left, right: not equal(left, right),
    ast.Lt: lambda left, right: compare(operator.lt, left, right),
    ast.LtE: lambda left, right: compare(operator.le, left, right),
    ast.Gt: lambda left, right: compare(operator.gt, left, right),
    ast.GtE: lambda left, right: compare(operator.ge, left, right),
    ast.In: lambda member, container: contains(container, member),
    ast.NotIn: lambda member, container: not contains(container, member),
}


class Evaluator(simpleeval.SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with no attributes, no methods and no functions but those handed in.

    A dot reads a dictionary's key, and null where there is none. Kept for each thread, because
    making one costs ten times a simple evaluation; `run` is safe to call from a called function.
    """

    def __init__(self) -> None:
        super().__init__(operators=OPERATORS, functions={}, names={}, allowed_attrs={})
        self.names: Mapping[str, object] = {}
        self.functions: Mapping[str, Callable[..., object]] = {}
        self.nodes = {
            ast.Constant: self._eval_constant,
            ast.Name: self._eval_name,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
            ast.Subscript: self._eval_subscript,
            ast.Attribute: self._eval_attribute,
            ast.List: self._eval_list,
            ast.Tuple: self._eval_list,
            ast.Dict: self._eval_dict,
        }

    def run(
        self,
        tree: ast.expr,
        *,
        names: Mapping[str, object],
        functions: Mapping[str, Callable[..., object]],
    ) -> object:
        """Return the value of a tree that `engine.rules.expressions` has let through."""
        outer = (self.names, self.functions)
        self.names, self.functions = names, functions
        try:
            return bounded(self._eval(tree))
        finally:
            self.names, self.functions = outer

    def _eval_boolop(self, node: ast.BoolOp) -> bool:
        found = (yes_or_no(self._eval(each)) for each in node.values)
        return all(found) if isinstance(node.op, ast.And) else any(found)

    def _eval_ifexp(self, node: ast.IfExp) -> object:
        return self._eval(node.body if yes_or_no(self._eval(node.test)) else node.orelse)

    def _eval_name(self, node: ast.Name) -> object:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in _CONSTANTS:
            return _CONSTANTS[node.id]
        raise LanguageError(f"nothing here is called {node.id!r}")

    def _eval_attribute(self, node: ast.Attribute) -> object:
        return _read_key(self._eval(node.value), node.attr)

    def _eval_subscript(self, node: ast.Subscript) -> object:
        holder, key = self._eval(node.value), self._eval(node.slice)
        if isinstance(holder, list):
            if isinstance(key, bool) or not isinstance(key, int):
                raise LanguageError("a place in a list is a whole number")
            return holder[key] if -len(holder) <= key < len(holder) else None
        return _read_key(holder, key)

    def _eval_call(self, node: ast.Call) -> object:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in self.functions:
            raise LanguageError(f"there is no function {name!r} here")
        arguments = [self._eval(argument) for argument in node.args]
        try:
            return bounded(self.functions[name](*arguments))
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise LanguageError(f"{name}() cannot be worked out: {error}") from error

    def _eval_list(self, node: ast.List | ast.Tuple) -> object:
        return [self._eval(item) for item in node.elts]

    def _eval_dict(self, node: ast.Dict) -> object:
        pairs = zip(node.keys, node.values, strict=True)
        return {self._eval(key): self._eval(value) for key, value in pairs}


def _read_key(holder: object, key: object) -> object:
    if holder is None:
        return None
    if isinstance(holder, Mapping) and isinstance(key, str):
        return holder.get(key)
    raise LanguageError(f"a {_kind(holder)} has no {key!r}")


_THREAD = threading.local()


def evaluator() -> Evaluator:
    """Return this thread's evaluator."""
    found: Evaluator | None = getattr(_THREAD, "evaluator", None)
    if found is None:
        found = _THREAD.evaluator = Evaluator()
    return found
