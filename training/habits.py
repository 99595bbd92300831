"""When people do what waits for them: mostly in time, sometimes late, and some of it never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from engine.open_work.work_list import WorkItemRow
from training.chance import Chance
from training.simulation_rules import Formula, Functions
from training.stories import Story
from training.toml_entries import DemoRefused

LATE = 0.08
OFFERED = 0.12
"""How often work that is only offered, such as moving a meeting, is taken up."""
AWAY = 0.03
"""How often a person is not there on a working day."""
NEGLECT = timedelta(days=200)
"""How long a task is left that a story says is neglected."""
NEVER = date.max


def planned_day(
    chance: Chance,
    story: Story,
    item: WorkItemRow,
    opened_on: date,
    when: Formula | None,
    names: Mapping[str, object],
    functions: Functions,
) -> date:
    """Return the day on which a task will be done, NEVER for one that is not taken up.

    `when` gives the day of tasks that are done on one that something else sets.
    """
    rng = chance.at("item", item.id)
    late = timedelta(days=rng.randint(1, 16)) if rng.random() < LATE else timedelta()
    if item.name in story.neglects:
        return opened_on + NEGLECT + late
    if item.optional:
        return opened_on + timedelta(days=rng.randint(0, 6)) if rng.random() < OFFERED else NEVER
    if when is not None:
        return _set_day(when, {**names, "opened_on": opened_on}, functions, late)
    last = item.limit_on or opened_on + timedelta(days=10)
    room = max(0, (last - opened_on).days)
    day = opened_on + timedelta(days=rng.randint(0, min(room, 20)))
    return last + late if late else day


def _set_day(
    when: Formula, names: Mapping[str, object], functions: Functions, late: timedelta
) -> date:
    day = when.value(names, functions)
    if day is None:
        return NEVER
    if not isinstance(day, date):
        raise DemoRefused(f"{when.place} must give a day, or null for never.")
    return day + late
