"""Those who would stop the server for everybody: half-sent requests, and patterns without end."""

from __future__ import annotations

import resource
import time
from contextlib import ExitStack

from tests.engine.publishing.test_patterns import HOSTILE, LETTERS, form
from tests.web.test_slow_clients import HALF_SENT, Server, serve

HELD = 1_000
ASKED = 100


def figures_of(url: str) -> dict[str, float]:
    """Return the slowest answers in milliseconds, on a server's database at `url`."""
    return {
        **{
            f"health_slowest_ms_{name}_1000": _slowest_health(url, sent) * 1000
            for name, sent in zip(("idle", "half_head", "half_body"), HALF_SENT, strict=True)
        },
        "pattern_slowest_ms": max(map(_seconds_of, HOSTILE)) * 1000,
    }


def _slowest_health(url: str, sent: bytes) -> float:
    """Return the seconds of the slowest of some answers while `HELD` connections wait so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * HELD, hard), hard))
    try:
        with serve(url) as server, ExitStack() as held:
            # Its first answer waits for it to start.
            server.health()
            for _ in range(HELD):
                held.enter_context(server.connect(sent))
            return max(_seconds_of_health(server) for _ in range(ASKED))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _seconds_of_health(server: Server) -> float:
    began = time.perf_counter()
    server.health()
    return time.perf_counter() - began


def _seconds_of(pattern: str) -> float:
    asked = form(pattern)
    began = time.perf_counter()
    for text in (LETTERS, LETTERS + "!"):
        asked.problems({"code": text}, lambda *_: True)
    return time.perf_counter() - began
