"""Two servers on one PostgreSQL, and a person whose requests go to them in turn."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from typing import Any

import pytest
import sqlalchemy as sa

from engine.people import people
from engine.storage import database, tables
from tests.builders.failing_pack import START, Small, fill
from tests.builders.visitor import TOKEN, date_fields

COMMAND = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())"]


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    made: str = new_database("postgresql", fill=fill)
    return made


@pytest.fixture
def small(url: str) -> Iterator[Small]:
    small = Small(database.create_engine(url))
    small.open(share=5)
    yield small
    small.engine.dispose()


@pytest.fixture
def servers(url: str) -> Iterator[list[str]]:
    """Addresses of two servers; both end with 0 when they are told to."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith("PERMANENCE_")}
    settings |= {"PERMANENCE_DATABASE_URL": url, "PERMANENCE_SECRET_KEY": "k" * 40}
    ports = [_free_port(), _free_port()]
    started = [
        subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port)],
            env=settings,
            stdout=subprocess.PIPE,
            text=True,
        )
        for port in ports
    ]
    try:
        for each in started:
            assert each.stdout is not None
            # From here on connections are kept until the serving process takes them.
            assert each.stdout.readline().startswith("Serving training")
        yield [f"http://127.0.0.1:{port}" for port in ports]
        for each in started:
            each.send_signal(signal.SIGTERM)
        assert [each.wait(timeout=60) for each in started] == [0, 0]
    finally:
        for each in started:
            each.kill()
            each.communicate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Balanced:
    """Sends each request to the next server; cookies go to both, as behind one address."""

    def __init__(self, servers: list[str]) -> None:
        self._next = itertools.cycle(servers)
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.page = ""

    def open(self, path: str, fields: dict[str, str] | None = None) -> str:
        """Get a page, or post a form with the token of the page before, and follow."""
        data = None
        if fields is not None:
            token = TOKEN.search(self.page)
            assert token is not None
            data = urllib.parse.urlencode({"csrf_token": token[1], **fields}).encode()
        with self._opener.open(next(self._next) + path, data, timeout=60) as answer:
            self.page = answer.read().decode()
        return self.page

    def post(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        """Post JSON to the API."""
        asked = urllib.request.Request(
            next(self._next) + path, json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, json.load(answer)


def test_sessions_drafts_and_keys_hold_on_both(small: Small, servers: list[str]) -> None:
    person = Balanced(servers)
    person.open("/sign-in")
    person.open("/sign-in", {"person": "worker"})
    found = re.search(r'href="(/work-items/[^"]+)"', person.open("/work"))
    assert found is not None
    task = found[1]
    visited = date_fields("visited", "2026-03-09")

    person.open(task)
    person.open(task, {**visited, "outcome": "again", "action": "save"})
    drafts = [person.open(task), person.open(task)]

    assert all('value="again" checked' in each for each in drafts)
    with database.transaction(small.engine) as connection:
        token = people.create_token(connection, "worker", now=START)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    answers = {"answers": {"visited": "2026-03-09", "outcome": "again"}}
    said = [person.post(f"/api/v1{task}/completion", answers, headers) for _ in range(2)]
    assert said[0] == said[1]
    assert small.kinds() == ["case_opened", "work_item_completed"]
    with database.reading(small.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.session)) == 1
