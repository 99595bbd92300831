"""Where a code decides, people choose it: texts that are typed freely, and compared with codes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.packs.fact_rules import FactRule, rules_of
from engine.publishing.checks.reading import Material

_CHOSEN = frozenset({"oneOf", "anyOf", "enum", "const", "format", "pattern", "x-options-from"})
_NOT_TYPED = frozenset({"user", "sitting", "measures"})
ANSWERS = "answers."


def is_free(question: object) -> bool:
    """Return whether a question of a form takes any text."""
    if not isinstance(question, Mapping) or question.get("type") != "string":
        return False
    return _CHOSEN.isdisjoint(question) and str(question.get("x-widget")) not in _NOT_TYPED


def typed_freely(material: Material) -> frozenset[str]:
    """Return the facts that people set to any text they type, and `answers.` with such questions.

    Worked out once for all files.
    """
    kept = material.kept.setdefault("typed freely", frozenset(_facts(material)))
    return frozenset(kept)


def _facts(material: Material) -> Iterator[str]:
    pack = material.pack
    if pack is None:
        return
    chosen: set[str] = set()
    free: set[str] = set()
    for form in material.forms.values():
        questions: Any = form.get("properties")
        for name, each in questions.items() if isinstance(questions, Mapping) else ():
            (free if is_free(each) else chosen).add(name)
            for rule in _rules(each) if is_free(each) else ():
                if not rule.value and not rule.unset:
                    yield rule.fact
    yield from (f"{ANSWERS}{name}" for name in free - chosen)
    for message in pack.messages.values():
        texts = {each.name for each in message.payload if each.type == "text"}
        for fact, source in message.sets.items() if not message.told_by_diagrams else ():
            kind = pack.facts.get(fact)
            # Where a fact has a list of values its page offers them.
            if str(source) in texts and kind is not None and not kind.values:
                yield fact


def _rules(question: Mapping[str, Any]) -> tuple[FactRule, ...]:
    """Return what a question sets; nothing where that cannot be read, which is told elsewhere."""
    try:
        return tuple(rules_of(question.get("x-fact")))
    except (AttributeError, KeyError, TypeError):
        return ()


def compared(tree: ast.expr, free: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, code) for each of `free` that an expression compares with a text."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        codes = [code for each in sides for code in _texts(each)]
        for name in (_name(each) for each in sides):
            if name in free and codes:
                yield name, codes[0]


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="answers"), attr=name):
            return f"{ANSWERS}{name}"
    return ""


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.List(elts=inner) | ast.Tuple(elts=inner):
            for each in inner:
                yield from _texts(each)
