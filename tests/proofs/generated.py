"""Hold generated runs, pruned against unpruned, and count them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.proofs import processes
from tests.proofs.processes import Move
from tests.proofs.pruning import Difference, Figures, hold

RUNS_AT_ONCE = 250
"""Runs of one seed: Hypothesis keeps what it has drawn, so many in one go get slower and slower."""


def prove(*, runs: int, seed: int) -> Figures:
    """Hold `runs` generated runs.

    Raises:
        Difference: with the smallest process and moves found that show it.
    """
    figures = Figures()
    each(runs, seed, lambda xml, moves: hold(xml, moves, figures), shrink=True)
    return figures


def runs_until_found(plant: Callable[[], Any], *, most: int, seed: int) -> int | None:
    """Return how many generated runs it took to find a planted bug, None if `most` did not."""
    figures = Figures()
    try:
        with plant():
            for number in range(seed, seed + max(1, most // RUNS_AT_ONCE)):
                runs = min(most, RUNS_AT_ONCE)
                each(runs, number, lambda xml, moves: hold(xml, moves, figures), shrink=False)
    except Difference:
        return figures.runs
    return None


def each(runs: int, number: int, act: Callable[[bytes, list[Move]], None], *, shrink: bool) -> None:
    """Draw processes with their moves from the seed `number`, and do something with each."""
    phases: Iterable[Phase] = [Phase.generate, *([Phase.shrink] if shrink else [])]

    @seed(number)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(xml=processes.drawings(), moves=processes.moves())
    def run(xml: bytes, moves: list[Move]) -> None:
        act(xml, moves)

    run()
