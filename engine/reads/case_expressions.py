"""What a pack's expressions say of a case as it stands: how it ended, which messages fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.bpmn.scripting import Surroundings
from engine.domain import Domain, JsonValue
from engine.open_work.case_heads import CaseHead
from engine.packs.ending_words import Ending, ending_of
from engine.packs.manifest import MessageType
from engine.packs.version import Definition
from engine.rules.expressions import evaluate
from engine.step.scope import surroundings


def ending(
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> Ending | None:
    """Return the first of the pack's endings that fits a case, None if none does."""
    reads = _reads(definition, case, facts, now=now, domain=domain)
    return ending_of(definition.pack.endings, reads.names, reads.functions)


def fitting(
    messages: Iterable[MessageType],
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> list[MessageType]:
    """Return the messages that fit the case as it stands, in the pack's order."""
    reads = _reads(definition, case, facts, now=now, domain=domain)
    return [
        each
        for each in messages
        if not each.offered or evaluate(each.offered, reads.names, reads.functions) is True
    ]


def _reads(
    definition: Definition,
    case: CaseHead,
    facts: Mapping[str, JsonValue],
    *,
    now: datetime,
    domain: Domain,
) -> Surroundings:
    return surroundings(
        definition, policy=case.policy, facts=facts, deadlines=(), now=now, domain=domain
    )
