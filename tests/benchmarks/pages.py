"""Pages of one worker over few and many cases, asked of the application without a network between.

Few and many are asked in turn, so that a busy machine slows both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

import sqlalchemy as sa
import structlog
from flask.testing import FlaskClient

from engine.people import people
from engine.storage import database
from tests.builders.visitor import TOKEN
from web.app import create_app
from web.config import Settings
from workflows.permanence.domain import DOMAIN

TIMES = 100
WARMING = 5
PERSON = "worker_0"
PAGES = {"case_page": "/cases/M-0", "work_page": "/work"}


def seconds_of(engines: Mapping[int, sa.Engine]) -> dict[tuple[str, int], list[float]]:
    """Return (page, number of cases) -> the seconds that it took, TIMES times, in order."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    clients = {count: _client(engine) for count, engine in engines.items()}
    taken: dict[tuple[str, int], list[float]] = {
        (name, count): [] for name in PAGES for count in clients
    }
    for number in range(WARMING + TIMES):
        for name, count in taken:
            started = time.perf_counter()
            answer = clients[count].get(PAGES[name])
            if number >= WARMING:
                taken[name, count].append(time.perf_counter() - started)
            assert answer.status_code == 200, (name, answer.status_code)
    return {key: sorted(seconds) for key, seconds in taken.items()}


def _client(engine: sa.Engine) -> FlaskClient:
    """Return somebody signed in to an application over this database."""
    with database.transaction(engine) as connection:
        people.add_person(
            connection, PERSON, display_name="Worker", roles=["social_worker"], pack="cycle"
        )
    url = engine.url.render_as_string(hide_password=False)
    client = create_app(Settings(database_url=url, secret_key="s" * 32), DOMAIN).test_client()
    token = TOKEN.search(client.get("/sign-in").text)
    assert token is not None
    answer = client.post("/sign-in", data={"csrf_token": token[1], "person": PERSON})
    assert answer.status_code == 303
    return client
