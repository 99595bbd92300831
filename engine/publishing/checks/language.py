"""Expressions of a pack: compiled, their names, functions and deadlines looked up."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from engine.bpmn.timers import Cycle, literal_cycle, literal_timer
from engine.errors import ExpressionError
from engine.packs.sittings import SITTING_FUNCTIONS
from engine.packs.tracker_rules import WORDS
from engine.publishing.checks import codes
from engine.publishing.checks.kinds import YES_OR_NO, conditions_in, kind_of_value
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion
from engine.rules.expressions import Expression, compile_expression, compile_script
from engine.step.scope import DEADLINE_FUNCTIONS, OF_ONE_CASE

_LOOKS_LIKE_TIME = re.compile(r"[PR][0-9T/].*|P|\d{4}-.*", re.DOTALL)


@dataclass(frozen=True)
class Vocabulary:
    """What expressions at one place may read.

    `names` is None where not all are known: then none is reported. `fields` are those of
    `answers`, None likewise.
    """

    names: Collection[str] | None
    functions: Mapping[str, Callable[..., object]]
    deadlines: frozenset[str] | None
    fields: frozenset[str] | None
    tables: frozenset[str] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    """Name -> its type, of those that always have the same."""

    free: frozenset[str] = frozenset()
    """What people set to any text that they type (engine/publishing/checks/codes.py)."""

    sittings: frozenset[str] | None = None

    def check_condition(self, report: Report, element: str, text: str, what: str) -> None:
        """Report what is wrong with an expression that must give yes or no."""
        expression = self.check(report, element, text, what)
        if expression is not None:
            self._check_yes_or_no(report, element, expression.tree, what)

    def _check_yes_or_no(self, report: Report, element: str, tree: ast.expr, what: str) -> None:
        kind = kind_of_value(tree, self.types)
        if kind not in (None, YES_OR_NO):
            text = ast.unparse(tree)
            message = (
                f"{_capital(what)} takes {shortened(text)!r} for yes or no, but it is {kind}."
                " Compare it with what it should be."
            )
            report.error(element, "yes-or-no", message)

    def check(self, report: Report, element: str, text: str, what: str) -> Expression | None:
        """Report what is wrong with an expression; `what` names it, as "the condition of …"."""
        try:
            expression = compile_expression(text)
        except ExpressionError as error:
            message = f"{_capital(what)} cannot be read: {shortened(text)!r} {error.why}."
            report.error(element, "expression", message)
            return None
        self._look_up(report, element, expression.tree, expression.names, what)
        return expression

    def check_script(self, report: Report, element: str, text: str, what: str) -> None:
        """Report what is wrong with a script."""
        try:
            script = compile_script(text)
        except ExpressionError as error:
            message = f"{_capital(what)} cannot be read: {error.expression!r} {error.why}."
            report.error(element, "expression", message)
            return
        for name, expression in script.lines:
            here = f"the line '{name} = …' of {what}"
            self._look_up(report, element, expression.tree, expression.names & script.names, here)

    def check_timer(
        self, report: Report, element: str, text: str, what: str, *, repeats: bool = False
    ) -> None:
        """Report what is wrong with a timer's time: a literal, or an expression giving one."""
        bare = text.strip().strip("\"'")
        try:
            if repeats and (cycle := literal_cycle(text)) is not None:
                self._tell_of_start(report, element, cycle, what)
                return
            if not repeats and literal_timer(text) is not None:
                return
            if _LOOKS_LIKE_TIME.fullmatch(bare):
                why = "is no date, time with zone or duration"
                raise ExpressionError(text, "is written R3/P1D" if repeats else why)
        except (ExpressionError, OverflowError) as error:
            why = error.why if isinstance(error, ExpressionError) else "is beyond the calendar"
            message = (
                f"{_capital(what)} cannot be used: {shortened(bare)!r} {why}. Write a duration of"
                " 100 years at most, such as P6W, or a date, such as 2026-03-27."
            )
            report.error(element, "timer", message)
            return
        expression = self.check(report, element, text, what)
        if expression is not None and isinstance(
            expression.tree, ast.Constant | ast.List | ast.Dict
        ):
            message = (
                f"{_capital(what)} is {shortened(bare)!r}, which is no time. Write a duration, such"
                ' as P6W, a date, or a function, such as opens("ppm").'
            )
            report.error(element, "timer", message)

    def _tell_of_start(self, report: Report, element: str, cycle: Cycle, what: str) -> None:
        if cycle.start is None:
            return
        message = (
            f"{_capital(what)} counts from {cycle.start:%-d %B %Y}. Where that has passed when the"
            " event is reached, it happens once at once, for all turns that were missed, and goes"
            " on at the next. Leave the date out to count from the day it is reached."
        )
        report.warn(element, "cycle-start", message)

    def _look_up(
        self, report: Report, element: str, tree: ast.expr, names: Collection[str], what: str
    ) -> None:
        for name in sorted(names) if self.names is not None else ():
            if name not in self.names:  # type: ignore[operator]
                message = (
                    f"{_capital(what)} reads '{shortened(name)}', which is not known there: it is"
                    " no fact of pack.toml, and nothing sets it. Add the fact, or mend the"
                    f" name.{suggestion(name, set(self.names or ()))}"
                )
                report.error(element, "unknown-name", message)
        for name, code in dict(codes.compared(tree, self.free)).items():
            message = (
                f"{_capital(what)} compares '{shortened(name)}' with '{shortened(code)}', but"
                " people type it freely, and only that very text matches. Let them choose from a"
                ' list: give the fact type = "code" with values, or the question oneOf.'
            )
            report.warn(element, "free-text", message)
        for part in conditions_in(tree):
            self._check_yes_or_no(report, element, part, what)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self._check_call(report, element, node, node.func.id, what)
            elif isinstance(node, ast.Attribute):
                self._check_answer(report, element, node, what)

    def _check_call(
        self, report: Report, element: str, node: ast.Call, name: str, what: str
    ) -> None:
        function = self.functions.get(name)
        if function is None:
            message = (
                f"{_capital(what)} calls '{shortened(name)}', which is no function. Use one of"
                f" {', '.join(sorted(self.functions))}.{suggestion(name, self.functions)}"
            )
            report.error(element, "unknown-function", message)
            return
        try:
            inspect.signature(function).bind(*node.args)
        except TypeError:
            wanted = ", ".join(inspect.signature(function).parameters)
            message = (
                f"{_capital(what)} calls {name} with {len(node.args)} values; write"
                f" {name}({wanted})."
            )
            report.error(element, "function-values", message)
            return
        if name in DEADLINE_FUNCTIONS and self.deadlines is not None:
            self._check_deadline(report, element, node.args[0], name, what)
        if name in SITTING_FUNCTIONS and self.sittings is not None:
            self._check_sittings(report, element, node.args[0], what)
        if name == "decision" and self.tables is not None:
            self._check_table(report, element, node.args[0], what)

    def _check_sittings(self, report: Report, element: str, argument: ast.expr, what: str) -> None:
        known = self.sittings or frozenset()
        if isinstance(argument, ast.Constant) and argument.value not in known:
            name = str(argument.value)
            message = (
                f"{_capital(what)} asks for the sittings '{shortened(name)}', which pack.toml does"
                f" not plan. Use one of {listed(known) or 'none yet'}, or add"
                f" [sittings.{shortened(name)}].{suggestion(name, known)}"
            )
            report.error(element, "unknown-sittings", message)

    def _check_table(self, report: Report, element: str, argument: ast.expr, what: str) -> None:
        known = self.tables or frozenset()
        if isinstance(argument, ast.Constant) and argument.value not in known:
            name = str(argument.value)
            message = (
                f"{_capital(what)} asks the decision table '{shortened(name)}', which is in no .dmn"
                f" file. Use one of {listed(known)}.{suggestion(name, known)}"
            )
            report.error(element, "unknown-decision", message)

    def _check_deadline(
        self, report: Report, element: str, argument: ast.expr, function: str, what: str
    ) -> None:
        known = self.deadlines or frozenset()
        if isinstance(argument, ast.Constant) and argument.value not in known:
            name = str(argument.value)
            message = (
                f"{_capital(what)} asks {function} for the deadline '{shortened(name)}', which no"
                f" row of timescales.dmn has. Use one of {listed(known) or 'its rows'}, or add a"
                f" row.{suggestion(name, known)}"
            )
            report.error(element, "unknown-deadline", message)

    def _check_answer(self, report: Report, element: str, node: ast.Attribute, what: str) -> None:
        of_answers = isinstance(node.value, ast.Name) and node.value.id == "answers"
        if of_answers and self.fields is not None and node.attr not in self.fields:
            message = (
                f"{_capital(what)} reads answers.{shortened(node.attr)}, but no form asks that."
                f" Name a question of a form.{suggestion(node.attr, self.fields)}"
            )
            report.error(element, "unknown-answer", message)


def vocabulary(material: Material, local: Collection[str] | None = ()) -> Vocabulary:
    """Return the vocabulary of the pack, with `local` names beside the facts.

    `local` None means that other names may be known there, which ones cannot be told.
    """
    pack = material.pack
    names, types = None, {}
    if pack is not None and local is not None:
        names = frozenset({*pack.facts, "policy", "answers", *local})
        types = {name: fact.type for name, fact in pack.facts.items() if name not in local}
    all_forms_read = material.complete and material.form_ids == set(material.forms)
    return Vocabulary(
        names=names,
        functions=material.functions,
        deadlines=material.deadlines,
        fields=material.form_fields if all_forms_read else None,
        tables=_tables(material),
        types=types,
        free=frozenset(codes.typed_freely(material)) - frozenset(local or ()),
        sittings=None if pack is None else frozenset(pack.sittings),
    )


def tracker_vocabulary(material: Material) -> Vocabulary:
    """Return what is read of many cases at once: no deadline's instant, table or own fact."""
    words = vocabulary(material, WORDS)
    known = {name: each for name, each in words.functions.items() if name not in OF_ONE_CASE}
    return replace(words, functions=known)


def with_types(words: Vocabulary, questions: Mapping[str, object]) -> Vocabulary:
    """Return a vocabulary that knows the types of a form's questions or columns, by name."""
    types = {
        name: str(each.get("type", ""))
        for name, each in questions.items()
        if isinstance(each, Mapping)
    }
    free = words.free - set(questions)
    free |= {name for name, each in questions.items() if codes.is_free(each)}
    return replace(words, types={**words.types, **types}, free=free)


def _tables(material: Material) -> frozenset[str] | None:
    if not material.complete or material.unread_tables:
        return None
    return frozenset(id for tables in material.tables.values() for id in tables)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
