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
from pathlib import Path

import sqlalchemy as sa

from engine import database, records
from tests.benchmarks import cycle, floor, lists, stock, timers
from tests.databases import run_postgresql

CYCLES = int(os.environ.get("BENCH_CYCLES", "2000"))
EARLY = 5
AT_STOCK = 100
WINDOW = 10
MANY = (1_000, 100_000)
CASES = (200, 20_000)

Figures = dict[str, float]


def main() -> None:
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = steps(folder, figures)
        lists_and_searches(folder, figures)
        theirs = stock.stock_steps(folder, until=AT_STOCK)
        figures["stock_ms_at_100"] = theirs[AT_STOCK] * 1000
        figures["stock_over_ours_at_100"] = theirs[AT_STOCK] / ours[AT_STOCK]
    with run_postgresql("bench", durable=True) as url:
        postgresql(url, figures)
        figures |= timers.rates(url)
    for name, value in figures.items():
        sys.stdout.write(f"{name:34} {value:12.3f}\n")
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n")


def steps(folder: Path, figures: Figures) -> dict[int, float]:
    """Run the cycles on SQLite; return cycle -> median seconds of a step around it."""
    engine = cycle.prepare(f"sqlite:///{folder}/steps.sqlite")
    case = cycle.Case(engine)
    seconds: dict[int, list[float]] = {}
    sizes: dict[int, tuple[int, int]] = {}
    for number in range(1, CYCLES + 1):
        seconds[number] = timed_cycle(case)
        if number in (EARLY, AT_STOCK, CYCLES):
            sizes[number] = case.written()
    medians = {number: _around(seconds, number) for number in (EARLY, AT_STOCK, CYCLES)}
    state, written = sizes[EARLY]
    bare = floor.sqlite_floor(folder, state=state, written=written)
    figures["step_sqlite_ms"] = medians[AT_STOCK] * 1000
    figures["floor_sqlite_ms"] = bare * 1000
    figures["step_sqlite_over_floor"] = medians[AT_STOCK] / bare
    figures[f"flat_time_{CYCLES}_over_5"] = medians[CYCLES] / medians[EARLY]
    figures[f"flat_bytes_{CYCLES}_over_5"] = sizes[CYCLES][1] / sizes[EARLY][1]
    engine.dispose()
    return medians


def timed_cycle(case: cycle.Case) -> list[float]:
    """Return the seconds of the three completions of one cycle."""
    seconds = []
    for item in case.cycle():
        started = time.perf_counter()
        case.complete(item)
        seconds.append(time.perf_counter() - started)
    return seconds


def _around(seconds: dict[int, list[float]], number: int) -> float:
    near = range(max(2, number - WINDOW), number + WINDOW)
    return statistics.median(each for n in near for each in seconds.get(n, ()))


def postgresql(url: str, figures: Figures) -> None:
    """The same steps on PostgreSQL, over its own floor."""
    engine = cycle.prepare(url)
    case = cycle.Case(engine)
    seconds = {number: timed_cycle(case) for number in range(1, 41)}
    state, written = case.written()
    bare = floor.postgresql_floor(url, state=state, written=written)
    step = statistics.median(each for n in range(10, 41) for each in seconds[n])
    figures["step_postgresql_ms"] = step * 1000
    figures["floor_postgresql_ms"] = bare * 1000
    figures["step_postgresql_over_floor"] = step / bare
    engine.dispose()


def lists_and_searches(folder: Path, figures: Figures) -> None:
    """Due-timer search and task list, with few and with many cases."""
    searches, lists_p95 = {}, {}
    for count in sorted({*MANY, *CASES}):
        engine = cycle.prepare(f"sqlite:///{folder}/many-{count}.sqlite")
        with database.reading(engine) as connection:
            definition = connection.scalar(sa.select(records.publication.c.definition))
        lists.fill_cases(engine, count, definition=str(definition))
        if count in MANY:
            searches[count] = lists.due_search(engine)
        if count in CASES:
            seconds = lists.task_list(engine)
            figures[f"task_list_p50_ms_{count}"] = statistics.median(seconds) * 1000
            lists_p95[count] = seconds[94]
        engine.dispose()
    figures["due_search_100k_over_1k"] = searches[MANY[1]] / searches[MANY[0]]
    figures["task_list_p95_20k_over_200"] = lists_p95[CASES[1]] / lists_p95[CASES[0]]


if __name__ == "__main__":
    main()
