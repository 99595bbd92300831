"""What makes two cases of a kind the same, `same` of the kind: facts that opening one can set."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import AGAIN
from engine.packs.kinds import Kind
from engine.packs.manifest import Pack
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion


def check_same(material: Material, pack: Pack, kind: Kind, report: Report) -> None:
    """Report facts by which no two cases could ever be the same, and a question in the way."""
    questions = material.forms.get(kind.form, {}).get("properties")
    if not kind.same or not isinstance(questions, dict):
        return
    if AGAIN in questions:
        message = (
            f"The form '{kind.form}' has a question {AGAIN}. That is where the reason for a"
            " second case about the same stands; give the question another name."
        )
        report.error(shortened(kind.form), "same", message)
    asked = {name for each in questions.values() for name in _facts_of(each)}
    for name in dict.fromkeys(name for group in kind.same for name in group):
        if name not in pack.facts:
            message = (
                f"same names '{shortened(name)}', which is no fact of pack.toml. Use one of"
                f" {listed(asked)}.{suggestion(name, set(pack.facts))}"
            )
            report.error(shortened(name), "unknown-fact", message)
        elif name not in asked:
            message = (
                f"same names '{name}', which the form '{kind.form}' never sets, so no two cases"
                f" could be the same by it. Use one of {listed(asked)}."
            )
            report.error(name, "same", message)


def _facts_of(question: object) -> Iterator[str]:
    """Yield the facts that a question sets, as far as they can be read."""
    declared = question.get("x-fact") if isinstance(question, dict) else None
    for each in declared if isinstance(declared, list) else [declared]:
        name = each.get("fact") if isinstance(each, dict) and not each.get("unset") else each
        if isinstance(name, str):
            yield name
