"""`make prove`: the long proofs, with dated results in var/proofs.

Pruned against unpruned runs of generated processes and of Dudley's diagrams, and the bugs planted
into pruning that the generated runs must find. Generated processes whose branches finish in two
orders, and bugs planted into scopes. Decision tables as the standard has them. Changes behind the
product's back. Generated processes on other SpiffWorkflows, from the package index. One child's
meetings for eighteen years. Fictional children over years. Cases of random answers and silences,
and the holes planted into Dudley's pack that they must find. Servers and workers killed while
people work, and the bugs planted into them that killing must find.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from tests.engine.bpmn import test_pruning
from tests.proofs import (
    eighteen_years,
    generated,
    kill_proof,
    orders,
    other_spiffworkflow,
    random_walks,
    simulated_years,
    table_cases,
    tampering,
    walk_holes,
)
from tests.proofs.generated import RUNS_AT_ONCE
from tests.proofs.planted import PLANTED
from tests.proofs.pruning import Figures

PROCESSES = 2
RUNS = 10_000
WALKS = 2_000
ORDERS = 2_000
SEED = 21
MOST_FOR_A_BUG = 10_000


def main() -> None:
    _tell("pruning-dudley", _dudley)
    _tell("pruning-generated", _generated)
    _tell("pruning-planted", _planted)
    _tell("orders", _orders)
    _tell("orders-planted", _orders_planted)
    _tell("decision-tables", table_cases.prove)
    _tell("tampering", tampering.prove)
    _tell("spiffworkflow-newest", other_spiffworkflow.newest)
    _tell("spiffworkflow-before", other_spiffworkflow.last_before)
    _tell("eighteen-years", eighteen_years.prove)
    _tell("simulated-years", simulated_years.prove)
    _tell("random-walks", random_walks.prove)
    _tell("random-walks-planted", walk_holes.prove)
    for kind in ("sqlite", "postgresql"):
        _tell(f"kills-{kind}", partial(kill_proof.killed, kind))
        _tell(f"kills-planted-{kind}", partial(kill_proof.planted, kind))


def _generated() -> dict[str, Any]:
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        parts = list(pool.map(_prove_part, range(SEED, SEED + RUNS // RUNS_AT_ONCE)))
    failures: dict[str, int] = {}
    for part in parts:
        for words, number in part.failures.items():
            failures[words] = failures.get(words, 0) + number
    whole = sum(part.whole_tasks for part in parts)
    return {
        "proof": "pruned and unpruned runs of generated processes do the same",
        "runs": sum(part.runs for part in parts),
        "steps": sum(part.steps for part in parts),
        "completed": sum(part.completed for part in parts),
        "failed alike on both sides": failures,
        "differences": 0,
        "tasks left, pruned": sum(part.pruned_tasks for part in parts),
        "tasks left, unpruned": whole,
    }


def _prove_part(seed: int) -> Figures:
    return generated.prove(runs=RUNS_AT_ONCE, seed=seed)


def _planted() -> dict[str, Any]:
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        found = dict(zip(PLANTED, pool.map(_runs_until_found, PLANTED), strict=True))
    missed = [bug for bug, runs in found.items() if runs is None]
    return {"proof": "planted bugs are found", "runs until found": found, "missed": missed}


def _runs_until_found(bug: str) -> int | None:
    return generated.runs_until_found(PLANTED[bug], most=MOST_FOR_A_BUG, seed=SEED)


def _orders() -> dict[str, Any]:
    seeds = range(SEED, SEED + ORDERS // orders.RUNS_AT_ONCE)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        parts = list(pool.map(_orders_part, seeds))
    return {
        "proof": "the order in which branches finish decides nothing but what two of them assign",
        "runs": sum(part.runs for part in parts),
        "steps": sum(part.steps for part in parts),
        "differences": 0,
    }


def _orders_part(seed: int) -> orders.Figures:
    return orders.prove(runs=orders.RUNS_AT_ONCE, number=seed)


def _orders_planted() -> dict[str, Any]:
    found = {
        bug: orders.runs_until_found(plant, most=MOST_FOR_A_BUG, number=SEED)
        for bug, plant in orders.PLANTED.items()
    }
    missed = [bug for bug, runs in found.items() if runs is None]
    return {
        "proof": "planted bugs in scopes are found",
        "runs until found": found,
        "missed": missed,
    }


def _dudley() -> dict[str, Any]:
    proof = given(first=test_pruning.facts, moves=test_pruning.moves)(test_pruning.walk)
    settings(max_examples=WALKS, deadline=None, database=None)(proof)()
    return {
        "proof": "pruned and unpruned runs of Dudley's diagrams do the same",
        "walks": WALKS,
        "differences": 0,
    }


def _tell(name: str, proof: Any) -> None:
    """Run one proof, write and print its result; a difference or a missed bug ends it all."""
    started = time.perf_counter()
    result = proof()
    result["seconds"] = round(time.perf_counter() - started, 1)
    result["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    folder = Path("var/proofs")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-{result['at'][:10]}.json").write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    if result.get("missed"):
        raise SystemExit(f"not found: {', '.join(result['missed'])}")
    if result.get("problems"):
        raise SystemExit(f"{len(result['problems'])} problems, the first: {result['problems'][0]}")


if __name__ == "__main__":
    main()
