"""A hazard of the engine underneath, the guard that shows it answered, and its return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hazard:
    """`guard` passes; with `returned` around it, as if nobody had answered it, it fails.

    `elsewhere` names the test that looks closer, or the only one where `guard` is None.
    """

    words: str
    guard: Callable[[], None] | None = None
    returned: Callable[[], AbstractContextManager[Any]] | None = None
    elsewhere: str = ""


@contextmanager
def instead(holder: Any, name: str, value: Any) -> Iterator[None]:
    """Put `value` in the place of an attribute."""
    own = vars(holder).get(name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        delattr(holder, name)
        if own is not None:
            setattr(holder, name, own)


@contextmanager
def together(*plants: AbstractContextManager[Any]) -> Iterator[None]:
    """Put several things out of order at once."""
    with ExitStack() as stack:
        for plant in plants:
            stack.enter_context(plant)
        yield


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing, in the place of what did something."""
