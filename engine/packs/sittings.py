"""The days on which a body sits, as `[sittings.X]` of pack.toml plans them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TURNS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
MOST_MONTHS = 24
"""How many months ahead or back a sitting is looked for."""

_EVERY = re.compile(rf"({'|'.join(TURNS)}) ({'|'.join(WEEKDAYS)})")


@dataclass(frozen=True)
class Sittings:
    """When one body sits. Days are calendar dates.

    `every` is the turn (1 to 4, or -1 for the last) and the weekday (0 is Monday) of each month,
    None for a body that sits on `dates` alone. On the days of `not_on` it does not sit.
    """

    id: str
    every: tuple[int, int] | None
    dates: frozenset[date] = frozenset()
    not_on: frozenset[date] = frozenset()

    def first_from(self, day: date) -> date | None:
        """Return the first sitting on or after `day`, None if none is planned."""
        return min((each for each in self._around(day, 1) if each >= day), default=None)

    def last_until(self, day: date) -> date | None:
        """Return the last sitting on or before `day`, None if none was planned."""
        return max((each for each in self._around(day, -1) if each <= day), default=None)

    def _around(self, day: date, step: int) -> Iterator[date]:
        planned = set(self.dates)
        if self.every is not None:
            month = day.year * 12 + day.month - 1
            for each in range(0, step * MOST_MONTHS, step):
                year, place = divmod(month + each, 12)
                if date.min.year <= year <= date.max.year:
                    planned.add(_turn_of(year, place + 1, *self.every))
        yield from planned - self.not_on


def _turn_of(year: int, month: int, turn: int, weekday: int) -> date:
    """Return the first, second, third, fourth or last such weekday of a month."""
    last = monthrange(year, month)[1]
    days = [day for day in range(1, last + 1) if date(year, month, day).weekday() == weekday]
    return date(year, month, days[turn - 1 if turn > 0 else turn])


def read_sittings(raw: Mapping[str, Any]) -> dict[str, Sittings]:
    """Return `[sittings.X]` of pack.toml by name.

    Raises:
        ValueError: an entry is not of its kind; the message names it.
    """
    return {name: _sittings(name, entry) for name, entry in raw.get("sittings", {}).items()}


def _sittings(name: str, entry: Mapping[str, Any]) -> Sittings:
    where = f"sittings.{name}"
    every, found = entry.get("every"), None
    if every is not None:
        read = _EVERY.fullmatch(str(every))
        if read is None:
            raise ValueError(f'{where}.every must be such as "third Wednesday", not {every!r}')
        found = (TURNS[read[1]], WEEKDAYS.index(read[2]))
    days = {key: _days(where, key, entry.get(key, [])) for key in ("dates", "not_on")}
    if found is None and not days["dates"]:
        raise ValueError(f"{where} must have every or dates")
    return Sittings(name, found, days["dates"], days["not_on"])


def _days(where: str, key: str, values: object) -> frozenset[date]:
    listed = values if isinstance(values, list) else [values]
    if not all(isinstance(each, date) and not isinstance(each, datetime) for each in listed):
        raise ValueError(f"{where}.{key} must list days, such as [2026-12-09]")
    return frozenset(listed)


def sitting_functions(known: Mapping[str, Sittings]) -> dict[str, Callable[..., object]]:
    """Return what expressions ask of sittings; they raise ValueError, in words for people."""

    def sitting_from(name: object, day: object) -> date | None:
        sittings, on = _named(known, name), _day(day)
        return None if on is None else sittings.first_from(on)

    def sitting_until(name: object, day: object) -> date | None:
        sittings, on = _named(known, name), _day(day)
        return None if on is None else sittings.last_until(on)

    return {"sitting_from": sitting_from, "sitting_until": sitting_until}


SITTING_FUNCTIONS = tuple(sitting_functions({}))


def _named(known: Mapping[str, Sittings], name: object) -> Sittings:
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"there are no sittings {name!r} in pack.toml")
    return known[name]


def _day(value: object) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise ValueError("a date is needed")
    return value
