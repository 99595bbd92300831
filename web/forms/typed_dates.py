"""What people type or paste for a day: a day, a month and a year, or a whole date in one box.

A whole date is read day first, as people here write it, or year first, as computers do. What could
be more than one day, such as 3/4/26, is not guessed: it stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

PARTS = ("day", "month", "year")
EXAMPLE = "such as 27 3 2026"
YEAR = "the year must have 4 numbers, such as 2026"
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BETWEEN = re.compile(r"[\s/.,\u2010-\u2015-]+")
NUMBERED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.IGNORECASE)


def read(typed: Sequence[str], title: str) -> tuple[date | None, str]:
    """Return the day that the three boxes hold, and what is wrong with them, "" for nothing.

    Nothing is wrong with three empty boxes.

    Args:
        title: what the message begins with.
    """
    filled = [text for text in typed if text]
    if not filled:
        return None, ""
    if any(len(_words(text)) > 1 for text in filled) or _says_no_part(filled):
        return _whole(" ".join(filled), title)
    missing = [part for part, text in zip(PARTS, typed, strict=True) if not text]
    if missing:
        return None, f"{title} must include a {' and a '.join(missing)}"
    day, month, year = typed
    if not re.fullmatch(r"\d{4}", year):
        return None, f"{title}: {YEAR}"
    found = _day(day, month, year)
    return found, "" if found else f"{title} must be a real date, {EXAMPLE}"


def kept(typed: Sequence[str]) -> str:
    """Return what cannot be read as one text, from which `boxes` gives the boxes again."""
    if any("/" in text for text in typed):
        return " ".join(filter(None, typed))
    if not any(typed[1:]) and not typed[0].isdecimal():
        return typed[0]
    return "/".join(text or "?" for text in typed)


def boxes(value: str) -> tuple[str, str, str]:
    """Return what stands in the three boxes for an answer: a day, or what could not be read."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        typed = value.split("/")
        if len(typed) == len(PARTS):
            first, second, third = ("" if text == "?" else text for text in typed)
            return first, second, third
        return value, "", ""
    return str(day.day), str(day.month), str(day.year)


def _says_no_part(filled: Sequence[str]) -> bool:
    """Return whether one box is filled, with what is no day, month or year: "soon", 18032026."""
    only = filled[0]
    return len(filled) == 1 and not re.fullmatch(r"\d{1,4}", only) and _month(only) is None


def _whole(text: str, title: str) -> tuple[date | None, str]:
    """Return the day of a whole date; day first or year first, or with its month as a word."""
    words = [each for each in _words(text) if each.lower() not in WEEKDAYS]
    if len(words) != len(PARTS):
        return None, f"{title} must be a day, a month and a year, {EXAMPLE}"
    first, second, third = (NUMBERED.sub(r"\1", each) for each in words)
    if re.fullmatch(r"\d{4}", first):
        found = _day(third, second, first)
    elif not re.fullmatch(r"\d{4}", third):
        return None, f"{title}: {YEAR}"
    elif _month(first) and not first.isdecimal():
        found = _day(second, first, third)
    else:
        found = _day(first, second, third)
    return found, "" if found else f"{title} must be a real date, day first, {EXAMPLE}"


def _words(text: str) -> list[str]:
    return [each for each in BETWEEN.split(text) if each]


def _day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), _month(month) or 0, int(day))
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int | None:
    """Return which month it is: a number, a name, or its first letters, three or more."""
    if re.fullmatch(r"\d{1,2}", text):
        return int(text)
    name = text.lower()
    fits = [place for place, each in enumerate(MONTHS, 1) if each.startswith(name)]
    if name == "sept":
        return 9
    return fits[0] if len(name) >= 3 and len(fits) == 1 else None
