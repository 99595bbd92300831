"""Posted forms: what was typed → typed answers, and answers → what stands in the inputs.

The raw form is input name → texts as typed. A simple field `held_date` has the inputs
`held_date-day`, `-month`, `-year`; a cell of a row `actions-0-due`. A row that a page shows as one
line comes back whole: `actions-0` → "text=Call+her;due-day=1". Everything else about answers
(required, ranges, checks) is the engine's; here a text only becomes a date, a number or a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from engine.domain import JsonValue
from engine.errors import AnswersRefused
from engine.packs.forms import Field, Form, without_blanks
from engine.packs.typed_text import cleaned
from web.forms import typed_dates

Raw = dict[str, list[str]]
OTHER = "other:"
"""What is chosen for somebody who is not among the people; `owner-other` holds their name."""
DATE_PARTS = typed_dates.PARTS
WHOLE = re.compile(r"-?\d{1,15}")
FOLDED = re.compile(r"(.+)-\d{1,3}")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")


@dataclass(frozen=True)
class Typed:
    """A posted form: its answers, what could not be read, and what was typed.

    `problems` is keyed like the engine's: "held_date", "actions.0.due". A text that could not be
    read stands in `answers` as it was typed.
    """

    answers: dict[str, JsonValue]
    problems: dict[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)


def read_posted(form: Form, posted: MultiDict[str, str]) -> Typed:
    """Return the typed answers of a posted form; extra inputs are left."""
    return read_raw(form, dict(posted.lists()))


def read_section(
    form: Form, section: str, posted: MultiDict[str, str], values: Mapping[str, JsonValue]
) -> Typed:
    """Return the same of a page that shows one section: all other answers are `values`."""
    names = form.names_in(section)
    others = {name: value for name, value in values.items() if name not in names}
    return read_raw(form, {**dict(posted.lists()), **raw_values(form, others)})


def read_raw(form: Form, posted: Raw) -> Typed:
    """Return the same of input name -> texts."""
    # Browsers send line ends as CR LF; one kind is kept, so that lengths are what was typed.
    texts: Raw = {
        name: [text.replace("\r\n", "\n") for text in values]
        for name, values in _unfolded(form, posted).items()
    }
    typed = Typed({})
    for each in form.fields:
        if each.widget == "measures":
            continue  # nobody types them
        if kind_of(each, _schema(form, each.name)) == "rows":
            _read_rows(form, each, texts, typed)
        else:
            _read(each, _schema(form, each.name), each.name, each.name, texts, typed, typed.answers)
    return typed


def _unfolded(form: Form, posted: Raw) -> Raw:
    """Return the inputs with those of every folded row in place of it."""
    repeating = {each.name for each in form.fields if each.columns}
    texts: Raw = {}
    for name, values in posted.items():
        folded = FOLDED.fullmatch(name)
        if folded is None or folded[1] not in repeating:
            texts[name] = values
            continue
        for cell, text in parse_qsl(values[0], separator=";"):
            texts.setdefault(f"{name}-{cell}", []).append(text)
    return texts


def kind_of(each: Field, schema: Mapping[str, Any]) -> str:
    """Return what a field's value is: rows, list, boolean, number, date or text."""
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else list(kind or [])
    if each.widget == "rows" or ("array" in kinds and _items_type(schema) == "object"):
        return "rows"
    if "array" in kinds:
        return "list"
    if "boolean" in kinds:
        return "boolean"
    if "integer" in kinds or "number" in kinds:
        return "number"
    return "date" if schema.get("format") == "date" else "text"


def raw_values(form: Form, values: Mapping[str, JsonValue]) -> Raw:
    """Return what stands in the inputs when the answers are `values`."""
    raw: Raw = {}
    for each in form.fields:
        if each.widget == "measures":
            continue
        value = values.get(each.name)
        schema = _schema(form, each.name)
        if kind_of(each, schema) == "rows":
            for index, row in enumerate(value if isinstance(value, list) else []):
                for column in each.columns:
                    name = f"{each.name}-{index}-{column.name}"
                    cell = row.get(column.name) if isinstance(row, Mapping) else None
                    _show(kind_of(column, _column_schema(schema, column.name)), name, cell, raw)
        else:
            _show(kind_of(each, schema), each.name, value, raw)
    return raw


def count_rows(raw: Raw, name: str) -> int:
    """Return how many rows of the field stand in the raw form."""
    indexes = _indexes(name, raw)
    return indexes[-1] + 1 if indexes else 0


def column_schema(form: Form, name: str, column: str) -> Mapping[str, Any]:
    """Return the JSON Schema of one column of a rows field."""
    return _column_schema(_schema(form, name), column)


def field_schema(form: Form, name: str) -> Mapping[str, Any]:
    """Return the JSON Schema of one field."""
    return _schema(form, name)


def _schema(form: Form, name: str) -> Mapping[str, Any]:
    found = form.schema.get("properties", {}).get(name, {})
    return found if isinstance(found, Mapping) else {}


def _column_schema(schema: Mapping[str, Any], column: str) -> Mapping[str, Any]:
    found = schema.get("items", {}).get("properties", {}).get(column, {})
    return found if isinstance(found, Mapping) else {}


def _items_type(schema: Mapping[str, Any]) -> object:
    items = schema.get("items")
    return items.get("type") if isinstance(items, Mapping) else None


def _read(
    each: Field,
    schema: Mapping[str, Any],
    name: str,
    problem_name: str,
    texts: Raw,
    typed: Typed,
    into: dict[str, JsonValue],
) -> None:
    kind = kind_of(each, schema)
    if each.widget == "user" and each.other and _text(texts, name) in ("", OTHER):
        texts = {**texts, name: [_text(texts, f"{name}-other")]}
    for part in (f"{name}-{part}" for part in DATE_PARTS) if kind == "date" else (name,):
        if part in texts:
            typed.raw[part] = texts[part]
    if kind == "list":
        chosen = [text for text in texts.get(name, []) if text]
        if chosen:
            into[each.name] = list(chosen)
        return
    value, problem = _value(kind, each.asked or each.title, name, texts)
    in_one_box = not all(_text(texts, f"{name}-{part}") for part in DATE_PARTS)
    if kind == "date" and value is not None and not problem and in_one_box:
        _show_date(name, str(value), typed.raw)
    if value is not None:
        into[each.name] = value
    if problem:
        typed.problems[problem_name] = problem


def _value(kind: str, title: str, name: str, texts: Raw) -> tuple[JsonValue, str]:
    if kind == "date":
        return _date([_text(texts, f"{name}-{part}") for part in DATE_PARTS], title, texts, name)
    text = _text(texts, name)
    if not text:
        return None, ""
    if kind == "boolean":
        known = {"true": True, "false": False}
        return known.get(text, text), "" if text in known else f"{title}: select yes or no"
    if kind == "number":
        if WHOLE.fullmatch(text):
            return int(text), ""
        if NUMBER.fullmatch(text):
            return float(text), ""
        return text, f"{title} must be a number, such as 3"
    return text, ""


def _text(texts: Raw, name: str) -> str:
    return cleaned(next(iter(texts.get(name, [])), ""))


def _date(typed: list[str], title: str, texts: Raw, name: str) -> tuple[JsonValue, str]:
    if not any(typed):
        return _text(texts, name) or None, ""
    day, problem = typed_dates.read(typed, title)
    return (typed_dates.kept(typed), problem) if day is None else (day.isoformat(), "")


def _read_rows(form: Form, each: Field, texts: Raw, typed: Typed) -> None:
    """Read the rows that hold something and are not marked for removal, numbered anew."""
    schema = _schema(form, each.name)
    rows: list[JsonValue] = []
    for index in _indexes(each.name, texts):
        if f"{each.name}-{index}" in texts.get("remove_row", []):
            continue
        row: dict[str, JsonValue] = {}
        here = _renumbered(texts, f"{each.name}-{index}-", f"{each.name}-{len(rows)}-")
        kept = Typed({})
        for column in each.columns:
            cell = f"{each.name}-{len(rows)}-{column.name}"
            problem = f"{each.name}.{len(rows)}.{column.name}"
            column_is = _column_schema(schema, column.name)
            _read(column, column_is, cell, problem, here, kept, row)
        if row:
            typed.raw.update(kept.raw)
            typed.problems.update(kept.problems)
            rows.append(row)
    if rows:
        typed.answers[each.name] = rows


def _renumbered(texts: Raw, prefix: str, new_prefix: str) -> Raw:
    return {
        new_prefix + name.removeprefix(prefix): values
        for name, values in texts.items()
        if name.startswith(prefix)
    }


def _indexes(name: str, texts: Iterable[str]) -> list[int]:
    pattern = re.compile(re.escape(name) + r"-(\d{1,3})-")
    found = (pattern.match(each) for each in texts)
    return sorted({int(match[1]) for match in found if match})


def _show(kind: str, name: str, value: JsonValue, raw: Raw) -> None:
    if value is None or value == "":
        return
    if kind == "date":
        _show_date(name, str(value), raw)
    elif kind == "list":
        raw[name] = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    elif isinstance(value, bool):
        raw[name] = ["true" if value else "false"]
    else:
        raw[name] = [str(value)]


def _show_date(name: str, value: str, raw: Raw) -> None:
    for part, text in zip(DATE_PARTS, typed_dates.boxes(value), strict=True):
        raw[f"{name}-{part}"] = [text]


def require_readable(form: Form, typed: Typed) -> None:
    """Raise AnswersRefused when a text could not be read, with all else that is wrong too.

    Saves a person a second round: the engine would only hear of the rest once these are mended.
    """
    if typed.problems:
        require_valid(form, typed)


def require_valid(form: Form, typed: Typed) -> None:
    """Raise AnswersRefused for what the form's fields say; its checks over facts are the engine's.

    Raises:
        AnswersRefused: one message for each field.
    """
    problems = form.problems(without_blanks(typed.answers), lambda _check, _values: True)
    if problems or typed.problems:
        raise AnswersRefused({**problems, **typed.problems})
