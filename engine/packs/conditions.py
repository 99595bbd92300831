"""When a question matters: `x-show-when` in a form, as data that a page's script understands.

Only comparisons with the form's own questions are translated; a condition that says more is left
to its hint, and its question always shows.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import TypeAlias

from engine.domain import JsonValue
from engine.errors import ExpressionError
from engine.packs.forms import Field
from engine.rules.expressions import compile_expression

JSON_WORDS: Mapping[str, JsonValue] = {"true": True, "false": False, "null": None}
COMPARES: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.NotEq: "!="}
Shape: TypeAlias = dict[str, JsonValue]


class _NotForScripts(Exception):
    """The condition says more than the script can work out."""


def for_script(text: str, questions: Mapping[str, Field]) -> str:
    """Return a condition as JSON, or "" when the script cannot tell.

    The shapes: {"is": question}, {"is_set": question}, {"==": [question, value]}, {"!=": …},
    {"in": [question, [value…]]}, {"has": [question, value]}, {"and": […]}, {"or": […]},
    {"not": …}.
    """
    if not text:
        return ""
    try:
        return json.dumps(_node(compile_expression(text).tree, questions))
    except (_NotForScripts, ExpressionError):
        return ""


def in_words(text: str, questions: Mapping[str, Field]) -> str:
    """Return "Only if “Is there drift or delay?” is yes.", or "" for what is not so simple."""
    shape = json.loads(for_script(text, questions) or "{}")
    match list(shape.items()):
        case [("is", name)]:
            return f"Only if “{questions[name].title}” is yes."
        case [("==", [name, value])] if value is not None:
            return f"Only if “{questions[name].title}” is {_answer(questions[name], value)}."
        case [("is_set", name)]:
            return f"Only if “{questions[name].title}” is answered."
    return ""


def _answer(question: Field, value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{dict(question.options).get(str(value), str(value))}”"


def _node(node: ast.expr, questions: Mapping[str, Field]) -> Shape:
    match node:
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            return {word: [_node(each, questions) for each in values]}
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return {"not": _node(inner, questions)}
        case ast.Name(id=name) if name in questions:
            return {"is": name}
        case ast.Call(func=ast.Name(id="is_set"), args=[ast.Name(id=name)]) if name in questions:
            return {"is_set": name}
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(left, op, right, questions)
    raise _NotForScripts


def _comparison(
    left: ast.expr, op: ast.cmpop, right: ast.expr, questions: Mapping[str, Field]
) -> Shape:
    name, other = _question(left, questions), _question(right, questions)
    if isinstance(op, ast.In | ast.NotIn):
        if name and isinstance(listed := _value(right), list):
            shape: Shape = {"in": [name, listed]}
        elif other:
            shape = {"has": [other, _value(left)]}
        else:
            raise _NotForScripts
        return shape if isinstance(op, ast.In) else {"not": shape}
    if type(op) in COMPARES and name and not isinstance(value := _value(right), list):
        return {COMPARES[type(op)]: [name, value]}
    raise _NotForScripts


def _question(node: ast.expr, questions: Mapping[str, Field]) -> str:
    return node.id if isinstance(node, ast.Name) and node.id in questions else ""


def _value(node: ast.expr) -> JsonValue:
    match node:
        case ast.Constant(value=str() | bool() | int() | None as value):
            return value
        case ast.Name(id=name) if name in JSON_WORDS:
            return JSON_WORDS[name]
        case ast.List(elts=inner) | ast.Tuple(elts=inner):
            return [_value(each) for each in inner]
    raise _NotForScripts
