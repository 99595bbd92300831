"""Functions over a form's rows that a pack's expressions may call: pure, null in, null out.

Rows are lists of groups of answers, such as the actions of a meeting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

Rows = list[object]


def row_functions() -> dict[str, Callable[..., object]]:
    """Return the functions by name; they raise ValueError, in words for people."""
    return {
        "any_where": _any_where,
        "rows_where": _rows_where,
        "rows_before": _rows_before,
        "rows_of": _rows_of,
        "rows_as": _rows_as,
        "rows_with": _rows_with,
        "column": _column,
        "joined": _joined,
        "without": _without,
    }


def _any_where(rows: object, key: object, value: object) -> bool | None:
    """Return whether a row of `rows` has `value` under `key`."""
    found = _rows_where(rows, key, value)
    return None if found is None else bool(found)


def _rows_where(rows: object, key: object, value: object) -> Rows | None:
    """Return the rows of `rows` that have `value` under `key`."""
    name = _key("rows_where", key)
    return _kept("rows_where", rows, lambda row: row.get(name) == value)


def _rows_before(rows: object, key: object, day: object) -> Rows | None:
    """Return the rows whose date under `key` is before `day`; those without a date are left."""
    name = _key("rows_before", key)
    before = day.isoformat() if isinstance(day, date) else day
    if before is not None and not isinstance(before, str):
        raise ValueError("rows_before needs a date")
    if before is None:
        return None
    return _kept("rows_before", rows, lambda row: _is_before(row.get(name), before))


def _is_before(value: object, day: str) -> bool:
    text = value.isoformat() if isinstance(value, date) else value
    return isinstance(text, str) and bool(text) and text < day


def _rows_of(values: object, key: object) -> Rows | None:
    """Return a row {key: value} for each value of a list."""
    name, found = _key("rows_of", key), _list("rows_of", values)
    return None if found is None else [{name: value} for value in found]


def _rows_as(rows: object, columns: object) -> Rows | None:
    """Return the rows with other columns: `columns` maps each new name to the old one."""
    if not isinstance(columns, Mapping):
        raise ValueError('rows_as needs its columns as {"new": "old"}')
    found = _list("rows_as", rows)
    if found is None:
        return None
    return [
        {new: row[old] for new, old in columns.items() if row.get(old) is not None}
        for row in found
        if isinstance(row, Mapping)
    ]


def _rows_with(rows: object, values: object) -> Rows | None:
    """Return the rows, each filled up with `values` where it has none."""
    if not isinstance(values, Mapping):
        raise ValueError('rows_with needs its values as {"column": value}')
    found = _list("rows_with", rows)
    if found is None:
        return None
    return [{**values, **row} for row in found if isinstance(row, Mapping)]


def _column(rows: object, key: object) -> Rows | None:
    """Return what stands under `key` in each row that has it."""
    name, found = _key("column", key), _list("column", rows)
    if found is None:
        return None
    values = [row.get(name) for row in found if isinstance(row, Mapping)]
    return [value for value in values if value is not None]


def _joined(first: object, second: object) -> Rows:
    """Return both lists as one, each value once; an unset list counts as empty."""
    result: Rows = []
    for values in (first, second):
        for value in _list("joined", values) or []:
            if value not in result:
                result.append(value)
    return result


def _without(values: object, others: object) -> Rows | None:
    """Return the values that `others` does not hold; an unset `others` holds none."""
    found, taken = _list("without", values), _list("without", others) or []
    return None if found is None else [value for value in found if value not in taken]


def _kept(
    function: str, rows: object, wanted: Callable[[Mapping[object, object]], bool]
) -> Rows | None:
    found = _list(function, rows)
    if found is None:
        return None
    return [row for row in found if isinstance(row, Mapping) and wanted(row)]


def _list(function: str, value: object) -> Rows | None:
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{function} needs a list")
    return value


def _key(function: str, key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{function} needs the name of a column")
    return key
