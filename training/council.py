"""Simulated councils: their cases and people on one database, working through its days."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from engine import commands
from engine.context import Actor, Context
from engine.domain import Domain
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
from engine.packs.kinds import Kind
from engine.packs.version import Definition
from engine.people import people
from engine.reads import work_item
from engine.step.scope import fact_values
from engine.storage import database, loading
from engine.storage.database import Connection, Engine
from training import answers, habits, knowledge, reports
from training.chance import Chance
from training.demo import MADE_UP
from training.simulation_rules import Functions, Rules, State, chances
from training.staff import Staff
from training.stories import Event, Story, story

Work = Mapping[str, list[tuple[Story, WorkItemRow]]]
"""User name -> what they do today."""

LAST_HOUR = 15
"""When those work of whom a demo.toml says no hour."""
EVENING = 17
MOST_TRIES = 8
"""How often answers that a form refuses are mended before the task is left for another day."""
PAGE = 200
CLAIMS = 0.4
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
    rules: Rules
    definition: Definition
    wall: datetime
    stories: dict[str, Story] = field(default_factory=dict)
    """Case reference -> its story."""
    tally: Tally = field(default_factory=Tally)
    done: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Case reference -> how often each task was done."""
    closed: set[str] = field(default_factory=set)
    actors: dict[str, Actor] = field(default_factory=dict)
    left_until: dict[UUID, date] = field(default_factory=dict)
    """Task -> the day on which somebody who could not do it looks at it again."""

    @property
    def kind(self) -> Kind:
        """The kind of case that comes up here."""
        return self.definition.pack.kinds[self.rules.kind or self.definition.pack.first_kind]

    def functions(self, today: date, *place: object) -> Functions:
        """Return the functions of formulas on a day; chance follows from the place."""
        days_off = self.definition.pack.days_off
        known = self.domain.functions(today=today, days_off=days_off, born=None)
        return chances(self.chance.at("formula", *place), today, self.workday, known)

    def tell_story(self, number: int, opens_on: date, state: State | None = None) -> Story:
        """Return the case with this number, which is opened on a day."""
        return story(
            self.rules,
            self.chance,
            number,
            opens_on,
            pack=self.staff.pack,
            schema=self.definition.forms[self.kind.form].schema,
            functions=self.functions(opens_on, "story", number),
            state=state,
        )

    def open_case(self, story: Story, at: datetime) -> None:
        """Open a case as the first of its people who may."""
        named = self.staff.of_case(story.number)
        secret = hashlib.sha256(f"{self.chance.seed}:{story.number}".encode()).digest()
        first = self.kind.roles[0]
        self._step(
            named.get(first) or self.staff.by_role[first][0],
            at,
            "open",
            lambda ctx: commands.open_case(
                ctx,
                pack=self.staff.pack,
                kind=self.kind.id,
                policy=story.policy,
                answers=story.answers,
                case_id=story.case_id,
                people=named,
                secret=secret,
                again_because=MADE_UP,
            ),
        )
        self.stories[commands.ref_of(story.case_id)] = story

    def hours(self) -> list[int]:
        """Return the hours at which somebody works, in order."""
        return sorted({LAST_HOUR, *(hour for hour, _ in self.rules.hours)})

    def begin_day(self, day: date, opening: list[Story], at: datetime) -> None:
        """Open cases and report what happened in others."""
        for each in opening:
            self.open_case(each, at)
        for ref, told in self.stories.items():
            if ref not in self.closed:
                self._report_events(ref, told, day, at)

    def work_at(self, hour: int, day: date, at: datetime, work: Work) -> None:
        """Let those work whose hour it is."""
        for name in self._people_at(hour):
            if name in work and not self.chance.happens(habits.AWAY, "away", name, day):
                for story, item in work[name]:
                    self._do(self._actor(name), story, item, day, at)

    def _people_at(self, hour: int) -> Iterator[str]:
        said = {role: at for at, roles in self.rules.hours for role in roles}
        for role, names in self.staff.by_role.items():
            if said.get(role, LAST_HOUR) == hour:
                yield from names

    # What happens in cases

    def _report_events(self, ref: str, story: Story, day: date, at: datetime) -> None:
        pack = self.definition.pack
        found = reports.events_of(self.rules, self.chance, story, pack, day)
        for name, event in found:
            place = ("payload", story.number, name, day)
            rng, functions = self.chance.at(*place), self.functions(day, *place)
            message = pack.messages[name]
            drawn = reports.payload(pack, message, self.rules, self.staff, rng, day, functions)
            carried = {**drawn, **(event.payload if event else {})}
            self._send(ref, story, Event(day, name, carried), at)

    def _send(self, ref: str, story: Story, event: Event, at: datetime) -> None:
        """Report something as the first of the case's people who may."""
        with database.reading(self.engine) as connection:
            facts = loading.current_facts(connection, story.case_id)
        pack = self.definition.pack
        may = pack.messages[event.message].told_by or pack.authority.tells
        who = next((facts[role] for role in self.staff.own if role in may and role in facts), None)
        if who is not None:
            self._step(
                str(who),
                at,
                event.message,
                lambda ctx: commands.send_message(ctx, ref, event.message, event.payload),
            )

    # What people do

    def work_by_person(self, day: date) -> Work:
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
        when = self.rules.when.get(item.name)
        names: Mapping[str, object] = {}
        if when is not None:
            facts = loading.current_facts(connection, story.case_id)
            names = {**fact_values(self.definition.pack, facts), "story": story.told}
        opened_on = self.domain.today(item.opened_at)
        functions = self.functions(day, "when", item.id)
        planned = habits.planned_day(self.chance, story, item, opened_on, when, names, functions)
        return planned <= day

    def _do(self, actor: Actor, story: Story, item: WorkItemRow, day: date, at: datetime) -> None:
        """Do a task; one of a pool may only be claimed today and done on another day."""
        if item.assignee is None and self.chance.happens(CLAIMS, "claims", item.id):
            self._step(actor.name, at, "claim", lambda ctx: commands.claim(ctx, item.id))
        else:
            self._complete(actor, story, item, day, at)

    def _complete(
        self, actor: Actor, story: Story, item: WorkItemRow, day: date, at: datetime
    ) -> None:
        """Fill a task's form in and send it, mending what is refused, until it is taken."""
        try:
            with database.reading(self.engine) as connection:
                view = work_item.get_work_item(
                    connection, item.id, reader=actor, domain=self.domain, now=at
                )
                facts = loading.current_facts(connection, story.case_id)
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
            facts=fact_values(self.definition.pack, facts),
            functions=self.functions(day, "known", item.id, day),
            done=self.done[item.case_ref],
            named=self.staff.of_case(story.number),
        )
        schema, known = view.form.schema, knowledge.known(self.rules, moment)
        given = answers.draw(schema, view.values, known, rng=rng, today=day)
        for _ in range(MOST_TRIES):
            refused = self._step(
                actor.name,
                at,
                item.name,
                partial(commands.complete_work_item, work_item_id=item.id, answers=given),
            )
            if refused is None:
                self.done[item.case_ref][item.name] += 1
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
        known = self.domain.functions(today=day, days_off=self.definition.pack.days_off, born=None)
        found = known["working_days_after"](day - timedelta(days=1), 1)
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


def pass_day(
    councils: Sequence[Council], day: date, opening: Mapping[str, list[Story]], *, until: datetime
) -> None:
    """Let a day pass in councils of one clock; on one that is no working day nobody works."""
    if councils[0].workday(day) == day:
        _work_through(councils, day, opening, until=until)
    _move(councils, min(until, councils[0].domain.start_of(day) + timedelta(hours=EVENING)))


def _work_through(
    councils: Sequence[Council], day: date, opening: Mapping[str, list[Story]], *, until: datetime
) -> None:
    """Timers fire, cases are opened, everybody works, pack by pack and hour by hour."""
    domain = councils[0].domain
    morning = domain.start_of(day) + timedelta(hours=9)
    if morning > until:
        return
    _move(councils, morning)
    for council in councils:
        council.begin_day(day, opening.get(council.staff.pack, []), morning)
    work = {council.staff.pack: council.work_by_person(day) for council in councils}
    for hour in sorted({hour for council in councils for hour in council.hours()}):
        at = domain.start_of(day) + timedelta(hours=hour)
        if at > until:
            return
        if any(work.values()):
            _move(councils, at)
        for council in councils:
            council.work_at(hour, day, at, work[council.staff.pack])


def _move(councils: Sequence[Council], to: datetime) -> None:
    """Move the clock that the councils share."""
    first = councils[0]
    training_clock.advance(first.engine, to, domain=first.domain, wall=first.wall)


def _open_work(connection: Connection, pack: str) -> Iterator[WorkItemRow]:
    after: str | None = None
    while True:
        page = work_list.list_work(connection, pack=pack, optional=None, limit=PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return
