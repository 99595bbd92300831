"""What happens in cases between their tasks, and is reported to them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from engine.domain import JsonValue
from engine.packs.manifest import MessageType, Pack
from training.chance import Chance
from training.simulation_rules import Functions, Rules, plain
from training.staff import Staff
from training.stories import Event, Story


def events_of(
    rules: Rules, chance: Chance, story: Story, pack: Pack, today: date
) -> Iterator[tuple[str, Event | None]]:
    """Yield (message, event) of what is reported of a case today.

    What its story says comes whole; of what comes by chance the event is None, to be filled in.
    """
    for event in story.events:
        if event.day == today and event.message in pack.messages:
            yield event.message, event
    for message in pack.messages_of(rules.kind or pack.first_kind):
        often = rules.often.get(message.name, rules.seldom)
        if message.name in rules.ends and story.neglects:
            continue  # whoever shows what is neglected stays to show it
        if chance.happens(often, "event", story.number, message.name, today):
            yield message.name, None


def payload(
    pack: Pack,
    message: MessageType,
    rules: Rules,
    staff: Staff,
    rng: random.Random,
    today: date,
    functions: Functions,
) -> dict[str, JsonValue]:
    """Return what a message carries: by formulas where there are some, else by its types."""
    said = rules.carries.get(message.name, {})
    codes = {
        source: list(pack.facts[fact].values)
        for fact, source in message.sets.items()
        if fact in pack.facts and pack.facts[fact].values
    }
    carried: dict[str, JsonValue] = {}
    for each in message.payload:
        if each.name in said:
            carried[each.name] = plain(said[each.name].value({}, functions))
        elif each.name in codes:
            carried[each.name] = rng.choice(codes[each.name])
        elif each.type == "date":
            carried[each.name] = (today - timedelta(days=rng.choice((0, 0, 1, 3)))).isoformat()
        elif each.type == "user":
            names = staff.by_role.get(each.name) or next(iter(staff.by_role.values()))
            carried[each.name] = rng.choice(names)
        elif each.type == "number":
            carried[each.name] = rng.randint(1, 12)
        elif each.type == "boolean":
            carried[each.name] = rng.random() < 0.5
        else:
            carried[each.name] = "Reported"
    return {name: value for name, value in carried.items() if value is not None}
