"""What each request does to the database: the transactions that it begins, from outside.

SQLAlchemy's events say when a transaction begins and what runs in it; a wrapper around the WSGI
call says during which request. A request counts from its first line read to its answer closed,
so what runs after the view counts too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.measures.site import ROOT, only_reads

LOG = "access_log"
"""The table whose line may stand in a transaction of its own."""

DELIVERS = "take_messages"
"""The function that, in training, hands what cases sent each other on after a step.

Whatever begins while it runs is no part of the step: in production a worker does it.
"""

PROJECT = ("engine", "web", "workflows", "training", "bpmn_diagrams")
PASSED_OVER = {
    "database.py": None,
    "context.py": {"reading", "writing", "_written", "run", "completing"},
}
"""File name -> functions of it (None: all) that begin a transaction on behalf of somebody else."""

_WRITE = re.compile(r"\b(?:INSERT\s+INTO|(?<!DO )UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
_MAY_WRITE = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


@dataclass
class Transaction:
    """One transaction: what it was begun for, by whom, and what it did."""

    reads_only: bool
    delivers: bool
    begun_in: tuple[str, ...]
    """Project functions on the stack, as "web/saving.py:find", the innermost first."""
    statements: int = 0
    tables: list[str] = field(default_factory=list)
    """Tables written, in order."""
    ended: str = "open"

    @property
    def kind(self) -> str:
        """Return "delivery", "reading", "log" (nothing but the line of the log) or "writing"."""
        if self.delivers:
            return "delivery"
        if set(self.tables) == {LOG}:
            return "log"
        return "reading" if self.reads_only and not self.tables else "writing"


@dataclass(frozen=True)
class Request:
    """One request. `remark` says why it is unlike others of its route, "" if it is not."""

    route: str
    method: str
    path: str
    status: int
    transactions: tuple[Transaction, ...]
    remark: str = ""

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.transactions)

    @property
    def logs_inside(self) -> bool:
        """Whether the line of the access log stands in a writing transaction."""
        return any(each.kind == "writing" and LOG in each.tables for each in self.transactions)

    @property
    def succeeded(self) -> bool:
        return self.status < 400


class Recorder:
    """Keeps the requests of the applications it watches, in order."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._running: list[Transaction] | None = None
        self._open: dict[sa.Connection, Transaction] = {}
        self._remark = ""

    @contextmanager
    def listening(self) -> Iterator[Recorder]:
        """Hear of every transaction of this process."""
        heard: dict[str, Callable[..., None]] = {
            "begin": self._begins,
            "before_cursor_execute": self._executes,
            "commit": self._commits,
            "rollback": self._rolls_back,
        }
        for name, listener in heard.items():
            sa.event.listen(sa.Engine, name, listener)
        try:
            yield self
        finally:
            for name, listener in heard.items():
                sa.event.remove(sa.Engine, name, listener)

    @contextmanager
    def watching(self, app: Flask) -> Iterator[None]:
        """Record the requests that `app` answers."""
        answer = app.wsgi_app

        def recorded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            route = _route_of(app, environ)
            return self._record(answer, environ, start_response, route=route)

        app.wsgi_app = recorded  # type: ignore[method-assign]
        try:
            yield
        finally:
            app.wsgi_app = answer  # type: ignore[method-assign]

    @contextmanager
    def remarking(self, remark: str) -> Iterator[None]:
        """Mark the requests of this block as unlike others of their route."""
        self._remark = remark
        yield
        self._remark = ""

    def _record(
        self, answer: Any, environ: dict[str, Any], start_response: Any, *, route: str
    ) -> list[bytes]:
        said: list[str] = []

        def started(status: str, headers: Any, error: Any = None) -> Any:
            said.append(status)
            return start_response(status, headers, error)

        running: list[Transaction] = []
        self._running = running
        try:
            parts = answer(environ, started)
            body = list(parts)
            if hasattr(parts, "close"):
                parts.close()
        finally:
            self._running = None
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        status = int(said[-1].split()[0])
        self.requests.append(Request(route, method, path, status, tuple(running), self._remark))
        return body

    def _begins(self, connection: sa.Connection) -> None:
        if self._running is None:
            return
        places, delivers = _stack()
        begun = Transaction(only_reads(connection), delivers, places)
        self._running.append(begun)
        self._open[connection] = begun

    def _executes(self, connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        running = self._open.get(connection)
        if running is None or statement.startswith("BEGIN"):
            return
        running.statements += 1
        if _MAY_WRITE.match(statement):
            running.tables += _WRITE.findall(statement)

    def _commits(self, connection: sa.Connection) -> None:
        self._ends(connection, "commit")

    def _rolls_back(self, connection: sa.Connection) -> None:
        self._ends(connection, "rollback")

    def _ends(self, connection: sa.Connection, how: str) -> None:
        ended = self._open.pop(connection, None)
        if ended is not None:
            ended.ended = how


def _route_of(app: Flask, environ: dict[str, Any]) -> str:
    try:
        return str(app.url_map.bind_to_environ(environ).match()[0])
    except HTTPException:
        return ""


def _stack() -> tuple[tuple[str, ...], bool]:
    """Return the project's functions on the stack, and whether messages are being delivered."""
    places, delivers = [], False
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        delivers = delivers or code.co_name == DELIVERS
        place = project_file(code.co_filename)
        if place is not None and not _is_passed_over(place, code.co_name):
            places.append(f"{place}:{code.co_name}")
        frame = frame.f_back
    return tuple(places), delivers


def project_file(name: str) -> str | None:
    """Return a Python file of the product as a path from the root, however deep; else None."""
    root = f"{ROOT}/"
    if not name.startswith(root) or not name.endswith(".py"):
        return None
    inside = name.removeprefix(root)
    return inside if inside.partition("/")[0] in PROJECT else None


def _is_passed_over(place: str, function: str) -> bool:
    named = PASSED_OVER.get(place.rpartition("/")[2], set())
    return named is None or function in named
