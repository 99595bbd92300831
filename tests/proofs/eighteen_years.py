"""160 six-weekly meetings of one child over HTTP: the last costs what the third did.

One missed date stays unexplained, one dissenting view unanswered, one assessment and one follow-up
open all the time; nothing fails.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.builders.world import fill
from tests.databases import run_postgresql
from tests.journeys.council import Council
from tests.journeys.years import Cost, meet

MEETINGS = 160
MOST = 1.1
"""How much more the last meeting may cost than the third."""


def prove() -> dict[str, Any]:
    """Run the years on each database; return the figures of the third and the last meeting."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = _years(f"sqlite:///{Path(folder) / 'years.sqlite'}")
    with run_postgresql("years") as url:
        postgresql = _years(url)
    return {
        "proof": f"{MEETINGS} six-weekly meetings of one child",
        "sqlite": sqlite,
        "postgresql": postgresql,
    }


def _years(url: str) -> dict[str, Any]:
    fill(url)
    council = Council(url)
    try:
        costs = meet(council, MEETINGS)
    finally:
        council.close()
    third, last = costs[3], costs[MEETINGS]
    for name in Cost.__dataclass_fields__:
        before, after = getattr(third, name), getattr(last, name)
        if after > before * MOST:
            raise AssertionError(f"{name} grew from {before} to {after}")
    return {"third meeting": vars(third), "last meeting": vars(last)}
