"""Bugs planted into pruning, each of which the generated runs must find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.bpmn import pruning


@contextmanager
def without_rule(number: int) -> Iterator[None]:
    """Prune as if one of the rules did not exist."""
    rules = pruning.STAY if number in pruning.STAY else pruning.STAY_IN_PLACE
    rule = rules.pop(number)
    try:
        yield
    finally:
        rules[number] = rule


@contextmanager
def without_running_calls() -> Iterator[None]:
    """Forget a sub-process while it runs, as if its owner were over."""
    is_over = pruning._is_over
    pruning._is_over = lambda _workflow, _owner: True
    try:
        yield
    finally:
        pruning._is_over = is_over


PLANTED: dict[str, Callable[[], Any]] = {
    "unfinished tasks lose their parents": lambda: without_rule(1),
    "joins forget what has reached them": lambda: without_rule(2),
    "what happened beside an activity takes its place": lambda: without_rule(3),
    "sub-processes are forgotten while they run": without_running_calls,
}
