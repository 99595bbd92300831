"""The application on a test's database, from a few that are used again.

To make one takes longer than most requests, as each route is compiled. It holds nothing of its
database but the connections, so those of the next test take their place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from engine.firing import training_clock
from engine.storage import database
from tests.described import DescribedClient
from web.app import create_app
from web.config import Settings
from web.request.context import Parts
from workflows.permanence.domain import DOMAIN

KEY = "k" * 40

_free: dict[str, list[Flask]] = defaultdict(list)
"""Mode -> the applications that no test is using."""


def take_app(url: str) -> Flask:
    """Return an application on the database at `url`; `give_back` is due when it is done with."""
    settings = Settings(url, KEY)
    engine = database.create_engine(url)
    with database.reading(engine) as connection:
        mode = training_clock.mode(connection)
    if _free[mode]:
        app = _free[mode].pop()
        app.extensions["permanence"] = Parts(engine, DOMAIN, mode)
        return app
    engine.dispose()
    app = create_app(settings, DOMAIN)
    app.test_client_class = DescribedClient
    return app


def give_back(app: Flask) -> None:
    """Close an application's connections and let another test have it."""
    parts = app.extensions["permanence"]
    parts.engine.dispose()
    _free[parts.mode].append(app)


@contextmanager
def application(url: str) -> Iterator[Flask]:
    """Yield an application on the database at `url`."""
    app = take_app(url)
    yield app
    give_back(app)
