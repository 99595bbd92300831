"""The application behind a real port, and what is in its database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from engine.storage import database
from tests.builders.world import World
from web.app import create_app
from web.config import Settings
from workflows.permanence.domain import DOMAIN


class _Quiet(WSGIRequestHandler):
    """Keeps the test output to the tests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Site:
    """One running application: where it answers, and a way past the pages to its database."""

    def __init__(self, address: str, world: World) -> None:
        self.address = address
        self.world = world


@contextmanager
def running(url: str) -> Iterator[Site]:
    """Serve the database at `url` on a free port until the block ends; requests run in threads."""
    app = create_app(Settings(database_url=url, secret_key="s" * 32), DOMAIN)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    engine = database.create_engine(url)
    try:
        yield Site(f"http://127.0.0.1:{server.port}", World(engine))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()
        app.extensions["permanence"].engine.dispose()
