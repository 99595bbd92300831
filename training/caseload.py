"""A demonstration's caseload of any size: cases in every state that a pack's demo.toml names.

Each case takes one of the states in turn and is then worked on like all others, up to the instant
at which the training clock ends. Older histories cost more, so most cases came lately.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from engine import commands
from engine.domain import Domain
from engine.errors import CaseNotFound, ClockRefused
from engine.firing import training_clock
from engine.open_work import case_heads
from engine.storage import database
from engine.storage.database import Connection, Engine
from training.council import Council, pass_day
from training.demo_file import Demo
from training.run import Told, found
from training.stories import Event, Story, days_before

SPAN = timedelta(days=145)
"""How long before the end the first case is opened."""


def first_instant(end: datetime) -> datetime:
    """Return where the training clock must begin for the caseload to fit before `end`."""
    return end - SPAN


def add_caseload(
    engine: Engine,
    end: datetime,
    domain: Domain,
    *,
    demos: Sequence[Demo],
    cases: int,
    seed: str,
    wall: datetime,
    tell: Told = lambda _: None,
) -> int:
    """Let that many cases be worked on until `end` in each pack that names states; return them.

    A database that holds the whole caseload is left as it is.

    Raises:
        ClockRefused: the clock has passed the caseload's beginning; it needs a new database.
        DemoRefused: a demo.toml names what its pack has not, or a formula cannot be worked out.
    """
    councils = [
        found(engine, domain=domain, demo=each, cases=cases, seed=seed, wall=wall)
        for each in demos
        if each.rules.states
    ]
    last = domain.today(end)
    stories = {
        each.staff.pack: [_story(each, number, last) for number in range(1, cases + 1)]
        for each in councils
    }
    every = [story for told in stories.values() for story in told]
    with database.reading(engine) as connection:
        there = [each for each in every if _exists(connection, each)]
        now = training_clock.current_time(connection)
    if len(there) == len(every):
        return 0
    if there or now > first_instant(end):
        raise ClockRefused("the demonstration needs a new database: its clock cannot move back")
    _work_on(councils, stories, domain.today(now), end, tell)
    training_clock.advance(engine, end, domain=domain, wall=wall)
    return len(every)


def _work_on(
    councils: Sequence[Council],
    stories: Mapping[str, Sequence[Story]],
    day: date,
    end: datetime,
    tell: Told,
) -> None:
    """Let every day after `day` pass until `end`, with the cases that are opened on it."""
    while day < councils[0].domain.today(end):
        day += timedelta(days=1)
        opening = {
            pack: [each for each in told if each.opens_on == day] for pack, told in stories.items()
        }
        pass_day(councils, day, opening, until=end)
        tell(f"{day}: {sum(len(each.stories) for each in councils)} cases")
    problems = [problem for each in councils for problem in each.tally.problems]
    if problems:
        raise RuntimeError(problems[0])


def _story(council: Council, number: int, last: date) -> Story:
    """Return the case with this number, in the state whose turn it is."""
    states = council.rules.states
    state = states[(number - 1) % len(states)]
    came = council.chance.at("state", number).randint(*state.came)
    opens_on = _workday_before(council, days_before(last, came))
    told = council.tell_story(number, opens_on, state)
    events = tuple(
        Event(_workday_before(council, days_before(last, each.ago)), each.message, each.carries)
        for each in state.reports
    )
    return replace(told, events=events)


def _workday_before(council: Council, day: date) -> date:
    while council.workday(day) != day:
        day -= timedelta(days=1)
    return day


def _exists(connection: Connection, each: Story) -> bool:
    try:
        case_heads.get_case_head(connection, commands.ref_of(each.case_id))
    except CaseNotFound:
        return False
    return True
