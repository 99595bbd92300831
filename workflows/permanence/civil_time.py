"""Instants and lengths of time in London: the one place that adds the one to the other.

Months and days are the calendar's and keep the hour on London's clocks; hours, minutes and seconds
pass as they pass. So a day after 25 October 2026, 00:00, is the 26th, 00:00, 25 hours later, and 24
hours after it is the 25th, 23:00.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.domain import Length
from engine.errors import CalendarExhausted
from workflows.permanence.calendar import months_on

LONDON = ZoneInfo("Europe/London")


def start_of(day: date) -> datetime:
    """Return 00:00 Europe/London of `day`, aware, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def later(instant: datetime, length: Length) -> datetime:
    """Return the instant `length` after the aware `instant`, in UTC.

    A month is clamped to its end: 31 January and one month give 28 or 29 February. An hour that the
    spring leaves out moves forward by one; of one that the autumn has twice, the first is meant
    unless `instant` is the second.

    Raises:
        CalendarExhausted: there is no such year.
    """
    moved = instant.astimezone(UTC)
    try:
        if length.months or length.days:
            local = instant.astimezone(LONDON)
            day = months_on(local.date(), length.months) + timedelta(days=length.days)
            moved = datetime.combine(day, local.timetz()).astimezone(UTC)
        return moved + length.rest
    except OverflowError as error:
        raise CalendarExhausted(f"{length} after {instant} lies in no year") from error
