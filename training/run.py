"""Councils over years: cases opened, worked on, looked over at the end of each day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from engine.domain import Domain
from engine.firing import training_clock
from engine.integrity import liveness, look_over
from engine.open_work import case_heads, work_list
from engine.storage import database, published_versions
from engine.storage.database import Engine
from training.chance import Chance
from training.council import Council, pass_day
from training.demo_check import require_known
from training.demo_file import Demo
from training.staff import add_staff
from training.stories import Story

ARRIVE_WITHIN = 90
"""Days in which the first cases are opened."""
MOST_PROBLEMS = 20
Told = Callable[[str], None]


@dataclass
class Figures:
    """What a simulated council did, and what was found wrong with its system.

    `lasted`: days that passed before all was over or something was wrong. `early` and `late`:
    seconds of processor time per step in the first and last quarter of the days. `refused`: the
    questions that forms would not take, most often first.
    """

    packs: list[str]
    cases_each: int
    days: int
    seed: str
    lasted: int = 0
    cases: int = 0
    open_cases: int = 0
    steps: int = 0
    events: int = 0
    open_work: int = 0
    overdue: int = 0
    put_off: int = 0
    early: float = 0.0
    late: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def simulate(
    engine: Engine,
    *,
    domain: Domain,
    demos: Sequence[Demo],
    cases: int,
    days: int,
    seed: str,
    start: datetime,
    wall: datetime,
    tell: Told = lambda _: None,
) -> Figures:
    """Run so many days after `start`, with so many cases in each council, and return the figures.

    A day that ends unwell ends it all. A case that ends makes room for another one.
    """
    councils = [
        found(engine, domain=domain, demo=each, cases=cases, seed=seed, wall=wall) for each in demos
    ]
    figures = Figures([each.pack for each in demos], cases, days, seed)
    first = domain.today(start) + timedelta(days=1)
    arrivals = {each.staff.pack: _arrivals(each, cases, first, days) for each in councils}
    costs: list[tuple[float, int]] = []
    for number in range(days):
        day = first + timedelta(days=number)
        figures.lasted = number + 1
        began, before = time.process_time(), _steps(councils)
        opening = {pack: due.pop(day, []) for pack, due in arrivals.items()}
        pass_day(councils, day, opening, until=domain.start_of(day) + timedelta(days=1))
        costs.append((time.process_time() - began, _steps(councils) - before))
        for council in councils:
            _replace_closed(council, arrivals[council.staff.pack], day)
        figures.problems = _unwell(councils, day)
        opened = sum(len(each.stories) for each in councils)
        tell(f"{day}: {opened} cases, {_steps(councils)} steps")
        if figures.problems:
            break
    return _counted(councils, figures, costs)


def _steps(councils: Sequence[Council]) -> int:
    return sum(each.tally.steps for each in councils)


def found(
    engine: Engine, *, domain: Domain, demo: Demo, cases: int, seed: str, wall: datetime
) -> Council:
    """Give a council the people for that many cases."""
    with database.transaction(engine) as connection:
        definition = published_versions.current_definition(connection, demo.pack)
        require_known(demo, definition)
        staff = add_staff(connection, pack=definition.pack, demo=demo, cases=cases)
    return Council(engine, domain, Chance(seed), staff, demo.rules, definition, wall)


def _arrivals(council: Council, cases: int, first: date, days: int) -> dict[date, list[Story]]:
    within = min(ARRIVE_WITHIN, max(1, days // 3))
    arrivals: dict[date, list[Story]] = {}
    for number in range(1, cases + 1):
        wait = council.chance.at("arrives", number).randrange(within)
        day = council.workday(first + timedelta(days=wait))
        arrivals.setdefault(day, []).append(council.tell_story(number, day))
    return arrivals


def _replace_closed(council: Council, arrivals: dict[date, list[Story]], day: date) -> None:
    """Let another case come for each that was closed since last Monday."""
    if day.weekday() != 0:
        return
    with database.reading(council.engine) as connection:
        closed = {
            ref
            for ref in council.stories
            if ref in council.closed or case_heads.get_case_head(connection, ref).status == "closed"
        }
    number = len(council.stories) + sum(map(len, arrivals.values()))
    for ref in sorted(closed - council.closed):
        number += 1
        wait = council.chance.at("replaces", ref).randint(1, 20)
        comes = council.workday(day + timedelta(days=wait))
        arrivals.setdefault(comes, []).append(council.tell_story(number, comes))
    council.closed |= closed


def _unwell(councils: Sequence[Council], day: date) -> list[str]:
    """Return what is wrong at the end of a day: steps that failed, incidents, silence, lateness."""
    with database.reading(councils[0].engine) as connection:
        now = training_clock.current_time(connection)
        found = liveness.take(connection, now=now)
    return [
        *[problem for each in councils for problem in each.tally.problems][:MOST_PROBLEMS],
        *(f"{day} {ref}: nobody and nothing can move this case" for ref in found.silent),
        *(f"{day} {each.case_ref}: {each.element} has not fired" for each in found.overdue),
        *(f"{day} {each.case_ref}: {each.element}: {each.cause}" for each in found.incidents),
    ]


def _counted(
    councils: Sequence[Council], figures: Figures, costs: list[tuple[float, int]]
) -> Figures:
    """Look over the whole database and count."""
    council, tallies = councils[0], [each.tally for each in councils]
    done = sum((each.done for each in tallies), Counter[str]())
    refused = sum((each.refused for each in tallies), Counter[tuple[str, str]]())
    with database.reading(council.engine) as connection:
        now = training_clock.current_time(connection)
        verdict = look_over.look_over(connection, now=now, domain=council.domain)
        waiting = work_list.count_work(connection, today=council.domain.today(now))
    figures.open_work = waiting.overdue + waiting.this_week + waiting.later
    figures.overdue = waiting.overdue
    figures.cases, figures.open_cases = verdict.cases, verdict.open_cases
    figures.events, figures.steps = verdict.events, _steps(councils)
    figures.put_off = sum(each.put_off for each in tallies)
    figures.problems += [f"{ref}: {words}" for ref, words in verdict.problems]
    figures.done = dict(done.most_common())
    figures.refused = {" ".join(place): number for place, number in refused.most_common()}
    quarter = max(1, len(costs) // 4)
    figures.early, figures.late = _per_step(costs[:quarter]), _per_step(costs[-quarter:])
    return figures


def _per_step(costs: list[tuple[float, int]]) -> float:
    return round(sum(cost for cost, _ in costs) / max(1, sum(steps for _, steps in costs)), 4)
