"""What the tracker's page, its file and the API share: what was asked for, and cells as text."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from datetime import date

from werkzeug.datastructures import MultiDict

from engine.tracker import tracker
from engine.tracker.tracker import AMBER, GREEN, RED, Tracker, Wanted
from web.request import context
from web.request.errors import BadRequest

FLAGS = {RED: "Red", AMBER: "Amber", GREEN: "Green"}
_COMPUTES = ("=", "+", "-", "@")
_BREAKS = ("\t", "\r", "\n")
"""What a spreadsheet would take a cell that begins so for: a formula, or the next cell's."""


def read_wanted(given: MultiDict[str, str]) -> Wanted:
    """Return what the address asks for. Raises BadRequest for a flag that is none."""
    rag = given.get("rag", "")
    if rag not in ("", *FLAGS):
        raise BadRequest(f"rag must be one of {', '.join(FLAGS)}.")
    return Wanted(
        person=given.get("person", "").strip(),
        filters=frozenset(each for each in given.getlist("filter") if each),
        rag=rag,
    )


def read_tracker(
    wanted: Wanted, *, limit: int | None, start: int = 0, most_listed: int | None = None
) -> Tracker:
    """Return the tracker of whoever asks, as it is now.

    Args:
        most_listed: how many of those that a measure lists are shown; all, if it is None.
    """
    with context.reading() as connection:
        found = tracker.track(
            connection,
            context.actor(),
            wanted,
            now=context.now(),
            domain=context.parts().domain,
            limit=limit,
            start=start,
        )
    context.saw(row.ref for row in found.rows)
    context.saw(ref for each in found.measures for ref in each.listed[:most_listed])
    return found


def as_csv(found: Tracker) -> str:
    """Return all rows as a file for a spreadsheet; no names of children, our reference instead."""
    labels = {
        column.name: column.label for rules in found.rules.values() for column in rules.columns
    }
    roles = list(dict.fromkeys(role for row in found.rows for role in row.people))
    titles = context.role_labels()
    file = io.StringIO()
    lines = csv.writer(file)
    heads: Iterable[object] = (
        *("Reference", "Pack", "Policy", *(titles.get(role, role) for role in roles)),
        *("Flag (advisory)", "Reason", *labels.values()),
    )
    lines.writerow(_cell(each) for each in heads)
    for row in found.rows:
        cells: Iterable[object] = (
            *(row.ref, row.pack, row.policy, *(row.people.get(role, "") for role in roles)),
            *(FLAGS[row.rag], row.reason, *(row.values.get(name) for name in labels)),
        )
        lines.writerow(_cell(each) for each in cells)
    return file.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = str(value)
    return "'" + text if _would_compute(text) else text


def _would_compute(text: str) -> bool:
    # The wide signs of East Asian keyboards, and blanks of any kind before a sign, count to some.
    plain = unicodedata.normalize("NFKC", text).lstrip(" ")
    return text.startswith(_BREAKS) or plain.startswith((*_COMPUTES, *_BREAKS))
