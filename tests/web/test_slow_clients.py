"""Clients that send half a request, or nothing, hold up nobody (P7 c); the server comes again."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders.failing_pack import fill
from tests.measures.serving import COMMAND, settings

HALF_SENT = (
    b"",
    b"GET /health HTTP/1.1\r\nHost: example.org\r\nX-Half",
    b"POST /sign-in HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1000\r\n\r\nhalf",
)


@dataclass(frozen=True)
class Server:
    """A server's process, the one that waits, and where it listens."""

    process: subprocess.Popen[str]
    port: int

    def health(self) -> str:
        address = f"http://127.0.0.1:{self.port}/health"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return str(json.load(answer)["status"])

    def serving(self) -> int:
        """Return the id of the process that serves."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def connect(self, sent: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        client.sendall(sent)
        return client


@contextmanager
def serve(url: str, *, files: int | None = None) -> Iterator[Server]:
    """Yield a server in production; it may have no more than `files` open."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def limit() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    environment = settings(url) | {"PERMANENCE_SECRET_KEY": "k" * 40}
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=limit,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("Serving")
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    made: str = new_database("sqlite", fill=fill)
    return made


def test_a_thousand_half_sent_requests_hold_up_nobody(url: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_000, hard), hard))
    try:
        with serve(url) as server, ExitStack() as held:
            for number in range(1_000):
                held.enter_context(server.connect(HALF_SENT[number % len(HALF_SENT)]))
            assert [server.health() for _ in range(20)] == ["ok"] * 20
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_of_them_than_there_is_room_for_hold_up_nobody(url: str) -> None:
    with serve(url, files=300) as server, ExitStack() as held:
        for number in range(400):
            held.enter_context(server.connect(HALF_SENT[number % len(HALF_SENT)]))
        assert server.health() == "ok"


def test_whoever_reads_no_answer_holds_up_nobody(url: str) -> None:
    with serve(url) as server, ExitStack() as held:
        for _ in range(50):
            held.enter_context(
                server.connect(b"GET /sign-in HTTP/1.1\r\nHost: example.org\r\n\r\n")
            )
        assert server.health() == "ok"


def test_a_serving_process_that_dies_is_started_again(url: str) -> None:
    with serve(url) as server:
        assert server.health() == "ok"
        killed = server.serving()
        os.kill(killed, signal.SIGKILL)
        assert server.health() == "ok"
        assert server.serving() != killed


def test_what_is_asked_is_answered_before_the_server_stops(url: str) -> None:
    with serve(url) as server:
        asked = [server.connect(b"GET /sign-in HTTP/1.0\r\n\r\n") for _ in range(20)]
        # The last is answered when all before it have been taken in.
        assert server.health() == "ok"
        server.process.send_signal(signal.SIGTERM)
        answers = [each.makefile("rb").read() for each in asked]
        for each in asked:
            each.close()
        assert server.process.wait(timeout=60) == 0
    assert [re.match(rb"HTTP/1.0 200", each) is not None for each in answers] == [True] * 20


def test_a_server_without_a_parent_ends(url: str) -> None:
    with serve(url) as server:
        assert server.health() == "ok"
        serving = server.serving()
        server.process.kill()
        server.process.wait()
        assert _is_gone(serving)


def _is_gone(process: int) -> bool:
    """Wait for the end of a process that is no child of ours."""
    handle = -1
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
    if handle < 0:
        return True
    with os.fdopen(handle, "rb", closefd=True):
        return bool(select.select([handle], [], [], 30)[0])


def test_an_application_that_cannot_be_made_is_not_tried_again() -> None:
    failing = (
        "from web import logs, serve\n"
        "logs.configure()\n"
        "def make(): raise ValueError('planted')\n"
        "serve.run(make, serve.listen('127.0.0.1', 0))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", failing], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert "not_started" in done.stderr
    assert done.stderr.count("not_started") == 1
