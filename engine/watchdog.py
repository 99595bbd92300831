"""Look over the whole database: do the chains hold, and can every open case go on?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from engine import records
from engine.verification import verify_case


@dataclass(frozen=True)
class Verdict:
    """What `look_over` found. `problems` holds the case's reference and one sentence each."""

    cases: int
    open_cases: int
    events: int
    armed_timers: int
    problems: tuple[tuple[str, str], ...]


def look_over(connection: Connection, *, now: datetime) -> Verdict:
    """Check every case's chain and content, and that each open one waits for somebody or a time.

    Args:
        now: timers due at or before this instant must have fired.
    """
    c, t = records.case.c, records.timer.c
    cases = connection.execute(sa.select(c.id, c.ref, c.status).order_by(c.ref)).all()
    problems = [
        (row.ref, broken)
        for row in cases
        if (broken := verify_case(connection, row.id)) is not None
    ]
    problems += [
        (ref, "The case is open, but no work item is open and no timer is armed.")
        for ref in connection.scalars(_stuck())
    ]
    overdue = (
        sa.select(c.ref, t.element, t.due_at)
        .join(records.timer, t.case_id == c.id)
        .where(c.status == "open", t.due_at <= now)
        .order_by(c.ref, t.element)
    )
    problems += [
        (row.ref, f"The timer {row.element} was due at {row.due_at.isoformat()} and has not fired.")
        for row in connection.execute(overdue)
    ]
    return Verdict(
        cases=len(cases),
        open_cases=sum(row.status == "open" for row in cases),
        events=connection.scalar(sa.select(sa.func.count()).select_from(records.event)) or 0,
        armed_timers=connection.scalar(
            sa.select(sa.func.count()).select_from(records.timer).where(t.due_at.is_not(None))
        )
        or 0,
        problems=tuple(problems),
    )


def _stuck() -> sa.Select[str]:
    """The open cases that nobody and nothing can move."""
    c, w, t = records.case.c, records.work_item.c, records.timer.c
    has_work = sa.exists().where(w.case_id == c.id, w.status == "open")
    has_timer = sa.exists().where(t.case_id == c.id, t.due_at.is_not(None))
    return sa.select(c.ref).where(c.status == "open", ~has_work, ~has_timer).order_by(c.ref)
