"""100 fictional cases in each council over three years of days; every day ends well.

That is: no step failed, no incident, no case that nobody and nothing can move, no timer unfired;
and at the end every history verifies and every list shows what its case waits for.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.context import Context
from engine.storage import database, published_versions
from tests.builders.world import START, actor, fill, pack_files
from tests.publishing import published
from training.run import Figures, simulate
from web.cli.pack_files import own_demos
from workflows.permanence.domain import DOMAIN

CASES = 100
"""In each pack whose demo.toml says what becomes of cases."""
DAYS = 1_095
SEED = "1"


def councils_for(
    engine: sa.Engine, *packs: str, cases: int, days: int, seed: str, **more: Any
) -> Figures:
    """Simulate the councils of packs on a database that `fill` has filled."""
    demos = own_demos()
    with database.transaction(engine) as connection:
        ctx = Context(connection, actor("process_owner", None), START, DOMAIN)
        known = {row.pack for row in published_versions.list_packs(connection)}
        for pack in packs:
            if pack not in known:
                published(ctx, pack_files(pack), reason="First publication")
    return simulate(
        engine,
        domain=DOMAIN,
        demos=[demos[pack] for pack in packs],
        cases=cases,
        days=days,
        seed=seed,
        start=START,
        wall=START,
        **more,
    )


def prove() -> dict[str, Any]:
    """Run the years on SQLite; return their figures, with `problems` if there are any."""
    packs = [pack for pack, demo in own_demos().items() if demo.rules.states]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'simulated.sqlite'}"
        fill(url)
        engine = database.create_engine(url)
        try:
            figures = councils_for(engine, *packs, cases=CASES, days=DAYS, seed=SEED)
        finally:
            engine.dispose()
    return {"proof": f"{CASES} fictional cases a council over {DAYS} days", **asdict(figures)}
