"""The words of a command line: commands, groups of them, and what their options take."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TypeAlias

from web.cli.console import Action

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What commands are added to."""

MOST_SIMULATED = 20_000
"""Cases or days that one command makes up; more is a slip of the finger."""


def add_group(commands: Commands, name: str, what: str) -> Commands:
    added = commands.add_parser(name, help=what, description=f"{what.capitalize()}.")
    return added.add_subparsers(title="commands", metavar="COMMAND", required=True)


def add_command(
    commands: Commands,
    name: str,
    action: Action,
    what: str,
    *,
    prints: bool = True,
) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    added.set_defaults(action=action)
    if prints:
        added.add_argument("--json", action="store_true", help="print JSON")
    return added


def instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no instant like 2026-01-05T09:00Z") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs its zone, like 2026-01-05T09:00Z")
    return found.astimezone(UTC)


def number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_SIMULATED):
        raise argparse.ArgumentTypeError(f"{text} is no number between 1 and {MOST_SIMULATED}")
    return int(text)
