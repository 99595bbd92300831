"""What each command of the command line does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from engine import commands, reads
from engine.context import Actor, Context
from engine.domain import Domain
from engine.errors import Finding, PackRefused
from engine.firing import training_clock
from engine.integrity import look_over
from engine.people import people
from engine.publishing import publish as publishing
from engine.publishing.check import check_files
from engine.reads import export as exporting
from engine.storage import database, published_versions
from training import caseload, demo
from web.cli import pack_files, progress
from web.config import PREFIX, Settings

OPERATOR = Actor(
    "command_line",
    "The command line",
    frozenset({"system", "administrator", "team_manager"}),
)
"""Whoever can run the command has the database anyway; the history says how they came."""


class Failure(Exception):
    """The command cannot be done; the sentence says why."""


@dataclass(frozen=True)
class Console:
    """What an action works with. `wall` is the real time at which the command was given."""

    settings: Settings
    domain: Domain
    wall: datetime
    as_json: bool
    engines: list[Any] = field(default_factory=list)

    def open_engine(self, url: str = "") -> Any:
        """Return an engine for the database, whatever is in it; `close` disposes of it.

        Args:
            url: another database than that of the settings.
        """
        self.engines.append(database.create_engine(url or self.settings.database_url))
        return self.engines[-1]

    def close(self) -> None:
        for engine in self.engines:
            engine.dispose()

    def connect(self) -> Any:
        """Return the engine of a database that has been set up.

        Raises:
            Failure: it has not, or it is made for another mode.
        """
        if not database.has_schema(self.settings.database_url):
            raise Failure("The database is not set up. Run `permanence init` first.")
        engine = self.open_engine()
        with database.reading(engine) as connection:
            mode = training_clock.mode(connection)
        if self.settings.mode not in (None, mode):
            raise Failure(
                f"{PREFIX}MODE says {self.settings.mode}, but this database was made for {mode}."
            )
        return engine

    def now(self, connection: Any) -> datetime:
        """Return the instant that counts: the training clock's, or the real one."""
        training = training_clock.mode(connection) == "training"
        return training_clock.current_time(connection) if training else self.wall

    def context(self, connection: Any, actor: Actor = OPERATOR) -> Context:
        now = self.now(connection)
        return Context(connection, actor, now, self.domain, recorded_at=self.wall)

    def say(self, text: str, data: Any) -> None:
        """Print `data` as JSON when that was asked for, else `text`."""
        printed = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
        sys.stdout.write((printed if self.as_json else text) + "\n")


Action = Callable[[Console, argparse.Namespace], "int | None"]


def init(console: Console, given: argparse.Namespace) -> None:
    """Make or upgrade the tables, store the mode, publish every pack, add the demonstration."""
    mode = console.settings.mode or "production"
    if mode != "training" and (given.demo or given.clock):
        option = "--demo" if given.demo else "--clock"
        raise Failure(f"{option} is for training only: set {PREFIX}MODE=training.")
    if given.caseload and not given.demo:
        raise Failure("--caseload says how many fictional children --demo adds: give both.")
    end = given.clock or demo.START
    engine = _upgraded(console)
    first = _first_instant(console, end, given) if given.demo else end
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode=mode, now=first if mode == "training" else None)
        packs = publish_first(console, connection)
        persons = demo.add_people(connection) if given.demo else 0
    cases = _add_children(console, engine, end, given) if given.demo else 0
    with database.reading(engine) as connection:
        now = training_clock.current_time(connection) if mode == "training" else None
    added = f"Packs published: {len(packs)}; people: {persons}; children: {cases}"
    text = f"Ready in {mode} mode. {added}."
    data = {"mode": mode, "clock": now, "packs": packs, "people": persons, "cases": cases}
    console.say(text if now is None else f"{text} The clock stands at {_utc(now)}.", data)


def publish_first(console: Console, connection: Any) -> list[dict[str, str]]:
    """Publish the packs of this repository that have never been published here."""
    return [
        _publish(console, connection, folder, "first publication")
        for folder in pack_files.own_packs()
        if not published_versions.list_publications(connection, folder.name)
    ]


def _first_instant(console: Console, end: datetime, given: argparse.Namespace) -> datetime:
    if given.caseload:
        return caseload.first_instant(end)
    return demo.first_instant(end, console.domain)


def _add_children(console: Console, engine: Any, end: datetime, given: argparse.Namespace) -> int:
    """Add the nine children of the demonstration, or as many as were asked for, and the panel."""
    added = _add_caseload(console, engine, end, given)
    demo.add_panel(engine, console.domain, wall=console.wall)
    return added


def _add_caseload(console: Console, engine: Any, end: datetime, given: argparse.Namespace) -> int:
    if not given.caseload:
        return demo.add_caseload(engine, end, console.domain, wall=console.wall)
    with progress.on_terminal(sys.stderr) as tell:
        return caseload.add_caseload(
            engine,
            end,
            console.domain,
            pack=demo.PACK,
            children=given.caseload,
            seed=given.seed,
            wall=console.wall,
            tell=tell,
        )


def upgrade(console: Console, _: argparse.Namespace) -> None:
    """Bring the tables up to date; nothing else."""
    _upgraded(console)
    console.say("The tables are up to date.", {"upgraded": True})


def _upgraded(console: Console) -> Any:
    """Return the engine of a database that has all its tables, those of the workers too."""
    database.upgrade_schema(console.settings.database_url)
    engine = console.open_engine()
    if database.is_for_many_machines(engine):
        jobs().install(engine)
    return engine


def jobs() -> Any:
    """Return the module of the job queue."""
    # The job queue is loaded where it is needed; the other commands need not wait for it.
    from engine.firing import queue as queue

    return queue


def check(console: Console, given: argparse.Namespace) -> int:
    """Print what is wrong with a pack's files; 1 when something forbids publishing."""
    findings = pack_files.check_paths(given.files, partial(check_files, domain=console.domain))
    console.say(_findings(findings) or "Nothing found.", [asdict(each) for each in findings])
    errors = sum(each.severity == "error" for each in findings)
    if errors:
        raise Failure(f"{errors} {'error' if errors == 1 else 'errors'} found.")
    return 0


def publish(console: Console, given: argparse.Namespace) -> None:
    """Publish packs, all of them or none."""
    engine = console.connect()
    with database.transaction(engine) as connection:
        done = [
            _publish(console, connection, pack_files.find_pack(named), given.reason)
            for named in given.packs
        ]
    console.say("\n".join(f"{each['pack']} {each['definition']}" for each in done), done)


def _publish(console: Console, connection: Any, folder: Path, reason: str) -> dict[str, str]:
    """Publish one folder. Before the training clock is set up it counts as the real time."""
    try:
        definition = publishing.publish(
            console.context(connection), pack_files.read_pack(folder), reason=reason
        )
    except PackRefused as refused:
        sys.stderr.write(_findings(list(refused.findings)) + "\n")
        raise Failure(f"The pack {folder.name} was refused.") from refused
    pack = published_versions.get_definition(connection, definition).pack
    return {"pack": pack.id, "definition": definition}


def add_user(console: Console, given: argparse.Namespace) -> None:
    """Add a person; roles and pack must be known, so that a slip does not lock them out."""
    with database.transaction(console.connect()) as connection:
        known = _known_roles(connection, given.pack)
        if wrong := sorted(set(given.role) - known):
            raise Failure(f"There is no role {wrong[0]}; there are {', '.join(sorted(known))}.")
        manager = given.team_manager
        if manager not in (None, given.name) and people.get_person(connection, manager) is None:
            raise Failure(f"There is nobody called {manager}.")
        people.add_person(
            connection,
            given.name,
            display_name=given.display_name,
            roles=given.role,
            pack=given.pack,
            team_manager=manager,
        )
        added = people.get_person(connection, given.name)
    assert added is not None
    console.say(f"{added.name} can {', '.join(added.roles)}.", asdict(added))


def _known_roles(connection: Any, pack: str | None) -> set[str]:
    packs = [row for row in published_versions.list_packs(connection) if pack in (None, row.pack)]
    if pack is not None and not packs:
        raise Failure(f"No pack {pack} has been published.")
    named = [
        published_versions.get_definition(connection, row.definition).pack.roles for row in packs
    ]
    return {*demo.EVERYWHERE, *(role for roles in named for role in roles)}


def create_token(console: Console, given: argparse.Namespace) -> None:
    """Print a bearer token alone on its line; it cannot be shown again."""
    with database.transaction(console.connect()) as connection:
        if people.actor_named(connection, given.user) is None:
            raise Failure(f"There is nobody called {given.user}.")
        token = people.create_token(connection, given.user, now=console.wall)
    console.say(token, {"user": given.user, "token": token})


def open_case(console: Console, given: argparse.Namespace) -> None:
    """Open a case from the answers in a file and print its reference."""
    answers = _read_answers(given.facts)
    case_id = uuid4()

    def work(connection: Any) -> commands.SavedStep:
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
        )

    step = database.in_transaction(console.connect(), work)
    console.say(step.ref, {"ref": step.ref, "version": step.version})


def _read_answers(file: str) -> Mapping[str, Any]:
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


def show_clock(console: Console, _: argparse.Namespace) -> None:
    """Print where the training clock stands."""
    with database.reading(console.connect()) as connection:
        now = training_clock.current_time(connection)
    console.say(_utc(now), {"now": now})


def set_clock(console: Console, given: argparse.Namespace) -> None:
    """Move the training clock forward; every timer due on the way fires at its own instant."""
    engine = console.connect()
    fired = training_clock.advance(engine, given.instant, domain=console.domain, wall=console.wall)
    now = _utc(given.instant)
    console.say(f"{now}; timers fired: {fired}", {"now": given.instant, "fired": fired})


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
    console.say(
        "\n".join([*(f"{ref}: {what}" for ref, what in verdict.problems), text]), asdict(verdict)
    )
    if verdict.problems:
        raise Failure(f"{len(verdict.problems)} problems found.")


def export(console: Console, given: argparse.Namespace) -> None:
    """Print a case with its whole history as JSON, whatever was asked for: it is data."""
    with database.reading(console.connect()) as connection:
        case = exporting.export_case(connection, given.ref)
    replace(console, as_json=True).say("", case)


def _findings(findings: list[Finding]) -> str:
    return "\n".join(
        f"{each.severity}: {each.file}{f' {each.element}' if each.element else ''}: {each.message}"
        for each in findings
    )


def _utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, (date, UUID)):
        return str(value)
    return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
