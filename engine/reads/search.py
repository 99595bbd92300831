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
from engine.open_work.case_heads import kind_of
from engine.packs.kinds import Kind
from engine.people.case_circle import circle_of, near
from engine.people.permissions import may_see_case
from engine.storage import tables

LONGEST = 100

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c


@dataclass(frozen=True)
class FoundCase:
    """A case that a search found. Names are personal content; `reference` is not ours.

    `title` is what a case of a kind without names is called, else "".
    """

    ref: str
    name: str
    also_called: str
    reference: str
    status: str
    title: str
    kind: Kind


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
    found.sort(key=lambda pair: (pair[1].status != "open", pair[1].name, pair[1].ref))
    circles = ((each, circle_of(connection, id, today=today)) for id, each in found)
    seen = (each for each, circle in circles if may_see_case(actor, circle))
    return [each for _, each in zip(range(limit), seen, strict=False)]


def _matches(case: FoundCase, words: list[str]) -> bool:
    texts = (case.ref, case.name, case.also_called, case.reference, case.title)
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
    kinds = {
        pair: kind_of(connection, *pair)
        for pair in {(each.definition, each.kind) for each in heads}
    }
    names = sorted({name for kind in kinds.values() for name in kind.searched})
    named: dict[UUID, dict[str, str]] = {}
    for id, name, value in connection.execute(
        sa.select(_fact.case_id, _fact.name, _fact.value).where(
            _fact.to_sequence.is_(None), _fact.name.in_(names), _fact.case_id.in_(of_these)
        )
    ):
        named.setdefault(id, {})[name] = str(json.loads(value))
    for head in heads:
        kind, known = kinds[head.definition, head.kind], named.get(head.id, {})
        name, also, reference = (
            known.get(each, "") for each in (kind.name, kind.also_called, kind.reference)
        )
        title = "" if kind.name else kind.title
        yield head.id, FoundCase(head.ref, name, also, reference, head.status, title, kind)
