"""What every command works with: settings, the database, what time it is, and where to print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from engine.context import Actor, Context
from engine.domain import Domain
from engine.firing import training_clock
from engine.storage import database
from engine.storage.database import Connection, Engine
from web.config import PREFIX, Settings

OPERATOR = Actor(
    "command_line",
    "The command line",
    frozenset({"system", "administrator"}),
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
    engines: list[Engine] = field(default_factory=list)

    def open_engine(self, url: str = "") -> Engine:
        """Return an engine for the database, whatever is in it; `close` disposes of it.

        Args:
            url: another database than that of the settings.
        """
        self.engines.append(database.create_engine(url or self.settings.database_url))
        return self.engines[-1]

    def close(self) -> None:
        for engine in self.engines:
            engine.dispose()

    def connect(self) -> Engine:
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

    def now(self, connection: Connection) -> datetime:
        """Return the instant that counts: the training clock's, or the real one."""
        training = training_clock.mode(connection) == "training"
        return training_clock.current_time(connection) if training else self.wall

    def context(self, connection: Connection, actor: Actor = OPERATOR) -> Context:
        now = self.now(connection)
        return Context(connection, actor, now, self.domain, recorded_at=self.wall)

    def say(self, text: str, data: object) -> None:
        """Print `data` as JSON when that was asked for, else `text`."""
        printed = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
        sys.stdout.write((printed if self.as_json else text) + "\n")


Action = Callable[[Console, argparse.Namespace], "int | None"]


def utc(instant: datetime) -> str:
    """Return an instant of UTC as people write it, with a Z."""
    return instant.isoformat().replace("+00:00", "Z")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, (date, UUID)):
        return str(value)
    raise TypeError(f"JSON has nothing for a {type(value).__name__}")
