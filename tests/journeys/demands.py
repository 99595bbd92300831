"""What Dudley's documents demand, sentence by sentence: demands.toml, read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("demands.toml")
OF_NOTE = Path(__file__).with_name("demands_of_note.toml")


@dataclass(frozen=True)
class Demand:
    """One demand: the document's `words`, and what follows from it in the pack.

    `rule` is its id in the catalogue, or empty for a sentence that is no rule of its own. `missed`
    and `timescales` name rows of the tables, `messages` messages of pack.toml; the other texts are
    our own words. `journeys` are pytest ids within this folder, `carried_by` lines "file: names".
    """

    words: str
    demand: str
    rule: str = ""
    effect: str = ""
    undone: str = ""
    no: str = ""
    late: str = ""
    record: str = ""
    lacking: str = ""
    told: str = ""
    when: str = ""
    messages: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    timescales: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    carried_by: tuple[str, ...] = ()

    @property
    def carriers(self) -> set[tuple[str, str]]:
        """Return (file, name of what carries the rule there)."""
        lines = (each.split(": ") for each in self.carried_by)
        return {(file, name) for file, names in lines for name in names.split(", ")}


@dataclass(frozen=True)
class Section:
    """Demands of one document that belong together, in the document's order."""

    title: str
    document: str
    demands: tuple[Demand, ...]


def sections(file: Path = FILE) -> tuple[Section, ...]:
    """Return all demands of a file. An unknown key is a TypeError."""
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Section(each["title"], each["document"], tuple(_demand(row) for row in each["demands"]))
        for each in read["sections"]
    )


def demands(file: Path = FILE) -> list[Demand]:
    """Return the demands of all sections of a file."""
    return [demand for section in sections(file) for demand in section.demands]


def _demand(row: dict[str, str | list[str]]) -> Demand:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Demand(**given)  # type: ignore[arg-type]
