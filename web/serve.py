"""Serve the pages and the API with gunicorn: one process, several threads."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

from engine.firing.garbage_collection import collect_seldom

THREADS = 8


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_free(host: str, port: int) -> bool:
    """Return whether the address can be listened on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True


def run(
    make_app: Callable[[], Flask],
    *,
    host: str,
    port: int,
    in_background: Callable[[threading.Event], None] | None = None,
) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; work in hand is finished first.

    Args:
        make_app: called in the process that serves, after the fork.
        in_background: runs in a thread beside the requests until its event is set.
    """
    _Server(make_app, f"{_bracketed(host)}:{port}", in_background).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


class _Server(BaseApplication):
    """gunicorn, configured here and from nowhere else."""

    def __init__(
        self,
        make_app: Callable[[], Flask],
        address: str,
        in_background: Callable[[threading.Event], None] | None,
    ) -> None:
        self._make_app = make_app
        self._address = address
        self._in_background = in_background
        self._stop = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self._address,
            "workers": 1,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 120,
            "graceful_timeout": 20,
            "proc_name": "permanence",
            # Nothing but signals controls the server; the socket would lie in the user's home.
            "control_socket_disable": True,
            "worker_exit": self._stop_background,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    # The stubs call no Flask a WSGI application: their start_response returns None.
    def load(self) -> Flask:  # type: ignore[override]
        app = self._make_app()
        collect_seldom()
        if self._in_background is not None:
            threading.Thread(
                target=self._in_background, args=(self._stop,), name="timers", daemon=True
            ).start()
        return app

    def _stop_background(self, _server: object, _worker: object) -> None:
        self._stop.set()
