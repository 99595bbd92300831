"""Instants as columns, and statements of the hot path: compiled once, run on the driver itself.

Core works a statement's text and conversions out of its cache again at every execution, which
costs several times what SQLite needs to run it. Here that is done once for each dialect and set of
names. The transaction stays SQLAlchemy's, and so do the errors.

On PostgreSQL every statement is a message to another process and back, so several become one
there: queries as columns of JSON, writes as parts of one WITH.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Values: TypeAlias = Mapping[str, Any]
"""Parameter or column name -> value, as Core takes them."""

_Converts: TypeAlias = Sequence[tuple[int, Callable[[Any], Any]]]
"""(place, conversion) where there is one."""

_NAMED = re.compile(r"%\((\w+)\)s")


class _Compiled:
    """A statement for one dialect: its text, and what is to be converted on the way in and out."""

    def __init__(self, construct: Any, dialect: Dialect, names: Sequence[str]) -> None:
        reads = isinstance(construct, sa.Select)
        compiled = construct.compile(dialect=dialect, column_keys=None if reads else names)
        text = str(compiled)
        # Some binds are left over from the making: they stand nowhere in the text.
        named = [name for name in compiled.binds if f"%({name})s" in text]
        order = list(compiled.positiontup) if compiled.positional else named
        binds = [compiled.binds[name] for name in order]
        columns = construct.selected_columns if reads else ()
        self.text = text
        self.names = order
        self._positional = bool(compiled.positional)
        self._constants = {
            name: bind.effective_value
            for name, bind in zip(order, binds, strict=True)
            if name not in names
        }
        self._take = _taker(order)
        self._inward = _some(
            bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds
        )
        self._outward = _some(
            each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns
        )
        self._row = _row_type(columns)

    def values(self, values: Values) -> list[Any]:
        """Return what the driver takes, in the order of `names`."""
        taken = list(self._take({**self._constants, **values} if self._constants else values))
        return _converted(taken, self._inward)

    def parameters(self, values: Values) -> Any:
        """Return what the driver takes: a list by position, else a dictionary by name."""
        taken = self.values(values)
        return taken if self._positional else dict(zip(self.names, taken, strict=True))

    def results(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the driver's rows as Core would, their values by place and by name."""
        return [self._row._make(_converted(list(row), self._outward)) for row in rows]


class Statement:
    """A Core statement that runs often. Its parameters are its bound names, or its columns."""

    def __init__(self, construct: Any) -> None:
        self._construct = construct
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Run a query; return its rows, their values by place and by name."""
        compiled = self.compiled(connection, values)
        cursor = _execute(connection, compiled.text, compiled.parameters(values))
        return compiled.results(cursor.fetchall())

    def run(self, connection: Connection, *rows: Values) -> int:
        """Write once for each of `rows`, which all have the same names; return rows affected."""
        if not rows:
            return 0
        compiled = self.compiled(connection, rows[0])
        if len(rows) == 1:
            cursor = _execute(connection, compiled.text, compiled.parameters(rows[0]))
        else:
            many = [compiled.parameters(each) for each in rows]
            cursor = _execute(connection, compiled.text, many, many=True)
        return int(cursor.rowcount)

    def compiled(self, connection: Connection, values: Values) -> _Compiled:
        dialect = connection.dialect
        key = (dialect.name, *values)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = _Compiled(self._construct, dialect, list(values))
        return found


Write: TypeAlias = tuple[Statement, Sequence[Values]]
"""A statement and its rows, perhaps none."""


class Reads:
    """Several queries with the same parameters, each under its name."""

    def __init__(self, **queries: sa.Select[Any]) -> None:
        self._apart = {name: Statement(query) for name, query in queries.items()}
        self._together = Statement(sa.select(*map(_as_json, queries.values())))
        self._shapes = {
            name: (
                _row_type(query.selected_columns),
                _some(map(_from_json, query.selected_columns)),
            )
            for name, query in queries.items()
        }

    def rows(self, connection: Connection, **values: Any) -> dict[str, list[Any]]:
        """Return name -> the rows of that query, in its order."""
        if not _is_far(connection):
            return {name: each.rows(connection, **values) for name, each in self._apart.items()}
        [found] = self._together.rows(connection, **values)
        return {
            name: [row._make(_converted(each, converts)) for each in rows or ()]
            for rows, (name, (row, converts)) in zip(found, self._shapes.items(), strict=True)
        }


def write_all(connection: Connection, guard: Write, writes: Iterable[Write]) -> int:
    """Run `guard`, then `writes`; return how many rows the guard affected.

    No two may touch the same row. When the guard affects none, roll back.
    """
    if _is_far(connection):
        return _write_together(connection, [guard, *writes])
    statement, rows = guard
    affected = statement.run(connection, *rows)
    if affected:
        for statement, rows in writes:
            statement.run(connection, *rows)
    return affected


def _write_together(connection: Connection, writes: Iterable[Write]) -> int:
    parts = [
        (statement.compiled(connection, row), row) for statement, rows in writes for row in rows
    ]
    text = _together(tuple(compiled for compiled, _ in parts))
    values = [value for compiled, row in parts for value in compiled.values(row)]
    cursor = _execute(connection, text, values, numbered=True)
    return int(cursor.fetchone()[0])


@lru_cache(maxsize=2_000)
def _together(parts: tuple[_Compiled, ...]) -> str:
    """Return one statement that runs `parts`, its parameters numbered in their order.

    The text is long: working it out, and having the driver look it through for names, would cost
    as much as running it.
    """
    named, before = [], 0
    for number, part in enumerate(parts):
        places = {name: f"${n}" for n, name in enumerate(part.names, before + 1)}
        text = _NAMED.sub(partial(_place, places), part.text).replace("%%", "%")
        named.append(f"w{number} AS ({text} RETURNING 1)")
        before += len(part.names)
    return f"WITH {', '.join(named)} SELECT count(*) FROM w0"


def _place(places: Mapping[str, str], name: re.Match[str]) -> str:
    return places[name[1]]


def run_text(connection: Connection, text: str) -> None:
    """Run a statement without parameters."""
    _execute(connection, text, ())


def _is_far(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _execute(
    connection: Connection,
    text: str,
    parameters: Any,
    *,
    many: bool = False,
    numbered: bool = False,
) -> Any:
    """Run on the driver; whoever listens to SQLAlchemy's statements hears of these too.

    Args:
        numbered: the parameters are `$1` and so on, as PostgreSQL itself has them.
    """
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, None, text, parameters, None, many)
    driver: Any = connection.connection.driver_connection
    cursor = psycopg.RawCursor(driver) if numbered else driver.cursor()
    try:
        if many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_core(error, connection.dialect, text) from error
    return cursor


def _as_core(error: Exception, dialect: Dialect, text: str) -> BaseException:
    """Return SQLAlchemy's error for the driver's, without the parameters: they may be personal."""
    return DBAPIError.instance(
        text, (), error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


def _as_json(query: sa.Select[Any]) -> Any:
    """Return a query as one value: a JSON list of its rows, each a list; null without rows."""
    inner = query.subquery()
    rows = sa.func.json_agg(sa.func.json_build_array(*inner.c), type_=sa.JSON)
    return sa.select(rows).scalar_subquery()


def _from_json(column: Any) -> Callable[[Any], Any] | None:
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, sa.Uuid):
        return _unless_none(UUID)
    if isinstance(kind, sa.DateTime):
        return _unless_none(lambda text: datetime.fromisoformat(text).astimezone(UTC))
    if isinstance(kind, sa.Date):
        return _unless_none(date.fromisoformat)
    return None


def _unless_none(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _converted(values: list[Any], converts: _Converts) -> list[Any]:
    for place, convert in converts:
        values[place] = convert(values[place])
    return values


def _some(converts: Iterable[Callable[[Any], Any] | None]) -> _Converts:
    return [(place, each) for place, each in enumerate(converts) if each is not None]


def _row_type(columns: Iterable[Any]) -> Any:
    return namedtuple("Row", [each.key or "" for each in columns], rename=True)


def _taker(names: Sequence[str]) -> Callable[[Values], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]
