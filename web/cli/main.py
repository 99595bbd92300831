"""The command `permanence`: reads the line, hands over to an action, says what went wrong."""

from __future__ import annotations

import argparse
import os
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
from engine.packs.manifest import CHILD
from web import logs
from web.cli import actions, serving, simulation
from web.cli.actions import Console, Failure
from web.cli.pack_files import NoPack
from web.config import PREFIX, BadSetting, read_settings
from workflows.permanence.domain import DOMAIN

MOST_AT_ONCE = 10
"""Cases that one worker takes in hand; more machines help further, more threads do not."""
MOST_SIMULATED = 20_000
"""Children or days that one command makes up; more is a slip of the finger."""
DEFAULT_URL = "sqlite:///var/permanence.sqlite"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when it failed (2, wrong usage, ends in SystemExit)."""
    given = _parser().parse_args(arguments)
    # What a command prints is data; what happened meanwhile goes beside it.
    logs.configure()
    try:
        url = os.environ.get(PREFIX + "DATABASE_URL") or DEFAULT_URL
        settings = read_settings(database_url=url)
        console = Console(settings, DOMAIN, datetime.now(UTC), getattr(given, "json", False))
        with closing(console):
            return int(given.action(console, given) or 0)
    except (EngineError, Failure, BadSetting, NoPack, DBAPIError, OSError) as error:
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
    _add_database_commands(commands)
    _add_pack_commands(commands)
    _add_people_commands(commands)
    _add_case_commands(commands)
    _add_simulate_command(commands)
    return parser


def _add_database_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = _command(commands, "init", actions.init, "make the database and publish the packs")
    init.add_argument("--demo", action="store_true", help="add fictional people and children")
    init.add_argument(
        "--clock", type=_instant, metavar="INSTANT", help="where the training clock stands"
    )
    init.add_argument(
        "--caseload",
        type=_number,
        metavar="N",
        help="with --demo: so many fictional children in all states, instead of nine",
    )
    init.add_argument("--seed", default="1", help="another seed gives other children; default 1")
    _command(commands, "upgrade", actions.upgrade, "bring the database's tables up to date")
    _command(
        commands, "verify", actions.verify, "check every case's history and that none is stuck"
    )
    serve = _command(commands, "serve", serving.serve, "serve the pages and the API", prints=False)
    serve.add_argument("--port", type=_port, default=8000, help="default 8000")
    serve.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    work = _command(
        commands, "worker", serving.work, "fire timers, beside other workers", prints=False
    )
    work.add_argument(
        "--concurrency", type=_concurrency, default=1, metavar="N", help="cases at once; default 1"
    )


def _add_pack_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = _command(commands, "check", actions.check, "check a pack's files, or its folder")
    check.add_argument("files", nargs="+", metavar="FILE")
    publish = _command(commands, "publish", actions.publish, "publish packs for new cases")
    publish.add_argument("packs", nargs="+", metavar="PACK", help="a pack's id, or its folder")
    publish.add_argument("--reason", default="published from the command line")


def _add_simulate_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simulate = _command(
        commands,
        "simulate",
        simulation.simulate,
        "let a fictional council work for years, on a database of its own",
    )
    simulate.add_argument("--children", type=_number, default=20, metavar="N", help="default 20")
    simulate.add_argument("--days", type=_number, default=365, metavar="N", help="default 365")
    simulate.add_argument("--seed", default="1", help="the same seed does the same; default 1")
    simulate.add_argument("--pack", default="dudley", help="default dudley")
    simulate.add_argument(
        "--clock", type=_instant, metavar="INSTANT", help="where the training clock begins"
    )
    simulate.add_argument(
        "--database", metavar="URL", help="an empty database to keep it in; default: not kept"
    )


def _add_people_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = _group(commands, "user", "people who sign in")
    add = _command(user, "add", actions.add_user, "add a person, or bring them up to date")
    add.add_argument("name")
    add.add_argument("--display-name", required=True)
    add.add_argument("--role", action="extend", nargs="+", required=True, metavar="ROLE")
    add.add_argument("--pack", help="whose person this is; without it, everybody's")
    add.add_argument("--team-manager", metavar="NAME", help="user name of their manager")
    token = _group(commands, "token", "secrets for programs")
    create = _command(token, "create", actions.create_token, "print a new bearer token")
    create.add_argument("--user", required=True, metavar="NAME")


def _add_case_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    case = _group(commands, "case", "cases")
    opening = _command(case, "open", actions.open_case, "open a case and print its reference")
    opening.add_argument("--pack", required=True)
    opening.add_argument("--kind", default=CHILD, help="what kind of case; default: a child's")
    opening.add_argument("--policy", help="default: the pack's own default")
    opening.add_argument(
        "--facts",
        required=True,
        metavar="FILE",
        help="JSON answers of the opening form; - reads stdin",
    )
    opening.add_argument("--user", metavar="NAME", help="who opens it; default: the operator")
    show = _command(case, "show", actions.show_case, "print a case as it stands")
    show.add_argument("ref")
    clock = _group(commands, "clock", "the training clock")
    _command(clock, "show", actions.show_clock, "print where the clock stands")
    setting = _command(clock, "set", actions.set_clock, "move the clock forward, firing timers")
    setting.add_argument("instant", type=_instant)
    export = _command(commands, "export", actions.export, "print a case with its whole history")
    export.add_argument("ref")


def _group(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    group = commands.add_parser(name, help=what, description=f"{what.capitalize()}.")
    return group.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: actions.Action,
    what: str,
    *,
    prints: bool = True,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    command.set_defaults(action=action)
    if prints:
        command.add_argument("--json", action="store_true", help="print JSON")
    return command


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no instant like 2026-01-05T09:00Z") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs its zone, like 2026-01-05T09:00Z")
    return instant.astimezone(UTC)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is no port between 1 and 65535")
    return int(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_SIMULATED):
        raise argparse.ArgumentTypeError(f"{text} is no number between 1 and {MOST_SIMULATED}")
    return int(text)


def _concurrency(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_AT_ONCE):
        raise argparse.ArgumentTypeError(f"{text} is no number between 1 and {MOST_AT_ONCE}")
    return int(text)
