"""A council's fictional people: as many of a role as its cases need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.packs.manifest import Pack
from engine.people import people
from engine.storage.database import Connection
from training.demo_file import Demo

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
    """Who works in a pack: role -> user names in order.

    `own` are the roles whose people a case names, whoever opens it first; `managed_by` is that of
    their managers, "" for none.
    """

    pack: str
    by_role: Mapping[str, tuple[str, ...]]
    own: tuple[str, ...] = ()
    managed_by: str = ""

    def of_case(self, number: int) -> dict[str, str]:
        """Return role -> user name of a case's own people; a manager has the cases of theirs."""
        named = {role: self._one(role, number) for role in self.own}
        if self.managed_by in named:
            place = self.by_role[self.own[0]].index(named[self.own[0]])
            named[self.managed_by] = self._one(self.managed_by, place)
        return named

    def _one(self, role: str, number: int) -> str:
        names = self.by_role[role]
        return names[number % len(names)]


def add_staff(connection: Connection, *, pack: Pack, demo: Demo, cases: int) -> Staff:
    """Add people for that many cases, beside one for each role; return all of them.

    `<pack>.<role>` is the first of a role, `<pack>.<role>_2` the second.
    """
    by_role = {
        role: tuple(
            f"{pack.id}.{role}" if number == 1 else f"{pack.id}.{role}_{number}"
            for number in range(1, _wanted(demo.rules.at_most.get(role, cases), cases) + 1)
        )
        for role in pack.roles
    }
    kind = pack.kinds[demo.rules.kind or pack.first_kind]
    managers = by_role.get(kind.managed_by, ())
    number = 0
    for role, names in by_role.items():
        for place, name in enumerate(names):
            if people.get_person(connection, name) is None:
                people.add_person(
                    connection,
                    name,
                    display_name=name_of(number, shift=7),
                    roles=[role],
                    pack=pack.id,
                    manager=managers[place % len(managers)] if managers else None,
                )
            number += 1
    own = [name for name, role in pack.roles.items() if not (role.is_pool or role.outside_agency)]
    own.sort(key=lambda role: (*kind.roles, role).index(role))
    return Staff(pack.id, by_role, tuple(own), kind.managed_by)


def _wanted(at_most: int, cases: int) -> int:
    return max(1, -(-cases // max(1, at_most)))


def name_of(number: int, *, shift: int = 0) -> str:
    """Return an invented name; different for the first few hundred numbers."""
    return f"{FIRST[(number + shift) % len(FIRST)]} {LAST[(number * 3 + shift) % len(LAST)]}"
