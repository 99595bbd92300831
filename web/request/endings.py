"""How a case that has ended is spoken of, in its pack's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import reads
from engine.domain import JsonValue
from engine.open_work.case_heads import CaseHead
from engine.packs.version import Definition
from web.request import context, filters


@dataclass(frozen=True)
class Ended:
    """How a closed case is spoken of; `reason` is "" where `words` say it all."""

    words: str
    more: str = ""
    reason: str = ""
    gentle: bool = False


def ended(case: CaseHead, facts: Mapping[str, JsonValue], definition: Definition) -> Ended | None:
    """Return how a case ended, in its pack's words; None while it is open."""
    if case.status == "open":
        return None
    found = reads.ending(definition, case, facts, now=context.now(), domain=context.parts().domain)
    if found is None:
        return Ended(f"This case is closed since {filters.short_day(case.closed_at)}.")
    reason = facts.get(found.reason) if found.reason else None
    said = filters.fact_words(reason, definition.pack.facts[found.reason]) if reason else ""
    on = facts.get(found.on)
    day = filters.short_day(on if isinstance(on, str) else None)
    return Ended(found.words.replace("{on}", day), found.more, said, found.gentle)
