"""The training clock: shown, moved forward."""

from __future__ import annotations

import argparse

from engine.firing import training_clock
from engine.storage import database
from web.cli.console import Console, utc
from web.cli.words import Commands, add_command, add_group, instant


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    clock = add_group(commands, "clock", "the training clock")
    add_command(clock, "show", show_clock, "print where the clock stands")
    setting = add_command(clock, "set", set_clock, "move the clock forward, firing timers")
    setting.add_argument("instant", type=instant)


def show_clock(console: Console, _: argparse.Namespace) -> None:
    """Print where the training clock stands."""
    with database.reading(console.connect()) as connection:
        now = training_clock.current_time(connection)
    console.say(utc(now), {"now": now})


def set_clock(console: Console, given: argparse.Namespace) -> None:
    """Move the training clock forward; every timer due on the way fires at its own instant."""
    engine = console.connect()
    fired = training_clock.advance(engine, given.instant, domain=console.domain, wall=console.wall)
    now = utc(given.instant)
    console.say(f"{now}; timers fired: {fired}", {"now": given.instant, "fired": fired})
