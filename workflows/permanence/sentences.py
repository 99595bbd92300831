"""The sentences that explain a deadline to the people who work to it. Pure text, no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from engine.domain import Amount, DerivedDeadline, FactChange, FactType, FactValue, Timescale
from workflows.permanence.calendar import CLOSED, Calendar, add_days

_SATURDAY = 5


def explain_deadline(
    row: Timescale,
    *,
    day_0: date,
    day_0_fact: FactType | None,
    counted_to: date,
    limit_on: date,
    act_by_on: date,
    not_before: date | None,
    calendar: Calendar,
) -> str:
    """Return why a deadline falls when it does; `counted_to` is where its first amount ends.

    "10 working days after 9 March 2026, the day the child came into care (Practice guidance
    p1). Weekends not counted." Day 0 is never counted, so skipped days are told after it.
    """
    counted = f"{say_amount(row.amount)} {row.direction} {say_date(day_0)}"
    if row.amount.count == 0:
        counted = f"On {say_date(day_0)}" if not row.then else say_date(day_0)
    if row.then:
        counted = _and_then(row, counted)
    phrase = f", {_day_phrase(day_0_fact)}" if day_0_fact else ""
    source = f" ({row.source_ref})" if row.source_ref else ""
    sentences = [f"{counted}{phrase}{source}."]
    if row.amount.unit == "working days":
        sentences += _not_counted(day_0, counted_to, calendar)
    if row.not_before is not None and not_before is not None:
        sentences.append(f"Not before {say_date(not_before)}, {say_amount(row.not_before)} after.")
    if act_by_on != limit_on:
        sentences.append(_rolled_back(limit_on, act_by_on, calendar))
    if row.assumption:
        sentences.append("This is an assumption, not policy.")
    return " ".join(sentences)


def _and_then(row: Timescale, counted: str) -> str:
    """Return "1 day before the day that is 3 months after 25 June 2026"."""
    for place, (amount, direction) in enumerate(row.then):
        day = f"the day that is {counted}" if row.amount.count or place else counted
        counted = f"{say_amount(amount)} {direction} {day}"
    return counted


def explain_lead(lead: Amount, day: date, *, in_time: bool) -> str:
    """Return why work is due before what it serves.

    "Due 5 working days before Monday 23 March 2026, so that there is time left."
    """
    if not in_time:
        return f"Less than {say_amount(lead)} are left before {day:%A} {say_date(day)}."
    return f"Due {say_amount(lead)} before {day:%A} {say_date(day)}, so that there is time left."


def explain_change(
    current: DerivedDeadline,
    replacement: DerivedDeadline,
    *,
    cause: FactChange | None,
    fact_types: Mapping[str, FactType],
    by_facts: bool,
) -> str:
    """Return why a deadline moved: the fact and its dates, else the calendar or the table.

    `by_facts`: some fact changed, which is unclear.
    """
    if cause is not None:
        return _fact_sentence(cause, fact_types)
    if current.calendar_version != replacement.calendar_version:
        return "The working-day calendar changed."
    if by_facts and current.key != replacement.key:
        return "Another rule counts now."
    return "The table of timescales changed."


def explain_end(
    cause: FactChange | None, *, fact_types: Mapping[str, FactType], by_facts: bool
) -> str:
    """Return why a deadline no longer applies; `by_facts`: some fact changed, which is unclear."""
    if cause is None and by_facts:
        return "No longer applies."
    if cause is None:
        return "No longer applies: the table of timescales changed."
    fact = fact_types.get(cause.name)
    dated = fact is not None and fact.type == "date" and cause.old is not None
    if cause.new is None or dated:
        return f"No longer applies. {_fact_sentence(cause, fact_types)}"
    verb = "corrected" if cause.corrects else "recorded"
    label = fact.label if fact is not None else cause.name
    return f"No longer applies: “{label}” was {verb}{_because(cause)}."


def say_date(day: date) -> str:
    """Return "9 March 2026"."""
    return f"{day.day} {day:%B %Y}"


def say_amount(amount: Amount) -> str:
    """Return "10 working days" or "1 week"."""
    unit = amount.unit if amount.count != 1 else amount.unit.removesuffix("s")
    return f"{amount.count} {unit}"


def _day_phrase(fact: FactType) -> str:
    return fact.day_phrase or f"the date in “{fact.label}”"


def _not_counted(day_0: date, limit_on: date, calendar: Calendar) -> list[str]:
    """Return one sentence naming the days passed over on the way from day 0, or none."""
    later = limit_on > day_0
    first = add_days(day_0, 1) if later else limit_on
    last = limit_on if later else add_days(day_0, -1)
    skipped = calendar.skipped_between(first, last)
    closures = [day for day in skipped if calendar.why_closed(day) == CLOSED]
    kinds = [
        ("the bank holiday", [day for day in skipped if day not in closures]),
        ("the closure", closures),
    ]
    parts = ["weekends"] if _spans_weekend(first, last) else []
    for noun, days in kinds:
        if days:
            parts.append(f"{noun}{'s' if len(days) > 1 else ''} on {_say_days(days)}")
    if not parts:
        return []
    text = f"{_and(parts)} not counted."
    return [text[0].upper() + text[1:]]


def _spans_weekend(first: date, last: date) -> bool:
    length = (last - first).days + 1
    return length >= 7 or any(
        add_days(first, n).weekday() >= _SATURDAY for n in range(max(length, 0))
    )


def _say_days(days: Sequence[date]) -> str:
    """Return "3 and 6 April", "25 December and 1 January"."""
    months = groupby(days, key=lambda day: (day.year, day.month))
    groups = [[*group] for _, group in months]
    return _and([f"{_and([str(day.day) for day in group])} {group[0]:%B}" for group in groups])


def _rolled_back(limit_on: date, act_by_on: date, calendar: Calendar) -> str:
    why = calendar.why_closed(limit_on) or ""
    named = "" if limit_on.weekday() >= _SATURDAY else f", {why}"
    return (
        f"The limit is {limit_on:%A} {say_date(limit_on)}{named}, "
        f"so act by {act_by_on:%A} {say_date(act_by_on)}."
    )


def _fact_sentence(change: FactChange, fact_types: Mapping[str, FactType]) -> str:
    """Return "The day booked for the review changed from … to …" for one fact."""
    fact = fact_types.get(change.name)
    phrase = fact.day_phrase or f"“{fact.label}”" if fact else change.name
    subject = phrase[0].upper() + phrase[1:]
    because = _because(change)
    if change.new is None:
        return f"{subject}, {_say_value(change.old, fact)}, was withdrawn{because}."
    if change.old is None:
        return f"{subject} was recorded as {_say_value(change.new, fact)}{because}."
    verb = "was corrected" if change.corrects else "changed"
    old, new = _say_value(change.old, fact), _say_value(change.new, fact)
    return f"{subject} {verb} from {old} to {new}{because}."


def _because(change: FactChange) -> str:
    reason = change.reason.strip().rstrip(".")
    return f": {reason}" if reason else ""


def _say_value(value: FactValue, fact: FactType | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return say_date(value)
    if isinstance(value, str):
        if fact is not None and fact.type == "date":
            return say_date(date.fromisoformat(value))
        return fact.values.get(value, value) if fact is not None else value
    return str(value)


def _and(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
