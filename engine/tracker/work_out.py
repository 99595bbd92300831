"""Works a pack's tracker rules out for many cases: what reads the same is worked out once.

An expression reads a few values of a case. Of 20,000 cases many have the same ones, so the
answer is kept by those values for as long as one look at the tracker takes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from engine.domain import Domain, FactValue, JsonValue
from engine.packs.tracker_rules import WORDS
from engine.packs.version import Definition
from engine.packs.worked_out import compiled, evaluated
from engine.rules.decision_tables import DecisionTable
from engine.rules.decisions import evaluate_table
from engine.rules.expressions import Expression, compile_expression, evaluate
from engine.step.appointments import still_to_come
from engine.step.scope import fact_value
from engine.tracker.read_many import Known, Wants, day_of

Path = tuple[str, str]
"""What an expression reads: (fact or word, key in the word); "" for all of it."""

SCALARS = ("days_late", "late_duty")
_GROUPS = frozenset(WORDS).difference(SCALARS)
_MISSING = object()


@dataclass
class TrackedValues:
    """One case: what was read of it, and what its rules read, as they ask for it."""

    policy: str
    workings: Workings
    known: Known = field(default_factory=Known)
    got: dict[Path, object] = field(default_factory=dict)

    def get(self, path: Path) -> object:
        found = self.got.get(path, _MISSING)
        if found is _MISSING:
            found = self.got[path] = self.workings.look_up(self, path)
        return found

    def value(self, expression: str) -> object:
        """Return what an expression of the pack gives for this case."""
        return self.workings.value(self, expression)


@dataclass
class _Rule:
    """An expression, what it reads, and its answers so far."""

    expression: Expression
    paths: tuple[Path, ...]
    answers: dict[tuple[object, ...], object] = field(default_factory=dict)


class Workings:
    """One definition's rules over many cases, on one day."""

    def __init__(self, definition: Definition, *, today: date, domain: Domain) -> None:
        self.definition = definition
        self.pack = definition.pack
        self._today = today
        self._domain = domain
        self.people = [name for name, kind in self.pack.facts.items() if kind.type == "user"]
        self._rules: dict[str, _Rule] = {}
        self._tests: dict[tuple[int, int, object], bool] = {}
        table = definition.tables.get(self.pack.tracker.rag)
        self._table = table if table is None or _is_simple(table) else None
        self._other_table = table if self._table is None else None

    def value(self, case: TrackedValues, text: str) -> object:
        """Return an expression's value for a case.

        Raises:
            ExpressionError: it cannot be worked out.
        """
        rule = self._rules.get(text)
        if rule is None:
            rule = self._rules[text] = self._rule(text)
        key = tuple([case.get(path) for path in rule.paths])
        try:
            found = rule.answers.get(key, _MISSING)
        except TypeError:  # A list: there is no telling it apart quickly.
            return self._work_out(rule, key)
        if found is _MISSING:
            found = rule.answers[key] = self._work_out(rule, key)
        return found

    def flag(self, case: TrackedValues) -> Mapping[str, object]:
        """Return the outputs of the table of flags for a case, none if no row holds."""
        if self._other_table is not None:
            names = {name: case.get((name, "")) for name in (*self.pack.facts, *WORDS, "policy")}
            functions = self._functions(names)
            found = evaluate_table(self._other_table, names, functions).result
            return found if isinstance(found, Mapping) else {}
        if self._table is None:
            return {}
        values = [self.value(case, each.text) for _, each in self._table.inputs]
        for row, rule in enumerate(self._table.rules):
            if all(self._holds(row, at, values[at]) for at in self._asked(row)):
                cells = zip(self._table.outputs, rule.outputs, strict=True)
                return {
                    name: self.value(case, cell.text) if cell.expression else cell.literal
                    for name, cell in cells
                }
        return {}

    def _asked(self, row: int) -> Iterable[int]:
        assert self._table is not None
        return (place for place, _ in self._table.rules[row].asking)

    def _holds(self, row: int, at: int, value: object) -> bool:
        assert self._table is not None
        key = (row, at, value)
        found = self._tests.get(key)
        if found is None:
            found = self._table.rules[row].tests[at].matches(value, {})
            self._tests[key] = found
        return found

    def wants(self) -> Wants:
        """Return what flags, measures and filters read: not the columns, of which few are shown."""
        return _wants_of(self._flag_paths(), self)

    def _flag_paths(self) -> set[Path]:
        texts = [text for what, text in self.pack.tracker.expressions() if "column" not in what]
        table = self._table or self._other_table
        if table is not None:
            texts += [each.text for _, each in table.inputs]
            for rule in table.rules:
                texts += [cell.text for cell in rule.outputs if cell.expression]
        return {path for text in texts for path in self._rule(text).paths}

    def _rule(self, text: str) -> _Rule:
        expression = compile_expression(text)
        paths = set(_paths(expression.tree))
        for function in expression.functions:
            if self._domain.reads_birth(function):
                paths |= {(fact, "") for fact in self.pack.born_facts}
        return _Rule(expression, tuple(sorted(paths)))

    def _work_out(self, rule: _Rule, values: tuple[object, ...]) -> object:
        names: dict[str, Any] = {}
        for (name, key), value in zip(rule.paths, values, strict=True):
            if key:
                names.setdefault(name, {})[key] = value
            else:
                names[name] = value
        return evaluate(rule.expression, names, self._functions(names))

    def _functions(self, names: Mapping[str, Any]) -> Mapping[str, Any]:
        born = self.pack.born(names)
        known = self._domain.functions(today=self._today, days_off=self.pack.days_off, born=born)
        return {**known, "earlier": _earlier}

    def look_up(self, case: TrackedValues, path: Path) -> object:
        """Return what a case has under a path."""
        name, key = path
        if name == "booked":
            days = self.booked_days(case)
            return days.get(key) if key else days
        if name in _GROUPS:
            group = case.known.words.get(name, {})
            return group.get(key) if key else group
        if name in SCALARS:
            case.got[SCALARS[0], ""], case.got[SCALARS[1], ""] = self._longest_late(case)
            return case.got[path]
        if name == "policy":
            return case.policy
        return self._fact(case.known.facts, name)

    def booked_days(self, case: TrackedValues) -> dict[str, date]:
        """Return deadline -> the day that is booked for it in a case."""
        found: dict[str, date] = {}
        for each in self.pack.appointments.values():
            names = (each.day, each.held)
            facts = {name: cast(FactValue, self._fact(case.known.facts, name)) for name in names}
            day = still_to_come(each, each.day, facts)
            if day is not None:
                found[each.deadline] = day
        return found

    def first_day(self, case: TrackedValues) -> date | None:
        """Return what comes first in a case: a day that is booked, or a limit."""
        due = (day for day in case.known.words["due"].values() if isinstance(day, date))
        return min((*due, *self.booked_days(case).values()), default=None)

    def _fact(self, facts: Mapping[str, JsonValue], name: str) -> object:
        kind = self.pack.facts.get(name)
        if kind is None:
            return None
        if kind.earliest_of:
            days = [self._fact(facts, each) for each in kind.earliest_of]
            return min((day for day in days if isinstance(day, date)), default=None)
        if kind.worked_out:
            names = compiled(kind.worked_out).names
            values = {each: self._fact(facts, each) for each in (*names, *self.pack.born_facts)}
            return evaluated(kind, values, self._functions(values))
        value = facts.get(name)
        if kind.type == "date" and isinstance(value, str):
            return day_of(value)
        return fact_value(kind, value)

    def _longest_late(self, case: TrackedValues) -> tuple[int | None, str | None]:
        """Of those missed as long the one that pack.toml names first."""
        due = case.known.words.get("due") or {}
        order = {name: place for place, name in enumerate(self.pack.deadlines)}
        late = [
            (limit, order.get(name, len(order)), name)
            for name, limit in due.items()
            if name not in self.pack.tracker.agreed
            and isinstance(limit, date)
            and limit < self._today
        ]
        if not late:
            return None, None
        limit, _, name = min(late)
        return (self._today - limit).days, self.pack.deadlines.get(name, name)


def _earlier(first: object, second: object) -> date | None:
    """Return the earlier of two days; what is not known does not count."""
    days = [each for each in (first, second) if each is not None]
    if not all(isinstance(each, date) for each in days):
        raise ValueError("earlier needs two days")
    return min(cast(list[date], days), default=None)


def _wants_of(paths: Iterable[Path], workings: Workings) -> Wants:
    """Return what has to be read for these paths, beside who a case belongs to."""
    facts = {*workings.people, *(kind.name for kind in workings.pack.kinds.values())} - {""}
    for each in workings.pack.appointments.values():
        facts |= {each.day, each.held}
    groups: dict[str, set[str]] = {"deadlines": set(), "items": set()}
    everything = set[str]()
    for name, key in paths:
        if name in ("first", "late", "done", "work", "work_late"):
            of = "deadlines" if name in ("first", "late") else "items"
            groups[of].add(key)
            if not key:
                everything.add(of)
        elif name in workings.pack.facts:
            facts |= {name, *workings.pack.facts[name].bases}
            if workings.pack.facts[name].worked_out:
                facts |= set(workings.pack.born_facts)
    return Wants(
        facts=frozenset(facts),
        deadlines=None if "deadlines" in everything else frozenset(groups["deadlines"]),
        items=None if "items" in everything else frozenset(groups["items"]),
    )


def _paths(tree: ast.AST) -> Iterable[Path]:
    """Yield what an expression reads; `due.ppm` is one key, `due` alone all of it."""
    of = tree.value if isinstance(tree, ast.Attribute) else None
    if isinstance(tree, ast.Attribute) and isinstance(of, ast.Name) and of.id in _GROUPS:
        yield of.id, tree.attr
        return
    if isinstance(tree, ast.Call):
        for argument in tree.args:
            yield from _paths(argument)
        return
    if isinstance(tree, ast.Name):
        if tree.id not in ("true", "false", "null"):
            yield tree.id, ""
        return
    for child in ast.iter_child_nodes(tree):
        yield from _paths(child)


def _is_simple(table: DecisionTable) -> bool:
    """Whether the first row that holds is the answer, and no cell reads more than its input."""
    reads = any(test.names for rule in table.rules for test in rule.tests)
    return table.hit_policy == "FIRST" and not reads
