"""What of a pack's deadlines is booked: a meeting's day, time, place and people, as facts.

`[appointments.DEADLINE]` in pack.toml says which facts hold them, and who is told in which words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

FACTS = ("day", "held", "time", "place", "link", "people", "agreed", "why")
"""The entries that name facts; `day` and `held` must be there."""

TEXTS = ("booked", "moved", "called_off", "uninvited", "letter")
"""The entries that are sentences; `{when}`, `{was}`, `{where}`, `{why}`, `{people}` in them."""

WORDS = frozenset({"when", "was", "where", "why", "people", "told"})


@dataclass(frozen=True)
class Appointment:
    """How what meets one deadline is booked. Each entry of FACTS is the name of a fact, or "".

    `held`: the day it was last held, after which an older booking is over. `agreed`: a day agreed
    for it that nobody booked yet. `why`: why it was moved or called off. `roles`: whom a value in
    `people` means, where that is not the role of the same name; "" means somebody who is none.
    `tell`: roles told beside the people; `letters_by`: the role told who can only be written to.
    `seen_for`: how long after it whoever is told of it sees the case, "" for not at all.
    """

    deadline: str
    day: str
    held: str
    time: str = ""
    place: str = ""
    link: str = ""
    people: str = ""
    agreed: str = ""
    why: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    tell: tuple[str, ...] = ()
    letters_by: str = ""
    booked: str = ""
    moved: str = ""
    called_off: str = ""
    uninvited: str = ""
    letter: str = ""
    seen_for: str = ""

    @property
    def facts(self) -> Iterator[str]:
        """The facts whose change people are told of."""
        yield from filter(None, (self.day, self.time, self.place, self.link, self.people))

    @property
    def details(self) -> Iterator[str]:
        """The facts that are those of one day, and go with it."""
        yield from filter(None, (self.time, self.place, self.link, self.why))


def read_appointments(raw: Mapping[str, Any]) -> dict[str, Appointment]:
    """Return deadline -> what `[appointments]` of pack.toml says of it.

    Raises:
        KeyError, TypeError, ValueError: an entry is missing or of the wrong kind.
    """
    return {name: _read(name, entry) for name, entry in raw.get("appointments", {}).items()}


def _read(name: str, entry: Mapping[str, Any]) -> Appointment:
    return Appointment(
        deadline=name,
        day=str(entry["day"]),
        held=str(entry["held"]),
        roles={str(code): str(role) for code, role in entry.get("roles", {}).items()},
        tell=tuple(entry.get("tell", ())),
        letters_by=str(entry.get("letters_by", "")),
        seen_for=str(entry.get("seen_for", "")),
        **{each: str(entry.get(each, "")) for each in (*FACTS[2:], *TEXTS)},
    )
