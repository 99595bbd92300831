"""One simulated council: its children and people on one database, working through its days."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from engine import commands
from engine.context import Actor, Context
from engine.domain import DaysOff, Domain, JsonValue
from engine.errors import (
    AnswersRefused,
    CaseClosed,
    CaseNotFound,
    EngineError,
    NothingWaits,
    WorkItemAlreadyCompleted,
    WorkItemNotFound,
)
from engine.firing import training_clock
from engine.open_work import work_list
from engine.open_work.work_list import WorkItemRow
from engine.people import people
from engine.reads import work_item
from engine.step.scope import facts_of
from engine.storage import database, loading, published_versions
from engine.storage.database import Connection, Engine
from training import answers, habits, knowledge, reports
from training.chance import Chance
from training.staff import Staff
from training.stories import Event, Story

HOURS = (
    (10, ("social_worker",)),
    (13, ("team_manager", "service_manager")),
    (15, ()),
)
"""When people work: the hour in London, and whose; nobody named stands for everybody else."""
EVENING = 17
MOST_TRIES = 8
"""How often answers that a form refuses are mended before the task is left for another day."""
PAGE = 200
CLAIMS = 0.4
MADE_UP = "Another made-up child of the same name"
LOOKS_AGAIN_AFTER = timedelta(days=7)
"""A task that cannot be done yet, such as closing a delay before its meeting, is left so long."""


@dataclass
class Tally:
    """What was done. `refused` counts (task or message, question) that a form would not take."""

    steps: int = 0
    put_off: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass
class Council:
    """A council at work. `wall` is the real time at which it all began."""

    engine: Engine
    domain: Domain
    chance: Chance
    staff: Staff
    wall: datetime
    stories: dict[str, Story] = field(default_factory=dict)
    """Case reference -> child."""
    tally: Tally = field(default_factory=Tally)
    meetings: Counter[str] = field(default_factory=Counter)
    closed: set[str] = field(default_factory=set)
    actors: dict[str, Actor] = field(default_factory=dict)
    left_until: dict[UUID, date] = field(default_factory=dict)
    """Task -> the day on which somebody who could not do it looks at it again."""

    def open_case(self, story: Story, at: datetime) -> None:
        """Open a child's case as their social worker."""
        named = self.staff.of_child(story.number)
        ref = commands.ref_of(story.case_id)
        secret = hashlib.sha256(f"{self.chance.seed}:{story.number}".encode()).digest()
        self._step(
            named["social_worker"],
            at,
            "open",
            lambda ctx: commands.open_case(
                ctx,
                pack=self.staff.pack,
                policy=story.policy,
                answers=story.answers,
                case_id=story.case_id,
                people=named,
                secret=secret,
                again_because=MADE_UP,
            ),
        )
        self.stories[ref] = story

    def work_through(self, day: date, opening: list[Story], *, until: datetime) -> None:
        """Let a day pass: timers fire, cases are opened, events reported, everybody works."""
        morning = self.domain.start_of(day) + timedelta(hours=9)
        if morning > until:
            return
        self._move(morning)
        for story in opening:
            self.open_case(story, morning)
        self._report_events(day, morning)
        work = self._work_by_person(day)
        for hour, roles in HOURS:
            at = self.domain.start_of(day) + timedelta(hours=hour)
            if at > until:
                return
            names = [name for name in self._people_of(roles) if name in work]
            if names:
                self._move(at)
            for name in names:
                if not self.chance.happens(habits.AWAY, "away", name, day):
                    for story, item in work[name]:
                        self._do(self._actor(name), story, item, day, at)
        self._move(min(until, self.domain.start_of(day) + timedelta(hours=EVENING)))

    def rest(self, day: date) -> None:
        """Let a day pass on which nobody works; timers fire on it all the same."""
        self._move(self.domain.start_of(day) + timedelta(hours=EVENING))

    def _move(self, to: datetime) -> None:
        training_clock.advance(self.engine, to, domain=self.domain, wall=self.wall)

    def _people_of(self, roles: tuple[str, ...]) -> Iterator[str]:
        earlier = {role for _, named in HOURS for role in named}
        for role, names in self.staff.by_role.items():
            if role in roles or (not roles and role not in earlier):
                yield from names

    # What happens to children

    def _report_events(self, day: date, at: datetime) -> None:
        with database.reading(self.engine) as connection:
            pack = published_versions.current_definition(connection, self.staff.pack).pack
        for ref, story in self.stories.items():
            if ref in self.closed:
                continue
            for event in reports.events_of(self.chance, story, pack, self.staff, day):
                self._send(ref, story, event, at)

    def _send(self, ref: str, story: Story, event: Event, at: datetime) -> None:
        with database.reading(self.engine) as connection:
            facts = loading.current_facts(connection, story.case_id)
        self._step(
            str(facts["social_worker"]),
            at,
            event.message,
            lambda ctx: commands.send_message(ctx, ref, event.message, event.payload),
        )

    # What people do

    def _work_by_person(self, day: date) -> Mapping[str, list[tuple[Story, WorkItemRow]]]:
        """Return what will be done today, by whom; work of a pool falls to one of its people."""
        work: dict[str, list[tuple[Story, WorkItemRow]]] = {}
        with database.reading(self.engine) as connection:
            for item in _open_work(connection, self.staff.pack):
                story = self.stories.get(item.case_ref)
                if story is not None and self._is_for_today(connection, story, item, day):
                    names = self.staff.by_role[item.role]
                    name = item.assignee or self.chance.at("takes", item.id, day).choice(names)
                    work.setdefault(name, []).append((story, item))
        return work

    def _is_for_today(
        self, connection: Connection, story: Story, item: WorkItemRow, day: date
    ) -> bool:
        if self.left_until.get(item.id, day) > day:
            return False
        facts: Mapping[str, JsonValue] = {}
        if item.name in habits.ON_THE_DAY or item.name in habits.DAYS_BEFORE:
            facts = loading.current_facts(connection, story.case_id)
        opened_on = self.domain.today(item.opened_at)
        return habits.planned_day(self.chance, story, item, opened_on, facts) <= day

    def _do(self, actor: Actor, story: Story, item: WorkItemRow, day: date, at: datetime) -> None:
        """Do a task; one of a pool may only be claimed today and done on another day."""
        if item.assignee is None and self.chance.happens(CLAIMS, "claims", item.id):
            self._step(actor.name, at, "claim", lambda ctx: commands.claim(ctx, item.id))
        else:
            self._complete(actor, story, item, day, at)

    def _facts(self, case_id: UUID) -> Mapping[str, JsonValue]:
        with database.reading(self.engine) as connection:
            return facts_of(loading.current_facts(connection, case_id), None)

    def _complete(
        self, actor: Actor, story: Story, item: WorkItemRow, day: date, at: datetime
    ) -> None:
        """Fill a task's form in and send it, mending what is refused, until it is taken."""
        try:
            with database.reading(self.engine) as connection:
                view = work_item.get_work_item(
                    connection, item.id, reader=actor, domain=self.domain, now=at
                )
        except (EngineError, WorkItemNotFound) as error:
            self._trouble(at, item.case_ref, f"{item.name} cannot be shown", error)
            return
        if view.item.status != "open" or view.item.assignee not in (None, actor.name):
            # Closed, claimed or given to somebody else since the morning.
            return
        rng = self.chance.at("answers", item.id, day)
        moment = knowledge.Moment(
            story=story,
            view=view,
            facts=self._facts(story.case_id),
            today=day,
            rng=rng,
            workday=self.workday,
            meetings=self.meetings[item.case_ref],
        )
        schema = view.form.schema
        given = answers.draw(schema, view.values, knowledge.known(moment), rng=rng, today=day)
        for _ in range(MOST_TRIES):
            refused = self._step(
                actor.name,
                at,
                item.name,
                partial(commands.complete_work_item, work_item_id=item.id, answers=given),
            )
            if refused is None:
                if item.name == "chair_ppm":
                    self.meetings[item.case_ref] += 1
                return
            given = answers.again(schema, given, refused, rng=rng, today=day)
        self.tally.put_off += 1
        self.left_until[item.id] = day + LOOKS_AGAIN_AFTER

    def _actor(self, name: str) -> Actor:
        if name not in self.actors:
            with database.reading(self.engine) as connection:
                found = people.actor_named(connection, name)
            assert found is not None
            self.actors[name] = found
        return self.actors[name]

    def workday(self, day: date) -> date:
        """Return `day`, or the first working day after it."""
        functions = self.domain.functions(today=day, days_off=DaysOff(), born=None)
        found = functions["working_days_after"](day - timedelta(days=1), 1)
        assert isinstance(found, date)
        return found

    def _step(
        self, who: str, at: datetime, what: str, work: Callable[[Context], object]
    ) -> Mapping[str, str] | None:
        """Run one command as somebody; return what was refused, None when it was taken or moot."""

        actor = self._actor(who)

        def run(connection: Connection) -> object:
            return work(Context(connection, actor, at, self.domain, recorded_at=self.wall))

        try:
            database.in_transaction(self.engine, run)
        except AnswersRefused as error:
            self.tally.refused.update((what, name) for name in error.problems)
            return error.problems
        except (WorkItemAlreadyCompleted, CaseClosed, CaseNotFound, NothingWaits):
            # Somebody was quicker, or the case ended today.
            return None
        except EngineError as error:
            self._trouble(at, who, what, error)
            return None
        self.tally.steps += 1
        self.tally.done[what] += 1
        return None

    def _trouble(self, at: datetime, where: str, what: str, error: Exception) -> None:
        self.tally.problems.append(f"{at.isoformat()} {where}: {what}: {error!r}"[:600])


def _open_work(connection: Connection, pack: str) -> Iterator[WorkItemRow]:
    after: str | None = None
    while True:
        page = work_list.list_work(connection, pack=pack, optional=None, limit=PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return
