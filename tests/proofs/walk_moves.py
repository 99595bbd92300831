"""What happens in a walked case: its opening, work done or left, messages, corrections, its end.

All by chance that follows from a seed, and through the commands. A move says whether it happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine import commands
from engine.domain import FactType, JsonValue
from engine.errors import AnswersRefused, NothingWaits
from engine.packs.manifest import MessageType
from engine.reads import work_item
from engine.step.scope import name_of, owned, owner_of, surroundings
from engine.storage import database, tables
from tests.proofs.walk_answers import ALIKE, Answers, Draw, answers_to
from tests.proofs.walk_duties import met_by_of
from tests.proofs.walked_case import DIES, PACK, Walked
from workflows.permanence.domain import DOMAIN

LONDON = ZoneInfo("Europe/London")
CASE_PEOPLE = ("social_worker", "team_manager", "service_manager", "iro")
ENDS = "case_closed"
DIED = "E2"
"""The reason why planning ends that says so too."""
REPORTED_OFTEN = ("significant_change", "plo_entry", "care_entry", "dissent_recorded")
SHIFTS = (-90, -30, -7, -3, -1, 1, 3, 7, 14, 30, 60, 120)
"""By how many days a date is corrected."""
TAKEN_BACK = 0.15
"""How often what met a duty of the case is taken back, when it is corrected."""
TRIES = 12
"""How often a message or correction that is refused is drawn again."""
NAMED = 0.85
"""How often one of the child's people is named when the case is opened."""


def later(case: Walked) -> datetime:
    """Return when the next move is: the same day, or after a silence of days to months."""
    rng = case.rng
    days = 0 if rng.random() < 0.25 else round(rng.expovariate(0.75 / case.plan.pace))
    at = time(rng.randint(0, 23), rng.choice((0, 30)))
    moment = datetime.combine(case.today + timedelta(days=days), at, LONDON)
    return max(moment.astimezone(UTC), case.now + timedelta(minutes=5))


def move(case: Walked) -> bool:
    """Let something happen, or nothing."""
    plan, rng = case.plan, case.rng
    if plan.ends_on is not None and case.today >= plan.ends_on and rng.random() < 0.5:
        return end(case)
    roll = rng.random()
    if roll < plan.does:
        return do_work(case, optional=rng.random() < 0.15)
    share = (roll - plan.does) / (1 - plan.does)
    if share < 0.45:
        return report(case, _some_message(case))
    return share < 0.8 and correct(case)


def open_case(case: Walked) -> None:
    """Open the case from random answers; its social worker at least is named."""
    form = case.definition.forms[case.definition.pack.kinds[case.definition.pack.first_kind].form]
    reads = surroundings(
        case.definition,
        policy=case.plan.policy,
        facts={},
        deadlines=(),
        now=case.now,
        domain=DOMAIN,
    )
    given: Answers = {"cause": case.plan.cause}
    for role in CASE_PEOPLE:
        is_named = role == CASE_PEOPLE[0] or case.rng.random() < NAMED
        given[role] = case.staff[role][0] if is_named else None
    draw = Draw(case.rng, case.today, case.staff)
    answers = answers_to(form, {}, reads, draw, given=given)
    assert answers is not None, f"no opening answers were found for walk {case.plan.number}"
    command = partial(
        commands.open_case,
        pack=PACK,
        policy=case.plan.policy,
        answers=answers,
        case_id=case.case_id,
        secret=case.case_id.bytes * 2,
        again_because="Another child of one name",
    )
    case.act(case.staff[CASE_PEOPLE[0]][0], command)
    case.ref = commands.ref_of(case.case_id)
    case.tell(f"opened under {case.plan.policy}: {answers}")


def do_work(case: Walked, *, optional: bool) -> bool:
    """Complete an open task chosen by chance, with answers that its form takes."""
    t = tables.work_item.c
    query = sa.select(t.id, t.name, t.role, t.own_role, t.assignee, t.limit_on).where(
        t.case_id == case.case_id, t.status == "open", t.optional == optional
    )
    with database.reading(case.engine) as connection:
        rows = connection.execute(query.order_by(t.opened_sequence, t.element, t.task)).all()
    if not rows:
        return False
    first = min(rows, key=lambda row: row.limit_on or date.max)
    row = first if case.rng.random() < 0.4 else case.rng.choice(rows)
    names = [row.assignee] if row.assignee else case.staff.get(row.role, ())
    if not names:
        return False
    who = case.rng.choice(names)
    if row.own_role:
        if not row.assignee:
            case.act(who, partial(commands.claim, work_item_id=row.id))
        return _give(case, row.id, row.name, who, case.staff.get(row.own_role, ()))
    return _complete(case, row.id, row.name, who)


def _give(case: Walked, id: UUID, name: str, who: str, to: Sequence[str]) -> bool:
    """Let whoever stands in give work to somebody whose it is: they do not do it themselves."""
    if not to:
        return False
    chosen = case.rng.choice(to)
    case.act(who, partial(commands.assign, work_item_id=id, to=chosen))
    case.tell(f"{who} gave {name} to {chosen}")
    return True


def _complete(case: Walked, id: UUID, name: str, who: str) -> bool:
    with database.reading(case.engine) as connection:
        reader = case.actors[who]
        view = work_item.get_work_item(connection, id, reader=reader, domain=DOMAIN, now=case.now)
    if view.waits_for:
        return False
    answers = answers_to(view.form, view.values, view.reads, case.draw())
    if answers is None:
        case.put_off.append(name)
        return False
    case.act(who, partial(commands.complete_work_item, work_item_id=id, answers=answers))
    case.tell(f"{who} completed {name}: {answers}")
    return True


def _some_message(case: Walked) -> str:
    """Return a message that people report and that ends nothing."""
    kinds = case.definition.pack.messages.values()
    names = [
        each.name
        for each in kinds
        if not each.told_by_diagrams
        and each.kind == case.definition.pack.first_kind
        and each.name not in (ENDS, DIES)
    ]
    return case.rng.choice(REPORTED_OFTEN if case.rng.random() < 0.5 else names)


def report(case: Walked, name: str, **payload: JsonValue) -> bool:
    """Report a message with what chance gives it, but for `payload`."""
    kind, who = case.definition.pack.messages[name], _reporter(case)
    for _ in range(TRIES):
        told = {**dict(_payload(case, kind, case.draw())), **payload}
        try:
            case.act(who, partial(commands.send_message, ref=case.ref, name=name, payload=told))
        except AnswersRefused:
            continue
        except NothingWaits:
            return False
        case.tell(f"{who} reported {name}: {told}")
        return True
    return False


def _reporter(case: Walked) -> str:
    return str(case.facts()[CASE_PEOPLE[0]])


def _payload(case: Walked, kind: MessageType, draw: Draw) -> Iterator[tuple[str, JsonValue]]:
    """Yield what a message carries; a field that sets a coded fact holds one of its codes."""
    facts = case.definition.pack.facts
    set_by = {source: facts[fact] for fact, source in kind.sets.items() if fact in facts}
    for each in kind.payload:
        if not each.required and draw.happens(0.5):
            continue
        codes = list(set_by[each.name].values) if each.name in set_by else []
        if each.type == "date":
            yield each.name, draw.day().isoformat()
        elif each.type == "user":
            yield each.name, draw.rng.choice(draw.people[each.name])
        else:
            words = f"{each.name} {draw.rng.randrange(ALIKE)}"
            yield each.name, draw.rng.choice(codes) if codes else words


def correct(case: Walked) -> bool:
    """Correct a fact chosen by chance: a day, a yes or no, or a code; or take a day back."""
    facts, kinds = case.facts(), case.definition.pack.facts
    names = {
        key
        for key in facts
        if kinds[name_of(key)].type in ("date", "boolean") or kinds[name_of(key)].values
    }
    counted = _counted_from(case) & names
    key = case.rng.choice(sorted(counted if counted and case.rng.random() < 0.6 else names))
    who = _corrector(case, kinds[name_of(key)])
    for _ in range(TRIES if who else 0):
        value = _corrected(case, kinds[name_of(key)], facts[key])
        if key in _meeting(case) and case.rng.random() < TAKEN_BACK:
            value = None
        command = partial(
            commands.correct_fact,
            ref=case.ref,
            fact=name_of(key),
            value=value,
            effective_on=None,
            reason="Read again",
            work=owner_of(key),
        )
        try:
            case.act(str(who), command)
        except AnswersRefused:
            continue
        case.tell(f"{who}: {key} was corrected from {facts[key]!r} to {value!r}")
        return True
    return False


def _corrector(case: Walked, kind: FactType) -> str | None:
    """Return who corrects a fact, None where nobody is named in the case who may."""
    if kind.corrected_by is None:
        return _reporter(case)
    named = (case.facts().get(role) for role in kind.corrected_by)
    return next((each for each in named if isinstance(each, str)), None)


def _meeting(case: Walked) -> set[str]:
    """Return the facts that meet duties of the case, and may be taken back."""
    return {*met_by_of(case.definition).values()}


def _counted_from(case: Walked) -> set[str]:
    """Return the facts from which policy's dates that were missed, or else all, are counted."""
    d = tables.deadline.c
    query = sa.select(d.key, d.day_0_fact, d.limit_on).where(
        d.case_id == case.case_id, d.status == "open", ~d.assumption
    )
    with database.reading(case.engine) as connection:
        rows = connection.execute(query).all()
    missed = [row for row in rows if row.limit_on < case.today]
    return {owned(row.day_0_fact, owner_of(row.key)) for row in missed or rows}


def _corrected(case: Walked, kind: Any, old: JsonValue) -> JsonValue:
    if kind.type == "boolean":
        return old is not True
    if kind.values:
        return str(case.rng.choice(list(kind.values)))
    shift = timedelta(days=case.rng.choice(SHIFTS))
    return (date.fromisoformat(str(old)) + shift).isoformat()


def end(case: Walked) -> bool:
    """Report that planning ends, as the plan has it; who waits for approval may die meanwhile."""
    if case.plan.ending == DIES:
        return report(case, DIES, died_on=case.today.isoformat())
    waits = "ceasing_reason" in case.facts()
    return report(
        case, ENDS, reason=DIED if waits and case.rng.random() < 0.2 else case.plan.ending
    )
