"""The functions that a pack's expressions may call (PACK.md "Diagrams"): pure, null in, null out.

A day may be given as a date or, from a form's answer, as its ISO 8601 text. The functions that
read deadlines (`opens`, `limit_passed`, `act_by`, `limit_on`) are added by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from engine.domain import FactValue
from workflows.permanence.calendar import add_days, add_months, calendar_for
from workflows.permanence.rows import row_functions

FACTS_READ = {"age_on": ("dob",)}
"""Function -> the facts it reads beside its arguments."""


def functions_for(
    *, today: date, closures: Iterable[date], facts: Mapping[str, FactValue]
) -> dict[str, Callable[..., object]]:
    """Return the functions by name, for one case on one day.

    The functions raise ValueError, whose text is for people, when an argument is of a wrong kind.
    """
    calendar = calendar_for(closures)

    def age_on(day: object) -> int | None:
        born, on = _day(facts.get("dob")), _day(day)
        return None if born is None or on is None else whole_years(born, on)

    def working_days_after(day: object, n: object) -> date | None:
        start, count = _day(day), _whole(n)
        if start is None or count is None:
            return None
        return calendar.working_day_after(start, count)

    def working_days_before(day: object, n: object) -> date | None:
        start, count = _day(day), _whole(n)
        if start is None or count is None:
            return None
        return calendar.working_day_before(start, count)

    return {
        "today": lambda: today,
        "age_on": age_on,
        "working_days_after": working_days_after,
        "working_days_before": working_days_before,
        "add_days": _add_days,
        "add_months": _add_months,
        "days_between": _days_between,
        "is_set": _is_set,
        "count": _count,
        "lower": _lower,
        **row_functions(),
    }


def whole_years(born: date, on: date) -> int:
    """Return the age on a day; somebody born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _add_days(day: object, n: object) -> date | None:
    start, count = _day(day), _whole(n)
    return None if start is None or count is None else add_days(start, count)


def _add_months(day: object, n: object) -> date | None:
    start, count = _day(day), _whole(n)
    return None if start is None or count is None else add_months(start, count)


def _days_between(first: object, last: object) -> int | None:
    """Return the days from `first` to `last`, negative if `last` is the earlier."""
    start, end = _day(first), _day(last)
    return None if start is None or end is None else (end - start).days


def _is_set(value: object) -> bool:
    """Return whether there is a value; an empty text or list, as a blank form gives, is none."""
    return value is not None and value not in ("", [])


def _count(items: object) -> int | None:
    if items is None:
        return None
    if not isinstance(items, list):
        raise ValueError("count needs a list")
    return len(items)


def _lower(text: object) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError("lower needs a text")
    return text.lower()


def _day(value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a date") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a date is needed")
    return value


def _whole(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number is needed")
    return value
