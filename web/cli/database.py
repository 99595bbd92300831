"""The database: made, brought up to date, looked over."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import datetime

from engine.firing import training_clock
from engine.integrity import look_over, rebuilding
from engine.storage import database, published_versions
from engine.storage.database import Connection, Engine
from training import caseload, demo
from training.demo import Demos
from training.demo_check import require_known
from web.cli import pack_files, progress
from web.cli.console import Console, Failure, utc
from web.cli.packs import FIRST, folders_of, never_published, put_all_in_force
from web.cli.words import Commands, add_command, instant, number
from web.config import PREFIX

NAMED_CASES = 20
"""Cases that a line of `verify` names; there may be thousands."""


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    init_line = add_command(commands, "init", init, "make the database and publish the packs")
    init_line.add_argument("--demo", action="store_true", help="add fictional people and cases")
    init_line.add_argument(
        "--clock", type=instant, metavar="INSTANT", help="where the training clock stands"
    )
    init_line.add_argument(
        "--caseload",
        type=number,
        metavar="N",
        help="with --demo: so many fictional cases in all states, instead of those of demo.toml",
    )
    init_line.add_argument("--seed", default="1", help="another seed gives other cases; default 1")
    init_line.add_argument(
        "--pack",
        action="append",
        help="only this pack, by id or folder, or several; default: all that there are",
    )
    add_command(commands, "upgrade", upgrade, "bring the database's tables up to date")
    add_command(commands, "verify", verify, "check every case's history and that none is stuck")
    again = add_command(commands, "rebuild", rebuild, "make timers and the order of work again")
    again.add_argument("--check", action="store_true", help="only say what differs, case by case")


def init(console: Console, given: argparse.Namespace) -> None:
    """Make or upgrade the tables, store the mode, publish the packs, add the demonstration."""
    mode = console.settings.mode or "production"
    if mode != "training" and (given.demo or given.clock):
        option = "--demo" if given.demo else "--clock"
        raise Failure(f"{option} is for training only: set {PREFIX}MODE=training.")
    if given.caseload and not given.demo:
        raise Failure("--caseload says how many fictional cases --demo adds: give both.")
    end = given.clock or demo.START
    folders = folders_of(given.pack)
    demos = pack_files.read_demos(folders) if given.demo else {}
    if given.caseload and not any(each.rules.states for each in demos.values()):
        raise Failure(
            "--caseload needs [[simulation.states]] in the demo.toml of a pack. Add some."
        )
    engine = _upgraded(console)
    first = _first_instant(console, end, given, demos) if given.demo else end
    new = never_published(console, engine, folders)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode=mode, now=first if mode == "training" else None)
        packs = put_all_in_force(console, connection, new, reason=FIRST)
        _require_known(connection, demos)
        persons = demo.add_people(connection, demos) if given.demo else 0
    cases = _add_cases(console, engine, end, given, demos) if given.demo else 0
    with database.reading(engine) as connection:
        now = training_clock.current_time(connection) if mode == "training" else None
    added = f"Packs published: {len(packs)}; people: {persons}; cases: {cases}"
    text = f"Ready in {mode} mode. {added}."
    data = {"mode": mode, "clock": now, "packs": packs, "people": persons, "cases": cases}
    console.say(text if now is None else f"{text} The clock stands at {utc(now)}.", data)


def _require_known(connection: Connection, demos: Demos) -> None:
    for pack, each in demos.items():
        require_known(each, published_versions.current_definition(connection, pack))


def _first_instant(
    console: Console, end: datetime, given: argparse.Namespace, demos: Demos
) -> datetime:
    if given.caseload:
        return caseload.first_instant(end)
    return demo.first_instant(end, console.domain, demos)


def _add_cases(
    console: Console, engine: Engine, end: datetime, given: argparse.Namespace, demos: Demos
) -> int:
    """Add the cases of each demonstration, or as many as were asked for in every state.

    Of what there is one at a time, such as a panel, the demonstration's stands beside those.
    """
    if not given.caseload:
        return demo.add_caseload(engine, end, console.domain, demos, wall=console.wall)
    with progress.on_terminal(sys.stderr) as tell:
        added = caseload.add_caseload(
            engine,
            end,
            console.domain,
            demos=list(demos.values()),
            cases=given.caseload,
            seed=given.seed,
            wall=console.wall,
            tell=tell,
        )
    with database.reading(engine) as connection:
        alone = demo.only_alone(connection, demos)
    return added + demo.add_caseload(engine, end, console.domain, alone, wall=console.wall)


def upgrade(console: Console, _: argparse.Namespace) -> None:
    """Bring the tables up to date; nothing else."""
    _upgraded(console)
    console.say("The tables are up to date.", {"upgraded": True})


def _upgraded(console: Console) -> Engine:
    """Return the engine of a database that has all its tables, those of the workers too."""
    database.upgrade_schema(console.settings.database_url)
    engine = console.open_engine()
    if database.is_for_many_machines(engine):
        # The job queue is loaded where it is needed; the other commands need not wait for it.
        from engine.firing import queue

        queue.install(engine)
    return engine


def verify(console: Console, _: argparse.Namespace) -> None:
    """Check every chain, and that every open case can go on."""
    with database.reading(console.connect()) as connection:
        verdict = look_over.look_over(
            connection, now=console.now(connection), domain=console.domain
        )
    text = (
        f"cases {verdict.cases} ({verdict.open_cases} open), events {verdict.events}, "
        f"armed timers {verdict.armed_timers}, messages waiting {verdict.waiting_messages}, "
        f"problems {len(verdict.problems)}"
    )
    found = [f"{ref}: {what}" for ref, what in verdict.problems]
    older = [_older(each) for each in verdict.older_states]
    console.say("\n".join([*found, *older, text]), asdict(verdict))
    if verdict.problems:
        raise Failure(f"{len(verdict.problems)} problems found.")


def rebuild(console: Console, given: argparse.Namespace) -> None:
    """Make again what follows from the states of cases, or say the first difference of each."""
    engine = console.connect()
    if given.check:
        with database.reading(engine) as connection:
            found = rebuilding.differences(connection, domain=console.domain)
        lines = [f"{ref}: {words}" for ref, words in found]
        text = "\n".join([*lines, f"cases that differ {len(found)}"])
        console.say(text, {"differences": [{"case": ref, "first": words} for ref, words in found]})
        if found:
            raise Failure(f"{len(found)} cases differ from their states.")
        return
    with database.transaction(engine) as connection:
        rows = rebuilding.rebuild(connection, domain=console.domain)
    console.say(f"Made again; rows that were wrong: {rows}.", {"rows": rows})


def _older(state: look_over.OlderState) -> str:
    """Return the sentence that says which cases stand in an older state, which is no problem."""
    named, left = state.cases[:NAMED_CASES], len(state.cases) - NAMED_CASES
    more = f" and {left} more (--json names all)" if left > 0 else ""
    by = f"permanence {state.release}" if state.release else "an early release"
    return (
        f"Written in format {state.format} by {by} with SpiffWorkflow {state.spiffworkflow}, "
        f"read as it is: {', '.join(named)}{more}."
    )
