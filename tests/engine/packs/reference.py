"""docs/packs.md, made of what the check of a pack goes by.

`python -m tests.engine.packs.reference > docs/packs.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from inspect import getdoc, signature

from engine.domain import DaysOff
from engine.packs import own_words
from engine.packs.entries import KIND, SECTIONS, SINGLE, TOP, Entry
from workflows.permanence.domain import DOMAIN

_HEAD = """\
# What a pack can say

The reference of all that the files of a pack can hold beside what BPMN, DMN and JSON Schema say.
An entry that does not stand here means nothing, and the check says so; one that holds something
else than it says is refused. [For process owners](process-owners.md) explains them with examples,
[what of BPMN runs](bpmn-support.md) goes through the drawings.

This page is made of what the check goes by, with

    .venv/bin/python -m tests.engine.packs.reference > docs/packs.md

and a test fails when it says anything else. What must be there is marked with a star.
"""


def document() -> str:
    """Return the page as text."""
    parts = [_HEAD, "\n## pack.toml\n\n", *_entries(TOP)]
    parts += ["\n### [kinds.X]\n\n", *_entries(KIND)]
    for name, entries in {**SECTIONS, **SINGLE}.items():
        where = f"[{name}.X]" if name in SECTIONS else f"[{name}]"
        parts += [f"\n### {where}\n\n", *_entries(entries)]
    parts += ["\n### [values.X]\n\nCode = label.\n", "\n### [deadlines]\n\nDeadline = label.\n"]
    parts += ["\n## Forms\n\nJSON Schema, and of the form as a whole:\n\n", *_words(own_words.FORM)]
    parts += ["\nOf a question:\n\n", *_words(own_words.FIELD)]
    widgets = ", ".join(f"`{each}`" for each in sorted(own_words.WIDGETS))
    parts += [f"\nA question can be asked (`x-widget`) as {widgets}.\n"]
    parts += ["\n## Diagrams\n\nProperties of elements:\n\n", *_words(own_words.ELEMENT)]
    parts += ["\n## timescales.dmn\n\nOutputs that it has:\n\n", *_words(own_words.COLUMN)]
    parts += ["\nOutputs that it may have:\n\n", *_words(own_words.FURTHER_COLUMN)]
    parts += [
        "\n## Functions of days, people and rows\n\nWhat expressions call:\n\n",
        *_functions(),
    ]
    return "".join(parts)


def _entries(entries: Mapping[str, Entry]) -> Iterator[str]:
    yield "| entry | holds | says |\n|---|---|---|\n"
    for name, each in entries.items():
        yield f"| `{name}`{' *' if each.must else ''} | {each.holds} | {each.says} |\n"


def _words(words: Mapping[str, str]) -> Iterator[str]:
    yield "| name | says |\n|---|---|\n"
    for name, says in words.items():
        yield f"| `{name}` | {says} |\n"


def _functions() -> Iterator[str]:
    functions = DOMAIN.functions(today=date(2026, 3, 9), days_off=DaysOff(), born=None)
    yield "| function | gives |\n|---|---|\n"
    for name, each in sorted(functions.items()):
        says = " ".join((getdoc(each) or "").partition("\n\n")[0].split())
        asked = ", ".join(signature(each).parameters)
        says = says or "the day on which it is read."
        yield f"| `{name}({asked})` | {says.removeprefix('Return ')} |\n"


if __name__ == "__main__":
    sys.stdout.write(document())
