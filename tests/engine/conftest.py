"""A case's world on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.storage import database
from tests.builders.world import World, fill
from tests.databases import Kind


@pytest.fixture
def world(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[World]:
    """A database with the Dudley pack and its people, no case yet."""
    engine = database.create_engine(new_database(database_kind, fill=fill))
    yield World(engine)
    engine.dispose()
