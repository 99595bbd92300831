"""The measures of a council as a form keeps them: questions that its figures answer, nobody else.

A question with `"x-widget": "measures"` holds rows, one for each of the pack's [kpis] over all its
cases, as of the instant at which the form is shown or recorded. Its columns say what is kept:

| column | |
|---|---|
| `measure` | what the measure is called |
| `among` | of how many cases it is taken |
| `count`, `percent` | for how many of them it holds; of a share only |
| `median` | of a median only |
| `listed` | how many are listed under it |
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from engine.domain import Domain, JsonValue
from engine.packs.forms import Form
from engine.tracker import tracker
from engine.tracker.tracker import Measured


def with_measures(
    connection: Connection,
    pack: str,
    form: Form,
    answers: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> dict[str, JsonValue]:
    """Return `answers` with what the form asks of the figures, whatever stood there.

    Raises:
        ExpressionError: a measure of the pack cannot be worked out for a case.
    """
    asked = [field for field in form.fields if field.widget == "measures"]
    if not asked:
        return dict(answers)
    measured = tracker.measure_pack(connection, pack, now=now, domain=domain)
    filled = dict(answers)
    for field in asked:
        columns = {column.name for column in field.columns}
        rows: list[JsonValue] = [_row(each, columns) for each in measured]
        filled[field.name] = rows
    return filled


def _row(measured: Measured, columns: set[str]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "measure": measured.measure.label,
        "among": measured.among,
        "count": measured.count,
        "percent": measured.percent,
        "median": measured.median,
        "listed": len(measured.listed) if measured.measure.lists else None,
    }
    return {name: value for name, value in found.items() if name in columns and value is not None}
