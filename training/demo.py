"""The demonstration: fictional people, and cases that real commands have run, pack by pack.

Who they are and what they record stands in each pack's demo.toml. Everything but `recorded_at`
follows from the packs and the instant at which the training clock ends up, so the same call gives
the same database, hashes included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from engine import commands, reads
from engine.context import CLOCK, Context
from engine.domain import Domain
from engine.errors import AnswersRefused, CaseNotFound, ClockRefused, EngineError, WorkItemNotFound
from engine.firing import training_clock
from engine.open_work import case_heads
from engine.packs.manifest import Pack
from engine.people import people
from engine.storage import database, published_versions
from engine.storage.database import Connection, Engine
from training.acting import actor_named, waiting_task
from training.demo_file import Act, Demo, DemoCase, answers_on
from training.staff import name_of
from training.toml_entries import DemoRefused

START = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""Where the training clock stands unless `init --clock` says otherwise: a Monday."""

NAMESPACE = UUID("9c2f2a44-6d0c-5c1e-9a57-2f3a5b8d4e10")
MADE_UP = "Another made-up case of the same name"

EVERYWHERE = {
    "administrator": "Ruth Adeyemi",
    "auditor": "Colin Marsh",
    "process_owner": "Helen Pryce",
}
Demos = Mapping[str, Demo]
"""Pack -> what its demo.toml says; a pack without one is not in it."""


@dataclass(frozen=True)
class _Planned:
    """An act at its instant. Cases of which there is one at a time come last."""

    at: datetime
    pack: str
    case: DemoCase
    act: Act


def add_people(connection: Connection, demos: Demos) -> int:
    """Add a person for each role of each published pack, and those of no pack; return how many."""
    for name, display_name in EVERYWHERE.items():
        people.add_person(connection, name, display_name=display_name, roles=[name])
    number = 0
    for row in published_versions.list_packs(connection):
        pack = published_versions.get_definition(connection, row.definition).pack
        staffing = demos.get(pack.id, Demo(pack.id)).staffing
        for place, (role, name) in enumerate(_people_of(pack, demos)):
            names, manager = staffing.names, pack.kinds[pack.first_kind].managed_by
            people.add_person(
                connection,
                name,
                display_name=names[place] if place < len(names) else name_of(number),
                roles=[role],
                pack=pack.id,
                manager=f"{pack.id}.{manager}" if manager else None,
            )
            number += 1
    return number + len(EVERYWHERE)


def _people_of(pack: Pack, demos: Demos) -> Iterator[tuple[str, str]]:
    """Yield role and user name; second people come last, so others keep their names."""
    for role in pack.roles:
        yield role, f"{pack.id}.{role}"
    for role in demos.get(pack.id, Demo(pack.id)).staffing.second:
        yield role, f"{pack.id}.{role}_2"


def first_instant(end: datetime, domain: Domain, demos: Demos) -> datetime:
    """Return where the training clock must begin for the caseload to fit before `end`."""
    acts = [act for demo in demos.values() for case in demo.cases for act in case.acts]
    return min([end, *(_instant(act, end, domain) for act in acts)])


def add_caseload(
    engine: Engine, end: datetime, domain: Domain, demos: Demos, *, wall: datetime
) -> int:
    """Run every case's acts in order of time, then move the clock to `end`; return the cases.

    A database that holds the whole caseload is left as it is.

    Raises:
        ClockRefused: the clock has passed the caseload's beginning; it needs a new database.
        DemoRefused: what a demo.toml says happened cannot happen; the entry is named.
    """
    everybody = [(demo.pack, case) for demo in demos.values() for case in demo.cases]
    with database.reading(engine) as connection:
        there = [each for each in everybody if _is_there(connection, _case_id(*each))]
        now = training_clock.current_time(connection)
        alone = _alone(connection, demos)
    if len(there) == len(everybody):
        return 0
    if there or now > first_instant(end, domain, demos):
        raise ClockRefused("the demonstration needs a new database: its clock cannot move back")
    plan = [
        _Planned(_instant(act, end, domain), pack, case, act)
        for pack, case in everybody
        for act in case.acts
    ]
    in_order = sorted(plan, key=lambda each: (each.at, (each.pack, each.case.kind) in alone))
    for each in in_order:
        training_clock.advance(engine, each.at, domain=domain, wall=wall)
        today = domain.today(end)
        work = partial(_do, planned=each, today=today, domain=domain, wall=wall)
        database.in_transaction(engine, work)
    # What cases told one that was opened after them reaches it now.
    training_clock.advance(engine, end, domain=domain, wall=wall)
    return len(everybody)


def only_alone(connection: Connection, demos: Demos) -> dict[str, Demo]:
    """Return the demonstration with nothing but the cases of which there is one at a time."""
    alone = _alone(connection, demos)
    return {
        pack: replace(demo, cases=tuple(each for each in demo.cases if (pack, each.kind) in alone))
        for pack, demo in demos.items()
    }


def _alone(connection: Connection, demos: Demos) -> set[tuple[str, str]]:
    """Return (pack, kind) of those of which there is one at a time."""
    packs = [published_versions.current_definition(connection, pack).pack for pack in demos]
    return {
        (pack.id, kind.id) for pack in packs for kind in pack.kinds.values() if kind.one_at_a_time
    }


def _instant(act: Act, end: datetime, domain: Domain) -> datetime:
    """Return when an act happens: its day and hour in London, but never after `end`."""
    day = act.day(domain.today(end))
    return min(domain.start_of(day) + timedelta(hours=act.hour), end)


def _case_id(pack: str, case: DemoCase) -> UUID:
    return uuid5(NAMESPACE, f"{pack}:{case.number}")


def _is_there(connection: Connection, case_id: UUID) -> bool:
    try:
        case_heads.get_case_head(connection, commands.ref_of(case_id))
    except CaseNotFound:
        return False
    return True


def _do(
    connection: Connection, *, planned: _Planned, today: date, domain: Domain, wall: datetime
) -> None:
    """Do one act as the person whose act it is."""
    ctx = Context(connection, CLOCK, planned.at, domain, recorded_at=wall)
    act = planned.act
    where = f"{act.place} ({act.kind} {act.name}, {planned.at:%Y-%m-%d})".replace(" ,", ",")
    try:
        _DOING[act.kind](ctx, planned, today)
    except DemoRefused as refused:
        raise DemoRefused(f"{where}: {refused.why}", planned.pack) from refused
    except AnswersRefused as refused:
        problems = "; ".join(f"{name}: {text}" for name, text in refused.problems.items())
        raise DemoRefused(f"{where} is refused. {problems}", planned.pack) from refused
    except (EngineError, WorkItemNotFound) as error:
        raise DemoRefused(f"{where} cannot be done: {error!r}", planned.pack) from error


def _open(ctx: Context, planned: _Planned, today: date) -> None:
    pack, case = planned.pack, planned.case
    named = {**reads.training_people(ctx.connection, pack), **case.people}
    commands.open_case(
        replace(ctx, actor=actor_named(ctx, f"{pack}.{_opener(ctx, planned)}")),
        pack=pack,
        kind=case.kind,
        answers=answers_on(planned.act, today),
        case_id=_case_id(pack, case),
        people={role: who for role, who in named.items() if role not in case.without},
        secret=hashlib.sha256(f"demonstration {pack} {case.number}".encode()).digest(),
        again_because=MADE_UP,
    )


def _opener(ctx: Context, planned: _Planned) -> str:
    """Return who opened the case: whom it names, else the first role that opens such cases."""
    kinds = published_versions.current_definition(ctx.connection, planned.pack).pack.kinds
    kind = kinds.get(planned.case.kind) or next(iter(kinds.values()))
    return planned.case.by or kind.roles[0]


def _report(ctx: Context, planned: _Planned, today: date) -> None:
    pack, act = planned.pack, planned.act
    ref = commands.ref_of(_case_id(pack, planned.case))
    actor = actor_named(ctx, f"{pack}.{act.by or _opener(ctx, planned)}")
    commands.send_message(replace(ctx, actor=actor), ref, act.name, answers_on(act, today))


def _complete(ctx: Context, planned: _Planned, today: date) -> None:
    pack, act = planned.pack, planned.act
    item = waiting_task(ctx, commands.ref_of(_case_id(pack, planned.case)), act.name)
    actor = actor_named(ctx, item.assignee or f"{pack}.{item.role}")
    if item.own_role is not None:
        # Nobody is named for it: who has it gives it to somebody with its role.
        to = f"{pack}.{item.own_role}"
        commands.assign(replace(ctx, actor=actor), item.id, to)
        actor = actor_named(ctx, to)
    answers = answers_on(act, today)
    commands.complete_work_item(replace(ctx, actor=actor), item.id, answers=answers)


_DOING = {"open": _open, "do": _complete, "report": _report}
