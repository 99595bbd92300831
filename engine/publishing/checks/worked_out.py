"""Dates that a pack works out from other facts, looked at before it is published."""

from __future__ import annotations

from engine.domain import FactType
from engine.packs.worked_out import FUNCTIONS, earlier
from engine.publishing.checks.language import vocabulary
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion


def check_worked_out(material: Material, fact: FactType, report: Report) -> None:
    """Report what is wrong with the expression of a worked-out fact, if it has one."""
    pack = material.pack
    if not fact.worked_out or pack is None:
        return
    if fact.type != "date" or fact.earliest_of or fact.latest or fact.first or fact.bounds:
        message = (
            f"The fact '{fact.name}' is worked out, so it is a date and nothing sets it. Leave out"
            " earliest_of, latest, first and bounds, and another type."
        )
        report.error(fact.name, "fact-type", message)
    words = vocabulary(material)
    what = f"worked_out of the fact '{fact.name}'"
    functions = {**words.functions, "earlier": earlier}
    expression = words.check(report, fact.name, fact.worked_out, what)
    if expression is None:
        return
    for name in sorted(expression.functions & functions.keys() - FUNCTIONS):
        message = (
            f"The fact '{fact.name}' is worked out with {shortened(name)}(), which changes while"
            f" the facts stay. Use {listed(FUNCTIONS)}.{suggestion(name, FUNCTIONS)}"
        )
        report.error(fact.name, "function", message)
    _check_order(list(pack.facts.values()), fact, expression.names, report)


def _check_order(
    facts: list[FactType], fact: FactType, names: frozenset[str], report: Report
) -> None:
    """Report what a fact reads that is worked out after it, itself included, or is of one work."""
    place = facts.index(fact)
    for other in facts:
        if other.name not in names:
            continue
        if other.own:
            message = (
                f"The fact '{fact.name}' reads '{other.name}', which belongs to one piece of work."
                " A fact of the case is worked out from facts of the case."
            )
            report.error(fact.name, "own-fact", message)
        elif other.worked_out and facts.index(other) >= place:
            message = (
                f"The fact '{fact.name}' reads '{other.name}', which is worked out later. Put"
                f" '{other.name}' before '{fact.name}' in pack.toml."
            )
            report.error(fact.name, "order", message)
