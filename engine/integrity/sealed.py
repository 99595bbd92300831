"""Do a case's rows hold what its events say that they wrote?

Every column of a case's tables is compared with something: sealed groups with their digests
(`engine.storage.sealed_rows`), copies of what a body says with the body, ends with the event that
made them. What an event from before rows were sealed wrote is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.integrity.rebuilding import sorted_otherwise_in_words
from engine.step.scope import name_of
from engine.storage import tables
from engine.storage.published_versions import get_definition
from engine.storage.sealed_rows import BESIDE, GROUPS, WORK_HELD, Group

_COPIED = ("actor", "acting_for", "kind", "sequence")
"""Columns of an event that repeat its body; `at` does too."""


@dataclass
class _Said:
    """What the bodies of a case say, by sequence.

    `newest`: group and key of a row -> the event that wrote it last, and its digest.
    """

    bodies: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    newest: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, sequence: int, body: Mapping[str, Any]) -> None:
        self.bodies[sequence] = body
        for group, rows in body.get("rows", {}).items():
            for key, digest in rows.items():
                self.newest[group, key] = sequence, digest

    def seals(self, sequence: int | None) -> bool:
        """Return whether an event is one that sealed its rows."""
        return sequence is not None and "rows" in self.bodies.get(sequence, {})


def problems(connection: Connection, case_id: UUID) -> Iterator[str]:
    """Yield a sentence for each row of a case that is otherwise than its events say."""
    c = tables.case.c
    case = connection.execute(sa.select(tables.case).where(c.id == case_id)).one()
    events = connection.execute(
        sa.select(tables.event)
        .where(tables.event.c.case_id == case_id)
        .order_by(tables.event.c.sequence)
    ).all()
    said = _Said()
    for row in events:
        if row.body is None:
            yield f"The body of event {row.sequence} is gone, and no event erased it."
        said.add(row.sequence, json.loads(row.body or "{}"))
    if case.secret is None:
        # What was lawfully erased leaves an event that says so; none can be made yet.
        yield "The secret of the case is gone, and no event erased it."
        return
    if case.version != len(events):
        yield f"The case is at version {case.version}, but has {len(events)} events."
    secret = bytes(case.secret)
    yield from _copies(events, said, secret)
    for group in GROUPS:
        where = group.table.c.id if group.table is tables.case else group.table.c.case_id
        rows = connection.execute(sa.select(group.table).where(where == case_id)).mappings()
        yield from _of_group(group, [dict(row) for row in rows], said, secret)
    yield from _ends(connection, case_id, said)
    yield from _holders(connection, case_id, said)
    yield from sorted_otherwise_in_words(connection, case_id)
    yield from _people(connection, case_id)


def _copies(events: Sequence[Any], said: _Said, secret: bytes) -> Iterator[str]:
    """Compare the columns of events with their bodies, and what stands beside with its seal."""
    for row in events:
        body = said.bodies[row.sequence]
        for name in _COPIED if body else ():
            if getattr(row, name) != body.get(name):
                yield f"The column {name} of event {row.sequence} is not what the event says."
        if body and row.at.astimezone(UTC).isoformat() != body["at"]:
            yield f"The column at of event {row.sequence} is not what the event says."
        if row.beside is None and said.seals(row.sequence):
            yield f"The seal beside event {row.sequence} is gone."
        elif row.beside is not None and row.beside != BESIDE.digest(
            secret, row.sequence, row._mapping
        ):
            yield f"What stands beside event {row.sequence} was altered."


def _of_group(
    group: Group, rows: Sequence[Mapping[str, Any]], said: _Said, secret: bytes
) -> Iterator[str]:
    found = set()
    for row in rows:
        key = group.key_of(row)
        found.add(key)
        sealed = said.newest.get((group.name, key))
        if sealed is not None:
            sequence, digest = sealed
            if group.digest(secret, sequence, row) != digest:
                yield f"{_row(group, key)} is not what event {sequence} wrote."
        elif group.unwritten is not None:
            if tuple(row[name] for name in group.columns) != group.unwritten and said.seals(
                min(said.bodies, default=None)
            ):
                yield f"{_row(group, key)} was written by no event."
        elif _must_be_sealed(group, row, said):
            yield f"{_row(group, key)} was written by no event."
    for name, key in said.newest:
        if name == group.name and key not in found:
            yield f"{_row(group, key)} is gone."


def _must_be_sealed(group: Group, row: Mapping[str, Any], said: _Said) -> bool:
    """Return whether a row without a seal is of an event that seals, or of none at all."""
    if not group.born:
        return group.table is tables.case and said.seals(1)
    born = row[group.born]
    return born not in said.bodies or said.seals(born)


def _row(group: Group, key: str) -> str:
    return f"The row {key or 'of the case'} of {group.table.name} ({', '.join(group.columns)})"


def _ends(connection: Connection, case_id: UUID, said: _Said) -> Iterator[str]:
    """Compare until when facts and sight stood with the events that ended them."""
    f, o = tables.fact.c, tables.onlooker.c
    facts = connection.execute(
        sa.select(f.name, f.from_sequence, f.to_sequence).where(f.case_id == case_id)
    )
    for name, begun, over in facts:
        yield from _end(f"The fact {name} of event {begun}", begun, over, said, _fact_ends(name))
    sight = connection.execute(
        sa.select(o.role, o.about, o.from_sequence, o.to_sequence).where(o.case_id == case_id)
    )
    for role, about, begun, over in sight:
        ends = _sight_ends(role, about)
        yield from _end(f"The sight of {role} of event {begun}", begun, over, said, ends)


def _end(what: str, begun: int, over: int | None, said: _Said, ends: Any) -> Iterator[str]:
    expected = next(
        (
            sequence
            for sequence in sorted(said.bodies)
            if sequence >= begun and ends(said.bodies[sequence], begun=sequence == begun)
        ),
        None,
    )
    known = over is None or over not in said.bodies or said.seals(over)
    if over != expected and known:
        says = "it still stood" if expected is None else f"event {expected} ended it"
        yield f"{what} is said to end at {over or 'no event'}, but {says}."


def _fact_ends(name: str) -> Any:
    def ends(body: Mapping[str, Any], *, begun: bool) -> bool:
        if name in body.get("ended", ()):
            return True
        anew = any(each["name"] == name for each in body.get("facts", ()))
        return not begun and (anew or name in body.get("unset", ()))

    return ends


def _sight_ends(role: str, about: str) -> Any:
    def ends(body: Mapping[str, Any], *, begun: bool) -> bool:
        let = body.get("onlookers", ())
        return not begun and any((each["role"], each["about"]) == (role, about) for each in let)

    return ends


def _holders(connection: Connection, case_id: UUID, said: _Said) -> Iterator[str]:
    """Compare until when work was somebody's with the events that moved it."""
    h, w = tables.holder.c, tables.work_item.c
    rows = connection.execute(
        sa.select(tables.holder, w.element, w.assignee.label("now"))
        .join(tables.work_item, w.id == h.work_item_id)
        .where(h.case_id == case_id)
        .order_by(h.work_item_id, h.from_sequence)
    ).all()
    for row, following in zip_longest(rows, rows[1:]):
        again = following is not None and following.work_item_id == row.work_item_id
        over = following.from_sequence if again and following is not None else row.to_sequence
        moved = said.bodies.get(row.to_sequence or 0, {}).get("rows", {}).get(WORK_HELD.name, {})
        still = row.to_sequence is None and not again and row.now == row.assignee
        ended = row.to_sequence == over and WORK_HELD.key_of({"id": row.work_item_id}) in moved
        known = row.to_sequence is None or said.seals(row.to_sequence)
        if known and not (still or ended):
            yield f"Until when {row.element} was with {row.assignee} is not what its events say."


def _people(connection: Connection, case_id: UUID) -> Iterator[str]:
    """Compare which facts are said to hold a user name with the pack of the case's version."""
    c, f = tables.case.c, tables.fact.c
    version = connection.scalar(sa.select(c.definition).where(c.id == case_id))
    types = get_definition(connection, str(version)).pack.facts
    rows = sa.select(f.name, f.from_sequence, f.is_person).where(
        f.case_id == case_id, f.is_person.is_not(None)
    )
    for name, begun, is_person in connection.execute(rows):
        kind = types.get(name_of(name))
        if is_person != (kind is not None and kind.type == "user"):
            says = "holds" if is_person else "does not hold"
            yield f"The fact {name} of event {begun} {says} a person; its pack says otherwise."
