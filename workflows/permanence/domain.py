"""What permanence planning brings to the engine, as `engine.domain.Domain` asks for it.

The functions that a pack's expressions may call are pure, null in, null out. A day may be given as
a date or, from a form's answer, as its ISO 8601 text. Rows are lists of groups of answers, such as
the actions of a meeting. The functions that read deadlines (`opens`, `limit_passed`, `act_by`,
`limit_on`) are added by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from engine.domain import (
    Allocation,
    Amount,
    DaysOff,
    DeadlineChange,
    DerivedDeadline,
    Domain,
    FactChange,
    FactType,
    FactValue,
    Length,
    Role,
    Timescale,
)
from workflows.permanence import civil_time, deadlines
from workflows.permanence.calendar import add_days, add_months, calendar_for


class PermanenceDomain:
    """Permanence planning in England; holds nothing, every answer follows from the arguments."""

    def derive_deadlines(
        self,
        timescales: Sequence[Timescale],
        *,
        facts: Mapping[str, FactValue],
        fact_types: Mapping[str, FactType],
        days_off: DaysOff,
    ) -> list[DerivedDeadline]:
        """Return one deadline for each row whose day 0 is known, in the rows' order."""
        return deadlines.derive_deadlines(
            timescales, facts=facts, fact_types=fact_types, days_off=days_off
        )

    def windows_open(
        self,
        timescales: Sequence[Timescale],
        *,
        facts: Mapping[str, FactValue],
        fact_types: Mapping[str, FactType],
        days_off: DaysOff,
    ) -> list[date]:
        """Return the first days on which it is not too early, of the rows that have such a day."""
        return deadlines.windows_open(
            timescales, facts=facts, fact_types=fact_types, days_off=days_off
        )

    def reconcile_deadlines(
        self,
        current: Sequence[DerivedDeadline],
        derived: Sequence[DerivedDeadline],
        *,
        changed: Sequence[FactChange],
        fact_types: Mapping[str, FactType],
        stopped: Mapping[str, frozenset[str]],
    ) -> list[DeadlineChange]:
        """Return what happened to the open deadlines `current`, given the rows now derived."""
        return deadlines.reconcile_deadlines(
            current, derived, changed=changed, fact_types=fact_types, stopped=stopped
        )

    def act_ahead(
        self, day: date, lead: Amount, *, not_before: date, days_off: DaysOff
    ) -> tuple[date, str]:
        """Return by when to do what must be done `lead` before `day`, and why in a sentence."""
        return deadlines.act_ahead(day, lead, not_before=not_before, days_off=days_off)

    def day_after(self, day: date, amount: Amount, *, days_off: DaysOff) -> date:
        """Return the day that lies `amount` after `day`, which itself is not counted."""
        return deadlines.move(day, amount, "after", calendar=calendar_for(days_off))

    def functions(
        self, *, today: date, days_off: DaysOff, born: FactValue
    ) -> dict[str, Callable[..., object]]:
        """Return the date functions a diagram may call."""
        return functions_for(today=today, days_off=days_off, born=born)

    def reads_birth(self, function: str) -> bool:
        """Return whether one of `functions` counts from the day of birth."""
        return function == "age_on"

    def allocate(
        self, role: Role, *, roles: Mapping[str, Role], facts: Mapping[str, FactValue]
    ) -> Allocation:
        """Return who gets a work item of `role` in a case with these facts."""
        return allocate(role, roles=roles, facts=facts)

    def breach_instant(self, limit_on: date) -> datetime:
        """Return 00:00 Europe/London on the day after `limit_on`, aware, in UTC."""
        return self.start_of(add_days(limit_on, 1))

    def start_of(self, day: date) -> datetime:
        """Return 00:00 Europe/London of `day`, aware, in UTC."""
        return civil_time.start_of(day)

    def later(self, instant: datetime, length: Length) -> datetime:
        """Return the instant `length` after the aware `instant`, in UTC, by London's calendar."""
        return civil_time.later(instant, length)

    def today(self, now: datetime) -> date:
        """Return the Europe/London calendar date at the aware instant `now`.

        Raises:
            ValueError: `now` carries no zone; guessing one would be wrong half of the year.
        """
        if now.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return now.astimezone(civil_time.LONDON).date()


def allocate(
    role: Role, *, roles: Mapping[str, Role], facts: Mapping[str, FactValue]
) -> Allocation:
    """Return who gets a work item of `role` in a case with these facts.

    A role's work that goes to the case goes to the user in the fact named like the role. Where
    nobody is allocated it goes, as needing allocation, to the person of the role that
    `unallocated_goes_to` names, and failing that to everybody with that role.
    """
    if role.work_goes_to == "pool":
        return Allocation(None, role.name)
    person = _person(role.name, facts)
    if person is not None:
        return Allocation(person, role.name)
    stand_in = role.unallocated_goes_to or role.name
    if stand_in in roles and roles[stand_in].work_goes_to == "case":
        person = _person(stand_in, facts)
    if person is not None:
        return Allocation(person, stand_in, needs_allocating=True)
    return Allocation(None, stand_in, needs_allocating=True)


def _person(role_name: str, facts: Mapping[str, FactValue]) -> str | None:
    person = facts.get(role_name)
    return person if isinstance(person, str) and person else None


def functions_for(
    *, today: date, days_off: DaysOff, born: FactValue
) -> dict[str, Callable[..., object]]:
    """Return the functions by name, for one case on one day; `born` as `age_on` counts from it.

    The functions raise ValueError, whose text is for people, when an argument is of a wrong kind.
    """

    def age_on(day: object) -> int | None:
        """Return the age of whom the case is about on a day, in whole years."""
        start, on = _day(born), _day(day)
        return None if start is None or on is None else whole_years(start, on)

    def working_days_after(day: object, n: object) -> date | None:
        """Return the nth working day after a day."""
        start, count = _day(day), _whole(n)
        if start is None or count is None:
            return None
        return calendar_for(days_off).working_day_after(start, count)

    def working_days_before(day: object, n: object) -> date | None:
        """Return the nth working day before a day."""
        start, count = _day(day), _whole(n)
        if start is None or count is None:
            return None
        return calendar_for(days_off).working_day_before(start, count)

    return {
        "today": lambda: today,
        "age_on": age_on,
        "working_days_after": working_days_after,
        "working_days_before": working_days_before,
        "add_days": _add_days,
        "add_months": _add_months,
        "days_between": _days_between,
        "day_in": _day_in,
        "is_set": _is_set,
        "count": _count,
        "lower": _lower,
        **row_functions(),
    }


def whole_years(born: date, on: date) -> int:
    """Return the age on a day; somebody born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _add_days(day: object, n: object) -> date | None:
    """Return the day `n` days later."""
    start, count = _day(day), _whole(n)
    return None if start is None or count is None else add_days(start, count)


def _add_months(day: object, n: object) -> date | None:
    """Return the same day `n` months later, or the last of a shorter month."""
    start, count = _day(day), _whole(n)
    return None if start is None or count is None else add_months(start, count)


def _days_between(first: object, last: object) -> int | None:
    """Return the days from `first` to `last`, negative if `last` is the earlier."""
    start, end = _day(first), _day(last)
    return None if start is None or end is None else (end - start).days


def _day_in(text: object) -> date | None:
    """Return the day that a text is, written as 2026-03-27; None for any other text."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _is_set(value: object) -> bool:
    """Return whether there is a value; an empty text or list, as a blank form gives, is none."""
    return value is not None and value not in ("", [])


def _count(items: object) -> int | None:
    """Return how many there are in a list."""
    if items is None:
        return None
    if not isinstance(items, list):
        raise ValueError("count needs a list")
    return len(items)


def _lower(text: object) -> str | None:
    """Return a text in small letters."""
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


Rows = list[object]


def row_functions() -> dict[str, Callable[..., object]]:
    """Return the functions by name; they raise ValueError, in words for people."""
    return {
        "any_where": _any_where,
        "rows_where": _rows_where,
        "rows_without": _rows_without,
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


def _rows_without(rows: object, key: object, value: object) -> Rows | None:
    """Return the rows of `rows` that do not have `value` under `key`."""
    name = _key("rows_without", key)
    return _kept("rows_without", rows, lambda row: row.get(name) != value)


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


DOMAIN: Domain = PermanenceDomain()
