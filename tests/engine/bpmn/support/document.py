"""docs/bpmn-support.md, made of the rows that the tests run.

`python -m tests.engine.bpmn.support.document > docs/bpmn-support.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from tests.engine.bpmn.support.activities import ACTIVITIES
from tests.engine.bpmn.support.events import EVENTS
from tests.engine.bpmn.support.rows import Row
from tests.engine.bpmn.support.structure import (
    ARTEFACTS,
    COLLABORATION,
    DATA,
    FLOWS,
    GATEWAYS,
    PROCESSES,
)
from tests.engine.bpmn.support.tables import TABLES, TableRow

GROUPS: dict[str, list[Row]] = {
    "Processes": PROCESSES,
    "Sequence flows": FLOWS,
    "Activities": ACTIVITIES,
    "Gateways": GATEWAYS,
    "Events": EVENTS,
    "Data": DATA,
    "Artefacts": ARTEFACTS,
    "Collaboration, choreography, conversation": COLLABORATION,
}

_HEAD = """\
# What of BPMN runs

Held against BPMN 2.0.2, and for decision tables DMN 1.3. Every row is a small drawing that a test
runs: one that is *supported* is run step by step; one that is *refused* cannot be published, and
the check names its element and says what to draw instead; one that is *drawn only* has no effect on
how a process runs, by the standard or because it has none to have. Attributes and elements of
processes that no row names are refused too.

This page is made of the tests' own data, by

    .venv/bin/python -m tests.engine.bpmn.support.document > docs/bpmn-support.md

and a test fails when it says anything else. The last column is the id of the row's test:
`.venv/bin/pytest tests/engine -k ID` runs it; a file named after it looks closer.
"""


def document() -> str:
    """Return the page as text."""
    parts = [_HEAD, _counted()]
    for title, rows in GROUPS.items():
        parts.append(f"\n## {title}\n\n" + "\n".join(_table(rows)) + "\n")
    parts.append("\n## Decision tables\n\n" + "\n".join(_table(TABLES)) + "\n")
    return "".join(parts)


def _counted() -> str:
    rows = [*(row for rows in GROUPS.values() for row in rows), *TABLES]
    counts = Counter(row.verdict for row in rows)
    each = ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))
    return f"\n{len(rows)} rows: {each}.\n"


def _table(rows: list[Row] | list[TableRow]) -> Iterator[str]:
    yield "| element | | what it does, or what to draw instead | test |"
    yield "|---|---|---|---|"
    for row in rows:
        verdict = row.verdict
        rule = row.rule if isinstance(row, TableRow) else (row.finding or ("", ""))[1]
        if rule:
            verdict += f" (`{rule}`)"
        also = f", {row.also}" if row.also else ""
        cells = (row.element, verdict, row.note, f"`{row.id}`{also}")
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(document())
