"""What a pack's expressions say of one case to its page: how it ended, what can be reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.open_work.case_heads import CaseHead
from engine.packs.manifest import MessageType
from engine.packs.version import Definition
from engine.reads import case_expressions
from web.request import context, filters


@dataclass(frozen=True)
class Ended:
    """How a closed case is spoken of; `reason` is "" where `words` say it all."""

    words: str
    more: str = ""
    reason: str = ""
    gentle: bool = False


def ended(case: CaseHead, facts: Mapping[str, Any], definition: Definition) -> Ended | None:
    """Return how a case ended, in its pack's words; None while it is open."""
    if case.status == "open":
        return None
    found = case_expressions.ending(
        definition, case, facts, now=context.now(), domain=context.parts().domain
    )
    if found is None:
        return Ended(f"This case is closed since {filters.short_day(case.closed_at)}.")
    reason = facts.get(found.reason) if found.reason else None
    said = filters.fact_words(reason, definition.pack.facts[found.reason]) if reason else ""
    day = filters.short_day(facts.get(found.on))
    return Ended(found.words.replace("{on}", day), found.more, said, found.gentle)


def offered(
    messages: list[MessageType], case: CaseHead, facts: Mapping[str, Any], definition: Definition
) -> list[MessageType]:
    """Return the messages that fit the case as it stands, in the pack's order."""
    return case_expressions.fitting(
        messages, definition, case, facts, now=context.now(), domain=context.parts().domain
    )
