"""The formats of texts that forms may ask for beside JSON Schema's `date`."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import jsonschema

TIME = "time-of-day"
LINK = "link"

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_SCHEMES = ("https", "http")

CHECKER = jsonschema.FormatChecker(formats=["date"])

WRONG = {
    "date": "{} must be a real date, like 2026-03-27",
    TIME: "{} must be hours and minutes, like 09:30 or 14:00",
    LINK: "{} must be a web address that begins with https://, without spaces",
}
"""Format -> what is said of a text that is none; `{}` is what was asked for."""

SAMPLES = {TIME: "09:30", LINK: "https://example.org/1"}
"""Format -> a text of it, for a dry run."""


def day_of(value: object) -> date | None:
    """Return a date written as forms write it; other ISO spellings would not sort as text."""
    try:
        day = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return None
    return day if day.isoformat() == value else None


@CHECKER.checks(TIME)
def is_time(text: object) -> bool:
    """Return whether a text is a time of day as "14:30"; other values are left to the schema."""
    return not isinstance(text, str) or _TIME.fullmatch(text) is not None


@CHECKER.checks(LINK)
def is_link(text: object) -> bool:
    """Return whether a text can be shown as a link: a web address, and no script."""
    if not isinstance(text, str):
        return True
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(parts.hostname)
