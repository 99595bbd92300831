"""A demonstration's caseload of any size: children in every state that planning has.

Each child takes one of the `STATES` in turn and is then worked on like all others, up to the day on
which the training clock ends. Older histories cost more, so most children came lately.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from engine import commands
from engine.domain import Domain, JsonValue
from engine.errors import CaseNotFound, ClockRefused
from engine.firing import training_clock
from engine.open_work import case_heads
from engine.storage import database
from engine.storage.database import Connection, Engine
from training.council import Council
from training.run import Told, found
from training.stories import Event, Story, story

SPAN = timedelta(days=145)
"""How long before the end the first case is opened."""


@dataclass(frozen=True)
class State:
    """What becomes of a child: `came` days before the end, at least and at most.

    `events`: (days before the end, message, what its payload says).
    """

    came: tuple[int, int]
    cause: str = "care_entry"
    policy: str | None = None
    neglects: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    settles_after: int | None = None
    plan: str = ""
    stays_out_of_care: bool = False
    events: tuple[tuple[int, str, Mapping[str, JsonValue]], ...] = field(default=())


def _leaves(*tasks: str) -> frozenset[str]:
    return frozenset(tasks)


STATES: Mapping[str, State] = {
    "first meeting due": State((2, 8)),
    "first meeting overdue": State((22, 30), neglects=_leaves("arrange_ppm")),
    "not yet born": State((3, 40), "pre_birth", stays_out_of_care=True),
    "dissent to be answered": State(
        (18, 26),
        always=frozenset({"dissent"}),
        neglects=_leaves("answer_dissent_aepp", "answer_dissent_iro"),
    ),
    "meetings go on": State((30, 70)),
    "fostering before its panel": State(
        (70, 80),
        plan="long_term_fostering",
        always=frozenset({"ratified"}),
        neglects=_leaves("record_panel_outcome"),
    ),
    "delayed": State((20, 30), always=frozenset({"drift"}), neglects=_leaves("reconsider_plan")),
    "2021 policy": State((20, 50), policy="D-2021"),
    "assessment overdue": State((100, 110), neglects=_leaves("complete_assessment")),
    "ending to be approved": State(
        (40, 50),
        neglects=_leaves("approve_ceasing"),
        events=((3, "case_closed", {"reason": "E4A"}),),
    ),
    "closed": State((25, 35), events=((9, "case_closed", {"reason": "E3"}),)),
    "transferred": State((20, 40), events=((6, "transfer", {}),)),
    "already in care": State((8, 14), "already_in_care"),
    "special guardianship decided": State((60, 70), plan="special_guardianship"),
    "edge of care": State((10, 30), "edge_of_care"),
    "permanence confirmed": State((135, 143), settles_after=2),
    "missed dates not explained": State(
        (20, 30), neglects=_leaves("draft_care_plan", "update_care_plan", "explain_breach")
    ),
    "born": State((40, 60), "pre_birth"),
    "just opened": State((0, 3)),
}


def first_instant(end: datetime) -> datetime:
    """Return where the training clock must begin for the caseload to fit before `end`."""
    return end - SPAN


def add_caseload(
    engine: Engine,
    end: datetime,
    domain: Domain,
    *,
    pack: str,
    children: int,
    seed: str,
    wall: datetime,
    tell: Told = lambda _: None,
) -> int:
    """Let that many children be planned for until `end`; return the cases opened.

    A database that holds the whole caseload is left as it is.

    Raises:
        ClockRefused: the clock has passed the caseload's beginning; it needs a new database.
    """
    council = found(engine, domain=domain, pack=pack, children=children, seed=seed, wall=wall)
    stories = [_story(council, number, domain.today(end)) for number in range(1, children + 1)]
    with database.reading(engine) as connection:
        there = [each for each in stories if _exists(connection, each)]
        now = training_clock.current_time(connection)
    if len(there) == len(stories):
        return 0
    if there or now > first_instant(end):
        raise ClockRefused("the demonstration needs a new database: its clock cannot move back")
    day, last = domain.today(now), domain.today(end)
    while day < last:
        day += timedelta(days=1)
        if council.workday(day) == day:
            opening = [each for each in stories if each.opens_on == day]
            council.work_through(day, opening, until=end)
            tell(f"{day}: {len(council.stories)} children, {council.tally.steps} steps")
    training_clock.advance(engine, end, domain=domain, wall=wall)
    if council.tally.problems:
        raise RuntimeError(council.tally.problems[0])
    return len(stories)


def _story(council: Council, number: int, last: date) -> Story:
    """Return the child with this number, in the state whose turn it is."""
    rng = council.chance.at("state", number)
    name = list(STATES)[(number - 1) % len(STATES)]
    state = STATES[name]
    monday = last - timedelta(days=last.weekday() + 1)
    opens = _workday_before(council, monday - timedelta(days=rng.randint(*state.came)))
    told = story(council.chance, number, opens, cause=state.cause, policy=state.policy)
    entry = None if state.stays_out_of_care else told.care_entry_on
    if state.cause == "pre_birth" and not state.stays_out_of_care:
        entry = opens + timedelta(days=20)
    return replace(
        told,
        neglects=state.neglects,
        always=state.always,
        plan=state.plan or told.plan,
        parallel="long_term_fostering" if state.plan else told.parallel,
        settles_after=state.settles_after or max(4, told.settles_after),
        care_entry_on=entry,
        answers=_in_time(told.answers, entry),
        events=tuple(
            Event(_workday_before(council, monday - timedelta(days=days)), message, says)
            for days, message, says in state.events
        ),
    )


def _in_time(answers: Mapping[str, JsonValue], entry: date | None) -> Mapping[str, JsonValue]:
    """Return the opening answers with the child's expected birth where it will happen."""
    if entry is None or "edd" not in answers:
        return answers
    return {**answers, "edd": entry.isoformat()}


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
