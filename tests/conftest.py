"""Databases and a browser for all tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import jinja2
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsing import collect_problems, launch_options
from tests.databases import (
    Fill,
    Kind,
    PostgresqlDatabases,
    SqliteDatabases,
    prepare_database,
    run_postgresql,
)

# How long an example takes says more about what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests that open a browser on one worker, so that only one is started."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("browser"))


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled once in a worker, for every application that its tests make."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates() -> Iterator[None]:
    """Most of a page test's time would go into compiling the same templates again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", _Compiled())
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Let a commit on SQLite return before the disk has it: no test outlives the machine."""

    def hurry(connection: object, _record: object, _proxy: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    sa.event.listen(sa.Pool, "checkout", hurry)
    yield
    sa.event.remove(sa.Pool, "checkout", hurry)


@pytest.fixture(scope="session")
def postgresql_url(testrun_uid: str) -> Iterator[str]:
    """URL of a PostgreSQL server's own database; one server serves the whole test run."""
    with run_postgresql(testrun_uid) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: str, worker_id: str) -> Iterator[PostgresqlDatabases]:
    databases = PostgresqlDatabases(postgresql_url, worker=worker_id)
    yield databases
    databases.close()


@pytest.fixture
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """Make a database: new_database("sqlite"), or with `fill` to have more than the schema.

    `fill(url)` runs once per worker and kind; each database made with it is a copy of the result.
    It must be a module's function (its identity is the key) and leave no connection open.
    """
    made: list[tuple[SqliteDatabases | PostgresqlDatabases, str]] = []

    def new_database(kind: Kind, *, fill: Fill = prepare_database) -> str:
        databases = request.getfixturevalue(f"{kind}_databases")
        url: str = databases.create(fill)
        made.append((databases, url))
        return url

    yield new_database
    for databases, url in made:
        databases.remove(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """Runs a test once on each kind of database."""
    kind: Kind = request.param
    return kind


@pytest.fixture
def database_url(database_kind: Kind, new_database: Callable[..., str]) -> str:
    """URL of a database with the schema and no rows, on each kind in turn."""
    return new_database(database_kind)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh profile. A script error or a breach of the CSP on it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    problems = collect_problems(page)
    yield page
    context.close()
    assert problems == []


@pytest.fixture(scope="session")
def built_assets() -> Path:
    """The folder that `npm run build` fills; `make setup` has run it."""
    folder = Path(__file__).parent.parent / "web/static/dist"
    assert (folder / "app.css").exists(), "run make setup first"
    return folder
