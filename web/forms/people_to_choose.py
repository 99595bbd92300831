"""The people whom a form of a pack can name."""

from __future__ import annotations

from engine.people import people
from web.forms import inputs
from web.request import context


def people_to_choose(pack: str) -> list[inputs.Person]:
    """Return who can be named in a form of this pack."""
    with context.reading() as connection:
        rows = people.list_people(connection, pack=pack)
    return [
        inputs.Person(row.name, row.display_name, frozenset(row.roles))
        for row in rows
        if row.active
    ]
