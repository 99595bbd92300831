"""Find a case by our reference, the council's, a name or a title: only what one may see.

Names are compared here and not in SQL: without regard to capitals, accents and apostrophes, which
the databases see differently. A person's own cases are few; an auditor's search reads every name
once.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from anyascii import anyascii
from sqlalchemy import Connection

from engine.context import Actor
from engine.open_work.case_heads import title_of
from engine.people.case_circle import circle_of, near
from engine.people.permissions import may_see_case
from engine.storage import tables

LONGEST = 100
NAMED = ("child_name", "preferred_name", "child_ref")

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c


@dataclass(frozen=True)
class FoundCase:
    """A case that a search found. Names are personal content; `title` is of no child's case."""

    ref: str
    child_name: str
    preferred_name: str
    child_ref: str
    status: str
    title: str


def find_cases(
    connection: Connection, actor: Actor, term: str, *, today: date, limit: int = 50
) -> list[FoundCase]:
    """Return the cases whose names or references hold every word of `term`, at most `limit`.

    Open ones first, then by name and reference. `today` is the London day of the search: people
    look on at a case for a time.
    """
    words = folded(term[:LONGEST]).split()
    if not words:
        return []
    candidates = _candidates(connection, actor, today)
    found = [(id, each) for id, each in candidates if _matches(each, words)]
    found.sort(key=lambda pair: (pair[1].status != "open", pair[1].child_name, pair[1].ref))
    circles = ((each, circle_of(connection, id, today=today)) for id, each in found)
    seen = (each for each, circle in circles if may_see_case(actor, circle))
    return [each for _, each in zip(range(limit), seen, strict=False)]


def _matches(case: FoundCase, words: list[str]) -> bool:
    texts = (case.ref, case.child_name, case.preferred_name, case.child_ref, case.title)
    said = folded(" ".join(texts))
    return all(word in said for word in words)


def folded(text: str) -> str:
    """Return a text as anybody might type it: Zoë as zoe, Łukasz as lukasz, O'Brien as obrien."""
    composed = unicodedata.normalize("NFKC", text)
    return anyascii(composed).casefold().translate(_LEFT_OUT)


_LEFT_OUT = str.maketrans(dict.fromkeys("'`\""))
"""Apostrophes, which are typed in many ways or not at all."""


def _candidates(
    connection: Connection, actor: Actor, today: date
) -> Iterator[tuple[UUID, FoundCase]]:
    cases = sa.select(_case.id, _case.ref, _case.status, _case.kind, _case.definition)
    if not actor.is_any("auditor", "system"):
        cases = cases.where(near(actor, today=today))
    if actor.pack is not None:
        cases = cases.where(_case.pack == actor.pack)
    heads = connection.execute(cases).all()
    of_these = cases.with_only_columns(_case.id)
    named: dict[UUID, dict[str, str]] = {}
    for id, name, value in connection.execute(
        sa.select(_fact.case_id, _fact.name, _fact.value).where(
            _fact.to_sequence.is_(None), _fact.name.in_(NAMED), _fact.case_id.in_(of_these)
        )
    ):
        named.setdefault(id, {})[name] = str(json.loads(value))
    for head in heads:
        names = named.get(head.id, {})
        child_name, preferred_name, child_ref = (names.get(each, "") for each in NAMED)
        title = title_of(connection, head.definition, head.kind)
        found = FoundCase(head.ref, child_name, preferred_name, child_ref, head.status, title)
        yield head.id, found
