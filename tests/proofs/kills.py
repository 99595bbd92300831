"""Kill servers and workers while people work, then look whether anything was lost or doubled.

A run goes in rounds. In each, clients work and processes die until so many were killed; then
nothing is killed any more, the clients finish, the timers fire, and `findings` looks.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import sqlalchemy as sa

from engine.people import people
from engine.storage import database, tables
from tests.proofs import kill_bugs, kill_processes
from tests.proofs.kill_clients import CROWDED, NEWEST, UNANSWERED, Client, Unanswered
from tests.proofs.kill_findings import findings
from tests.proofs.kill_ledger import Ledger
from tests.proofs.kill_pack import MANAGER, WORKERS
from tests.proofs.kill_points import OUTSIDE
from tests.proofs.kill_processes import Site

CLIENTS = 4
A_ROUND = 100
SMALL_ROUND = 3
"""Kills between two looks at the database, in the proof and while a planted bug is looked for."""
QUIET_AFTER = 60
"""Seconds within which all timers have fired once nothing is killed any more, and within which
every request is answered."""
SOON_QUIET = 6
"""The same for a planted bug, which may well have lost one. Whatever is slower is not counted."""
LONGEST_LIFE = {"server": 0.4, "worker": 1.5}
"""Seconds after its start within which a process is killed from outside."""
CRASHES = 0.1
"""How many of the kills from outside hit PostgreSQL too, where that is the run's own."""
WHOLE_SERVER = 0.2
"""How many of the kills from outside hit the waiting parent too, not its one process alone."""


@dataclass
class Figures:
    """What a run did. `kills` counts by role and point, `statements` those after statements."""

    kills: Counter[str] = field(default_factory=Counter)
    statements: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    rounds: int = 0

    @property
    def killed(self) -> int:
        return sum(self.kills.values())


class Harness:
    """One database with its server, its workers and the people who use it."""

    def __init__(
        self,
        context: Any,
        url: str,
        folder: Path,
        *,
        seed: int,
        quiet_after: float = QUIET_AFTER,
        newest: int = NEWEST,
        crashes: bool = False,
        **planted: Any,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._context = context
        self._quiet_after = quiet_after
        self._crashes = crashes
        self._site = Site(url, folder, _free_port(), seed, **planted)
        self._engine = database.create_engine(url)
        many = database.is_for_many_machines(self._engine)
        self._roles = ("server", "worker", "worker") if many else ("server",)
        self._running: list[tuple[str, Any]] = []
        self._chance = random.Random(seed)
        self._ledger = Ledger(folder / "ledger.jsonl")
        self._read = 0
        self._to_kill: list[tuple[float, str, int]] = []
        self._clients = self._people(newest)
        self.figures = Figures()

    def _people(self, newest: int) -> list[Client]:
        with database.transaction(self._engine) as connection:
            tokens = {
                name: people.create_token(connection, name, now=datetime.now(UTC))
                for name in (*WORKERS, MANAGER)
            }
        cases: dict[str, list[str]] = {name: [] for name in WORKERS}
        return [
            Client(
                actor=WORKERS[number % len(WORKERS)],
                port=self._site.port,
                tokens=tokens,
                ledger=self._ledger,
                chance=random.Random(f"{self._site.seed} {number}"),
                cases=cases[WORKERS[number % len(WORKERS)]],
                number=number,
                patience=QUIET_AFTER,
                newest=newest,
            )
            for number in range(CLIENTS)
        ]

    def start(self) -> None:
        """Start server and workers, and let everybody open a case; nothing is killed yet."""
        for role in self._roles:
            self._start(role)
        until = time.monotonic() + QUIET_AFTER
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._site.port)) == 0:
                    break
            time.sleep(0.02)
        for client in self._clients:
            client.open_case()
            client.visit(client.cases[-1])

    def stop(self) -> None:
        """End every process of the run, and none else."""
        for _, process in self._running:
            _kill_group(process)
        self._running.clear()
        self._engine.dispose()

    def _start(self, role: str) -> None:
        self._running.append((role, kill_processes.start(self._context, role, self._site)))

    def round(self, kills: int, *, seconds: float = 300) -> list[str]:
        """Kill so many, let it become quiet, and return what is wrong."""
        began = len(self._ledger.told)
        before = len(self.figures.problems)
        until, wanted = time.monotonic() + seconds, self.figures.killed + kills
        with self._clients_at_work() as working, self._armed():
            # A client that gives up ends the round: the others would soon be stuck too.
            while (
                self.figures.killed < wanted
                and time.monotonic() < until
                and not any(each.done() for each in working)
            ):
                self._watch()
                time.sleep(0.01)
        self._watch()
        self._wait_until_quiet()
        with database.reading(self._engine) as connection:
            told = self._ledger.told
            touched = {each.ref for each in told[began:] if each.ref is not None}
            problems = findings(connection, told, now=datetime.now(UTC), refs=touched)
        self.figures.rounds += 1
        self.figures.problems += problems
        self.figures.answers = self._ledger.counts()
        return self.figures.problems[before:]

    def look_at_everything(self) -> list[str]:
        """Return what is wrong in the whole database, all rounds together."""
        with database.reading(self._engine) as connection:
            return findings(connection, self._ledger.told, now=datetime.now(UTC))

    @contextmanager
    def _armed(self) -> Iterator[None]:
        flag = self._site.folder / "armed"
        flag.touch()
        try:
            yield
        finally:
            flag.unlink()
            self._to_kill.clear()

    @contextmanager
    def _clients_at_work(self) -> Iterator[list[Future[None]]]:
        stop = Event()
        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(each.work_until, stop) for each in self._clients]
            try:
                yield working
            finally:
                stop.set()
        for each in working:
            try:
                each.result()
            except Unanswered as request:
                self.figures.problems.append(f"{request} {UNANSWERED}.")

    def _watch(self) -> None:
        """Count who died, kill who is to be killed from outside, start whole servers again."""
        for line in self._new_lines():
            if "killed" in line:
                self.figures.kills[f"{line['role']}: {line['killed']}"] += 1
                if line["detail"]:
                    self.figures.statements[line["detail"]] += 1
            elif line["born"] == OUTSIDE:
                at = time.monotonic() + self._chance.random() * LONGEST_LIFE[line["role"]]
                self._to_kill.append((at, line["role"], line["pid"]))
        due = [each for each in self._to_kill if each[0] <= time.monotonic()]
        for each in due:
            self._to_kill.remove(each)
            self._kill_from_outside(each[1], each[2])

    def _new_lines(self) -> list[dict[str, Any]]:
        file = self._site.folder / "diary.jsonl"
        if not file.exists():
            return []
        with file.open("rb") as diary:
            diary.seek(self._read)
            data = diary.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def _kill_from_outside(self, role: str, pid: int) -> None:
        if self._crashes and self._chance.random() < CRASHES:
            self._crash_database()
        if role == "server" and self._chance.random() < WHOLE_SERVER:
            [server] = [each for each in self._running if each[0] == "server"]
            self._running.remove(server)
            _kill_group(server[1])
            self._start("server")
            self.figures.kills["server: all of it, from outside"] += 1
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.figures.kills[f"{role}: {OUTSIDE}"] += 1

    def _crash_database(self) -> None:
        """Kill a process of PostgreSQL: it ends all others, recovers from its log, and starts."""
        address = self._engine.url.set(drivername="postgresql")
        text = address.render_as_string(hide_password=False)
        with suppress(psycopg.OperationalError), psycopg.connect(text) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            connection.execute("SELECT 1")
        self.figures.kills["database: all of it, from outside"] += 1
        until = time.monotonic() + QUIET_AFTER
        while time.monotonic() < until:
            with suppress(psycopg.OperationalError), psycopg.connect(text):
                return
            time.sleep(0.05)

    def _wait_until_quiet(self) -> None:
        """Return when no bell is left to ring, or after so long that one is lost."""
        t, c = tables.timer.c, tables.case.c
        ringing = (
            sa.select(sa.func.count())
            .select_from(tables.timer)
            .join(tables.case, t.case_id == c.id)
            .where(t.element == "a_second")
        )
        until = time.monotonic() + self._quiet_after
        while time.monotonic() < until:
            with database.reading(self._engine) as connection:
                if not connection.scalar(ringing):
                    return
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kill_group(process: Any) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def prove(kind: str, url: str, folder: Path, *, kills: int, seed: int) -> Figures:
    """Kill so often on one database and return the figures; `problems` is empty when all is well.

    Args:
        url: a database that `kill_pack.fill` has filled; if PostgreSQL's, on a server that nobody
            else uses, as that is killed too.
    """
    harness = Harness(
        kill_processes.prepared(), url, folder, seed=seed, crashes=kind == "postgresql"
    )
    try:
        harness.start()
        while harness.figures.killed < kills and not harness.figures.problems:
            harness.round(min(A_ROUND, kills - harness.figures.killed), seconds=1200)
            sys.stderr.write(f"{kind}: {harness.figures.killed} kills\n")
        harness.figures.problems += harness.look_at_everything()
    finally:
        harness.stop()
    return harness.figures


def kills_until_found(
    bug: str, context: Any, url: str, folder: Path, *, seed: int, most: int = 60
) -> int | None:
    """Return after how many kills a planted bug was found, or None."""
    planted = kill_bugs.PLANTED[bug]
    harness = Harness(
        context,
        url,
        folder,
        seed=seed,
        quiet_after=SOON_QUIET,
        newest=CROWDED if planted.crowded else NEWEST,
        bug=bug,
        only=planted.point,
    )
    try:
        harness.start()
        while harness.figures.killed < most:
            problems = harness.round(SMALL_ROUND)
            if any(UNANSWERED not in each for each in problems):
                return harness.figures.killed
    finally:
        harness.stop()
    return None
