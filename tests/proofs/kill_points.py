"""Where a process dies: before, between and after the statements of a step, around its answer.

Nothing of this stands in the product: SQLAlchemy's events, the dialect's commit and the WSGI call
are listened to from outside. A process draws one point when it starts and is killed there with
SIGKILL, by itself, which no handler and no `finally` can notice.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import sqlalchemy as sa

from engine.context import Context
from engine.firing import fire as firing

BEFORE_BEGIN = "before BEGIN"
STATEMENT = "between two statements"
FIRING = "before COMMIT of a timer that fired"
BEFORE_COMMIT = "before COMMIT"
AFTER_COMMIT = "after COMMIT"
BEFORE_REQUEST = "before the request is read"
BEFORE_ANSWER = "before the answer is sent"
DURING_ANSWER = "during the answer"
OUTSIDE = "at random, from outside"
CONNECTION_LOST = "connection ended before COMMIT"
ANSWER_LOST = "connection lost after COMMIT"

SERVER = {
    BEFORE_BEGIN: 1,
    STATEMENT: 8,
    FIRING: 1,
    BEFORE_COMMIT: 2,
    AFTER_COMMIT: 4,
    BEFORE_REQUEST: 1,
    BEFORE_ANSWER: 3,
    DURING_ANSWER: 2,
    OUTSIDE: 3,
    CONNECTION_LOST: 1,
    ANSWER_LOST: 2,
}
"""Point -> how often, relative to the others. The last two kill the connection alone."""
WORKER = {
    BEFORE_BEGIN: 1,
    STATEMENT: 8,
    FIRING: 1,
    BEFORE_COMMIT: 3,
    AFTER_COMMIT: 4,
    OUTSIDE: 3,
    CONNECTION_LOST: 1,
    ANSWER_LOST: 2,
}
UP_TO = {STATEMENT: 40, OUTSIDE: 0}
"""How many times a point is passed at most before it strikes; `FEW` where nothing is said."""
FEW = 4

_WORDS = re.compile(
    r"(INSERT INTO|UPDATE|DELETE FROM|SELECT|SAVEPOINT|\w+)\W*(\w+)?", re.IGNORECASE
)
_FROM = re.compile(r'\bFROM "?(\w+)', re.IGNORECASE)


@dataclass
class Diary:
    """What the killed write down before they die: lines of JSON in one file, each whole."""

    file: Path

    def write(self, **line: Any) -> None:
        data = json.dumps({"pid": os.getpid(), **line}).encode() + b"\n"
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, data)
        os.close(handle)


@dataclass
class Killer:
    """The end of one process, drawn when it starts. Nothing strikes without the file `armed`."""

    role: str
    diary: Diary
    armed: Path
    point: str
    left: int
    _lock: Lock = field(default_factory=Lock)

    def passes(self, point: str, detail: str = "") -> None:
        """Say that `point` is reached; the process may not outlive it."""
        if self.strikes(point):
            self.die(point, detail)

    def strikes(self, point: str) -> bool:
        if point != self.point or not self.armed.exists():
            return False
        with self._lock:
            self.left -= 1
            return self.left == 0

    def die(self, point: str, detail: str = "") -> None:
        self.diary.write(role=self.role, killed=point, detail=detail)
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()


def draw(role: str, folder: Path, seed: int, *, only: str | None = None) -> Killer:
    """Draw the end of the process that asks, and write down that it lives."""
    chance = random.Random(f"{seed} {role} {os.getpid()}")
    weights = SERVER if role == "server" else WORKER
    point = only or chance.choices(list(weights), list(weights.values()))[0]
    most = UP_TO.get(point, FEW)
    diary = Diary(folder / "diary.jsonl")
    diary.write(role=role, born=point)
    return Killer(role, diary, folder / "armed", point, chance.randint(1, most) if most else 0)


def listen(engine: sa.Engine, killer: Killer) -> None:
    """Let every writing transaction of `engine` pass the points."""

    def begin(connection: sa.Connection) -> None:
        if _writes(connection):
            killer.passes(BEFORE_BEGIN)

    def executing(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if _writes(connection):
            killer.passes(STATEMENT, _named(statement))

    sa.event.listen(engine, "begin", begin, insert=True)
    sa.event.listen(engine, "before_cursor_execute", executing)
    _wrap_commit(engine, killer)


def listen_to_timers(killer: Killer) -> None:
    """Let every timer of this process that fires pass its point."""
    fire = firing.fire_timers

    def fire_timers(ctx: Context, case_id: Any, **more: Any) -> Any:
        saved = fire(ctx, case_id, **more)
        if saved is not None:
            killer.passes(FIRING)
        return saved

    firing.fire_timers = fire_timers


def _writes(connection: sa.Connection) -> bool:
    return not connection.get_execution_options().get("reads_only", False)


def _named(statement: str) -> str:
    """Return a statement's verb and table."""
    words = _WORDS.match(statement.strip())
    if words is None:
        return ""
    verb = words[1].upper().split()[0]
    if verb == "SELECT":
        found = _FROM.search(statement)
        return f"SELECT {found[1]}" if found else "SELECT"
    if verb == "WITH":
        return "WITH all writes of a step"
    return f"{verb} {words[2]}" if verb in ("INSERT", "UPDATE", "DELETE") else verb


def _wrap_commit(engine: sa.Engine, killer: Killer) -> None:
    commit: Callable[[Any], None] = engine.dialect.do_commit

    def committing(connection: Any) -> None:
        killer.passes(BEFORE_COMMIT)
        if killer.strikes(CONNECTION_LOST):
            _note_fault(killer, CONNECTION_LOST)
            _end_connection(engine, connection)
        commit(connection)
        killer.passes(AFTER_COMMIT)
        if killer.strikes(ANSWER_LOST):
            # It is in the database, and who asked cannot know.
            _note_fault(killer, ANSWER_LOST)
            raise _gone(engine)

    engine.dialect.do_commit = committing  # type: ignore[method-assign]


def _note_fault(killer: Killer, point: str) -> None:
    killer.diary.write(role=killer.role, killed=point, detail="")
    # It lives on, and dies at the next chance like the others.
    killer.point, killer.left = STATEMENT, 40


def _gone(engine: sa.Engine) -> Exception:
    words = "the harness cut the connection"
    if engine.dialect.name == "postgresql":
        return psycopg.OperationalError(words)
    return sqlite3.OperationalError(words)


def _end_connection(engine: sa.Engine, connection: Any) -> None:
    """End the transaction's connection: on PostgreSQL from the other side, as a reset does."""
    if engine.dialect.name != "postgresql":
        raise _gone(engine)
    backend = connection.driver_connection.info.backend_pid
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))


class KilledAnswers:
    """A WSGI application around another that passes the points of an answer."""

    def __init__(self, app: Any, killer: Killer) -> None:
        self._app = app
        self._killer = killer

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self._killer.passes(BEFORE_REQUEST)
        answer = self._app(environ, start)
        self._killer.passes(BEFORE_ANSWER, _route(environ))
        return _Halves(answer, self._killer, _route(environ))


def _route(environ: dict[str, Any]) -> str:
    last = str(environ["PATH_INFO"]).rstrip("/").rsplit("/", 1)[-1]
    named = last if last.isalpha() and last.islower() else "…"
    return f"{environ['REQUEST_METHOD']} {named}"


class _Halves:
    """An answer's body in two halves, so that there is a middle to die in."""

    def __init__(self, answer: Iterable[bytes], killer: Killer, route: str) -> None:
        self._answer = answer
        self._killer = killer
        self._route = route

    def __iter__(self) -> Iterator[bytes]:
        for part in self._answer:
            middle = len(part) // 2
            yield part[:middle]
            self._killer.passes(DURING_ANSWER, self._route)
            yield part[middle:]

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()
