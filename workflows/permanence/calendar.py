"""Working days: Monday to Friday without bank holidays and a council's closure days.

Dates are Europe/London calendar dates, 1995 to 2060. The day that is counted from is not counted.
Bank holidays after 2028 are projected from the rules, not yet proclaimed.
"""

from __future__ import annotations

import calendar as gregorian
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays

from engine.domain import CALENDARS, DaysOff
from engine.errors import CalendarExhausted

EDITION = "2026.1"
FIRST_DAY = date(1995, 1, 1)
LAST_DAY = date(2060, 12, 31)
CLOSED = "a day the council is closed"

_SATURDAY = 5


_PARTS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern ireland": "NIR"}
"""Of CALENDARS, those of one part -> its code in ISO 3166-2:GB."""


@lru_cache(maxsize=len(CALENDARS))
def bank_holidays(of: str = CALENDARS[0]) -> Mapping[date, str]:
    """Return bank holidays on weekdays, substitute days included, with their names.

    Args:
        of: one of CALENDARS. Of the United Kingdom it is a day off what is one in any part, as the
            Freedom of Information Act 2000, section 10(6), counts.
    """
    if of not in _PARTS:
        parts = {day: name for part in _PARTS for day, name in bank_holidays(part).items()}
        return MappingProxyType(dict(sorted(parts.items())))
    days = holidays.UnitedKingdom(  # type: ignore[attr-defined]
        subdiv=_PARTS[of], years=range(FIRST_DAY.year, LAST_DAY.year + 1), observed=True
    )
    return MappingProxyType(
        {day: str(days[day]) for day in sorted(days) if day.weekday() < _SATURDAY}
    )


class Calendar:
    """The working days of one place with a council's closures. Build it with `calendar_for`.

    `version` names the days themselves: two calendars with the same version count alike,
    whatever release of the holiday library made them.
    """

    def __init__(self, of: str, closures: frozenset[date]) -> None:
        self._closures = frozenset(day for day in closures if day.weekday() < _SATURDAY)
        self._holidays = bank_holidays(of)
        off = self._closures | self._holidays.keys()
        self._days = [
            day
            for day in map(date.fromordinal, range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1))
            if day.weekday() < _SATURDAY and day not in off
        ]
        listed = ",".join(day.isoformat() for day in sorted(off))
        edition = f"{of.replace(' ', '-')}-{EDITION}"
        self.version = f"{edition}+{hashlib.sha256(listed.encode()).hexdigest()[:10]}"

    def why_closed(self, day: date) -> str | None:
        """Return why `day` is no working day ("Good Friday", "a Sunday"), None if it is one."""
        if day.weekday() >= _SATURDAY:
            return f"a {day:%A}"
        if day in self._holidays:
            return self._holidays[day]
        return CLOSED if day in self._closures else None

    def working_day_after(self, day_0: date, n: int) -> date:
        """Return the nth working day after `day_0`, which itself is not counted.

        `day_0` may be any day; `n` is 0 or more, 0 giving `day_0` itself.

        Raises:
            CalendarExhausted: the day lies outside 1995 to 2060.
        """
        _require_known(day_0)
        if n < 0:
            raise ValueError("a number of working days is 0 or more")
        if n == 0:
            return day_0
        place = bisect_right(self._days, day_0) + n - 1
        if place >= len(self._days):
            raise CalendarExhausted(f"{n} working days after {day_0} lies after {LAST_DAY}")
        return self._days[place]

    def working_day_before(self, day: date, n: int) -> date:
        """Return the nth working day before `day`, which itself is not counted.

        `n` is 0 or more, 0 giving `day` itself.

        Raises:
            CalendarExhausted: the day lies outside 1995 to 2060.
        """
        _require_known(day)
        if n < 0:
            raise ValueError("a number of working days is 0 or more")
        if n == 0:
            return day
        place = bisect_left(self._days, day) - n
        if place < 0:
            raise CalendarExhausted(f"{n} working days before {day} lies before {FIRST_DAY}")
        return self._days[place]

    def last_working_day_on_or_before(self, day: date) -> date:
        """Return `day` if it is a working day, else the working day before it."""
        _require_known(day)
        place = bisect_right(self._days, day) - 1
        if place < 0:
            raise CalendarExhausted(f"no working day is known on or before {day}")
        return self._days[place]

    def skipped_between(self, first: date, last: date) -> list[date]:
        """Return the weekdays from `first` to `last`, both included, that are not worked."""
        return sorted(day for day in self._closures | self._holidays.keys() if first <= day <= last)


@lru_cache(maxsize=64)
def _built(of: str, closures: frozenset[date]) -> Calendar:
    return Calendar(of, closures)


def calendar_for(days_off: DaysOff) -> Calendar:
    """Return the calendar with these days off, built once for each set of them."""
    return _built(days_off.of, frozenset(days_off.closures))


def add_months(day: date, n: int) -> date:
    """Return the same day number `n` months on, clamped to the month's end.

    30 November and 3 months give 28 February. `n` may be negative.

    Raises:
        CalendarExhausted: the day lies outside 1995 to 2060.
    """
    moved = months_on(day, n)
    if not FIRST_DAY <= moved <= LAST_DAY:
        raise CalendarExhausted(f"{n} months from {day} lies outside {FIRST_DAY} to {LAST_DAY}")
    return moved


def months_on(day: date, n: int) -> date:
    """Return what `add_months` does, also outside the years whose working days are known.

    Raises:
        CalendarExhausted: there is no such year.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise CalendarExhausted(f"{n} months from {day} lies in no year of the calendar")
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def add_days(day: date, n: int) -> date:
    """Return the date `n` days on; `n` may be negative.

    Raises:
        CalendarExhausted: the day lies outside 1995 to 2060.
    """
    if abs(n) > (LAST_DAY - FIRST_DAY).days:
        raise CalendarExhausted(f"{n} days from {day} lies outside {FIRST_DAY} to {LAST_DAY}")
    _require_known(day)
    moved = day + timedelta(days=n)
    _require_known(moved)
    return moved


def _require_known(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise CalendarExhausted(f"{day} lies outside {FIRST_DAY} to {LAST_DAY}")
