"""`make prove`: the long proofs, with a dated result in var/proofs.

So far: pruned against unpruned runs on Dudley's diagrams, more walks than `make test` takes.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings

from tests.engine import test_pruning

WALKS = 2_000


def main() -> None:
    started = time.perf_counter()
    proof = given(first=test_pruning.facts, moves=test_pruning.moves)(test_pruning.walk)
    settings(max_examples=WALKS, deadline=None, database=None)(proof)()
    result = {
        "proof": "pruned and unpruned runs of Dudley's diagrams do the same",
        "walks": WALKS,
        "differences": 0,
        "seconds": round(time.perf_counter() - started, 1),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    folder = Path("var/proofs")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"pruning-{result['at'][:10]}.json").write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
