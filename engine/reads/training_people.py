"""Who takes part in a case of training mode that names nobody: the demonstration's people."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.firing import training_clock
from engine.people import people
from engine.storage import published_versions


def training_people(connection: Connection, pack: str) -> dict[str, str]:
    """Return role -> demonstration user for the roles that a case's own people have.

    Empty in production, and where there are no demonstration users.
    """
    if training_clock.mode(connection) != "training":
        return {}
    facts = published_versions.current_definition(connection, pack).pack.facts
    known = {person.name for person in people.list_people(connection, pack=pack)}
    return {
        name: f"{pack}.{name}"
        for name, fact in facts.items()
        if fact.type == "user" and f"{pack}.{name}" in known
    }
