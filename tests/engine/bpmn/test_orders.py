"""The order in which branches finish decides nothing but what two assign by one name.

A seeded sample of `make prove`, which takes 2,000 runs and finds all planted bugs.
"""

from __future__ import annotations

from tests.proofs import orders


def test_two_orders_lead_to_the_same_values():
    figures = orders.prove(runs=24, number=21)
    assert figures.runs == 24
    assert figures.steps > 200


def test_a_planted_bug_is_found():
    plant = orders.PLANTED["a call passes out what it was given"]
    assert orders.runs_until_found(plant, most=40, number=5) is not None
