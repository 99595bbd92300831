"""The one closed expression language of packs: conditions, timers, loops, mappings, scripts.

Only the syntax in `_ALLOWED` exists; everything else is refused when an expression is compiled,
naming the place. `engine.rules.operators` says what the operators do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import simpleeval

from engine.errors import EngineError, ExpressionError
from engine.rules.literals import why_not_as_written, why_not_feel
from engine.rules.operators import (
    OPERATORS,
    RESERVED,
    LanguageError,
    bounded,
    evaluator,
    yes_or_no,
)

MAX_LENGTH = 2_000
MAX_NODES = 600
MAX_TREE_DEPTH = 40
MAX_SCRIPT_LINES = 100

_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Tuple, ast.Dict,
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp,
)  # fmt: skip
_WORDS: dict[type[ast.AST], str] = {
    ast.Pow: "powers (**) are not part of the language",
    ast.MatMult: "@ is not part of the language",
    ast.LShift: "shifts (<<) are not part of the language",
    ast.RShift: "shifts (>>) are not part of the language",
    ast.BitAnd: "write 'and', not &",
    ast.BitOr: "write 'or', not |",
    ast.BitXor: "^ is not part of the language",
    ast.Invert: "write 'not', not ~",
    ast.Is: "write ==, not 'is'",
    ast.IsNot: "write !=, not 'is not'",
    ast.Lambda: "lambda is not part of the language",
    ast.JoinedStr: "formatted texts (f'…') are not part of the language",
    ast.NamedExpr: ":= is not part of the language",
    ast.Slice: "slices are not part of the language",
    ast.Starred: "* in a list is not part of the language",
    ast.Set: "sets are not part of the language; write a list in [ ]",
}
_ASSIGNMENT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*=(?!=)(.+)")


@dataclass(frozen=True)
class Expression:
    """A compiled expression: its text, the names it reads and the functions it calls."""

    text: str
    tree: ast.expr = field(repr=False, compare=False)
    names: frozenset[str]
    functions: frozenset[str]


@dataclass(frozen=True)
class Script:
    """Lines of `name = expression`; `names` are those read before the script sets them."""

    text: str
    lines: tuple[tuple[str, Expression], ...]
    names: frozenset[str]

    @property
    def assigns(self) -> frozenset[str]:
        """The names that the script sets."""
        return frozenset(name for name, _ in self.lines)


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Return the expression in `text`; `= x`, `${x}` and `#{x}` of other modellers read as x.

    Raises:
        ExpressionError: `text` is outside the language; says where and why.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(text[:60] + "…", f"is longer than {MAX_LENGTH} characters")
    source = _strip(text)
    if not source:
        raise ExpressionError(text, "is empty")
    if "\\" in source:
        raise ExpressionError(text, "a backslash is not part of the language")
    source = _in_one(source)
    tree = _parse(source, text)
    names, functions = set[str](), set[str]()
    for node in _walk(tree, text):
        _check(node, text, source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            functions.add(node.func.id)
        elif isinstance(node, ast.Name) and node.id not in RESERVED:
            names.add(node.id)
    return Expression(text, tree, frozenset(names), frozenset(functions))


@lru_cache(maxsize=4096)
def compile_for_table(text: str) -> Expression:
    """Return the expression of a decision table's column or cell.

    Raises:
        ExpressionError: `text` is outside the language, or FEEL reads it otherwise.
    """
    expression = compile_expression(text)
    for node in _walk(expression.tree, text):
        if (why := why_not_feel(node)) is not None:
            raise ExpressionError(text, why)
    return expression


def evaluate(
    expression: Expression | str,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> object:
    """Return the value of `expression`.

    Raises:
        ExpressionError: unknown name or function, values that do not belong together, a result
            out of bounds.
    """
    if isinstance(expression, str):
        expression = compile_expression(expression)
    try:
        return evaluator().run(expression.tree, names=names, functions=functions)
    except ExpressionError as error:
        raise ExpressionError(expression.text, error.why) from error
    except (LanguageError, simpleeval.InvalidExpression, EngineError) as error:
        raise ExpressionError(expression.text, str(error)) from error
    except RecursionError as error:
        raise ExpressionError(expression.text, "is nested too deeply") from error


def holds(
    condition: Expression | str,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> bool:
    """Return whether a condition holds; null is no.

    Raises:
        ExpressionError: as `evaluate`, and when it gives neither yes nor no.
    """
    found = evaluate(condition, names, functions)
    try:
        return yes_or_no(found)
    except LanguageError as error:
        text = condition if isinstance(condition, str) else condition.text
        raise ExpressionError(text, str(error)) from error


@lru_cache(maxsize=512)
def compile_script(text: str) -> Script:
    """Return the script in `text`: lines of `name = expression`, blank lines allowed.

    Raises:
        ExpressionError: a line is something else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_SCRIPT_LINES:
        raise ExpressionError(text[:60] + "…", f"has more than {MAX_SCRIPT_LINES} lines")
    compiled, read, assigned = [], set[str](), set[str]()
    for line in lines:
        found = _ASSIGNMENT.fullmatch(line)
        if found is None or found[1] in RESERVED | {"True", "False", "None"}:
            raise ExpressionError(line[:200], "a script line is: name = expression")
        expression = compile_expression(found[2].strip())
        read |= expression.names - assigned
        assigned.add(found[1])
        compiled.append((found[1], expression))
    return Script(text, tuple(compiled), frozenset(read))


def run_script(
    script: Script | str,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> dict[str, object]:
    """Return what the script sets; a line sees what the lines above it set.

    Raises:
        ExpressionError: as `evaluate`.
    """
    if isinstance(script, str):
        script = compile_script(script)
    assigned: dict[str, object] = {}
    for name, expression in script.lines:
        assigned[name] = evaluate(expression, {**names, **assigned}, functions)
    try:
        bounded(assigned)
    except LanguageError as error:
        raise ExpressionError(script.text[:200], str(error)) from error
    return assigned


def _strip(text: str) -> str:
    source = text.strip()
    if source.startswith(("${", "#{")) and source.endswith("}"):
        source = source[2:-1].strip()
    if source.startswith("=") and not source.startswith("=="):
        source = source[1:].strip()
    return source


def _in_one(source: str) -> str:
    """Return a source in brackets if it has several lines, so that a modeller's breaks stand."""
    return f"({source}\n)" if "\n" in source or "\r" in source else source


def _parse(source: str, text: str) -> ast.expr:
    try:
        return ast.parse(source, mode="eval").body
    except SyntaxError as error:
        place = f"at character {error.offset}: " if error.offset else ""
        raise ExpressionError(text, f"{place}{_hint(source) or error.msg}") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(text, "cannot be read: nested too deeply or not text") from error


def _hint(source: str) -> str:
    if "${" in source or "#{" in source:
        return "${…} may only stand around the whole expression"
    if "&&" in source or "||" in source:
        return "write 'and' and 'or', not && and ||"
    if re.search(r"(?<![=!<>])=(?!=)", source):
        return "write == to compare"
    if "!" in source.replace("!=", ""):
        return "write 'not', not !"
    return ""


def _walk(tree: ast.expr, text: str) -> Iterator[ast.AST]:
    """Yield every node but a call's function name and contexts; bounded, without recursion."""
    stack: list[tuple[ast.AST, int]] = [(tree, 1)]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node, depth = stack.pop()
        if depth > MAX_TREE_DEPTH:
            raise ExpressionError(text, "is nested too deeply")
        yield node
        children = [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.expr_context)
            and not (isinstance(node, ast.Call) and child is node.func)
        ]
        stack += [(child, depth + 1) for child in children]
    if stack:
        raise ExpressionError(text, "is too large; split it")


def _check(node: ast.AST, text: str, source: str) -> None:
    """Refuse whatever is outside the language, naming the place."""
    why = _why_refused(node) or why_not_as_written(node, source)
    if why is not None:
        offset = getattr(node, "col_offset", None)
        place = f"at character {offset + 1}: " if offset is not None else ""
        raise ExpressionError(text, place + why)


def _why_refused(node: ast.AST) -> str | None:
    if type(node) in _WORDS:
        return _WORDS[type(node)]
    if isinstance(node, ast.operator | ast.unaryop | ast.cmpop | ast.boolop):
        known = type(node) in OPERATORS or isinstance(node, ast.boolop)
        return None if known else f"{type(node).__name__} is not part of the language"
    if not isinstance(node, _ALLOWED):
        return f"{type(node).__name__} is not part of the language"
    if isinstance(node, ast.Constant):
        return _why_no_literal(node.value)
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        return f"a name does not begin with _: {node.id}"
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        return f"a name does not begin with _: {node.attr}"
    if isinstance(node, ast.Call):
        return _why_no_call(node)
    if isinstance(node, ast.Dict) and not all(_is_text(key) for key in node.keys):
        return "the keys of a dictionary are texts"
    return None


def _why_no_literal(value: object) -> str | None:
    if value is not None and not isinstance(value, bool | int | float | str):
        return f"{value!r} is no literal of the language"
    try:
        bounded(value)
    except LanguageError as error:
        return str(error)
    return None


def _why_no_call(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Attribute):
        return "values have no methods; only the functions of the language can be called"
    if not isinstance(node.func, ast.Name):
        return "only the functions of the language can be called"
    if node.func.id.startswith("_"):
        return f"a name does not begin with _: {node.func.id}"
    if node.keywords:
        return "arguments are given by place, not by name"
    return None


def _is_text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)
