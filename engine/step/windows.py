"""From which day on it is not too early for a deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import cast

from engine.domain import Domain, FactValue
from engine.packs.version import Definition
from engine.rules.decisions import evaluate_table, timescales_from


def window_function(
    definition: Definition,
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
    domain: Domain,
) -> Callable[[str], date | None]:
    """Return the function `window_from`, for the names and functions that the table reads."""

    def window_from(name: str) -> date | None:
        """The first day on which it is not too early for a deadline, by the rows that hold."""
        table = definition.tables.get("timescales")
        if table is None:
            return None
        rows = timescales_from(evaluate_table(table, names, functions))
        pack = definition.pack
        days = domain.windows_open(
            [row for row in rows if row.deadline == name],
            facts=cast(Mapping[str, FactValue], names),
            fact_types=pack.facts,
            days_off=pack.days_off,
        )
        return max(days, default=None)

    return window_from
