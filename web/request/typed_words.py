"""What was posted, as somebody can read and copy it: each question with what was typed.

For the page of a refusal: whatever is refused, what was typed stays in sight.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import HTTPException

from engine.packs.forms import Field, Form
from web.request import filters

NOT_TYPED = frozenset(
    {
        "add_row", "action", "back", "based_on", "case_id", "changed", "confirmed", "cover_id",
        "csrf_token",
        "fact", "item", "next", "open_row", "person", "remove_row", "role", "section", "shown_to",
        "work",
    }
)  # fmt: skip
"""What forms carry along or choose beside their questions."""
DATE = re.compile(r"(.+)-(?:day|month|year)")
FOLDED = re.compile(r".+-\d{1,3}")
CELL = re.compile(r"(.+?)-(\d{1,3})-(.+)")


@dataclass(frozen=True)
class TypedWords:
    """A question and what was typed there: a text, or one for each of several rows."""

    title: str
    texts: tuple[str, ...]


def posted(form: Form | None) -> list[TypedWords]:
    """Return what the request brought that somebody typed, in the form's words where one is known.

    A request whose body cannot be read brought nothing.
    """
    with suppress(HTTPException):
        return tell(request.form.lists(), form)
    return []


def tell(sent: Iterable[tuple[str, Sequence[str]]], form: Form | None) -> list[TypedWords]:
    """Return the same of input name -> texts; what was left empty is left out."""
    fields = {each.name: each for each in form.fields} if form is not None else {}
    told: dict[str, list[str]] = {}
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name, text in _answers(sent, fields).items():
        cell = CELL.fullmatch(name)
        if cell is None:
            told.setdefault(name, []).append(text)
        else:
            told.setdefault(cell[1], [])
            rows.setdefault((cell[1], cell[2]), {})[cell[3]] = text
    for (name, _), cells in rows.items():
        columns = {each.name: each for each in fields[name].columns} if name in fields else {}
        parts = [f"{_title(columns, column)}: {text}" for column, text in cells.items()]
        told[name].append("; ".join(parts))
    return [TypedWords(_title(fields, name), tuple(texts)) for name, texts in told.items()]


def _answers(
    sent: Iterable[tuple[str, Sequence[str]]], fields: Mapping[str, Field]
) -> dict[str, str]:
    """Return question, or cell of a row -> its texts as one: a date's three, a list's many."""
    found: dict[str, list[str]] = {}
    dates = set()
    for name, texts in _unfolded(sent):
        is_date = DATE.fullmatch(name)
        base = is_date[1] if is_date else name
        if is_date:
            dates.add(base)
        found.setdefault(base, []).extend(_words(_field(base, fields), each) for each in texts)
    joined = {
        name: ("/" if name in dates else ", ").join(filter(None, texts))
        for name, texts in found.items()
    }
    return {name: text for name, text in joined.items() if text}


def _unfolded(sent: Iterable[tuple[str, Sequence[str]]]) -> Iterable[tuple[str, Sequence[str]]]:
    """Yield what was typed; the cells of a row that came as one line by themselves."""
    for name, texts in sent:
        if name in NOT_TYPED or name.startswith("seen-"):
            continue
        if FOLDED.fullmatch(name) and "=" in texts[0]:
            yield from (
                (f"{name}-{cell}", [text]) for cell, text in parse_qsl(texts[0], separator=";")
            )
        else:
            yield name, texts


def _field(name: str, fields: Mapping[str, Field]) -> Field | None:
    cell = CELL.fullmatch(name)
    if cell is None:
        return fields.get(name)
    columns = fields[cell[1]].columns if cell[1] in fields else ()
    return next((each for each in columns if each.name == cell[3]), None)


def _words(field: Field | None, text: str) -> str:
    """Return an answer as its question words it; what was typed as it was typed."""
    if field is None:
        return text
    if field.widget == "user":
        return filters.person_name(text) if text else ""
    if field.widget in ("boolean", "yes_no"):
        return {"true": "Yes", "false": "No"}.get(text, text)
    return dict(field.options).get(text, text)


def _title(fields: Mapping[str, Field], name: str) -> str:
    if name in fields:
        return fields[name].title
    return filters.humanise(name.removesuffix("-other"))
