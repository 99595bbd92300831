"""A published pack, its demo people, a training clock, and visitors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engine.context import Actor, Context
from engine.firing import training_clock
from engine.people import people
from engine.storage import database
from tests.apps import application
from tests.builders.visitor import Visitor, date_fields
from tests.databases import Kind, prepare_database
from tests.publishing import published
from training import demo
from web.cli.pack_files import own_demos, read_pack
from workflows.permanence.domain import PermanenceDomain

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
"""A Monday."""

PACK = Path(__file__).parents[2] / "bpmn_diagrams/dudley"
OWNER = Actor("process_owner", "Helen Pryce", frozenset({"process_owner"}))


def pack_files() -> dict[str, bytes]:
    """Return the files of Dudley's pack as they stand in the repository."""
    return read_pack(PACK)


def fill_training(url: str) -> None:
    """Make a training database with Dudley's pack and people, and no case."""
    prepare_database(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=NOW)
        ctx = Context(connection, OWNER, NOW, PermanenceDomain())
        published(ctx, pack_files(), reason="First version")
        demo.add_people(connection, own_demos())
    engine.dispose()


@pytest.fixture
def training_url(database_kind: Kind, new_database: Callable[..., str]) -> str:
    """URL of a training database, on each kind in turn."""
    return new_database(database_kind, fill=fill_training)


@pytest.fixture
def app(training_url: str) -> Any:
    """The application on that database."""
    with application(training_url) as app:
        yield app


@pytest.fixture
def sqlite_app(new_database: Callable[..., str]) -> Any:
    """The application on SQLite alone, for what no database changes."""
    with application(new_database("sqlite", fill=fill_training)) as app:
        yield app


@pytest.fixture
def worker(app: Flask) -> Visitor:
    """Dudley's social worker, signed in."""
    return Visitor(app, "dudley.social_worker")


CHILD = {
    "child_ref": "LCS-1",
    "child_name": "Robin Example",
    "cause": "care_entry",
    "legal_status": "C1",
    "in_proceedings": "false",
    "emergency": "false",
    "likely_permanent_from_onset": "false",
    "social_worker": "dudley.social_worker",
    "team_manager": "dudley.team_manager",
    "service_manager": "dudley.service_manager",
    "iro": "dudley.iro",
    **date_fields("dob", "2019-06-01"),
}


AGAIN = {"again_because": "Another child of the tests"}
"""Two children of a test are often of one name."""


def open_child(visitor: Visitor, *, entered: str = "2026-03-09", **changes: str) -> str:
    """Open a case through the form and return its reference."""
    page = visitor.open("/cases/open/dudley")
    case_id = page.text.split('name="case_id" value="')[1].split('"')[0]
    days = date_fields("event_date", entered)
    fields = {**CHILD, **AGAIN, **days, **changes, "case_id": case_id}
    answer = visitor.send("/cases/open/dudley", fields)
    return answer.headers["Location"].split("/")[2]


@pytest.fixture
def child(worker: Visitor) -> str:
    """Reference of a child who came into care today."""
    return open_child(worker)


@pytest.fixture
def token(app: Flask) -> Callable[[str], str]:
    """Make a bearer token for a person."""

    def make(name: str) -> str:
        with database.transaction(app.extensions["permanence"].engine) as connection:
            return people.create_token(connection, name, now=NOW)

    return make
