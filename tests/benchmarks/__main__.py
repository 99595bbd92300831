"""`make bench`: what a durable step costs, as ratios within one run. Prints, writes bench.json.

The floor is a bare transaction that reads one row of the state's size and writes six rows holding
as many bytes as the step wrote, on the same database in the same run.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engine import database, records
from tests.databases import run_postgresql
from tests.engine.world import World, fill

CYCLES = 60
EARLY, LATE = range(5, 15), range(50, 60)


def main() -> None:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", f"sqlite:///{folder}/bench.sqlite", figures)
    with run_postgresql("bench") as url:
        measure("postgresql", url, figures)
    for name, value in figures.items():
        sys.stdout.write(f"{name:32} {value:10.3f}\n")
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n")


def measure(kind: str, url: str, figures: dict[str, float]) -> None:
    """Run six-weekly meetings on an empty database; add the figures of this kind."""
    fill(url)
    engine = database.create_engine(url)
    world = World(engine)
    world.open(event_date="2026-03-09")
    steps: dict[int, float] = {}
    for cycle in range(1, CYCLES):
        day = world.governing("ppm").isoformat()
        world.go(day)
        steps[cycle] = timed(lambda day=day: world.meeting(day)) / 2
        world.follow_up(day)
    written = bytes_of_a_step(world)
    floor = statistics.median(floors(engine, written))
    step = statistics.median(list(steps.values())[4:])
    figures[f"step_{kind}_ms"] = step * 1000
    figures[f"floor_{kind}_ms"] = floor * 1000
    figures[f"step_{kind}_over_floor"] = step / floor
    early = statistics.median(steps[cycle] for cycle in EARLY)
    late = statistics.median(steps[cycle] for cycle in LATE)
    figures[f"flat_time_55_over_10_{kind}"] = late / early
    engine.dispose()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def bytes_of_a_step(world: World) -> int:
    """Return the bytes that the newest step wrote: its event, state and projections."""
    e, i = records.event.c, records.instance.c
    with database.reading(world.engine) as connection:
        body = connection.scalar(sa.select(sa.func.length(e.body)).order_by(e.sequence.desc()))
        state = connection.scalar(sa.select(sa.func.sum(sa.func.length(i.state))))
    return int(body or 0) + int(state or 0)


def floors(engine: sa.Engine, written: int) -> list[float]:
    """Return the seconds of bare transactions that read and write as many bytes as a step."""
    table = sa.Table(
        "floor",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("body", sa.Text),
    )
    with database.transaction(engine) as connection:
        table.create(connection)
        connection.execute(table.insert().values(id=0, body="x" * written))
    seconds = []
    for number in range(100):
        started = time.perf_counter()
        with database.transaction(engine) as connection:
            connection.execute(sa.select(table.c.body).where(table.c.id == 0)).one()
            rows = [{"id": 1 + number * 6 + row, "body": "y" * (written // 6)} for row in range(6)]
            connection.execute(table.insert(), rows)
        seconds.append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    main()
