"""The demonstration: fictional people, and children whose cases real commands have run.

Everything but `recorded_at` follows from the packs and the instant at which the training clock
ends up, so the same call gives the same database, hashes included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from engine import commands, reads
from engine.context import CLOCK, Actor, Context
from engine.domain import Domain
from engine.errors import CaseNotFound, ClockRefused
from engine.firing import training_clock
from engine.open_work import case_heads, work_list
from engine.people import people
from engine.storage import database, published_versions
from engine.storage.database import Connection, Engine
from training.demo_children import PACK, Act, Child, children

START = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""Where the training clock stands unless `init --clock` says otherwise: a Monday."""

NAMESPACE = UUID("9c2f2a44-6d0c-5c1e-9a57-2f3a5b8d4e10")
PANEL = "monitoring_panel"
PANEL_SAT = 80
"""Days since the panel last sat: the next of its quarters is nearly over."""

EVERYWHERE = {
    "administrator": "Ruth Adeyemi",
    "auditor": "Colin Marsh",
    "process_owner": "Helen Pryce",
}
SECOND_WORKERS = ("social_worker",)
NAMES = (
    "Amara Okafor",
    "David Thornton",
    "Margaret Hale",
    "Sunita Rao",
    "Peter Lindqvist",
    "Chloe Barnett",
    "Janet Whitlock",
    "Samuel Grant",
    "Priya Nair",
    "Edward Fenwick",
    "Fiona Castle",
    "Marcus Bell",
    "Leila Haddad",
    "Owen Pritchard",
    "Grace Mensah",
    "Tomasz Nowak",
    "Alice Rowntree",
    "Imran Qureshi",
    "Bethan Hughes",
    "Daniel Asante",
    "Rosalind Peck",
    "Yusuf Demir",
    "Catherine Doyle",
    "Anil Mistry",
    "Naomi Fletcher",
    "Gareth Vaughan",
    "Esther Boateng",
    "Simon Kettle",
    "Maria Santos",
    "Philip Ashdown",
    "Hannah Blackwood",
    "Rajesh Pillai",
    "Louise Tranter",
    "Kwame Owusu",
    "Judith Lockwood",
    "Stefan Novak",
    "Clare Hennessy",
    "Bilal Ahmed",
    "Wendy Garside",
    "Joseph Mbeki",
)
"""Display names in the order they are given out; all invented."""


def add_people(connection: Connection) -> int:
    """Add a person for each role of each published pack, and those of no pack; return how many."""
    for name, display_name in EVERYWHERE.items():
        people.add_person(connection, name, display_name=display_name, roles=[name])
    number = 0
    for pack, role, name in _people_of_packs(connection):
        people.add_person(
            connection,
            name,
            display_name=NAMES[number % len(NAMES)],
            roles=[role],
            pack=pack,
            manager=f"{pack}.team_manager",
        )
        number += 1
    return number + len(EVERYWHERE)


def _people_of_packs(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield pack, role and user name; second workers come last, so others keep their names."""
    for row in published_versions.list_packs(connection):
        roles = published_versions.get_definition(connection, row.definition).pack.roles
        for role in roles:
            yield row.pack, role, f"{row.pack}.{role}"
        for role in SECOND_WORKERS:
            if role in roles:
                yield row.pack, role, f"{row.pack}.{role}_2"


def first_instant(end: datetime, domain: Domain) -> datetime:
    """Return where the training clock must begin for the caseload to fit before `end`."""
    acts = [act for child in children(domain.today(end)) for act in child.acts]
    return min([end, *(_instant(act, end, domain) for act in acts)])


def add_caseload(engine: Engine, end: datetime, domain: Domain, *, wall: datetime) -> int:
    """Run every child's acts in order of time, then move the clock to `end`; return the cases.

    A database that holds the whole caseload is left as it is.

    Raises:
        ClockRefused: the clock has passed the caseload's beginning; it needs a new database.
    """
    everybody = children(domain.today(end))
    with database.reading(engine) as connection:
        there = [each for each in everybody if _is_there(connection, _case_id(each))]
        now = training_clock.current_time(connection)
    if len(there) == len(everybody):
        return 0
    if there or now > first_instant(end, domain):
        raise ClockRefused("the demonstration needs a new database: its clock cannot move back")
    plan = [(_instant(act, end, domain), child, act) for child in everybody for act in child.acts]
    for at, child, act in sorted(plan, key=lambda each: (each[0], each[1].number)):
        training_clock.advance(engine, at, domain=domain, wall=wall)
        database.in_transaction(
            engine, partial(_do, child=child, act=act, at=at, domain=domain, wall=wall)
        )
    training_clock.advance(engine, end, domain=domain, wall=wall)
    return len(everybody)


def add_panel(engine: Engine, domain: Domain, *, wall: datetime) -> None:
    """Open the panel that monitors all children, if there is none; it is to sit soon."""
    case_id = uuid5(NAMESPACE, f"{PACK}:{PANEL}")

    def work(connection: Connection) -> None:
        if _is_there(connection, case_id):
            return
        now = training_clock.current_time(connection)
        ctx = Context(connection, CLOCK, now, domain, recorded_at=wall)
        since = ctx.today - timedelta(days=ctx.today.weekday() + PANEL_SAT)
        commands.open_case(
            replace(ctx, actor=_actor(ctx, f"{PACK}.pmp_chair")),
            pack=PACK,
            kind=PANEL,
            answers={"panel_since_on": since.isoformat()},
            case_id=case_id,
            people=reads.training_people(connection, PACK),
            secret=hashlib.sha256(f"demonstration {PANEL}".encode()).digest(),
        )

    database.in_transaction(engine, work)
    # What children's cases told the panel before there was one reaches it now.
    with database.reading(engine) as connection:
        now = training_clock.current_time(connection)
    training_clock.advance(engine, now, domain=domain, wall=wall)


def _instant(act: Act, end: datetime, domain: Domain) -> datetime:
    """Return when an act happens: its day and hour in London, but never after `end`."""
    return min(domain.start_of(act.day) + act.hour, end)


def _case_id(child: Child) -> UUID:
    return uuid5(NAMESPACE, f"{PACK}:{child.number}")


def _is_there(connection: Connection, case_id: UUID) -> bool:
    try:
        case_heads.get_case_head(connection, commands.ref_of(case_id))
    except CaseNotFound:
        return False
    return True


def _do(
    connection: Connection, *, child: Child, act: Act, at: datetime, domain: Domain, wall: datetime
) -> None:
    """Do one act as the person whose act it is."""
    ctx = Context(connection, CLOCK, at, domain, recorded_at=wall)
    worker = _actor(ctx, child.social_worker)
    ref = commands.ref_of(_case_id(child))
    if act.kind == "open":
        named = {
            **reads.training_people(connection, PACK),
            "social_worker": child.social_worker,
        }
        commands.open_case(
            replace(ctx, actor=worker),
            pack=PACK,
            answers=act.answers,
            case_id=_case_id(child),
            people={role: who for role, who in named.items() if role not in child.without},
            secret=hashlib.sha256(f"demonstration {child.number}".encode()).digest(),
            again_because="Another made-up child of the same name",
        )
    elif act.kind == "send":
        commands.send_message(replace(ctx, actor=worker), ref, act.name, act.answers)
    else:
        item = _open_item(ctx, ref, act.name)
        actor = _actor(ctx, item.assignee or f"{PACK}.{item.role}")
        if item.own_role is not None:
            # Nobody is named for it: who has it gives it to somebody with its role.
            to = f"{PACK}.{item.own_role}"
            commands.assign(replace(ctx, actor=actor), item.id, to)
            actor = _actor(ctx, to)
        commands.complete_work_item(replace(ctx, actor=actor), item.id, answers=act.answers)


def _open_item(ctx: Context, ref: str, name: str) -> work_list.WorkItemRow:
    head = case_heads.get_case_head(ctx.connection, ref)
    page = work_list.list_work(ctx.connection, case_id=head.id, name=name)
    if not page.items:
        raise RuntimeError(f"the demonstration has no open {name} at {ctx.now.isoformat()}")
    return page.items[0]


def _actor(ctx: Context, name: str) -> Actor:
    actor = people.actor_named(ctx.connection, name)
    if actor is None:
        raise RuntimeError(f"the demonstration has nobody called {name}")
    return actor
