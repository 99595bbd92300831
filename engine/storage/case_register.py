"""The set of cases: each is numbered as it is opened, and a chain goes through their references.

So that a case that was removed whole, with its history, is missed. The end of the chain stands in
the setting `cases`; it is locked while a case is opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.step import event
from engine.storage import tables

_setting = tables.setting
NAME = "cases"
NONE_YET = json.dumps({"count": 0, "hash": event.GENESIS})


def enter(connection: Connection, ref: str) -> int:
    """Enter a new case; return its number, 1 for the first."""
    count, last = _end(connection, lock=True)
    value = json.dumps({"count": count + 1, "hash": following(last, ref)})
    connection.execute(_setting.update().where(_setting.c.name == NAME).values(value=value))
    return count + 1


def following(last: str, ref: str) -> str:
    """Return the hash of the chain after one more case."""
    return event.chain(last, event.leaf_of(ref))


def problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the reference, "-" where it is not known, and a sentence for each case out of place."""
    c = tables.case.c
    rows = connection.execute(sa.select(c.number, c.ref).order_by(c.number, c.ref)).all()
    count, end = _end(connection)
    numbered = {row.number: row.ref for row in rows}
    for number in range(1, count + 1):
        if number not in numbered:
            yield "-", f"Case number {number} of the register is missing."
    for row in rows:
        if row.number is None or not 1 <= row.number <= count or numbered[row.number] != row.ref:
            yield row.ref, "The case stands in no place of the register of cases."
    last = event.GENESIS
    for number in sorted(each for each in numbered if each is not None):
        last = following(last, numbered[number])
    if last != end and len(rows) == count:
        yield "-", "The register of cases does not lead to its end: a case is another than then."


def _end(connection: Connection, *, lock: bool = False) -> tuple[int, str]:
    query = sa.select(_setting.c.value).where(_setting.c.name == NAME)
    text = connection.scalar(query.with_for_update() if lock else query)
    said = json.loads(text or NONE_YET)
    return int(said["count"]), str(said["hash"])
