"""The product's own server in a process of its own, and somebody with a browser before it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any

from werkzeug.test import encode_multipart

from tests.measures.routes import first

COMMAND = (sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())")
"""`permanence`, from the source of this folder."""

PATIENCE = 120
"""Seconds that a browser waits for an answer; longer than the server waits for a lock."""


def settings(url: str) -> dict[str, str]:
    """Return the environment of a command on the database at `url`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PERMANENCE_")}
    return {**kept, "PERMANENCE_DATABASE_URL": url}


@contextmanager
def server(url: str) -> Iterator[str]:
    """Yield the address of a server on the database at `url`; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (*COMMAND, "serve", "--port", str(port))
    with subprocess.Popen(
        command,
        env=settings(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            # From here on connections are kept until the serving process takes them.
            assert process.stdout.readline().startswith("Serving"), "it did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


class Refused(Exception):
    """The server answered 4xx or 5xx; `page` says why."""

    def __init__(self, status: int, page: str) -> None:
        words = re.sub(r"(<[^>]+>|\s)+", " ", page)
        super().__init__(f"{status}: {words}")
        self.status = status
        self.page = page


def answer_to(
    request: urllib.request.Request, opener: urllib.request.OpenerDirector | None = None
) -> str:
    """Send a request and return the text of its answer.

    Raises:
        Refused: the answer is an error.
    """
    opener = opener or urllib.request.build_opener()
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read().decode()) from error
    return text


class Browser:
    """One signed-in person; `page` is the page last shown."""

    def __init__(self, address: str, person: str) -> None:
        self._address = address
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.page = ""
        self.open("/sign-in")
        self.send("/sign-in", {"person": person})

    def open(self, path: str) -> str:
        """Get a page."""
        self.page = self._answer(urllib.request.Request(self._address + path))
        return self.page

    def send(self, path: str, fields: Mapping[str, Any]) -> str:
        """Post a form with the token of the page last shown, follow, and show what comes."""
        self.page = self.post(path, fields)
        return self.page

    def post(self, path: str, fields: Mapping[str, Any]) -> str:
        """Post a form as `send`, but as a script does: the page stays."""
        token = first(r'name="csrf_token" value="([^"]+)"', self.page)
        boundary, body = encode_multipart({"csrf_token": token, **fields})
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._answer(urllib.request.Request(self._address + path, body, kind))

    def _answer(self, request: urllib.request.Request) -> str:
        return answer_to(request, self._opener)
