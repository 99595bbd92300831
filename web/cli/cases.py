"""Cases: opened, shown, exported with their whole history."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from engine import commands, reads
from engine.domain import JsonValue
from engine.people import people
from engine.reads import export as exporting
from engine.storage import database
from engine.storage.database import Connection
from web.cli.console import OPERATOR, Console, Failure
from web.cli.words import Commands, add_command, add_group


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    case = add_group(commands, "case", "cases")
    opening_line = add_command(case, "open", open_case, "open a case and print its reference")
    opening_line.add_argument("--pack", required=True)
    opening_line.add_argument(
        "--kind", default="", help="what kind of case; default: the pack's first"
    )
    opening_line.add_argument("--policy", help="default: the pack's own default")
    opening_line.add_argument(
        "--facts",
        required=True,
        metavar="FILE",
        help="JSON answers of the opening form; - reads stdin",
    )
    opening_line.add_argument("--user", metavar="NAME", help="who opens it; default: the operator")
    opening_line.add_argument(
        "--again-because", metavar="REASON", help="why a second case about the same is right"
    )
    show_line = add_command(case, "show", show_case, "print a case as it stands")
    show_line.add_argument("ref")
    export_line = add_command(commands, "export", export, "print a case with its whole history")
    export_line.add_argument("ref")


def open_case(console: Console, given: argparse.Namespace) -> None:
    """Open a case from the answers in a file and print its reference."""
    answers = _read_answers(given.facts)
    case_id = uuid4()

    def work(connection: Connection) -> commands.SavedStep:
        actor = people.actor_named(connection, given.user) if given.user else OPERATOR
        if actor is None:
            raise Failure(f"There is nobody called {given.user}.")
        return commands.open_case(
            console.context(connection, actor),
            pack=given.pack,
            kind=given.kind,
            policy=given.policy,
            answers=answers,
            case_id=case_id,
            people=reads.training_people(connection, given.pack),
            again_because=given.again_because,
        )

    step = database.in_transaction(console.connect(), work)
    console.say(step.ref, {"ref": step.ref, "version": step.version})


def _read_answers(file: str) -> Mapping[str, JsonValue]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        answers = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Failure(f"{file} is no JSON: {error}") from error
    if not isinstance(answers, dict):
        raise Failure(f"{file} must hold one JSON object: form field -> answer.")
    return answers


def show_case(console: Console, given: argparse.Namespace) -> None:
    """Print a case as it stands: what waits for whom, and the deadlines."""
    from web.api import representations

    with database.reading(console.connect()) as connection:
        today = console.domain.today(console.now(connection))
        case = representations.read_case(connection, given.ref, today=today)
    head = f"{case['ref']}  {case['pack']} {case['policy']}  {case['status']}"
    lines = [f"{head}  version {case['version']}"]
    for item in case["work_items"]:
        who = item["assignee"] or item["role"]
        lines.append(f"work      {item['name']}  {who}  act by {item['act_by_on'] or 'any time'}")
    for each in case["deadlines"]:
        lines.append(f"deadline  {each['name']}  {each['limit_on']}  {each['status']}")
        lines.append(f"          {each['explanation']}")
    console.say("\n".join(lines), case)


def export(console: Console, given: argparse.Namespace) -> None:
    """Print a case with its whole history as JSON, whatever was asked for: it is data."""
    with database.reading(console.connect()) as connection:
        case = exporting.export_case(connection, given.ref)
    replace(console, as_json=True).say("", case)
