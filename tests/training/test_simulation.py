"""A simulated council: its days end well, are the same every time, and trouble is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.storage import database, tables
from tests.builders.world import fill
from tests.proofs.simulated_years import councils_for
from training.run import Figures
from web.cli import main


def run(
    url: str, *packs: str, cases: int, days: int, seed: str, **more: Any
) -> tuple[Figures, list[str]]:
    """Simulate councils, Dudley's if none is named; return figures and each case's newest hash."""
    engine = database.create_engine(url)
    try:
        figures = councils_for(
            engine, *(packs or ("dudley",)), cases=cases, days=days, seed=seed, **more
        )
        with database.reading(engine) as connection:
            c = tables.case.c
            hashes = list(connection.scalars(sa.select(c.last_hash).order_by(c.ref)))
    finally:
        engine.dispose()
    return figures, hashes


def test_every_day_ends_well(new_database: Callable[..., str]) -> None:
    figures, hashes = run(new_database("sqlite", fill=fill), cases=3, days=75, seed="7")

    assert figures.problems == []
    assert (figures.lasted, figures.cases) == (75, len(hashes))
    assert {"arrange_ppm", "chair_ppm", "update_care_plan", "conduct_review"} <= set(figures.done)


def test_two_councils_work_on_one_clock(new_database: Callable[..., str]) -> None:
    url = new_database("sqlite", fill=fill)

    figures, hashes = run(url, "complaints", "dudley", cases=2, days=60, seed="7")

    assert figures.problems == []
    assert (figures.lasted, figures.cases) == (60, len(hashes))
    assert {"acknowledge_complaint", "respond_stage_1", "arrange_ppm"} <= set(figures.done)


def test_a_seed_gives_the_same_events_on_both_databases(new_database: Callable[..., str]) -> None:
    urls = [new_database(kind, fill=fill) for kind in ("sqlite", "postgresql")]
    (_, first), (_, second) = (run(url, cases=2, days=15, seed="3") for url in urls)
    _, other = run(new_database("sqlite", fill=fill), cases=2, days=15, seed="4")

    assert len(first) == 2
    assert first == second
    assert first != other


def test_a_child_whom_nobody_watches_ends_it_that_day(new_database: Callable[..., str]) -> None:
    url = new_database("sqlite", fill=fill)
    engine = database.create_engine(url)

    def lose(_: str) -> None:
        with database.transaction(engine) as connection:
            connection.execute(tables.work_item.update().values(status="cancelled"))
            connection.execute(tables.timer.update().values(due_at=None))

    figures, _ = run(url, cases=1, days=40, seed="1", tell=lose)
    engine.dispose()

    assert figures.lasted < 40
    assert "nobody and nothing can move this case" in figures.problems[0]


def test_the_command_tells_what_was_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PERMANENCE_MODE", raising=False)

    assert main(["simulate", "--pack", "dudley", "--cases", "1", "--days", "6", "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert (printed["lasted"], printed["problems"]) == (6, [])
    assert printed["done"]["open"] == printed["cases"] == 1
