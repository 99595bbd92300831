"""Changes behind the product's back: any table, any column, rows removed and added: what is found?

A small council's database is filled over HTTP, then copied for each change. What `docs/auditors.md`
says that nothing vouches for is counted apart.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.integrity import look_over
from engine.storage import database, tables
from tests.builders.world import fill
from tests.journeys.council import Council
from tests.journeys.years import meet
from workflows.permanence.domain import DOMAIN

CHANGES = 1_000
PAGE = Path(__file__).parents[2] / "docs" / "auditors.md"
_ROW = re.compile(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)
KEPT_APART = "nothing"


def vouched_for() -> dict[str, dict[str, str]]:
    """Return table -> column -> what vouches for it, as the page says; "*" for all others."""
    said: dict[str, dict[str, str]] = {}
    for table, columns, how in _ROW.findall(PAGE.read_text("utf-8")):
        for column in re.findall(r"`([a-z_0-9]+)`", columns) or ["*"]:
            said.setdefault(table, {})[column] = how.strip()
    return said


def is_vouched_for(table: str, column: str | None) -> bool:
    """Return whether the page says that something vouches for a column, or for the rows (None)."""
    said = vouched_for()[table]
    return not said.get(column or "*", said["*"]).startswith(KEPT_APART)


@dataclass
class Figures:
    """What was changed, and what of it was found."""

    changes: int = 0
    found: int = 0
    apart: int = 0
    missed: Counter[str] = field(default_factory=Counter)


def prove(changes: int = CHANGES, seed: int = 7) -> dict[str, Any]:
    """Make the changes on a filled database; return how many were found, and what was missed."""
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled.sqlite"
        now = fill_council(f"sqlite:///{filled}")
        figures = tried(filled, now, changes=changes, seed=seed)
    return {
        "proof": "changes behind the product's back are found",
        "changes": figures.changes,
        "found": figures.found,
        "kept apart by docs/auditors.md": figures.apart,
        "missed": [],
        "not found": dict(figures.missed),
        "problems": [] if figures.found >= 0.99 * figures.changes else ["fewer than 99% found"],
    }


def fill_council(url: str) -> datetime:
    """Fill a database with a child's meetings; return its clock."""
    fill(url)
    council = Council(url)
    try:
        meet(council, 2)
        return datetime.fromisoformat(council.call("GET", "/clock")["now"])
    finally:
        council.close()


def tried(filled: Path, now: datetime, *, changes: int, seed: int) -> Figures:
    """Make `changes` that something vouches for, one at a time, each on a copy."""
    chosen, figures = random.Random(seed), Figures()
    copy = filled.with_name("changed.sqlite")
    assert found_in(filled, now) == []
    while figures.changes < changes:
        shutil.copy(filled, copy)
        what = change(copy, chosen)
        if what is None:
            continue
        table, column, words = what
        if not is_vouched_for(table, column):
            figures.apart += 1
            continue
        figures.changes += 1
        if found_in(copy, now):
            figures.found += 1
        else:
            figures.missed[words] += 1
    return figures


def found_in(file: Path, now: datetime) -> list[str]:
    """Return what `permanence verify` says of a database, or that it could not read it."""
    engine = database.create_engine(f"sqlite:///{file}")
    try:
        with database.reading(engine) as connection:
            verdict = look_over.look_over(connection, now=now, domain=DOMAIN)
            return [words for _, words in verdict.problems]
    except Exception as error:
        return [f"cannot be read: {type(error).__name__}"]
    finally:
        engine.dispose()


def change(file: Path, chosen: random.Random) -> tuple[str, str | None, str] | None:
    """Change one thing; return its table, column (None for whole rows) and what was done."""
    with sqlite3.connect(file) as connection:
        table = chosen.choice(list(tables.metadata.tables))
        rows = connection.execute(f'SELECT rowid, * FROM "{table}"').fetchall()
        if not rows:
            return None
        names = [each[1] for each in connection.execute(f'PRAGMA table_info("{table}")')]
        row = chosen.choice(rows)
        done = chosen.random()
        if done < 0.1:
            connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (row[0],))
            return table, None, f"{table}: a row removed"
        if done < 0.2:
            return _added(connection, table, names, list(row[1:]), chosen)
        place = chosen.randrange(len(names))
        other = _other(row[place + 1], chosen)
        try:
            connection.execute(
                f'UPDATE "{table}" SET "{names[place]}" = ? WHERE rowid = ?', (other, row[0])
            )
        except sqlite3.IntegrityError:
            return None
        said = f"{row[place + 1]!r:.40} to {other!r:.40}"
        return table, names[place], f"{table}.{names[place]}: {said}"


def _added(
    connection: sqlite3.Connection,
    table: str,
    names: list[str],
    row: list[Any],
    chosen: random.Random,
) -> tuple[str, str | None, str] | None:
    keys = [each[1] for each in connection.execute(f'PRAGMA table_info("{table}")') if each[5]]
    own = [name for name in keys if name not in ("case_id", "instance_id")] or keys
    place = names.index(chosen.choice(own))
    row[place] = _other(row[place], chosen)
    marks = ", ".join("?" * len(row))
    try:
        connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', row)
    except sqlite3.IntegrityError:
        return None
    return table, None, f"{table}: a row added"


def _other(value: Any, chosen: random.Random) -> Any:
    """Return another value of the same kind; what was null becomes a text."""
    if value is None:
        return chosen.choice(["2026-03-10", "x"])
    if isinstance(value, int):
        return value + chosen.choice([1, -1, 7])
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    text = str(value)
    day = re.match(r"\d{4}-\d\d-\d\d", text)
    if day:
        return f"{int(text[:4]) + chosen.choice([1, -1])}{text[4:]}"
    if re.fullmatch(r"[0-9a-f]{32}", text):
        return text[:-1] + ("0" if text[-1] != "0" else "1")
    return text + chosen.choice(["x", " "]) if text else "x"
