"""Dates, times and values in words. Days are London calendar days."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from engine.domain import FactType, JsonValue
from engine.open_work.case_heads import CaseHead
from engine.packs.kinds import CASE, Kind
from web.request import context

LONDON = ZoneInfo("Europe/London")
ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
NOT_SET = "Not recorded"


def day_words(day: date | str | None) -> str:
    """Return "Tuesday 14 April 2026"."""
    when = _as_day(day)
    return NOT_SET if when is None else f"{when:%A} {when.day} {when:%B} {when.year}"


def short_day(day: date | str | None) -> str:
    """Return "14 April 2026"."""
    when = _as_day(day)
    return NOT_SET if when is None else f"{when.day} {when:%B} {when.year}"


def day_and_month(day: date | str | None) -> str:
    """Return "14 April": for a day whose year is plain from what stands beside it."""
    when = _as_day(day)
    return NOT_SET if when is None else f"{when.day} {when:%B}"


def from_today(day: date | str | None) -> str:
    """Return how far off `day` is: "today", "in 3 days", "2 days late"."""
    when = _as_day(day)
    if when is None:
        return ""
    days = (when - context.today()).days
    if days == 0:
        return "today"
    if days == 1:
        return "tomorrow"
    if days > 1:
        return f"in {days} days"
    return "1 day late" if days == -1 else f"{-days} days late"


def near_day(day: date | str | None) -> str:
    """Return "Wednesday 18 March", with its year if that is not this one."""
    when = _as_day(day)
    return NOT_SET if when is None else f"{when:%A} {near_date(when)}"


def near_date(day: date | str | None) -> str:
    """Return "18 March", with its year if that is not this one."""
    when = _as_day(day)
    if when is None:
        return NOT_SET
    year = "" if when.year == context.today().year else f" {when.year}"
    return f"{when.day} {when:%B}{year}"


def days_off(day: date | str | None) -> str:
    """Return how far off a booked day is: "today", "in 3 days", "2 days ago"."""
    return from_today(day).replace("late", "ago")


def room_words(booked: date, limit: date | None) -> str:
    """Return how the booked day stands to the limit: "1 day to spare", "on the last day"."""
    if limit is None:
        return ""
    room = (limit - booked).days
    if room == 0:
        return "on the last day"
    days = plural(abs(room), "day")
    return f"{days} to spare" if room > 0 else f"{days} after the limit"


def instant_words(instant: datetime | None) -> str:
    """Return "14 April 2026 at 9:05am", London time."""
    if instant is None:
        return NOT_SET
    there = instant.astimezone(LONDON)
    hour = there.hour % 12 or 12
    half = "am" if there.hour < 12 else "pm"
    return f"{there.day} {there:%B} {there.year} at {hour}:{there:%M}{half}"


def clock_time(instant: datetime) -> str:
    """Return "9:05am", London time."""
    return instant_words(instant).rpartition(" at ")[2]


def person_name(name: str | None) -> str:
    """Return a user's display name; a name that nobody has any more stays as it is."""
    if name == "clock":
        return "The clock"
    if not name:
        return "nobody"
    return context.person_names().get(name, name)


def _age(born: date) -> str:
    """Return "7 years", "5 months" of somebody under two, "not born yet"."""
    on = context.today()
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months < 0:
        return "not born yet"
    if months < 24:
        return "1 month" if months == 1 else f"{months} months"
    return f"{months // 12} years"


def age_words(facts: Mapping[str, JsonValue], kind: Kind) -> str:
    """Return how old whom a case is about is, or when they are to be born; "" for nobody."""
    if not kind.born:
        return ""
    if (born := _as_day(facts.get(kind.born))) is not None:
        return _age(born)
    expected = _as_day(facts.get(kind.birth_expected))
    if expected is None:
        return "Date of birth not recorded"
    if expected < context.today():
        return f"Birth expected on {short_day(expected)}, not yet recorded"
    return f"Not born yet, expected on {short_day(expected)}"


def fact_words(value: object, fact: FactType | None = None) -> str:
    """Return a fact's value as a person would say it."""
    if value is None or value == "":
        return NOT_SET
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if fact is not None and fact.type == "date":
        return short_day(str(value))
    if fact is not None and fact.type == "user":
        return person_name(str(value))
    if isinstance(value, list):
        return "; ".join(fact_words(each, fact) for each in value)
    if fact is not None and fact.values and not isinstance(value, Mapping):
        return fact.values.get(str(value), str(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{humanise(key)}: {fact_words(each)}" for key, each in value.items())
    return _maybe_day(str(value))


def days_in_words(text: str) -> str:
    """Return a text with its ISO days in words: "held on 9 March 2026"."""
    return ISO_DAY.sub(lambda found: _maybe_day(found[0]), text)


def recorded_late(value: object, at: datetime, fact: FactType | None) -> str:
    """Return ", recorded 5 days later" when a fact's day lay well before it was recorded."""
    day, on = _as_day(value) if fact and fact.type == "date" else None, _as_day(at)
    if fact is None or fact.personal or day is None or on is None or (on - day).days < 2:
        return ""
    return f", recorded {(on - day).days} days later"


def humanise(name: str) -> str:
    """Return "changed_on" as "Changed on", for what a pack gave no label."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def as_json(value: object) -> str:
    """Return JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 event", "3 events"."""
    return f"{count} {one if count == 1 else (many or one + 's')}"


def _as_day(day: object) -> date | None:
    if day is None or day == "":
        return None
    if isinstance(day, datetime):
        return day.astimezone(LONDON).date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(str(day)[:10])
    except ValueError:
        return None


def _maybe_day(text: str) -> str:
    if len(text) == 10 and text[4:5] == "-" and _as_day(text) is not None:
        return short_day(text)
    return text


def case_words(case: CaseHead) -> str:
    """Return what a case's page is called: what its kind calls it, and its reference."""
    return f"{case.words.record} {case.ref}"


def see_words(case: CaseHead) -> str:
    """Return the text of the link to a case's page: what its kind calls the page."""
    words = case.words
    if not words.name or words.record in (words.title, CASE.record):
        return f"See {case_words(case)}"
    return f"See the {words.one}\u2019s {words.record[:1].lower()}{words.record[1:]}"


def add_to(app: Flask) -> None:
    """Make the filters known to the templates."""
    for function in (
        day_words,
        short_day,
        day_and_month,
        from_today,
        clock_time,
        instant_words,
        person_name,
        age_words,
        as_json,
        fact_words,
        days_in_words,
        humanise,
        recorded_late,
        case_words,
        see_words,
        near_day,
        near_date,
        days_off,
        room_words,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["plural"] = plural
