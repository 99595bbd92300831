"""The application over HTTP on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.builders.world import fill
from tests.databases import Kind
from tests.journeys.council import Council
from tests.journeys.guidance_note import NoteCouncil
from tests.journeys.guidance_note import fill as fill_note


@pytest.fixture
def council(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Council]:
    council = Council(new_database(database_kind, fill=fill))
    yield council
    council.close()


@pytest.fixture
def note(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[NoteCouncil]:
    council = NoteCouncil(new_database(database_kind, fill=fill_note))
    yield council
    council.close()
