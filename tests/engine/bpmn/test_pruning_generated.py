"""Pruned and unpruned runs of generated processes do the same, and a broken pruning is found.

A seeded sample of `make prove`, which takes 10,000 runs and finds all planted bugs.
"""

from __future__ import annotations

from tests.proofs import generated
from tests.proofs.planted import without_running_calls


def test_generated_processes_do_the_same_pruned_and_unpruned():
    figures = generated.prove(runs=60, seed=21)
    assert figures.runs >= 40
    assert figures.pruned_tasks < figures.whole_tasks


def test_a_planted_bug_is_found():
    assert generated.runs_until_found(without_running_calls, most=60, seed=3) is not None
