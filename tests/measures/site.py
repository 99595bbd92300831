"""A made-up council on a training database, for measures: applications, people, packs.

Everything that the measures take from the product and from other tests comes through here, so
that when modules move these imports are all there is to mend. The measures themselves use HTTP.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from engine.people import people
from engine.storage import database
from engine.storage.database import only_reads
from tests.apps import application
from tests.builders.failing_pack import Small
from tests.builders.failing_pack import fill as fill_failing
from tests.builders.meeting import carried_by, chair, typed_in
from tests.builders.visitor import Visitor, date_fields
from tests.databases import Kind, PostgresqlDatabases, SqliteDatabases, run_postgresql
from tests.journeys.council import Council
from tests.journeys.test_between_cases import escalate
from tests.web.api.test_api import CASE, Caller
from tests.web.conftest import fill_training, open_child, pack_files
from tests.web.pages.test_day import name_cover
from tests.web.pages.test_health import signed_in, token
from tests.web.pages.test_journey import arranged
from tests.web.pages.test_packs import eight_days, publish, upload
from web.request.routes import ROUTES

ROOT = Path(__file__).parents[2]

__all__ = [
    "CASE",
    "ROOT",
    "ROUTES",
    "Caller",
    "Council",
    "Kind",
    "Site",
    "Small",
    "Visitor",
    "arranged",
    "carried_by",
    "chair",
    "databases",
    "date_fields",
    "eight_days",
    "escalate",
    "fill_failing",
    "fill_training",
    "is_logged",
    "name_cover",
    "only_reads",
    "open_child",
    "pack_files",
    "publish",
    "site_on",
    "token",
    "typed_in",
    "upload",
]


@dataclass(frozen=True)
class Site:
    """One application on its database at `url`."""

    app: Flask
    url: str

    def visitor(self, person: str) -> Visitor:
        """Return somebody signed in with a browser."""
        return signed_in(self.app, person)

    def caller(self, person: str) -> Caller:
        """Return somebody with a bearer token."""
        header = token(self.app, person)["Authorization"]
        return Caller(self.app, header.removeprefix("Bearer "))

    def kept_filter(self) -> UUID:
        """Return the id of the one filter that somebody keeps: no page shows it."""
        with database.reading(self.app.extensions["permanence"].engine) as connection:
            return UUID(str(connection.scalar(sa.text("SELECT id FROM saved_filter"))))

    def add_worker(self, name: str) -> None:
        """Add one more social worker of Dudley's."""
        with database.transaction(self.app.extensions["permanence"].engine) as connection:
            people.add_person(
                connection,
                name,
                display_name="One More",
                roles=["social_worker"],
                pack="dudley",
                manager="dudley.team_manager",
            )


def is_logged(route: str) -> bool:
    """Return whether the table has the route about a case or a list, so that it is logged."""
    return ROUTES[route].who in ("case", "work item") or ROUTES[route].lists


@contextmanager
def site_on(url: str) -> Iterator[Site]:
    """Yield the application on the database at `url`."""
    with application(url) as app:
        yield Site(app, url)


@contextmanager
def databases(kind: Kind) -> Iterator[SqliteDatabases | PostgresqlDatabases]:
    """Yield a maker of databases of one kind, as durable as an installation's."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield SqliteDatabases(Path(folder))
        return
    with run_postgresql(f"m{os.getpid()}", durable=True) as url:
        made = PostgresqlDatabases(url, worker="measure")
        yield made
        made.close()
