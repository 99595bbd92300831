"""Whatever dies, what was acknowledged is there exactly once: a sample of `make prove`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Kind
from tests.proofs import kill_processes
from tests.proofs.kill_pack import fill
from tests.proofs.kills import Harness, kills_until_found

KILLS = 15
SEED = 3
SAMPLE: tuple[tuple[str, Kind], ...] = (
    ("event without state", "sqlite"),
    ("timers after the commit", "sqlite"),
    ("notices after the commit", "sqlite"),
    ("answer before the commit", "sqlite"),
    ("key ignored", "sqlite"),
    ("timer deleted before it fires", "sqlite"),
    ("key kept after the commit", "postgresql"),
    ("key kept before the work", "postgresql"),
    ("message delivered twice", "sqlite"),
    ("version not checked", "postgresql"),
)
"""Planted bugs to look for in every test run; `make prove` looks for all of them."""


@pytest.fixture(scope="module")
def processes() -> Any:
    return kill_processes.prepared()


def test_nothing_is_lost_or_doubled(
    database_kind: Kind, new_database: Callable[..., str], processes: Any, tmp_path: Path
) -> None:
    harness = Harness(processes, new_database(database_kind, fill=fill), tmp_path, seed=SEED)
    try:
        harness.start()
        problems = harness.round(KILLS)
        problems += harness.look_at_everything()
    finally:
        harness.stop()

    assert problems == []
    assert harness.figures.killed >= KILLS
    assert harness.figures.answers["acknowledged"] >= KILLS // 2


@pytest.mark.parametrize(("bug", "kind"), SAMPLE)
def test_finds_what_is_planted(
    bug: str, kind: Kind, new_database: Callable[..., str], processes: Any, tmp_path: Path
) -> None:
    url = new_database(kind, fill=fill)

    assert kills_until_found(bug, processes, url, tmp_path, seed=SEED) is not None
