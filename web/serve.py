"""Serve the pages and the API with waitress: one process, several threads, any number of clients.

One thread takes in and sends out; the others work on requests that are there as a whole. Whoever
sends half a request, or reads no answer, holds a connection and no thread.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, MutableMapping
from functools import partial
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from engine.firing.garbage_collection import collect_seldom
from web.request import access
from web.restarting import NotStarted, keep_running

THREADS = 8
MOST_CONNECTIONS = 8_000
OTHER_FILES = 200
"""Files that are no connections: databases, bodies of large requests, modules being read."""
SILENT_FOR = 120
"""Seconds after which a connection on which nothing moves is closed."""
WORK_IN_HAND = 20
"""Seconds that requests have to end in once the server is told to stop."""
_LOOK = 1.0


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Listen there; who comes from now on waits until a process answers.

    Raises:
        OSError: the address is taken, or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), port), family=family, backlog=1_024)


def run(
    make_app: Callable[[], Flask],
    listener: socket.socket,
    *,
    in_background: Callable[[threading.Event], None] | None = None,
) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; work in hand is finished first.

    The process that serves is started again when it dies.

    Args:
        make_app: called in the process that serves, after the fork.
        in_background: runs in a thread beside the requests until its event is set.

    Raises:
        SystemExit: the application could not be made; why was logged.
    """
    with listener:
        keep_running(partial(_serve, make_app, listener, in_background), grace=WORK_IN_HAND + 5)


def _serve(
    make_app: Callable[[], Flask],
    listener: socket.socket,
    in_background: Callable[[threading.Event], None] | None,
) -> None:
    parent, stop = os.getppid(), threading.Event()
    try:
        app = make_app()
    except Exception as error:
        raise NotStarted from error
    collect_seldom()
    # It warns of every request that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    beside = threading.Thread(target=in_background, args=(stop,), name="timers", daemon=True)
    if in_background is not None:
        beside.start()
    connections: MutableMapping[int, Any] = {}
    most = _room_for_connections()
    server = _server(app, listener, connections, most)

    def told_to_stop(*_: object) -> None:
        stop.set()
        server.pull_trigger()

    signal.signal(signal.SIGTERM, told_to_stop)
    signal.signal(signal.SIGINT, told_to_stop)
    while not stop.is_set() and os.getppid() == parent:
        wasyncore.loop(timeout=_LOOK, use_poll=True, map=connections, count=1)
        _take_in(server, connections, most)
        _make_room(server.active_channels.values(), most)
    stop.set()
    _finish(server, connections)
    if in_background is not None:
        beside.join(WORK_IN_HAND)


def _server(
    app: Flask, listener: socket.socket, connections: MutableMapping[int, Any], most: int
) -> Any:
    return create_server(
        app,
        map=connections,
        sockets=[listener],
        threads=THREADS,
        # The listener and the pipe that wakes the loop stand among the connections.
        connection_limit=most + 2,
        channel_timeout=SILENT_FOR,
        # Up to there the application says in a page of its own what is too large.
        max_request_body_size=2 * access.LARGEST_BODY,
        ident=None,
        # A proxy on this machine says whether people came by https. What others say of
        # themselves stays to be seen: pages for this machine alone look for it.
        trusted_proxy="127.0.0.1",
        trusted_proxy_count=1,
        trusted_proxy_headers={"x-forwarded-proto"},
        clear_untrusted_proxy_headers=False,
    )


def _room_for_connections() -> int:
    """Return how many connections there may be, as far as the machine lets files be open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - OTHER_FILES, THREADS)


def _take_in(server: Any, connections: MutableMapping[int, Any], most: int) -> None:
    """Take in everybody who waits: a look at all connections takes in one of them."""
    before = -1
    while before < len(connections) < most:
        before = len(connections)
        server.handle_accept()


def _make_room(channels: Iterable[Any], most: int) -> None:
    """Of three quarters of the connections taken, close those longest without a request."""
    taken = list(channels)
    if len(taken) <= most * 3 // 4:
        return
    idle = [each for each in taken if not _is_busy(each)]
    for each in sorted(idle, key=lambda each: float(each.creation_time))[: most // 4]:
        each.handle_close()


def _is_busy(channel: Any) -> bool:
    """Whether a request is being worked on, or its answer not yet sent."""
    return bool(channel.requests or channel.total_outbufs_len)


def _finish(server: Any, connections: MutableMapping[int, Any]) -> None:
    """Take nobody in any more, and let those be answered who are."""
    server.accepting = False
    until = time.monotonic() + WORK_IN_HAND
    while any(map(_is_busy, server.active_channels.values())) and time.monotonic() < until:
        wasyncore.loop(timeout=_LOOK / 10, use_poll=True, map=connections, count=1)
    server.task_dispatcher.shutdown()
    server.close()
