"""A council's fictional people: as many social workers and IROs as its children need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.people import people
from engine.storage.database import Connection

CHILDREN_OF = {"social_worker": 20, "iro": 70, "team_manager": 120}
"""How many children one person of a role has at most."""

FIRST = (
    "Aisha", "Ben", "Carys", "Dev", "Elena", "Femi", "Gwen", "Harun", "Ines", "Jonah",
    "Kirsty", "Luca", "Meera", "Niall", "Oona", "Pavel", "Ros", "Sanjay", "Thea", "Umar",
)  # fmt: skip
LAST = (
    "Abbot", "Birch", "Chowdhury", "Dunmore", "Eastwood", "Farrow", "Gill", "Hartley", "Ito",
    "Jessop", "Kaur", "Langley", "Moss", "Nkemelu", "Orchard", "Penrose", "Quill", "Redmond",
    "Sharma",
)  # fmt: skip
"""All invented; the lists have no common divisor, so that names repeat late."""


@dataclass(frozen=True)
class Staff:
    """Who works in a pack: role -> user names in order."""

    pack: str
    by_role: Mapping[str, tuple[str, ...]]

    def of_child(self, number: int) -> dict[str, str]:
        """Return role -> user name of a child's own people."""
        worker = self._one("social_worker", number)
        place = self.by_role["social_worker"].index(worker)
        return {
            "social_worker": worker,
            "team_manager": self._one("team_manager", place),
            "service_manager": self._one("service_manager", 0),
            "iro": self._one("iro", number),
        }

    def _one(self, role: str, number: int) -> str:
        names = self.by_role[role]
        return names[number % len(names)]


def add_staff(connection: Connection, *, pack: str, roles: tuple[str, ...], children: int) -> Staff:
    """Add people for that many children, beside one for each role; return all of them.

    `<pack>.<role>` is the first of a role, `<pack>.<role>_2` the second.
    """
    by_role = {
        role: tuple(
            f"{pack}.{role}" if number == 1 else f"{pack}.{role}_{number}"
            for number in range(1, _wanted(role, children) + 1)
        )
        for role in roles
    }
    managers = by_role["team_manager"]
    number = 0
    for role, names in by_role.items():
        for place, name in enumerate(names):
            if people.get_person(connection, name) is None:
                people.add_person(
                    connection,
                    name,
                    display_name=name_of(number, shift=7),
                    roles=[role],
                    pack=pack,
                    manager=managers[place % len(managers)],
                )
            number += 1
    return Staff(pack, by_role)


def _wanted(role: str, children: int) -> int:
    return max(1, -(-children // CHILDREN_OF[role])) if role in CHILDREN_OF else 1


def name_of(number: int, *, shift: int = 0) -> str:
    """Return an invented name; different for the first few hundred numbers."""
    return f"{FIRST[(number + shift) % len(FIRST)]} {LAST[(number * 3 + shift) % len(LAST)]}"
