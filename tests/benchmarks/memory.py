"""What a server and a worker hold of the machine's memory, once they have worked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engine.storage import database, tables
from tests.benchmarks import timers
from tests.databases import PostgresqlDatabases

REQUESTS = 300
FIRED = 500
PATIENCE = 60


def of_server(url: str) -> float:
    """Return the MB resident in `permanence serve` after some hundred requests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def ask() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10).read()
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def work() -> None:
        _until(ask)
        for _ in range(REQUESTS):
            assert ask()

    return _resident(["serve", "--port", str(port)], url, work)


def of_worker(url: str) -> float:
    """Return the MB resident in `permanence worker` when it has fired some hundred timers."""
    databases = PostgresqlDatabases(url, worker="memory")
    made = databases.create(timers.fill)
    engine = database.create_engine(made)
    event = tables.event.c
    fired = sa.select(sa.func.count()).where(event.kind == "timer_fired")

    def has_worked() -> bool:
        with database.reading(engine) as connection:
            return int(connection.scalar(fired) or 0) >= min(FIRED, timers.CASES)

    resident = _resident(["worker"], made, lambda: _until(has_worked))
    engine.dispose()
    databases.remove(made)
    databases.close()
    return resident


def _until(is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_done():
        assert time.monotonic() < until
        time.sleep(0.2)


def _resident(arguments: list[str], url: str, work: Callable[[], None]) -> float:
    settings = {k: v for k, v in os.environ.items() if not k.startswith("PERMANENCE_")}
    settings |= {"PERMANENCE_DATABASE_URL": url, "PERMANENCE_SECRET_KEY": "s" * 32}
    process = subprocess.Popen(
        [*timers.COMMAND, *arguments],
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        work()
        family = [process.pid, *_children(process.pid)]
        return sum(map(_kilobytes, family)) / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def _kilobytes(pid: int) -> int:
    """Return the proportional share, so that what a server's processes share counts once."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    [line] = [each for each in rollup.splitlines() if each.startswith("Pss:")]
    return int(line.split()[1])
