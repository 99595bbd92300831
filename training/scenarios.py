"""Play what scenarios.toml tells on a database of its own, and say what did not come out so.

Each scenario has a copy of one prepared SQLite file: the pack in force, a person for each role,
and a training clock, so that none can touch another and the order does not matter.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid5

from engine import commands, reads
from engine.context import CLOCK, Actor, Context
from engine.domain import Domain, JsonValue
from engine.errors import AnswersRefused, EngineError, Finding, WorkItemNotFound
from engine.firing import training_clock
from engine.packs.version import Definition
from engine.people import people
from engine.publishing import publish
from engine.reads import history
from engine.storage import database
from engine.storage.database import Engine
from training.acting import actor_named, waiting_task
from training.expectations import unmet
from training.scenario_file import FILE, Scenario, ScenarioStep, read_scenarios
from training.toml_entries import DemoRefused

HOUR = 10
"""London time of a day that says no hour."""
NAMESPACE = UUID("0c1f5ad6-3a8e-5d0b-8f8e-6a3f0f4f5b11")
AGAIN = "Another made-up case of the same name"


@dataclass(frozen=True)
class _Played:
    """A scenario being played; `sequence` is the last event before the step in hand."""

    engine: Engine
    domain: Domain
    pack: str
    case_id: UUID
    opener: str
    now: datetime

    def context(self, connection: database.Connection, actor: Actor = CLOCK) -> Context:
        return Context(connection, actor, self.now, self.domain)


def check_scenarios(
    files: Mapping[str, bytes],
    scenarios: bytes,
    *,
    domain: Domain,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Finding]:
    """Yield a finding for each scenario that does not come out as it tells; the pack must pass.

    The element is the scenario's id; the message names the step, what was expected and what was.

    Args:
        tell: hears which scenario is being played.
    """
    try:
        told = read_scenarios(scenarios)
    except DemoRefused as refused:
        yield Finding("error", FILE, "", "scenario", refused.why)
        return
    if not told:
        return
    definition = Definition(files)
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.sqlite"
        _prepare(prepared, definition, told, domain)
        for number, each in enumerate(told):
            tell(f"Scenario {each.id}, {number + 1} of {len(told)}")
            own = Path(folder) / f"{number}.sqlite"
            shutil.copyfile(prepared, own)
            yield from play(own, definition, each, domain=domain)
            own.unlink()


def play(
    path: Path, definition: Definition, told: Scenario, *, domain: Domain
) -> Iterator[Finding]:
    """Yield what does not come out as a scenario tells; after a step that cannot be, no more."""
    engine = database.create_engine(f"sqlite:///{path}")
    kind = told.steps[0].name
    pack = definition.pack
    opens = pack.kinds.get(kind) or pack.kinds[pack.first_kind]
    played = _Played(
        engine, domain, pack.id, uuid5(NAMESPACE, told.id), opens.roles[0], _start(told, domain)
    )
    try:
        for step in told.steps:
            if step.on is not None:
                played = replace(played, now=_instant(step.on, domain))
            for why in _step(played, told, step):
                message = f"{step.place} ({step.does} {step.name}): {why}".replace(" )", ")")
                yield Finding("error", FILE, told.id, "scenario", message)
    except DemoRefused as refused:
        yield Finding("error", FILE, told.id, "scenario", f"{step.place}: {refused.why}.")
    finally:
        engine.dispose()


def _prepare(path: Path, definition: Definition, told: Sequence[Scenario], domain: Domain) -> None:
    """Make a database with the pack in force before the first scenario begins."""
    url = f"sqlite:///{path}"
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    pack = definition.pack
    start = min(_start(each, domain) for each in told)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=start)
        for role in pack.roles:
            name = f"{pack.id}.{role}"
            people.add_person(connection, name, display_name=role, roles=[role], pack=pack.id)
        owner = Actor("process_owner", "process_owner", frozenset({"process_owner"}))
        ctx = Context(connection, owner, start, domain)
        publish.put_in_force(ctx, definition, reason="To play its scenarios", instead_of=None)
    # With its last connection the file holds everything that a copy needs.
    engine.dispose()


def _step(played: _Played, told: Scenario, step: ScenarioStep) -> Iterator[str]:
    """Yield what was not as the step says."""
    before = _sequence(played) if step.does == "wait" else 0
    training_clock.advance(played.engine, played.now, domain=played.domain)
    if step.does not in ("wait", "open"):
        before = _sequence(played)
    try:
        _do(played, told, step)
    except AnswersRefused as refused:
        said = "; ".join(f"{name}: {text}" for name, text in refused.problems.items())
        if step.refused is None:
            raise DemoRefused(f"it is refused. {said}") from refused
        if missing := [each for each in step.refused if each not in refused.problems]:
            yield f"it is not refused for {', '.join(missing)}; it says {said}"
    except (EngineError, WorkItemNotFound) as error:
        if step.refused != ():
            raise DemoRefused(f"it cannot be done: {error}") from error
    else:
        if step.refused is not None:
            yield "it was to be refused, and went through"
    with database.reading(played.engine) as connection:
        ref = commands.ref_of(played.case_id)
        case = reads.get_case(connection, ref, today=played.domain.today(played.now))
        events = history.list_history(connection, played.case_id, after=before, limit=200)
        yield from unmet(step.then, case, [notice for each in events for notice in each.notices])


def _do(played: _Played, told: Scenario, step: ScenarioStep) -> None:
    def work(connection: database.Connection) -> None:
        ctx, ref = played.context(connection), commands.ref_of(played.case_id)
        answers = {name: _plain(value, played) for name, value in step.answers.items()}
        by = f"{played.pack}.{step.by or played.opener}"
        if step.does == "open":
            named = reads.training_people(connection, played.pack)
            commands.open_case(
                replace(ctx, actor=actor_named(ctx, by)),
                pack=played.pack,
                kind=step.name,
                policy=told.policy or None,
                answers=answers,
                case_id=played.case_id,
                people={role: who for role, who in named.items() if role not in told.without},
                again_because=AGAIN,
            )
        elif step.does == "do":
            item = waiting_task(ctx, ref, step.name)
            by = f"{played.pack}.{step.by}" if step.by else ""
            does = actor_named(ctx, by or item.assignee or f"{played.pack}.{item.role}")
            commands.complete_work_item(replace(ctx, actor=does), item.id, answers=answers)
        elif step.does == "report":
            actor = actor_named(ctx, by)
            commands.send_message(replace(ctx, actor=actor), ref, step.name, answers)
        elif step.does == "correct":
            commands.correct_fact(
                replace(ctx, actor=actor_named(ctx, by)),
                ref,
                step.name,
                answers["to"],
                effective_on=None,
                reason=str(answers["reason"]),
            )

    database.in_transaction(played.engine, work)


def _sequence(played: _Played) -> int:
    with database.reading(played.engine) as connection:
        return history.last_until(connection, played.case_id, datetime.max.replace(tzinfo=UTC))


def _start(told: Scenario, domain: Domain) -> datetime:
    first = told.steps[0].on
    assert first is not None, "read so"
    return _instant(first, domain)


def _instant(on: date | datetime, domain: Domain) -> datetime:
    """Return when something happens: an instant as it is, a day at HOUR in London."""
    if isinstance(on, datetime):
        return on.astimezone(UTC)
    return domain.start_of(on) + timedelta(hours=HOUR)


def _plain(value: Any, played: _Played) -> JsonValue:
    """Return an answer as it is sent; { in = 3 } is the day 3 days after the step."""
    if isinstance(value, list):
        return [_plain(each, played) for each in value]
    if isinstance(value, dict):
        if set(value) == {"in"}:
            day = played.domain.today(played.now) + timedelta(days=value["in"])
            return day.isoformat()
        return {key: _plain(each, played) for key, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value
