"""The commands that run until they are stopped: the server, and workers beside it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from engine.domain import Domain
from engine.firing import loop, training_clock
from engine.storage import database
from web import config
from web.cli.console import Console, Failure
from web.cli.words import Commands, add_command
from web.config import Settings

if TYPE_CHECKING:
    from flask import Flask

MOST_AT_ONCE = 10
"""Cases that one worker takes in hand; more machines help further, more threads do not."""


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    serve_line = add_command(commands, "serve", serve, "serve the pages and the API", prints=False)
    serve_line.add_argument("--port", type=_port, default=8000, help="default 8000")
    serve_line.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    work_line = add_command(
        commands, "worker", work, "fire timers, beside other workers", prints=False
    )
    work_line.add_argument(
        "--concurrency", type=_concurrency, default=1, metavar="N", help="cases at once; default 1"
    )


def serve(console: Console, given: argparse.Namespace) -> None:
    """Serve until stopped.

    In production on SQLite due timers fire in a thread beside the requests; on PostgreSQL workers
    fire them.
    """
    # The web server is loaded by the command that needs it; the others need not wait for it.
    from web import serve as serving

    engine = console.connect()
    with database.reading(engine) as connection:
        mode = training_clock.mode(connection)
    # The process that serves is forked from this one and opens its own connections.
    engine.dispose()
    if mode == "training" and not serving.is_loopback(given.host):
        raise Failure("Training mode has no passwords and serves this machine only: 127.0.0.1.")
    settings = replace(
        console.settings, secret_key=config.secret_key(console.settings, mode), mode=mode
    )
    in_background = None
    if mode == "production" and not database.is_for_many_machines(engine):
        in_background = partial(_fire_timers, url=settings.database_url, domain=console.domain)
    try:
        listener = serving.listen(given.host, given.port)
    except OSError:
        message = f"{given.host}:{given.port} is taken or not this machine's: choose another."
        raise Failure(message) from None
    sys.stdout.write(f"Serving {mode} at http://{given.host}:{given.port}\n")
    sys.stdout.flush()
    serving.run(partial(_make_app, settings, console.domain), listener, in_background=in_background)


def _make_app(settings: Settings, domain: Domain) -> Flask:
    from web.app import create_app

    return create_app(settings, domain)


def _fire_timers(stop: Event, *, url: str, domain: Domain) -> None:
    loop.run_until(stop, database.create_engine(url), domain)


def work(console: Console, given: argparse.Namespace) -> None:
    """Fire timers until stopped, beside any number of other workers.

    Raises:
        Failure: this database's timers are fired elsewhere, or it lacks the tables for workers.
    """
    engine = console.connect()
    with database.reading(engine) as connection:
        mode = training_clock.mode(connection)
    if mode == "training":
        raise Failure("Training needs no worker: moving its clock fires the timers.")
    if not database.is_for_many_machines(engine):
        raise Failure("On SQLite `permanence serve` fires the timers; workers need PostgreSQL.")
    # The job queue is loaded where it is needed; the other commands need not wait for it.
    from engine.firing import queue

    if not queue.is_installed(engine):
        raise Failure("The tables for workers are missing. Run `permanence upgrade` first.")
    engine.dispose()
    sys.stdout.write(f"Working, {given.concurrency} at once\n")
    sys.stdout.flush()
    queue.run_worker(console.settings.database_url, console.domain, concurrency=given.concurrency)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is no port between 1 and 65535")
    return int(text)


def _concurrency(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_AT_ONCE):
        raise argparse.ArgumentTypeError(f"{text} is no number between 1 and {MOST_AT_ONCE}")
    return int(text)
