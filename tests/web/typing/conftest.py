"""Two councils, for what people type into their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.builders.two_councils import TwoCouncils, fill
from tests.databases import Kind


@pytest.fixture
def councils(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[TwoCouncils]:
    councils = TwoCouncils(new_database(database_kind, fill=fill))
    yield councils
    councils.close()
