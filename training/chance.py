"""Chance that follows from a seed: the same place gives the same draw, whatever came before."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Chance:
    """Draws for one run; `at` names the place of a draw by anything that stays the same."""

    seed: str

    def at(self, *place: object) -> random.Random:
        """Return a generator of its own for this place."""
        return random.Random(":".join(map(str, (self.seed, *place))))

    def happens(self, probability: float, *place: object) -> bool:
        return self.at(*place).random() < probability
