"""Cases of random valid answers and silences over 18 months: no date passes in silence.

Each walk is the only case of its database, on the training clock. What `walk_rules` says must
hold after every command and after every firing of timers.

`python -m tests.proofs.random_walks 17` walks one case and tells its story.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from engine.context import Context
from engine.errors import EngineError
from engine.firing import garbage_collection, training_clock
from engine.integrity import look_over
from engine.packs.version import Definition
from engine.people import people
from engine.reads import history
from engine.storage import database, tables
from tests.builders import world
from tests.builders.world import START, pack_files
from tests.databases import SqliteDatabases
from tests.proofs import walk_moves
from tests.proofs.walk_moves import CASE_PEOPLE
from tests.proofs.walk_rules import Counts, Rules
from tests.proofs.walked_case import PACK, Plan, Walked, plan_of
from tests.publishing import unchecked
from workflows.permanence.domain import DOMAIN

CASES = 2_000
DAYS = 548
"""18 months."""
MOST_MOVES = 60
PROCESSES = 2
AT_ONCE = 20
"""Walks that a process takes on together."""
SEED = "dudley"
LEFT_OUT = ("monitoring_panel", "agency_account", "leadership_intervention", "escalated_view")
"""Processes of the panel's own case, which these walks do not open."""
Change = Callable[[Mapping[str, bytes]], Mapping[str, bytes]]


@cache
def policy() -> Definition:
    """Return the pack as this repository has it."""
    return Definition(pack_files())


@dataclass
class Walk:
    """How one walk went. `problems`: what did not hold; the first ends the walk."""

    plan: Plan
    problems: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    put_off: list[str] = field(default_factory=list)
    events: int = 0
    closed_as: str = ""
    entered: frozenset[str] = frozenset()
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    """Of a processor."""


def walk_all(
    numbers: Iterable[int],
    databases: SqliteDatabases,
    *,
    seed: str = SEED,
    change: Change | None = None,
) -> Iterator[Walk]:
    """Yield how each walk went. `change`: to the pack's files, with which the cases run."""
    with _prepared(databases, change) as (engine, renew):
        for number in numbers:
            began = time.process_time()
            renew()
            walk = _walk(engine, number, seed)
            walk.seconds = time.process_time() - began
            yield walk


@contextmanager
def _prepared(
    databases: SqliteDatabases, change: Change | None
) -> Iterator[tuple[sa.Engine, Callable[[], object]]]:
    """Yield a database on which the pack is in force, and what makes it as it is now again.

    One engine for all walks: it compiles each statement once.
    """
    changed = None if change is None else Definition(change(policy().files), like=policy())
    url = databases.create(world.fill)
    file = Path(url.removeprefix("sqlite:///"))
    engine = database.create_engine(url)
    # No walk outlives the machine, so none waits for the disk.
    sa.event.listen(engine, "connect", _hurry)
    with database.transaction(engine) as connection:
        _prepare(connection, changed)
    engine.dispose()
    begun = file.read_bytes()

    def renew() -> None:
        engine.dispose()
        file.write_bytes(begun)

    try:
        yield engine, renew
    finally:
        engine.dispose()
        databases.remove(url)


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _prepare(connection: database.Connection, changed: Definition | None) -> None:
    """Add whom a case can be transferred to; put the changed pack in force, if there is one."""
    known = {each.name for each in people.list_people(connection, pack=PACK)}
    for role in CASE_PEOPLE:
        if (name := f"{PACK}.{role}_2") not in known:
            people.add_person(
                connection,
                name,
                display_name=f"Second {role}",
                roles=[role],
                pack=PACK,
                manager=f"{PACK}.team_manager",
            )
    if changed is not None:
        owner = Context(connection, world.actor("process_owner", None), START, DOMAIN)
        unchecked(owner, changed, reason="A hole that must be found")


def _walk(engine: sa.Engine, number: int, seed: str) -> Walk:
    rng = random.Random(f"{seed}:{number}")
    endings = tuple(policy().pack.facts["case_closed_reason"].values)
    case = Walked(engine, plan_of(number, rng, days=DAYS, endings=endings), rng)
    rules = Rules(case.case_id, policy())
    walk = Walk(case.plan, story=case.story, put_off=case.put_off, counts=rules.counts)
    try:
        walk.problems = _until_the_end(case, rules)
    except EngineError as error:
        walk.problems = [f"a step failed: {error!r}"]
    with database.reading(engine) as connection:
        walk.entered = history.done_elements(connection, case.case_id)
        walk.events = case.version()
        walk.closed_as = _closed_as(connection) if case.is_closed() else ""
        if not walk.problems:
            verdict = look_over.look_over(connection, now=case.now, domain=DOMAIN)
            walk.problems = [words for _, words in verdict.problems]
    return walk


def _closed_as(connection: database.Connection) -> str:
    f = tables.fact.c
    known = sa.select(f.value).where(f.name == "case_closed_reason", f.to_sequence.is_(None))
    return str(connection.scalar(known)).strip('"')


def _until_the_end(case: Walked, rules: Rules) -> list[str]:
    """Walk 18 months and return what did not hold first."""
    end = START + timedelta(days=DAYS)
    walk_moves.open_case(case)
    problems = _look(case, rules)
    for _ in range(MOST_MOVES):
        if problems or case.now >= end or case.is_closed():
            break
        problems = _go(case, rules, min(walk_moves.later(case), end))
        if not problems and not case.is_closed() and walk_moves.move(case):
            problems = _look(case, rules)
    ended_at = case.version() if case.is_closed() else None
    problems = problems or _go(case, rules, end)
    if not problems and ended_at is not None:
        with database.reading(case.engine) as connection:
            if case.look(connection).version != ended_at:
                problems = ["planning has ended, and something happened afterwards"]
    return problems


def _go(case: Walked, rules: Rules, to: datetime) -> list[str]:
    """Move the clock from one date to the next, looking at the case after each."""
    while case.now < to:
        case.now = max(min((each for each in case.dates() if each <= to), default=to), case.now)
        is_due = case.is_due()
        if is_due or case.now == to:
            training_clock.advance(case.engine, case.now, domain=DOMAIN, wall=START)
        if (is_due or rules.has_passed(case.now)) and (problems := _look(case, rules)):
            return problems
    return []


def _look(case: Walked, rules: Rules) -> list[str]:
    with database.reading(case.engine) as connection:
        return rules.look(connection, case.look(connection))


def figures_of(walks: Iterable[Walk]) -> dict[str, Any]:
    """Return what so many walks went through, with `problems` if anything did not hold."""
    total: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    put_off: Counter[str] = Counter()
    states, entered, seconds = set[Any](), set[str](), 0.0
    problems = []
    for walk in walks:
        counts = walk.counts
        total.update(cases=1, steps=walk.events, looks=counts.looks, moves=len(walk.story))
        total.update({"told": counts.told, "asked why": counts.asked})
        total.update({"questions taken back": counts.taken_back})
        closed.update([walk.closed_as] if walk.closed_as else [])
        put_off.update(walk.put_off)
        states |= counts.states
        entered |= walk.entered
        seconds += walk.seconds
        problems += [f"walk {walk.plan.number}: {each}" for each in walk.problems]
    return {
        **total,
        "states": len(states),
        "ended as": dict(sorted(closed.items())),
        "put off": dict(put_off.most_common()),
        "never entered": never_entered(entered),
        "processor seconds": round(seconds, 1),
        "problems": problems,
    }


def never_entered(entered: set[str]) -> list[str]:
    """Return the elements of the drawings of a child's case that no walk went through."""
    return sorted(
        id
        for id, each in policy().elements.items()
        if each.process not in LEFT_OUT and id not in entered
    )


def prove(cases: int = CASES) -> dict[str, Any]:
    """Walk so many cases and return the figures."""
    parts = [range(first, min(first + AT_ONCE, cases)) for first in range(0, cases, AT_ONCE)]
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(
            PROCESSES, get_context("spawn"), initializer=_begin, initargs=(folder,)
        ) as pool,
    ):
        walks = (walk for part in pool.map(_walk_part, parts) for walk in part)
        return {"proof": f"{cases} random walks over {DAYS} days", **figures_of(walks)}


_databases: list[SqliteDatabases] = []
"""The one of a process of `prove`."""


def _begin(folder: str) -> None:
    own = Path(folder) / str(os.getpid())
    own.mkdir()
    _databases.append(SqliteDatabases(own))
    _prepare_process()


def _prepare_process() -> None:
    """Log what goes wrong alone, and look for garbage as seldom as a server does."""
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    garbage_collection.collect_seldom()


def _walk_part(numbers: range) -> list[Walk]:
    return list(walk_all(numbers, _databases[0]))


@contextmanager
def in_a_folder() -> Iterator[SqliteDatabases]:
    """Yield databases in a folder that is gone afterwards."""
    _prepare_process()
    with tempfile.TemporaryDirectory() as folder:
        yield SqliteDatabases(Path(folder))


def main(numbers: list[str]) -> None:
    """Tell the stories of some walks, and what did not hold in them."""
    with in_a_folder() as databases:
        for walk in walk_all(map(int, numbers), databases):
            lines = [f"{walk.plan}", *walk.story, *walk.problems, f"{walk.events} steps", ""]
            sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
