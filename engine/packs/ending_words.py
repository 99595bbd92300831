"""How a case that has ended is spoken of: `[endings]` of pack.toml, the first that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.rules.expressions import evaluate


@dataclass(frozen=True)
class Ending:
    """One way in which a case ends.

    `when` is an expression over the case's facts. `on` and `reason` name the facts that hold the
    day and why; `words` say it, with `{on}` for the day, and `more` what follows from it. `gentle`:
    pages speak quietly, and no age goes on.
    """

    name: str
    when: str
    on: str
    words: str
    more: str = ""
    reason: str = ""
    gentle: bool = False


def read_endings(raw: Mapping[str, Any]) -> tuple[Ending, ...]:
    """Return what `[endings]` of pack.toml says, in the file's order.

    Raises:
        KeyError, TypeError, AttributeError: an entry is missing or of the wrong kind.
    """
    return tuple(
        Ending(
            name=name,
            when=str(entry["when"]),
            on=str(entry["on"]),
            words=str(entry["words"]),
            more=str(entry.get("more", "")),
            reason=str(entry.get("reason", "")),
            gentle=bool(entry.get("gentle", False)),
        )
        for name, entry in raw.get("endings", {}).items()
    )


def ending_of(
    endings: Iterable[Ending],
    names: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> Ending | None:
    """Return the first ending that fits a case's facts, None if none does.

    Raises:
        ExpressionError: a `when` cannot be worked out.
    """
    return next((each for each in endings if evaluate(each.when, names, functions) is True), None)
