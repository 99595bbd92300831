"""Who may do what, as a pack says it: `[authority]`, and what single messages, facts and roles say.

A power of a case (to tell it something, to correct what it knows) is for people whom the case names
in a role. A power of the council (to allocate, to track, to look for cases) is for whoever has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.domain import Role

ALLOCATES, TRACKS, LISTS = "allocates", "tracks", "lists"
POWERS = {
    ALLOCATES: "Gives work of their team to somebody with the role for it",
    TRACKS: "Sees the tracker",
    LISTS: "Looks for cases, and sees a list of their own",
}
"""The powers of a council -> in words."""

ENTRIES = ("tells", "corrects", *POWERS)


@dataclass(frozen=True)
class Authority:
    """Roles by what they may. `tells` and `corrects` hold where a message or fact says no other."""

    tells: tuple[str, ...]
    corrects: tuple[str, ...]
    allocates: tuple[str, ...]
    tracks: tuple[str, ...]
    lists: tuple[str, ...]

    def powers_of(self, roles: Collection[str]) -> Iterator[str]:
        """Yield the powers of a council that somebody with these roles has."""
        for power in POWERS:
            if not set(roles).isdisjoint(getattr(self, power)):
                yield power


def opened_by(roles: Mapping[str, Role]) -> tuple[str, ...]:
    """Return who opens a kind of case if its pack does not say: whose work goes to the case.

    Where that is nobody's, everybody of the council.
    """
    return _own(roles) or tuple(name for name, role in roles.items() if not role.outside_agency)


def _own(roles: Mapping[str, Role]) -> tuple[str, ...]:
    return tuple(name for name, role in roles.items() if not (role.is_pool or role.outside_agency))


def read_authority(raw: Mapping[str, Any], roles: Mapping[str, Role]) -> Authority:
    """Return what `[authority]` says; what it leaves out is as little as goes on.

    The case's own people tell and correct; to allocate is for the roles to which unallocated work
    goes; nobody but auditors tracks; everybody of the council has a list of their own. An outside
    agency has none of it.

    Raises:
        ValueError: an entry is no list of texts.
    """
    inside = {name: role for name, role in roles.items() if not role.outside_agency}
    stand_ins = {role.unallocated_goes_to for role in roles.values()}
    unsaid = {
        "tells": _own(roles),
        "corrects": _own(roles),
        ALLOCATES: tuple(name for name in inside if name in stand_ins),
        TRACKS: (),
        LISTS: tuple(inside),
    }
    entry = raw.get("authority", {})
    return Authority(**{name: _roles(entry, name) or unsaid[name] for name in ENTRIES})


def roles_named(entry: Mapping[str, Any], name: str, where: str) -> tuple[str, ...] | None:
    """Return the roles that an entry lists, None if it does not say. Raises ValueError."""
    given = entry.get(name)
    if given is None:
        return None
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise ValueError(f'{where}.{name} must be a list of one role or more: ["role"]')
    return tuple(given)


def _roles(entry: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    return roles_named(entry, name, "authority")
