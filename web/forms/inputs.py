"""What stands on a page of a form: sections, rows, inputs, what is wrong, whom one can choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import has_request_context

from engine.packs.form_formats import day_of
from engine.packs.forms import Form
from engine.people import people
from web.forms import answers_in_words
from web.request import context, filters

CALLED = 60
"""Characters of an answer that can stand for its row."""


@dataclass(frozen=True)
class Person:
    """Somebody who can be chosen in a field; `pack` is None for those who serve every council."""

    name: str
    display_name: str
    roles: frozenset[str]
    pack: str | None = None


@dataclass(frozen=True)
class Condition:
    """When a question matters: for the script (JSON, "" if it cannot tell), and in words."""

    script: str = ""
    words: str = ""


@dataclass(frozen=True)
class Input:
    """One question. `texts` is what stands in it: one text, three for a date, many for a list.

    `id` is where an error summary's link leads: the first input of the question. `was` is what
    stood here at `carried_from`, in words; `dropped` the rows of then that are here no more.
    `template` is an empty row for the script to copy. `table` is what the council's figures
    answer, where nobody types. `other`: what somebody is called who is not among the people;
    `other_when` tells the script when to ask for their name.
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
    when: Condition
    was: str = ""
    rows: tuple[Row, ...] = ()
    template: Row | None = None
    dropped: tuple[str, ...] = ()
    fixed: bool = False
    table: answers_in_words.Told | None = None
    other: str = ""
    other_when: str = ""

    @property
    def outsider(self) -> str:
        """The answer, if it is none of the options."""
        text = next(iter(self.texts), "")
        return "" if text in dict(self.options) else text


@dataclass(frozen=True)
class Row:
    """One row of a repeating question; the blank one at the end has `blank` set.

    `id` is what a button that removes it sends. `is_new`: it was not there last time. A row with
    `folded`, what its inputs hold (web/forms/typed_answers.py), is shown as the one line `words`.
    `comes_first`: somebody asked for this row, so its first input has the focus.
    """

    number: int
    inputs: tuple[Input, ...]
    blank: bool
    id: str
    is_new: bool = False
    folded: str = ""
    words: str = ""
    comes_first: bool = False

    @property
    def fixed(self) -> Input | None:
        """The first input, where its answer stays and so names the row."""
        first = self.inputs[0]
        is_known = first.texts and first.texts[0] in dict(first.options)
        return first if first.fixed and is_known and not first.error else None

    @property
    def is_changed(self) -> bool:
        return any(each.was for each in self.inputs)

    @property
    def called(self) -> str:
        """What the row is about in a few words: its first answer, else its number."""
        first = self.inputs[0]
        text = next(iter(filter(None, first.texts)), "") if first.widget != "date" else ""
        words = dict(first.options).get(text, text)
        return f"number {self.number}" if not words or len(words) > CALLED else words

    @property
    def is_finished(self) -> bool:
        return all(any(each.texts) for each in self.inputs if each.required)


@dataclass(frozen=True)
class Section:
    """Questions under one heading; the first may have none."""

    id: str
    title: str
    hint: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Confirmation:
    """An unlikely answer, to be ticked where it is right: what is sent, what it says."""

    sent: str
    words: str
    ticked: bool


@dataclass(frozen=True)
class LaidOutForm:
    """A form as a page shows it, and the problems for the summary at its top."""

    title: str
    intro: str
    sections: tuple[Section, ...]
    problems: tuple[tuple[str, str], ...]
    confirmations: tuple[Confirmation, ...] = ()


def confirmations(form: Form, problems: Mapping[str, str]) -> tuple[Confirmation, ...]:
    """Return what this request was asked to confirm of a form, and what it did confirm."""
    if not problems or not has_request_context():
        return ()
    ticked = {name: each for name, each in context.confirmed().items() if name not in problems}
    found = {**ticked, **context.to_confirm()}
    return tuple(
        Confirmation(
            f"{field.name}={found[field.name]}",
            f"{filters.short_day(day) if (day := day_of(found[field.name])) else found[field.name]}"
            f" is right: {field.title}",
            field.name not in context.to_confirm(),
        )
        for field in form.fields
        if field.name in found
    )


def people_to_choose(pack: str) -> list[Person]:
    """Return who can be named in a form of this pack."""
    with context.reading() as connection:
        rows = people.list_people(connection, pack=pack)
    return [
        Person(row.name, row.display_name, frozenset(row.roles), row.pack)
        for row in rows
        if row.active
    ]
