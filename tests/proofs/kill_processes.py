"""The processes that are killed: the product's own server and worker, started by fork.

Everything is imported, and the pack read, before the fork, so that a new process costs
milliseconds; each opens its own connections. The server starts its killed process again; a killed
worker is started again by the loop that `systemd` would be.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from engine import commands
from engine.context import Actor, Context
from engine.firing import loop, queue
from engine.storage import database
from tests.proofs import kill_bugs
from tests.proofs.kill_pack import PACK_ID
from tests.proofs.kill_points import KilledAnswers, Killer, draw, listen, listen_to_timers
from web import serve as serving
from web.app import create_app
from web.config import Settings
from workflows.permanence.domain import DOMAIN

LOOK_EVERY = 0.1
"""Seconds between two looks for due timers on SQLite; the product takes five."""


@dataclass(frozen=True)
class Site:
    """Where the processes run: database, folder for diary and logs, port, what is planted."""

    url: str
    folder: Path
    port: int
    seed: int
    bug: str | None = None
    only: str | None = None


def serve(site: Site) -> None:
    """Run the server as `permanence serve` does; its process group is its own."""
    _alone(site.folder / "server.log")
    app = create_app(Settings(database_url=site.url, secret_key="s" * 32), DOMAIN)
    engine = app.extensions["permanence"].engine
    timers = database.create_engine(site.url)
    warm(engine)
    warm(timers)
    drawn: list[Killer] = []

    def make_app() -> Any:
        killer = draw("server", site.folder, site.seed, only=site.only)
        drawn.append(killer)
        _plant(site)
        listen(engine, killer)
        listen_to_timers(killer)
        app.wsgi_app = KilledAnswers(app.wsgi_app, killer)  # type: ignore[method-assign]
        return app

    def fire(stop: threading.Event) -> None:
        listen(timers, drawn[0])
        loop.run_until(stop, timers, DOMAIN, seconds=LOOK_EVERY)

    serving.run(
        make_app,
        serving.listen("127.0.0.1", site.port),
        in_background=None if database.is_for_many_machines(engine) else fire,
    )


def work(site: Site) -> None:
    """Run a worker as `permanence worker` does, and another when it was killed."""
    _alone(site.folder / "worker.log")
    status: int = signal.SIGKILL
    while os.WIFSIGNALED(status):
        child = os.fork()
        if child == 0:
            try:
                _work_once(site)
            finally:
                # Whatever happened, this process must not go on as a second parent.
                os._exit(1)
        status = os.waitpid(child, 0)[1]


def _work_once(site: Site) -> None:
    killer = draw("worker", site.folder, site.seed, only=site.only)
    _plant(site)
    listen_to_timers(killer)
    create = queue.create_engine

    def create_listening(*address: Any, **options: Any) -> sa.Engine:
        engine = create(*address, **options)
        listen(engine, killer)
        return engine

    queue.create_engine = create_listening
    queue.SEARCH = "* * * * * *"
    queue.run_worker(site.url, DOMAIN)


def _alone(log: Path) -> None:
    os.setsid()
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(handle, 1)
    os.dup2(handle, 2)


def warm(engine: sa.Engine) -> None:
    """Read the pack and build the statements by opening a case that is rolled back."""
    actor = Actor("wim", "Wim", frozenset({"social_worker"}), PACK_ID, "manager")
    answers = {"began": "2026-01-05", "worker": "wim"}
    with engine.connect() as connection, connection.begin() as begun:
        ctx = Context(connection, actor, datetime.now(UTC), DOMAIN)
        commands.open_case(ctx, pack=PACK_ID, answers=answers, case_id=uuid4())
        begun.rollback()
    engine.dispose()


def _plant(site: Site) -> None:
    if site.bug is not None:
        kill_bugs.PLANTED[site.bug].plant()


START = {"server": serve, "worker": work}
"""Role -> what its process runs."""


def start(context: Any, role: str, site: Site) -> Any:
    """Start a process of a role and return it."""
    process = context.Process(target=START[role], args=(site,))
    process.start()
    return process


def prepared() -> Any:
    """Return how processes are started: forked from one that has imported everything."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.kill_preloaded"])
    return context
