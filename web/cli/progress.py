"""How far something long has come, on one line of the terminal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog

PATIENCE = 2.0
"""Seconds without a word; then a line a second."""


@contextmanager
def on_terminal(stream: TextIO) -> Iterator[Callable[[str], None]]:
    """Give what shows a sentence in place of the last; the line is cleared at the end.

    Nothing is shown where nobody watches, and nothing of what is over in two seconds. Meanwhile
    the log tells only of what went wrong: thousands of timers fire.
    """
    begun = shown = time.monotonic()
    logging_as_before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    def tell(words: str) -> None:
        nonlocal shown
        now = time.monotonic()
        if stream.isatty() and now - begun > PATIENCE and now - shown > 1:
            stream.write(f"\r\x1b[K{words}")
            stream.flush()
            shown = now

    try:
        yield tell
    finally:
        structlog.configure(**logging_as_before)
        if shown > begun:
            stream.write("\r\x1b[K")
            stream.flush()
