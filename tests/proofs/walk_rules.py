"""What holds in every state of a case: dates are watched, and misses are told and asked about.

What policy says is read from the pack as this repository has it, whatever pack the case runs on.
Each problem is a sentence for a process owner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.integrity import liveness
from engine.packs.version import Definition
from engine.rules.decisions import evaluate_table
from engine.step.scope import owner_of, surroundings
from engine.storage import tables
from engine.tracker.flags import AMBER, RED, cases_where, read_flagged
from tests.proofs.walk_duties import Duty, DutyRow, Wanted, differences, wrongly_closed
from tests.proofs.walk_seen import Seen, Told
from workflows.permanence.domain import DOMAIN

WATCH = "missed_dates"
"""The process whose timer watches every date."""
LATE = ": not done by the last date, "
"""In what those are told who are concerned by a missed date."""
ENDING = ("The child died on ", "Planning ended on ")
MET = ("met", "late")


@dataclass(frozen=True)
class Spell:
    """A duty between two times that it was met: missed in it, it is told once.

    A date that is an assumption, and the one that policy itself sets, are told each.
    """

    duty: Duty
    met: int
    assumed: bool


@dataclass(frozen=True)
class Question:
    """An open question why a date was missed."""

    spell: Spell
    limit_on: date
    missed_id: str


@dataclass
class Counts:
    """What was seen of one case. `states`: open tasks, and duties that run."""

    looks: int = 0
    told: int = 0
    asked: int = 0
    taken_back: int = 0
    states: set[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=set)


class Rules:
    """One case, looked at after each event. `policy` is the pack as the repository has it."""

    def __init__(self, case_id: UUID, policy: Definition) -> None:
        self._case_id = case_id
        self._policy = policy
        self._with_tasks = {
            each.properties["deadline"]
            for each in policy.elements.values()
            if "deadline" in each.properties
        }
        self._wanted = Wanted(policy)
        self._met: Counter[Duty] = Counter()
        self._watched: list[DutyRow] = []
        self._missed: dict[Spell, DutyRow] = {}
        self._missed_before: dict[Spell, DutyRow] = {}
        self._questions: dict[UUID, Question] = {}
        self._shown: frozenset[tuple[Duty, date]] = frozenset()
        self.counts = Counts()

    def look(self, connection: Connection, seen: Seen) -> list[str]:
        """Return what is wrong in the case as it stands, when all that is due has fired."""
        self._watched = seen.watched
        self.counts.looks += 1
        self.counts.states.add(seen.state)
        rules = self._when_closed(seen) if seen.closed else self._while_open(connection, seen)
        return [*self._well(connection, seen.now), *rules]

    def has_passed(self, now: datetime) -> bool:
        """Whether a date passed since the last look."""
        today = DOMAIN.today(now)
        return any(
            each.limit_on < today and self._spell(each) not in self._missed
            for each in self._watched
        )

    def _spell(self, each: DutyRow) -> Spell:
        return Spell(each.duty, self._met[each.duty], each.assumption)

    def _label(self, duty: Duty) -> str:
        return self._policy.pack.deadlines.get(duty.name, duty.name)

    def _well(self, connection: Connection, now: datetime) -> Iterator[str]:
        pulse = liveness.take(connection, now=now)
        yield from (f"{ref}: nobody and nothing can move this case" for ref in pulse.silent)
        yield from (f"the timer {each.element} has not fired" for each in pulse.overdue)
        yield from (f"the step at {each.element} failed: {each.cause}" for each in pulse.incidents)

    def _when_closed(self, seen: Seen) -> Iterator[str]:
        """An ending leaves nothing, and is told once."""
        left = {
            "a task is open": seen.work,
            "a timer is armed": seen.timers,
            "a date is running": seen.open_rows,
            "a process is running": seen.running,
        }
        for words, rows in left.items():
            if rows:
                yield f"planning has ended, and {words}: {rows[0]}"
        for (role, person, text), times in Counter(seen.notices).items():
            if LATE in text:
                yield f"planning has ended, and {role} ({person}) was told “{text}”"
            if text.startswith(ENDING) and times > 1:
                yield f"{role} ({person}) was told {times} times “{text}”"

    def _while_open(self, connection: Connection, seen: Seen) -> Iterator[str]:
        self._met.update(each.duty for each in seen.closings if each.status in MET)
        self._missed_before, self._missed = (
            self._missed,
            {self._spell(each): each for each in seen.watched if each.limit_on < seen.today},
        )
        for ending in ("case_closed_on", "died_on"):
            if ending in seen.facts:
                yield f"{ending} is known, and planning has not ended"
        if seen.facts_set:
            wanted = self._wanted.derive(seen.policy, seen.facts, seen.now)
            yield from differences(wanted, seen.open_rows)
        yield from wrongly_closed(self._policy, seen.closings, seen.facts_set)
        yield from self._unwatched(seen)
        yield from self._nobodys(seen)
        yield from self._untold(seen)
        yield from self._gone(seen)
        yield from self._not_shown(connection, seen)

    def _unwatched(self, seen: Seen) -> Iterator[str]:
        """Every date to come has a live timer of the watch when it is missed, or before."""
        armed = [due for process, due in seen.timers if process == WATCH and due is not None]
        for each in seen.watched:
            missed_at = DOMAIN.breach_instant(each.limit_on)
            if each.limit_on >= seen.today and not any(due <= missed_at for due in armed):
                yield (
                    f"nobody watches “{self._label(each.duty)}” until {_said(each.limit_on)}: no"
                    f" timer is armed for {missed_at.isoformat()} or before"
                )

    def _nobodys(self, seen: Seen) -> Iterator[str]:
        """Whatever is to be done by a date is in somebody's list once its work may begin."""
        for each in seen.duties:
            begins = each.opens_on is None or each.opens_on <= seen.today
            if begins and each.duty.name in self._with_tasks and each.duty not in seen.worked:
                yield (
                    f"“{self._label(each.duty)}” is to be done by {_said(each.limit_on)}, and"
                    " nobody has a task for it"
                )

    def _untold(self, seen: Seen) -> Iterator[str]:
        """A date that passed is told once, to those whom the table names, and perhaps asked about.

        Where the date that policy sets has passed too, one that is an assumption says nothing.
        """
        wanted: Counter[Told] = Counter()
        asked: Counter[tuple[Duty, date]] = Counter()
        still_asked = {question.spell for question in self._questions.values()}
        for spell, each in self._missed.items():
            by_policy = Spell(spell.duty, spell.met, assumed=False)
            if spell in self._missed_before or (spell.assumed and by_policy in self._missed):
                continue
            follows = self._follows(seen, each)
            text = f"{self._label(each.duty)}{LATE}{_said(each.limit_on)}. It is still to be done."
            wanted.update((role, seen.person(role), text) for role in follows["tell"])
            asked[each.duty, each.limit_on] += follows["asked"] and spell not in still_asked
            self.counts.told += 1
        found = Counter(each for each in seen.notices if LATE in each[2])
        for role, person, text in wanted - found:
            yield f"{role} ({person}) was not told, and the date passed in silence: “{text}”"
        for role, person, text in found - wanted:
            yield f"{role} ({person}) was told, which is not so, not theirs, or not news: “{text}”"
        yield from self._unasked(seen, +asked)

    def _follows(self, seen: Seen, missed: DutyRow) -> Mapping[str, Any]:
        """Return what the table of missed dates says of one: whom to tell, whether to ask."""
        reads = surroundings(
            self._policy,
            policy=seen.policy,
            facts=seen.facts,
            deadlines=(),
            now=seen.now,
            domain=DOMAIN,
        )
        asks = {"missed_name": missed.duty.name, "missed_assumption": missed.assumption}
        table = self._policy.tables["missed_dates"]
        found = evaluate_table(table, {**reads.names, **asks}, reads.functions).result
        assert isinstance(found, Mapping)
        return found

    def _unasked(self, seen: Seen, wanted: Counter[tuple[Duty, date]]) -> Iterator[str]:
        fresh: Counter[tuple[Duty, date]] = Counter()
        for item, about in seen.questions.items():
            if item not in self._questions:
                duty = Duty(str(about["missed_name"]), owner_of(str(about["missed_duty"])))
                limit = date.fromisoformat(str(about["missed_limit_on"]))
                spell = Spell(duty, self._met[duty], about["missed_assumption"] is True)
                self._questions[item] = Question(spell, limit, str(about["missed_id"]))
                fresh[duty, limit] += 1
        self.counts.asked += fresh.total()
        for duty, limit in wanted - fresh:
            yield f"nobody is asked why “{self._label(duty)}” was not done by {_said(limit)}"
        for duty, limit in fresh - wanted:
            yield (
                f"it is asked why “{self._label(duty)}” was not done by {_said(limit)}, which the"
                " table does not say, or was asked before"
            )

    def _gone(self, seen: Seen) -> Iterator[str]:
        """A question goes with its answer, with that of another, or with a correction."""
        corrected = "fact_corrected" in seen.kinds
        for item, question in list(self._questions.items()):
            taken_back = corrected and question.spell not in self._missed
            label, limit = self._label(question.spell.duty), _said(question.limit_on)
            if item not in seen.questions:
                del self._questions[item]
                together = (
                    "work_item_completed" in seen.kinds and question.missed_id in seen.together
                )
                answered = seen.ended.get(item) == "completed" or together
                self.counts.taken_back += taken_back and not answered
                if not answered and not taken_back:
                    yield f"it is asked no more why “{label}” was missed, and nobody said why"
            elif taken_back and self._was_missed_until_now(question.spell):
                yield f"“{label}” was not missed on {limit} after all, and it is still asked why"

    def _was_missed_until_now(self, spell: Spell) -> bool:
        """Whether it was missed at the last look, and was not met since."""
        return spell in self._missed_before and self._met[spell.duty] == spell.met

    def _not_shown(self, connection: Connection, seen: Seen) -> Iterator[str]:
        """The tracker shows what is missed: red, naming what is missed longest; agreed, amber."""
        missed = {each.duty: each.limit_on for each in seen.duties if each.limit_on < seen.today}
        before, self._shown = self._shown, frozenset(missed.items())
        if self._shown <= before:
            return
        cases = cases_where([tables.case.c.id == self._case_id])
        [found] = read_flagged(connection, cases, today=seen.today, domain=DOMAIN)
        rag, reason = found.flags.rag, found.flags.reason
        order, agreed = list(self._policy.pack.deadlines), self._policy.pack.tracker.agreed
        places = [
            (limit, order.index(duty.name), duty)
            for duty, limit in missed.items()
            if duty.name not in agreed
        ]
        if places:
            longest = self._label(min(places, key=lambda each: each[:2])[2])
            if rag != RED or not reason.endswith(f": {longest}"):
                yield f"“{longest}” is missed, and the tracker shows {rag}: {reason}"
        elif rag not in (RED, AMBER):
            yield f"an agreed date is missed, and the tracker shows {rag}: {reason}"


def _said(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
