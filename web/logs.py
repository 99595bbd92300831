"""The log: one line for each thing that happened, as JSON for machines, and nothing of a child.

A fault is told by its kind and where it arose. What an exception says of itself stays out: it may
quote what somebody typed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

Line = MutableMapping[str, Any]


def configure(stream: TextIO | None = None) -> None:
    """Write the log to `stream`, or standard error: for eyes on a terminal, elsewhere as JSON."""
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if (stream or sys.stderr).isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            where_it_arose,
            renderer,
        ],
        logger_factory=lambda *_: structlog.PrintLogger(stream or sys.stderr),
    )


def where_it_arose(_logger: object, _method: str, line: Line) -> Line:
    """Put an exception's kind and frames, file:line function, in the place of the exception."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["frames"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
    return line
