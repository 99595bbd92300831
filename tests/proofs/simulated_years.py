"""100 fictional children over three years of a council's days; every day ends well.

That is: no step failed, no incident, no case that nobody and nothing can move, no timer unfired;
and at the end every history verifies and every list shows what its case waits for.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.storage import database
from tests.builders.world import START, fill
from training.run import Figures, simulate
from web.cli.pack_files import own_demos
from workflows.permanence.domain import DOMAIN

CHILDREN = 100
DAYS = 1_095
SEED = "1"


def dudley_for(engine: sa.Engine, *, cases: int, days: int, seed: str, **more: Any) -> Figures:
    """Simulate Dudley's council on a database that `fill` has filled."""
    return simulate(
        engine,
        domain=DOMAIN,
        demos=[own_demos()["dudley"]],
        cases=cases,
        days=days,
        seed=seed,
        start=START,
        wall=START,
        **more,
    )


def prove() -> dict[str, Any]:
    """Run the years on SQLite; return their figures, with `problems` if there are any."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'simulated.sqlite'}"
        fill(url)
        engine = database.create_engine(url)
        try:
            figures = dudley_for(engine, cases=CHILDREN, days=DAYS, seed=SEED)
        finally:
            engine.dispose()
    return {"proof": f"{CHILDREN} fictional children over {DAYS} days", **asdict(figures)}
