"""What kind of value an expression gives, as far as it can be told before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Mapping

YES_OR_NO = "yes or no"
KINDS: Mapping[str, str] = {
    "boolean": YES_OR_NO, "text": "a text", "code": "a code", "user": "a person",
    "date": "a date", "number": "a number", "list": "a list",
    "string": "a text", "integer": "a number", "array": "a list", "object": "a group of values",
}  # fmt: skip
"""A type of facts, or of a form's questions -> what its values are called."""

_OF_CONSTANTS: tuple[tuple[type, str], ...] = (
    (bool, YES_OR_NO), (str, "a text"), (int, "a number"), (float, "a number"),
)  # fmt: skip


def kind_of_value(tree: ast.expr, types: Mapping[str, str]) -> str | None:
    """Return what an expression gives, None where it cannot be told; null is told of nothing.

    Args:
        types: name -> its type in pack.toml or in a form.
    """
    match tree:
        case ast.Constant(value=value):
            return next((kind for each, kind in _OF_CONSTANTS if isinstance(value, each)), None)
        case ast.Name(id=name):
            return KINDS.get(types.get(name, ""))
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return YES_OR_NO
        case ast.BinOp() | ast.UnaryOp():
            return "a number" if not isinstance(getattr(tree, "op", None), ast.Add) else None
        case ast.List() | ast.Tuple():
            return "a list"
        case ast.Dict():
            return "a group of values"
        case ast.IfExp(body=body, orelse=otherwise):
            kinds = {kind_of_value(body, types), kind_of_value(otherwise, types)}
            return kinds.pop() if len(kinds) == 1 else None
    return None


def conditions_in(tree: ast.expr) -> list[ast.expr]:
    """Return what an expression itself takes for yes or no: parts of and, or, not, if."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.BoolOp(values=values):
                found += values
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                found.append(inner)
            case ast.IfExp(test=test):
                found.append(test)
    return found
