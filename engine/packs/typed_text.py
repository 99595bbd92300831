"""One rule for everything that people type or send: no invisible or control characters.

A name of two zero-width spaces would be a link that nobody sees, and an override of direction shows
a text otherwise than it is kept.
"""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""They shape letters of some scripts, and hold pictures together: kept inside words of those."""
_LAST_OF_LATIN = 0x24F


def cleaned(text: str) -> str:
    """Return a text without control and format characters, its spaces plain, its ends bare.

    Line breaks stay. What no database keeps, a zero or half of a surrogate pair, stays too: it is
    refused where it stands, not read as something else.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_kept(lines, place) for place in range(len(lines))).strip()


def _kept(text: str, place: int) -> str:
    each = text[place]
    if each in "\n\0" or (" " < each <= "~"):
        return each
    kind = unicodedata.category(each)
    if kind in ("Zl", "Zp"):
        return "\n"
    if kind == "Zs" or each == "\t":
        return " "
    if each in _JOINERS:
        around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
        inside = len(around) == 2 and all(ord(other) > _LAST_OF_LATIN for other in around)
        return each if inside else ""
    return "" if kind in ("Cc", "Cf") else each
