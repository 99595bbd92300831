"""`make bench`: prints a table and writes bench.json, numbers only. Ratios are of one run.

Steps are complete commands (find, permit, load, run, prune, save, commit) of the workload in
`cycle.py`; the floor is a bare transaction with as many bytes on the same database.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from engine.firing.garbage_collection import collect_seldom
from engine.storage import database, tables
from tests.benchmarks import cycle, floor, hostile, lists, memory, pages, stock, timers, tracked
from tests.databases import run_postgresql

CYCLES = int(os.environ.get("BENCH_CYCLES", "2000"))
EARLY = 5
AT_STOCK = 100
LATE = 1_000
MEASURED = tuple(number for number in (EARLY, AT_STOCK, LATE, CYCLES) if number <= CYCLES)
WINDOW = 10
HELD = range(AT_STOCK // 2, AT_STOCK + AT_STOCK // 2)
"""The cycles whose steps alternate with rounds of the floor."""
MANY = (1_000, 100_000)
CASES = (200, 20_000)

Figures = dict[str, float]


def main() -> None:
    figures: Figures = {}
    # As a server and a worker do.
    collect_seldom()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = steps(folder, figures)
        lists_and_searches(folder, figures)
        figures |= tracked.figures_of(f"sqlite:///{folder}/tracked.sqlite", CASES[1])
        theirs = stock.stock_steps(folder, until=AT_STOCK)
        figures["stock_ms_at_100"] = theirs[AT_STOCK] * 1000
        figures["stock_over_ours_at_100"] = theirs[AT_STOCK] / ours[AT_STOCK]
    with run_postgresql(f"bench{os.getpid()}", durable=True) as url:
        postgresql(url, figures)
        figures |= timers.rates(url)
        figures["worker_rss_mb"] = memory.of_worker(url)
        figures |= hostile.figures_of(url)
    for name, value in figures.items():
        sys.stdout.write(f"{name:34} {value:12.3f}\n")
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n")


def steps(folder: Path, figures: Figures) -> dict[int, float]:
    """Run the cycles on SQLite; return cycle -> median seconds of a step around it."""
    url = f"sqlite:///{folder}/steps.sqlite"
    engine = cycle.prepare(url)
    case = cycle.Case(engine)
    seconds: dict[int, list[float]] = {}
    sizes: dict[int, tuple[int, int]] = {}
    bare = floor.SqliteFloor(folder)
    rounds: list[float] = []
    for number in range(1, CYCLES + 1):
        if number in MEASURED:
            sizes[number] = case.weigh()
        under = partial(bare.round, sizes[EARLY]) if number in HELD else None
        seconds[number] = timed_cycle(case, under, rounds)
        if number in MEASURED and number > AT_STOCK:
            figures[f"flat_time_{number}_over_5"] = beside_young(engine, case, number)
    medians = {number: _around(seconds, number) for number in MEASURED}
    held = [each for number in HELD for each in seconds.get(number, ())]
    held_against("sqlite", held, rounds, figures)
    for number, median in medians.items():
        figures[f"step_sqlite_ms_at_{number}"] = median * 1000
        if number > AT_STOCK:
            figures[f"flat_bytes_{number}_over_5"] = sizes[number][1] / sizes[EARLY][1]
    engine.dispose()
    figures["server_rss_mb"] = memory.of_server(url)
    return medians


def beside_young(engine: sa.Engine, case: cycle.Case, number: int) -> float:
    """Return the seconds of a step of an old case over those of one that begins at EARLY.

    Their cycles alternate, so that a machine that slows down slows both.
    """
    young = cycle.Case(engine, number)
    for _ in range(1, EARLY):
        timed_cycle(young, None, [])
    old, new = [], []
    for _ in range(3 * WINDOW):
        old += timed_cycle(case, None, [])
        new += timed_cycle(young, None, [])
    return statistics.median(old) / statistics.median(new)


def timed_cycle(
    case: cycle.Case, under: Callable[[], float] | None, rounds: list[float]
) -> list[float]:
    """Return the seconds of the three completions of one cycle, those of `under` in `rounds`."""
    seconds = []
    for item in case.cycle():
        started = time.perf_counter()
        case.complete(item)
        seconds.append(time.perf_counter() - started)
        if under is not None:
            rounds.append(under())
    return seconds


def held_against(kind: str, steps: list[float], rounds: list[float], figures: Figures) -> None:
    """Note the medians of steps and of rounds of the floor, and the one over the other."""
    step, bare = statistics.median(steps), statistics.median(rounds)
    figures[f"step_{kind}_ms"] = step * 1000
    figures[f"floor_{kind}_ms"] = bare * 1000
    figures[f"step_{kind}_over_floor"] = step / bare


def _around(seconds: dict[int, list[float]], number: int) -> float:
    near = range(max(2, number - WINDOW), number + WINDOW)
    return statistics.median(each for n in near for each in seconds.get(n, ()))


def postgresql(url: str, figures: Figures) -> None:
    """The same steps on PostgreSQL, over its own floor."""
    engine = cycle.prepare(url)
    case = cycle.Case(engine)
    bare = floor.PostgresqlFloor(url)
    size = case.weigh()
    seconds: list[float] = []
    rounds: list[float] = []
    for number in range(1, AT_STOCK):
        taken = timed_cycle(case, partial(bare.round, size), rounds)
        # The first prepare the statements of their connection.
        if number > WINDOW:
            seconds += taken
    held_against("postgresql", seconds, rounds[WINDOW * 3 :], figures)
    bare.close()
    engine.dispose()


def lists_and_searches(folder: Path, figures: Figures) -> None:
    """Due-timer search, task list and pages, with few and with many cases."""
    engines = {}
    for count in sorted({*MANY, *CASES}):
        engines[count] = cycle.prepare(f"sqlite:///{folder}/many-{count}.sqlite")
        with database.reading(engines[count]) as connection:
            definition = connection.scalar(sa.select(tables.publication.c.definition))
        lists.fill_cases(engines[count], count, definition=str(definition))
    few, many = (lists.due_search(engines[count]) for count in MANY)
    figures["due_search_100k_over_1k"] = many / few
    taken = {("task_list", count): lists.task_list(engines[count]) for count in CASES}
    taken |= pages.seconds_of({count: engines[count] for count in CASES})
    p95 = {key: seconds[len(seconds) * 95 // 100 - 1] for key, seconds in taken.items()}
    for (name, count), seconds in taken.items():
        figures[f"{name}_p50_ms_{count}"] = statistics.median(seconds) * 1000
        figures[f"{name}_p95_ms_{count}"] = p95[name, count] * 1000
    for name in ("task_list", *pages.PAGES):
        figures[f"{name}_p95_20k_over_200"] = p95[name, CASES[1]] / p95[name, CASES[0]]
    for engine in engines.values():
        engine.dispose()


if __name__ == "__main__":
    main()
