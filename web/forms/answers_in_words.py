"""Recorded answers in words, section by section: for paper, and to show what others wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain import JsonValue
from engine.packs.forms import Field, Form
from web.request import filters


@dataclass(frozen=True)
class Told:
    """One question with its answer in words; a repeating one as a table."""

    title: str
    words: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ToldSection:
    """The answered questions under one heading, which may be empty."""

    id: str
    title: str
    answers: tuple[Told, ...]


def in_words(field: Field, value: JsonValue) -> str:
    """Return one answer as a person would say it."""
    if isinstance(value, list):
        if field.columns:
            return "; ".join(", ".join(filter(None, row)) for row in _rows(field, value))
        return ", ".join(_one(field, each) for each in value)
    return _one(field, value)


def tell(form: Form, answers: Mapping[str, JsonValue]) -> list[ToldSection]:
    """Return the sections that have answers, in the form's order."""
    titles = {each["id"]: each["title"] for each in form.sections}
    told = []
    for section in form.section_ids:
        fields = [each for each in form.fields if each.section == section]
        given = tell_fields(fields, answers)
        if given:
            told.append(ToldSection(section, titles.get(section, section), tuple(given)))
    return told


def tell_fields(fields: Sequence[Field], answers: Mapping[str, JsonValue]) -> list[Told]:
    """Return the answered ones of some questions."""
    return [
        _told(each, answers[each.name])
        for each in fields
        if answers.get(each.name) not in (None, "", [])
    ]


def _told(field: Field, value: JsonValue) -> Told:
    if field.columns and isinstance(value, list):
        rows = _rows(field, value)
        used = [i for i in range(len(field.columns)) if any(row[i] for row in rows)]
        return Told(
            field.title,
            "",
            tuple(field.columns[i].title for i in used),
            tuple(tuple(row[i] for i in used) for row in rows),
        )
    return Told(field.title, in_words(field, value))


def _rows(field: Field, value: Sequence[JsonValue]) -> list[tuple[str, ...]]:
    return [
        tuple(
            in_words(column, row[column.name]) if row.get(column.name) not in (None, "") else ""
            for column in field.columns
        )
        for row in value
        if isinstance(row, Mapping)
    ]


def _one(field: Field, value: JsonValue) -> str:
    if field.widget == "user":
        return filters.person_name(str(value))
    return dict(field.options).get(str(value)) or filters.fact_words(value)
