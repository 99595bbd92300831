"""Cases of random valid answers and silences: no date passes in silence, and holes are found.

A seeded sample of `make prove`, which walks 2,000 cases and finds every planted hole.
"""

from __future__ import annotations

import pytest

from tests.databases import SqliteDatabases
from tests.proofs import walk_holes
from tests.proofs.random_walks import figures_of, walk_all

PARTS = (range(6), range(6, 12))
FOUND_WITHIN = 6
QUICK = [hole for hole in walk_holes.HOLES if hole not in walk_holes.SLOW]


@pytest.mark.parametrize("numbers", PARTS, ids=str)
def test_no_date_passes_in_silence(sqlite_databases: SqliteDatabases, numbers: range):
    figures = figures_of(walk_all(numbers, sqlite_databases))

    assert figures["problems"] == []
    assert figures["put off"] == {}
    assert figures["told"] > figures["asked why"] > 0
    assert figures["cases"] == len(numbers)


@pytest.mark.parametrize("hole", QUICK)
def test_a_planted_hole_is_found(sqlite_databases: SqliteDatabases, hole: str):
    assert walk_holes.find(hole, sqlite_databases, most=FOUND_WITHIN) is not None
