"""100 fictional children over three years of a council's days; every day ends well.

That is: no step failed, no incident, no case that nobody and nothing can move, no timer unfired;
and at the end every history verifies and every list shows what its case waits for.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine import database
from tests.engine.world import START, fill
from web.simulation.run import simulate
from workflows.permanence.domain import DOMAIN

CHILDREN = 100
DAYS = 1_095
SEED = "1"


def prove(*, children: int = CHILDREN, days: int = DAYS, seed: str = SEED) -> dict[str, Any]:
    """Run the years on SQLite; return their figures, with `problems` if there are any."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'simulated.sqlite'}"
        fill(url)
        engine = database.create_engine(url)
        try:
            figures = simulate(
                engine,
                domain=DOMAIN,
                pack="dudley",
                children=children,
                days=days,
                seed=seed,
                start=START,
                wall=START,
            )
        finally:
            engine.dispose()
    return {"proof": f"{children} fictional children over {days} days", **asdict(figures)}
