"""Who does what, when, on which connection: handed to every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from engine.domain import Domain, JsonValue


@dataclass(frozen=True)
class Actor:
    """A person as the engine knows them. `pack` None: of no one council.

    `covers` are the user names of those whom they stand in for today; `powers` what the packs in
    force let their roles do in the whole council (`engine.packs.authority`); `outside` those of
    their roles that are an outside agency's.
    """

    name: str
    display_name: str
    roles: frozenset[str]
    pack: str | None = None
    manager: str | None = None
    covers: frozenset[str] = frozenset()
    powers: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    @property
    def is_outsider(self) -> bool:
        """Whether they are of an outside agency alone: they see their own tasks and no case."""
        return bool(self.roles) and self.roles <= self.outside

    @property
    def stands_for(self) -> frozenset[str]:
        """Their own user name and those of the people whom they cover for today."""
        return self.covers | {self.name}

    def is_of(self, pack: str | None) -> bool:
        """Return whether the person is of this council, or of no one council; None is no council.

        What is another council's is nothing to them: it answers like what does not exist.
        """
        return self.pack in (None, pack)

    def is_any(self, *roles: str) -> bool:
        """Return whether the person has at least one of `roles`."""
        return not self.roles.isdisjoint(roles)


CLOCK = Actor("clock", "The clock", frozenset({"system"}))
"""The actor of everything that a timer does."""


@dataclass(frozen=True)
class Context:
    """The surroundings of a command. `now` is an aware instant; nothing below reads a clock.

    `recorded_at` is the wall clock's instant where that differs (training mode).
    """

    connection: Connection
    actor: Actor
    now: datetime
    domain: Domain
    acting_for: str | None = None
    recorded_at: datetime | None = None
    confirmed: Mapping[str, JsonValue] | None = None
    """Question -> the unlikely answer that whoever acts says is right; None: nobody is asked."""

    @property
    def today(self) -> date:
        """The Europe/London calendar date."""
        return self.domain.today(self.now)
