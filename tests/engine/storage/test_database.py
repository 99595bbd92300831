"""Transactions: committed whole, or not at all and without a trace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.storage import database

PRAGMAS, FULL = ("journal_mode", "synchronous"), 2


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database with a rule that is looked at when a transaction is committed."""
    engine = database.create_engine(database_url)
    with database.transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
    yield engine
    engine.dispose()


class TestTransaction:
    def test_gives_its_locks_back_when_its_commit_fails(self, engine: sa.Engine) -> None:
        with pytest.raises(IntegrityError), database.transaction(engine) as connection:
            connection.exec_driver_sql("INSERT INTO child VALUES (7)")

        other = database.create_engine(engine.url.render_as_string(hide_password=False))
        with database.transaction(other) as connection:
            connection.exec_driver_sql("INSERT INTO parent VALUES (1)")
        other.dispose()
        with database.transaction(engine) as connection:
            children = connection.exec_driver_sql("SELECT count(*) FROM child").scalar()
            parents = connection.exec_driver_sql("SELECT count(*) FROM parent").scalar()
        assert (children, parents) == (0, 1)


def test_what_is_committed_on_sqlite_has_reached_the_disk(tmp_path: Path) -> None:
    found = []
    engine = database.create_engine(f"sqlite:///{tmp_path}/x.sqlite")

    # As the product leaves it; the tests go on without.
    @sa.event.listens_for(engine, "connect")
    def look(connection: sqlite3.Connection, _record: object) -> None:
        found.append([connection.execute(f"PRAGMA {each}").fetchone()[0] for each in PRAGMAS])

    with database.reading(engine):
        pass
    engine.dispose()
    assert found == [["wal", FULL]]
