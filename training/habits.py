"""When people do what waits for them: mostly in time, sometimes late, and some of it never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from engine.domain import JsonValue
from engine.open_work.work_list import WorkItemRow
from training.chance import Chance
from training.stories import Story

ON_THE_DAY = {
    "chair_ppm": "next_ppm_on",
    "conduct_review": "next_review_on",
}
"""Tasks that are done on a day that was booked: task -> the fact that holds it."""
DAYS_BEFORE = {"write_pre_meeting_report": ("next_review_on", 4)}
ENTRY = "record_care_entry"

LATE = 0.08
OFFERED = 0.12
"""How often work that is only offered, such as moving a meeting, is taken up."""
AWAY = 0.03
"""How often a person is not there on a working day."""
NEGLECT = timedelta(days=200)
"""How long a task is left that a story says is neglected."""
NEVER = date.max


def planned_day(
    chance: Chance, story: Story, item: WorkItemRow, opened_on: date, facts: Mapping[str, JsonValue]
) -> date:
    """Return the day on which a task will be done, NEVER for one that is not taken up."""
    rng = chance.at("item", item.id)
    late = timedelta(days=rng.randint(1, 16)) if rng.random() < LATE else timedelta()
    if item.name in story.neglects:
        return opened_on + NEGLECT + late
    if item.optional:
        return opened_on + timedelta(days=rng.randint(0, 6)) if rng.random() < OFFERED else NEVER
    if item.name == ENTRY:
        return NEVER if story.care_entry_on is None else story.care_entry_on + late
    if item.name in ON_THE_DAY:
        return _booked(facts, ON_THE_DAY[item.name], opened_on) + late
    if item.name in DAYS_BEFORE:
        fact, days = DAYS_BEFORE[item.name]
        return _booked(facts, fact, opened_on) - timedelta(days=days) + late
    last = item.limit_on or opened_on + timedelta(days=10)
    room = max(0, (last - opened_on).days)
    day = opened_on + timedelta(days=rng.randint(0, min(room, 20)))
    return last + late if late else day


def _booked(facts: Mapping[str, JsonValue], fact: str, otherwise: date) -> date:
    value = facts.get(fact)
    return date.fromisoformat(value) if isinstance(value, str) else otherwise
