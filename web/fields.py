"""What a template needs to draw a form: sections of inputs with their values and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.forms import Field, Form
from web import forms
from web.forms import DATE_PARTS, Raw

LONG_TEXT = 200


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen in a field."""

    name: str
    display_name: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Input:
    """One question. `texts` is what stands in it: one text, three for a date, many for a list.

    `id` is where an error summary's link leads: the first input of the question.
    """

    id: str
    name: str
    title: str
    widget: str
    hint: str
    source: str
    required: bool
    error: str
    carried_from: date | None
    options: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    when: str
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a repeating question; the blank one at the end has `blank` set."""

    number: int
    inputs: tuple[Input, ...]
    blank: bool
    remove: str


@dataclass(frozen=True)
class Section:
    """Questions under one heading; the first may have none."""

    id: str
    title: str
    hint: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Page:
    """A form as a page shows it, and the problems for the summary at its top."""

    title: str
    intro: str
    sections: tuple[Section, ...]
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Filled:
    """What a form is filled with while its inputs are made."""

    raw: Raw
    problems: Mapping[str, str]
    carried: Mapping[str, Any]
    people: Sequence[Person]
    blank_rows: bool


def lay_out(
    form: Form,
    *,
    raw: Raw,
    problems: Mapping[str, str] | None = None,
    carried: Mapping[str, Any] | None = None,
    people: Sequence[Person] = (),
    blank_rows: bool = True,
) -> Page:
    """Return the form's sections in its order, fields without a section first."""
    filled = _Filled(raw, problems or {}, carried or {}, people, blank_rows)
    groups: dict[str, list[Input]] = {}
    for each in form.fields:
        groups.setdefault(each.section or "", []).append(_input(form, each, filled))
    sections = [Section("", "", "", tuple(groups.pop("", ())))]
    for known in form.sections:
        ident, title, hint = _section(known)
        sections.append(Section(ident, title, hint, tuple(groups.pop(ident, ()))))
    sections += [Section(name, name, "", tuple(inputs)) for name, inputs in groups.items()]
    shown = tuple(section for section in sections if section.inputs)
    return Page(form.title, form.intro or "", shown, _summary(shown, filled.problems))


def _section(section: Any) -> tuple[str, str, str]:
    if isinstance(section, Mapping):
        return str(section["id"]), str(section["title"]), str(section.get("hint", "") or "")
    return section.id, section.title, getattr(section, "hint", "") or ""


def _input(form: Form, each: Field, filled: _Filled) -> Input:
    schema = forms.field_schema(form, each.name)
    if forms.kind_of(each, schema) == "rows":
        rows = tuple(_rows(form, each, filled))
        first = rows[0].inputs[0].id if rows else each.name
        return _made(each, schema, each.name, each.name, filled, rows=rows, ident=first)
    return _made(each, schema, each.name, each.name, filled)


def _rows(form: Form, each: Field, filled: _Filled) -> Iterator[Row]:
    there = forms.count_rows(filled.raw, each.name)
    for index in range(there + (1 if filled.blank_rows else 0)):
        inputs = tuple(
            _made(
                column,
                forms.column_schema(form, each.name, column.name),
                f"{each.name}-{index}-{column.name}",
                f"{each.name}.{index}.{column.name}",
                filled,
            )
            for column in each.columns
        )
        yield Row(index + 1, inputs, index == there, f"{each.name}-{index}-remove")


def _made(
    each: Field,
    schema: Mapping[str, Any],
    name: str,
    problem: str,
    filled: _Filled,
    *,
    rows: tuple[Row, ...] = (),
    ident: str = "",
) -> Input:
    widget = _widget(each, schema)
    return Input(
        id=ident or (f"{name}-day" if widget == "date" else name),
        name=name,
        title=each.title or name,
        widget=widget,
        hint=each.hint or "",
        source=each.source or "",
        required=bool(each.required),
        error=filled.problems.get(problem, ""),
        carried_from=filled.carried.get(each.name) if problem == each.name else None,
        options=_options(each, widget, filled.people),
        texts=_texts(widget, name, filled.raw),
        when=each.show_when or "",
        rows=rows,
    )


def _widget(each: Field, schema: Mapping[str, Any]) -> str:
    kind = forms.kind_of(each, schema)
    if kind in ("rows", "date", "boolean", "number"):
        return kind
    if kind == "list":
        return "checkboxes" if each.options else "text"
    if each.widget in ("user", "radios", "select", "textarea"):
        return str(each.widget)
    if each.options:
        return "radios" if len(each.options) <= 7 else "select"
    return "textarea" if int(schema.get("maxLength", 0)) > LONG_TEXT else "text"


def _options(each: Field, widget: str, people: Sequence[Person]) -> tuple[tuple[str, str], ...]:
    if widget == "boolean":
        return (("true", "Yes"), ("false", "No"))
    if widget == "user":
        return tuple(
            (person.name, person.display_name)
            for person in people
            if not each.role or each.role in person.roles
        )
    return tuple((str(value), str(title)) for value, title in each.options or ())


def _texts(widget: str, name: str, raw: Raw) -> tuple[str, ...]:
    if widget == "date":
        return tuple(next(iter(raw.get(f"{name}-{part}", [])), "") for part in DATE_PARTS)
    return tuple(raw.get(name, []))


def _summary(
    sections: Sequence[Section], problems: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return (input id, message) in the order of the page; a problem of no field comes last."""
    left = dict(problems)
    listed: list[tuple[str, str]] = []
    for section in sections:
        for each in section.inputs:
            _take(each, left, listed, each.name)
            for row in each.rows:
                for cell in row.inputs:
                    _take(cell, left, listed, f"{each.name}.{row.number - 1}.{_column(cell)}")
    anchor = sections[0].inputs[0].id if sections else "main-content"
    return (*listed, *((anchor, message) for message in left.values()))


def _column(cell: Input) -> str:
    return cell.name.split("-", 2)[2]


def _take(each: Input, left: dict[str, str], listed: list[tuple[str, str]], problem: str) -> None:
    if problem in left:
        listed.append((each.id, left.pop(problem)))
