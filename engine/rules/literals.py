"""Literals as they are written: what Python reads otherwise than anybody who writes a policy.

`1,000` is a pair for Python, `0x10` sixteen and `"a" "b"` one text.
"""

from __future__ import annotations

import ast
import re

_NUMBER = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


def why_not_as_written(node: ast.AST, source: str) -> str | None:
    """Return what is wrong with how a literal is written in `source`; None if nothing is."""
    if isinstance(node, ast.Tuple) and not _written(node, source).startswith("("):
        return "values in a row stand in [ ]; a number is written without commas, such as 1000"
    if not isinstance(node, ast.Constant):
        return None
    written = _written(node, source)
    if isinstance(node.value, str) and not _TEXT.fullmatch(written):
        return f"a text stands once, in plain quotes: {written[:40]}"
    number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if number and not _NUMBER.fullmatch(written):
        return f"a number is written in digits, such as 1000 or 2.5, not {written[:40]}"
    return None


def why_not_feel(node: ast.AST) -> str | None:
    """Return why a part of an expression may not stand in a decision table; None if it may.

    What FEEL reads otherwise than this language does, or not at all as a value.
    """
    match node:
        case ast.Tuple():
            return "a list stands in [ ]"
        case ast.Subscript():
            return "FEEL counts places in a list from 1, and this language from 0; name the value"
        case ast.Compare(ops=ops, comparators=found):
            for operator, other in zip(ops, found, strict=True):
                text = isinstance(other, ast.Constant) and isinstance(other.value, str)
                if isinstance(operator, ast.In | ast.NotIn) and text:
                    return "'in' asks for a list in [ ]; FEEL seeks nothing within a text"
        case ast.Constant(value=True | False | None):
            return "write true, false or null"
    return None


def _written(node: ast.expr, source: str) -> str:
    return ast.get_source_segment(source, node) or ""
