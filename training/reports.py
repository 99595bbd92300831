"""What happens to children between their meetings, and is reported to their cases."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from engine.domain import JsonValue
from engine.packs.manifest import MessageType, Pack
from training.chance import Chance
from training.staff import Staff
from training.stories import Event, Story

SELDOM = 1 / 900
"""How likely a message that is not in `HOW_OFTEN` is on a working day."""
HOW_OFTEN = {
    "significant_change": 1 / 250,
    "legal_status_changed": 1 / 300,
    "placement_changed": 1 / 200,
    "delay_flagged": 1 / 500,
    "transfer": 1 / 350,
    "case_closed": 1 / 900,
    "care_entry": 0.0,
    "child_born": 0.0,
    "child_died": 0.0,
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "status": ("C1", "C2", "E1", "V2"),
    "legal_status": ("C1", "C2", "V2"),
    "placement_type": ("U1", "U4", "K2", "P1"),
    "plan": ("adoption", "special_guardianship", "long_term_fostering"),
    "order": ("Care order", "Placement order"),
    "what": ("The carer who was being assessed has withdrawn.",),
    "trigger": ("disruption", "change_of_plan"),
    "reason": ("Delayed by an assessment",),
}
ENDS = "case_closed"
ENDINGS = ("E4A", "E45", "E11", "E12", "E48", "E5", "E3", "E17")


def events_of(
    chance: Chance, story: Story, pack: Pack, staff: Staff, today: date
) -> Iterator[Event]:
    """Yield what is reported about a child today: what its story says, and chance."""
    for event in story.events:
        if event.day == today and event.message in pack.messages:
            kind = pack.messages[event.message]
            rng = chance.at("payload", story.number, event.message)
            yield Event(today, event.message, {**payload(kind, staff, rng, today), **event.payload})
    for name, kind in pack.messages.items():
        often = HOW_OFTEN.get(name, SELDOM)
        if name == ENDS and story.neglects:
            continue  # whoever shows what is neglected stays to show it
        if kind.told_by_diagrams or not chance.happens(often, "event", story.number, name, today):
            continue
        rng = chance.at("payload", story.number, name, today)
        yield Event(today, name, payload(kind, staff, rng, today))


def payload(
    kind: MessageType, staff: Staff, rng: random.Random, today: date
) -> dict[str, JsonValue]:
    """Return what a message carries, drawn from its declared types."""
    carried: dict[str, JsonValue] = {}
    for each in kind.payload:
        if each.type == "date":
            carried[each.name] = (today - timedelta(days=rng.choice((0, 0, 1, 3)))).isoformat()
        elif each.type == "user":
            carried[each.name] = rng.choice(staff.by_role[each.name])
        elif each.type == "number":
            carried[each.name] = rng.randint(1, 12)
        elif each.type == "boolean":
            carried[each.name] = rng.random() < 0.5
        elif kind.name == ENDS and each.name == "reason":
            carried[each.name] = rng.choice(ENDINGS)
        else:
            carried[each.name] = rng.choice(WORDS.get(each.name, ("Reported",)))
    return carried
