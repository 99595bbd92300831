"""Look over the whole database: do the chains hold, and can every open case go on?

Says too which cases stand in a text that today's code would write otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn import formats
from engine.domain import Domain
from engine.firing import case_messages
from engine.firing.case_messages import WaitingMessage
from engine.integrity import liveness, projections, sealed
from engine.integrity.verification import verify_case
from engine.storage import case_register, incidents, published_versions, tables

EVERY = 1_000_000
"""More than anybody has: a full check leaves nothing out."""


@dataclass(frozen=True)
class OlderState:
    """The open cases, by reference, whose running instances an older release wrote like this.

    No problem: they are read as they are, and the next step of an instance writes it anew.
    """

    format: int
    release: str
    spiffworkflow: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What `look_over` found. `problems` holds the case's reference and one sentence each.

    `waiting_messages` are to a kind of case of which none is open: no problem by themselves.
    """

    cases: int
    open_cases: int
    events: int
    armed_timers: int
    waiting_messages: int
    problems: tuple[tuple[str, str], ...]
    older_states: tuple[OlderState, ...]


def look_over(
    connection: Connection, *, now: datetime, domain: Domain, pack: str | None = None
) -> Verdict:
    """Check every case's chain and content, that its lists show what its diagrams wait for, and
    that each open one waits for somebody or a time.

    Args:
        now: timers due at or before this instant must have fired.
        pack: the council whose cases to look at; of all of them, if it is None.
    """
    c = tables.case.c
    of_these = [] if pack is None else [c.pack == pack]
    cases = connection.execute(
        sa.select(c.id, c.ref, c.status).where(*of_these).order_by(c.ref)
    ).all()
    problems = [
        (row.ref, broken)
        for row in cases
        if (broken := verify_case(connection, row.id)) is not None
    ]
    problems += [(row.ref, words) for row in cases for words in sealed.problems(connection, row.id)]
    problems += case_register.problems(connection)
    problems += published_versions.problems(connection)
    problems += [
        (row.ref, words)
        for row in cases
        if row.status == "open"
        for words in projections.differences(connection, row.id, domain=domain)
    ]
    problems += [
        (ref, "The case is open, but no work item is open and no timer is armed.")
        for ref in liveness.silent_cases(connection, pack=pack, limit=EVERY)
    ]
    problems += [
        (
            each.case_ref,
            f"The timer {each.element} was due at {each.due_at.isoformat()} and has not fired.",
        )
        for each in liveness.overdue_timers(connection, now=now, pack=pack, limit=EVERY)
    ]
    problems += [
        (
            each.case_ref,
            f"The {'timer' if each.kind == 'timer' else 'task'} {each.element} failed "
            f"{each.attempts} times and waits for an operator (incident {each.id}): {each.cause}.",
        )
        for each in incidents.list_incidents(connection, pack=pack, limit=EVERY)
        if each.status == "open"
    ]
    refs = {row.ref for row in cases}
    waiting = [each for each in case_messages.list_waiting(connection) if each.from_ref in refs]
    problems += [
        (each.from_ref, _untaken(each))
        for each in waiting
        if each.has_receiver and (each.attempts or each.sent_at <= now)
    ]
    problems += [each for each in case_messages.broken_receipts(connection) if each[0] in refs]
    return Verdict(
        cases=len(cases),
        open_cases=sum(row.status == "open" for row in cases),
        events=_count(connection, tables.event, of_these),
        armed_timers=_count(
            connection, tables.timer, [*of_these, tables.timer.c.due_at.is_not(None)]
        ),
        waiting_messages=sum(not each.has_receiver for each in waiting),
        problems=tuple(problems),
        older_states=older_states(connection, of_these),
    )


def _count(connection: Connection, table: sa.Table, where: Sequence[sa.ColumnElement[bool]]) -> int:
    """Return how many rows that belong to cases there are."""
    rows = table.join(tables.case, tables.case.c.id == table.c.case_id)
    query = sa.select(sa.func.count()).select_from(rows).where(*where)
    return connection.scalar(query) or 0


def older_states(
    connection: Connection, of_these: Sequence[sa.ColumnElement[bool]] = ()
) -> tuple[OlderState, ...]:
    """Return what is read and not written like this any more: in another format than today's, or
    by another SpiffWorkflow. Looks at the beginnings of the texts only.
    """
    c, i = tables.case.c, tables.instance.c
    beginning = sa.func.substr(i.state, 1, formats.HEAD_LENGTH)
    found: dict[formats.Head, set[str]] = {}
    for ref, text in connection.execute(
        sa.select(c.ref, beginning)
        .join(tables.case, c.id == i.case_id)
        .where(c.status == "open", i.status == "running", *of_these)
    ):
        head = formats.head_of(text or "")
        if head is not None and head.is_readable and not head.is_written_today:
            found.setdefault(head, set()).add(ref)
    return tuple(
        OlderState(head.format, head.release, head.spiffworkflow, tuple(sorted(refs)))
        for head, refs in sorted(found.items())
    )


def _untaken(message: WaitingMessage) -> str:
    said = f"The message {message.name} to the {message.to_kind} was sent at"
    failed = f"; tried so far: {message.attempts} ({message.cause})" if message.attempts else ""
    return f"{said} {message.sent_at.isoformat()} and is not taken{failed}."
