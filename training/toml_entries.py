"""Entries of a demo.toml, read with errors that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


class DemoRefused(Exception):
    """A demo.toml cannot be used: `why` names the entry and says what to do."""

    def __init__(self, why: str, pack: str = "") -> None:
        super().__init__(f"demo.toml of {pack}: {why}" if pack else why)
        self.why = why


@dataclass(frozen=True)
class Entry:
    """A table of the file and where it stands, such as cases[2].acts[1]."""

    place: str
    raw: Mapping[str, Any]

    def refused(self, why: str) -> DemoRefused:
        return DemoRefused(f"{self.place or 'the file'}: {why}.")

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def only(self, *known: str) -> None:
        """Refuse entries of other names."""
        for name in self.raw:
            if name not in known:
                raise self.refused(f"'{name}' means nothing here{meant(name, known)}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.raw.get(name, default)
        if not isinstance(value, str):
            raise DemoRefused(f"{self._at(name)} must be a text, in quotes.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise DemoRefused(f"{self._at(name)} must be a list of texts.")
        return tuple(value)

    def number(self, name: str, default: int | None = None) -> int:
        value = self.raw.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise DemoRefused(f"{self._at(name)} must be a whole number.")
        return value

    def share(self, name: str, default: float) -> float:
        """Return how likely something is, from 0 to 1."""
        value = self.raw.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise DemoRefused(f"{self._at(name)} must be a number from 0 to 1.")
        return float(value)

    def flag(self, name: str) -> bool:
        value = self.raw.get(name, False)
        if not isinstance(value, bool):
            raise DemoRefused(f"{self._at(name)} must be true or false.")
        return value

    def table(self, name: str) -> Entry:
        value = self.raw.get(name, {})
        if not isinstance(value, dict):
            raise DemoRefused(f"{self._at(name)} must be a table.")
        return Entry(self._at(name), value)

    def tables(self, name: str) -> list[Entry]:
        """Return the tables of a list; places are counted from 1."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise DemoRefused(f"{self._at(name)} must be a list of tables.")
        return [Entry(f"{self._at(name)}[{at}]", each) for at, each in enumerate(value, start=1)]


def meant(name: str, known: Any) -> str:
    """Return ". Did you mean …?" for a name that is like one that is known, else the known ones."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f". Did you mean '{close[0]}'?"
    return f"; there is {', '.join(sorted(known)) or 'none'}"
