"""`permanence simulate`: years of a fictional council, to see whether all of it lasts."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from engine.firing import training_clock
from engine.storage import database
from training import demo
from training.run import Figures
from training.run import simulate as run
from web.cli import pack_files, progress
from web.cli.console import Console, Failure
from web.cli.packs import FIRST, folders_of, never_published, put_all_in_force
from web.cli.words import Commands, add_command, instant, number


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    simulate_line = add_command(
        commands,
        "simulate",
        simulate,
        "let a fictional council work for years, on a database of its own",
    )
    simulate_line.add_argument(
        "--cases", type=number, default=20, metavar="N", help="in each pack; default 20"
    )
    simulate_line.add_argument("--days", type=number, default=365, metavar="N", help="default 365")
    simulate_line.add_argument("--seed", default="1", help="the same seed does the same; default 1")
    simulate_line.add_argument(
        "--pack", action="append", help="only this pack, by id or folder, or several; default: all"
    )
    simulate_line.add_argument(
        "--clock", type=instant, metavar="INSTANT", help="where the training clock begins"
    )
    simulate_line.add_argument(
        "--database", metavar="URL", help="an empty database to keep it in; default: not kept"
    )


def simulate(console: Console, given: argparse.Namespace) -> None:
    """Simulate cases for days on a database of its own and print the figures.

    Raises:
        Failure: a day ended with an incident, a silent case, a timer that did not fire or a step
            that failed, or something did not hold at the end.
    """
    start = given.clock or demo.START
    folders = folders_of(given.pack)
    demos = pack_files.read_demos(folders)
    with _address(given.database) as url:
        if database.has_schema(url):
            raise Failure("A simulation needs a database of its own: that one is in use.")
        database.upgrade_schema(url)
        engine = console.open_engine(url)
        new = never_published(console, engine, folders)
        with database.transaction(engine) as connection:
            training_clock.set_up(connection, mode="training", now=start)
            put_all_in_force(console, connection, new, reason=FIRST)
        with progress.on_terminal(sys.stderr) as tell:
            figures = run(
                engine,
                domain=console.domain,
                demos=list(demos.values()),
                cases=given.cases,
                days=given.days,
                seed=given.seed,
                start=start,
                wall=console.wall,
                tell=tell,
            )
        engine.dispose()
    console.say(_words(figures), asdict(figures))
    if figures.problems:
        raise Failure(f"{len(figures.problems)} problems, the first: {figures.problems[0]}")


@contextmanager
def _address(named: str | None) -> Iterator[str]:
    """Give the address of the database: the named one, or one that is gone afterwards."""
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="permanence-") as folder:
        yield f"sqlite:///{Path(folder) / 'simulation.sqlite'}"


def _words(figures: Figures) -> str:
    done = ", ".join(f"{what} {number}" for what, number in figures.done.items())
    return "\n".join(
        [
            *figures.problems,
            f"packs {', '.join(figures.packs)}, cases {figures.cases_each} in each, "
            f"days {figures.lasted} of {figures.days}, "
            f"seed {figures.seed}",
            f"cases {figures.cases} ({figures.open_cases} open), steps {figures.steps}, "
            f"events {figures.events}",
            f"open tasks {figures.open_work}, of them overdue {figures.overdue}",
            f"seconds a step, first quarter {figures.early}, last quarter {figures.late}",
            f"done: {done}",
            f"problems {len(figures.problems)}",
        ]
    )
