"""What a template needs to draw a form: sections of inputs with their values and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import urlencode

from engine.domain import JsonValue
from engine.packs import conditions
from engine.packs.forms import Field, Form, without_blanks
from web.forms import answers_in_words, typed_answers
from web.forms.inputs import (
    Condition,
    Input,
    LaidOutForm,
    Person,
    Row,
    Section,
    confirmations,
)
from web.forms.typed_answers import DATE_PARTS, OTHER, Raw, Typed

Cells: TypeAlias = dict[str, JsonValue]
"""A row of answers: column -> answer."""

LONG_TEXT = 200
FEW_ROWS = 4
"""As many rows of one question are shown as inputs; of more, those that are filled in as a line."""
MOST_UNFINISHED = 10
"""Of unfinished rows no more than these are shown as inputs: a page has to end somewhere."""
TEMPLATE = "NEW"
"""Stands for the number in the empty row that the script copies."""


@dataclass(frozen=True)
class _Filled:
    """What a form is filled with while its inputs are made."""

    form: Form
    raw: Raw
    problems: Mapping[str, str]
    carried: Mapping[str, date]
    before: Mapping[str, JsonValue]
    people: Sequence[Person]
    blank_rows: bool
    wanted_row: str
    measures: Mapping[str, JsonValue]

    @cached_property
    def typed(self) -> Typed:
        return typed_answers.read_raw(self.form, self.raw)


def lay_out(
    form: Form,
    *,
    raw: Raw,
    problems: Mapping[str, str] | None = None,
    carried: Mapping[str, date] | None = None,
    before: Mapping[str, JsonValue] | None = None,
    people: Sequence[Person] = (),
    blank_rows: bool = True,
    wanted_row: str = "",
    only: str | None = None,
    measures: Mapping[str, JsonValue] | None = None,
) -> LaidOutForm:
    """Return the form's sections in its order, fields without a section first.

    Args:
        carried: question -> the day whose answer it was filled in with.
        before: question -> that answer.
        blank_rows: whether repeating questions end with an empty row where one is needed.
        wanted_row: the repeating question that somebody asked another row of, or the row of one
            that they asked to change.
        only: the one section to return.
        measures: question -> the rows that the council's figures answer it with.
    """
    filled = _Filled(
        form,
        raw,
        problems or {},
        carried or {},
        before or {},
        people,
        blank_rows,
        wanted_row,
        measures or {},
    )
    groups: dict[str, list[Input]] = {}
    for each in form.fields:
        if only is not None and each.section != only:
            continue
        groups.setdefault(each.section or "", []).append(_input(form, each, filled))
    sections = [Section("", "", "", tuple(groups.pop("", ())))]
    for known in form.sections:
        inputs = tuple(groups.pop(known["id"], ()))
        sections.append(Section(known["id"], known["title"], known.get("hint", ""), inputs))
    sections += [Section(name, name, "", tuple(others)) for name, others in groups.items()]
    shown = tuple(section for section in sections if section.inputs)
    summary = _summary(shown, filled.problems)
    return LaidOutForm(
        form.title, form.intro or "", shown, summary, confirmations(form, filled.problems)
    )


def _input(form: Form, each: Field, filled: _Filled) -> Input:
    schema = typed_answers.field_schema(form, each.name)
    questions = {question.name: question for question in form.fields}
    made = _made(each, schema, (each.name, each.name), filled, questions)
    if each.widget == "measures":
        table = answers_in_words.tell_fields([each], filled.measures)
        return replace(made, widget="measures", table=table[0] if table else None)
    if typed_answers.kind_of(each, schema) != "rows":
        before = filled.before.get(each.name)
        if before in (None, "", []) or _is_same(form, each.name, before, filled):
            return made
        return replace(made, was=answers_in_words.in_words(each, before))
    rows = tuple(_rows(form, each, filled, questions))
    return replace(
        made,
        id=rows[0].inputs[0].id if rows else f"{each.name}-add",
        rows=rows,
        template=(
            _row(form, each, TEMPLATE, filled, questions, blank=True) if filled.blank_rows else None
        ),
        dropped=_dropped(each, filled),
    )


def _is_same(form: Form, name: str, before: JsonValue, filled: _Filled) -> bool:
    """Whether a question still has the answer of last time, as its inputs show it."""
    then = typed_answers.read_raw(form, typed_answers.raw_values(form, {name: before})).answers
    now = {name: filled.typed.answers.get(name)}
    return without_blanks(then).get(name) == without_blanks(now).get(name)


def _rows(
    form: Form, each: Field, filled: _Filled, questions: Mapping[str, Field]
) -> Iterator[Row]:
    there = typed_answers.count_rows(filled.raw, each.name)
    wanted = filled.wanted_row == each.name or (each.required and there == 0)
    unfinished = 0
    for index in range(there + (1 if filled.blank_rows and wanted else 0)):
        row = _row(form, each, index, filled, questions, blank=index == there)
        if filled.wanted_row == (each.name if row.blank else row.id):
            yield replace(row, comes_first=True)
            continue
        unfinished += not row.is_finished
        stays_open = (
            row.blank
            or there <= FEW_ROWS
            or any(cell.error for cell in row.inputs)
            or (not row.is_finished and unfinished <= MOST_UNFINISHED)
        )
        yield row if stays_open or not filled.blank_rows else _folded(each, row, filled)


def _folded(each: Field, row: Row, filled: _Filled) -> Row:
    """Return a row as one line of words with what it holds."""
    prefix = f"{row.id}-"
    held = [
        (name.removeprefix(prefix), text)
        for name, texts in filled.raw.items()
        if name.startswith(prefix)
        for text in texts
        if text
    ]
    answer: list[JsonValue] = [*_typed_rows(each, filled)[row.number - 1 : row.number]]
    return replace(
        row, folded=urlencode(held).replace("&", ";"), words=answers_in_words.in_words(each, answer)
    )


def _row(
    form: Form,
    each: Field,
    index: int | str,
    filled: _Filled,
    questions: Mapping[str, Field],
    *,
    blank: bool,
) -> Row:
    columns = {column.name: column for column in each.columns}
    inputs = [
        _made(
            column,
            typed_answers.column_schema(form, each.name, column.name),
            (f"{each.name}-{index}-{column.name}", f"{each.name}.{index}.{column.name}"),
            filled,
            {**questions, **columns},
        )
        for column in each.columns
    ]
    number = index + 1 if isinstance(index, int) else 0
    ident = f"{each.name}-{index}"
    if blank or each.name not in filled.carried:
        return Row(number, tuple(inputs), blank, ident)
    row = _typed_rows(each, filled)[number - 1 : number]
    then = _counterpart(each, row[0] if row else {}, filled)
    inputs = [
        replace(made, was=_was(column, then, row))
        for made, column in zip(inputs, each.columns, strict=True)
    ]
    return Row(number, tuple(inputs), blank, ident, is_new=then is None)


def _typed_rows(each: Field, filled: _Filled) -> list[Cells]:
    return _rows_of(filled.typed.answers.get(each.name))


def _rows_before(each: Field, filled: _Filled) -> list[Cells]:
    return _rows_of(filled.before.get(each.name))


def _rows_of(answer: JsonValue) -> list[Cells]:
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []


def _counterpart(each: Field, row: Cells, filled: _Filled) -> Cells | None:
    """Return the row of last time that is about the same: the same in its first column."""
    first = each.columns[0].name
    same = (then for then in _rows_before(each, filled) if then.get(first) == row.get(first))
    return next(same, None)


def _was(column: Field, then: Cells | None, row: Sequence[Cells]) -> str:
    if then is None or not row or then.get(column.name) == row[0].get(column.name):
        return ""
    return answers_in_words.in_words(column, then[column.name]) if column.name in then else "empty"


def _dropped(each: Field, filled: _Filled) -> tuple[str, ...]:
    first = each.columns[0].name
    now = {str(row.get(first)) for row in _typed_rows(each, filled)}
    gone = [row for row in _rows_before(each, filled) if str(row.get(first)) not in now]
    return tuple(answers_in_words.in_words(each, [row]) for row in gone)


def _made(
    each: Field,
    schema: Mapping[str, Any],
    names: tuple[str, str],
    filled: _Filled,
    questions: Mapping[str, Field],
) -> Input:
    """Return one input. `names` are those of its input and of its problem."""
    name, problem = names
    widget = _widget(each, schema)
    return Input(
        id=f"{name}-day" if widget == "date" else name,
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
        when=Condition(
            conditions.for_script(each.show_when, questions),
            conditions.in_words(each.show_when, questions),
        ),
        fixed=each.fixed,
        other=each.other if widget == "user" else "",
        other_when=json.dumps({"==": [each.name, OTHER]}),
    )


def _widget(each: Field, schema: Mapping[str, Any]) -> str:
    kind = typed_answers.kind_of(each, schema)
    if kind in ("rows", "date", "boolean", "number"):
        return kind
    if kind == "list":
        return "checkboxes" if each.options else "text"
    if each.widget in ("user", "radios", "select", "textarea"):
        return str(each.widget)
    if schema.get("x-widget") == "text":
        return "text"
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
            # Work that could be anybody's is for the council's own people.
            if (each.role in person.roles if each.role else person.pack or not each.other)
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
                    problem = f"{each.name}.{row.number - 1}.{_column(cell)}"
                    _take(cell, left, listed, problem, f" ({row.called or each.title})")
    anchor = sections[0].inputs[0].id if sections else "main-content"
    return (*listed, *((anchor, message) for message in left.values()))


def _column(cell: Input) -> str:
    return cell.name.split("-", 2)[2]


def _take(
    each: Input,
    left: dict[str, str],
    listed: list[tuple[str, str]],
    problem: str,
    which: str = "",
) -> None:
    if problem in left:
        listed.append((each.id, f"{left.pop(problem)}{which}"))
