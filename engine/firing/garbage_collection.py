"""How often Python looks for garbage in a process that runs steps."""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000
"""New containers between two looks. A step makes thousands; all but a few are freed by counting."""


def collect_seldom() -> None:
    """Set aside what is loaded for good, and look through the rest less often.

    At Python's own 700 it looks several times in every step, which took 7% of its time.
    Call it once in a process that serves or works, when everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 50)
