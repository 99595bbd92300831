"""The command `permanence`: reads the line, hands over to an action, says what went wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from engine.errors import (
    AnswersRefused,
    CaseNotFound,
    DefinitionNotFound,
    EngineError,
    PackRefused,
)
from training.toml_entries import DemoRefused
from web import logs
from web.cli import cases, clock, database, new_pack, packs, people, serving, simulation
from web.cli.console import Console, Failure
from web.cli.pack_files import NoPack
from web.config import DEFAULT_URL, PREFIX, BadSetting, read_settings
from workflows.permanence.domain import DOMAIN

GROUPS = (database, serving, packs, new_pack, people, cases, clock, simulation)
"""The modules that hold commands, in the order in which help lists them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it failed (2, wrong usage, ends in SystemExit)."""
    given = _parser().parse_args(arguments)
    # What a command prints is data; what happened meanwhile goes beside it.
    logs.configure()
    try:
        console = Console(read_settings(), DOMAIN, datetime.now(UTC), getattr(given, "json", False))
        with closing(console):
            return int(given.action(console, given) or 0)
    except (EngineError, Failure, BadSetting, NoPack, DemoRefused, DBAPIError, OSError) as error:
        return _fail(_sentence(error))
    except (ArgumentError, NoSuchModuleError) as error:
        return _fail(f"{PREFIX}DATABASE_URL is no address of a database: {_first_line(error)}")
    except BrokenPipeError:
        return 1


def _fail(sentence: str) -> int:
    sys.stderr.write(f"permanence: {sentence}\n")
    return 1


def _sentence(error: Exception) -> str:
    if isinstance(error, CaseNotFound):
        return f"There is no case {error}."
    if isinstance(error, DefinitionNotFound):
        # Named alone it is a pack; a policy that a pack lacks comes as a sentence.
        text = _first_line(error)
        return text if " " in text else f"No pack {text} has been published."
    if isinstance(error, AnswersRefused):
        return " ".join(f"{name}: {text}" for name, text in error.problems.items())
    if isinstance(error, PackRefused):
        return f"The pack was refused: {_first_line(error.findings[0].message)}"
    if isinstance(error, DBAPIError):
        return f"The database refused: {_first_line(error.orig or error)}"
    return _first_line(error)


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="permanence",
        description="Run a council's permanence planning from its own diagrams.",
        epilog=f"Settings are read from {PREFIX}DATABASE_URL (default {DEFAULT_URL}), "
        f"{PREFIX}MODE (production or training) and {PREFIX}SECRET_KEY.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)
    return parser
