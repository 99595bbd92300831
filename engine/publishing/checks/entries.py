"""pack.toml: every entry means something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.packs.entries import tables_of
from engine.publishing.checks.reading import Report, shortened, suggestion

AUTHORITY = "[authority]"
"""Of its entries another check reports what means nothing."""


def check_entries(raw: Mapping[str, Any], report: Report) -> None:
    """Warn of entries that mean nothing."""
    for where, table, known in tables_of(raw):
        for name in table if where != AUTHORITY else ():
            if name not in known:
                message = (
                    f"'{shortened(name)}' in {shortened(where)} means nothing here. Delete it, or"
                    f" mend its name.{suggestion(name, set(known))}"
                )
                report.warn(shortened(name), "unknown-entry", message)
