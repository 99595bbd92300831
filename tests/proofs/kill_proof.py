"""2,000 kills on each database, and every planted bug found: the figures for `make prove`."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.databases import Fill, Kind, PostgresqlDatabases, SqliteDatabases, run_postgresql
from tests.proofs import kill_processes
from tests.proofs.kill_bugs import PLANTED
from tests.proofs.kill_pack import fill
from tests.proofs.kills import kills_until_found, prove

KILLS = 2_000
SEED = 21
LOST = ("is lost", "did not ring", "are not there", "and the diagram", "stands in no row")
DOUBLED = ("times", "and was done", "nobody was told", "wound up", "did nothing")


def killed(kind: Kind, *, kills: int = KILLS) -> dict[str, Any]:
    """Kill so often on one kind of database; return what was killed and what came of it."""
    with _site(kind) as (create, folder):
        figures = prove(kind, create(fill), folder, kills=kills, seed=SEED)
    return {
        "proof": "whatever dies, what was acknowledged is there once",
        "database": kind,
        "kills": figures.killed,
        "by process and point": dict(sorted(figures.kills.items())),
        "before which statement, at which route": dict(figures.statements.most_common()),
        **figures.answers,
        "lost": _count(figures.problems, LOST),
        "doubled": _count(figures.problems, DOUBLED),
        "problems": figures.problems,
    }


def planted(kind: Kind) -> dict[str, Any]:
    """Look for each bug that can be planted on one kind of database."""
    with _site(kind) as (create, folder):
        context = kill_processes.prepared()
        found = {
            bug: kills_until_found(bug, context, create(fill), folder / str(number), seed=SEED)
            for number, bug in enumerate(name for name, b in PLANTED.items() if kind in b.kinds)
        }
    missed = [bug for bug, kills in found.items() if kills is None]
    return {
        "proof": "planted bugs are found by killing",
        "database": kind,
        "kills until found": found,
        "missed": missed,
    }


def _count(problems: list[str], words: tuple[str, ...]) -> int:
    return sum(any(word in problem for word in words) for problem in problems)


_numbers = itertools.count(1)


@contextmanager
def _site(kind: Kind) -> Iterator[tuple[Callable[[Fill], str], Path]]:
    """Yield what makes a database, and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="permanence-kills-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield SqliteDatabases(folder).create, folder / "site"
            return
        with run_postgresql(folder.name[-8:], durable=True) as url:
            databases = PostgresqlDatabases(url, worker=f"kills_{next(_numbers)}")
            try:
                yield databases.create, folder / "site"
            finally:
                databases.close()
