"""Cases played through the engine's commands from steps kept as plain data, and what then waits.

A step names its work by the element of the diagram, never by an id, so that steps which an older
release wrote can be played by every later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from engine import commands
from engine.context import Context
from engine.firing import training_clock
from engine.people import people
from engine.storage import database, tables
from workflows.permanence.domain import DOMAIN

Step = dict[str, Any]
"""`do`: open, go, complete, draft, send or correct; `as`: who; `case`: which, counted from 0."""


@dataclass
class Played:
    """The cases of one database; `now` is the training clock."""

    engine: Engine
    now: datetime
    cases: list[UUID] = field(default_factory=list)

    def play(self, steps: list[Step]) -> None:
        for step in steps:
            self.do(step)

    def do(self, step: Step) -> None:
        """Do one step, in a transaction of its own."""
        if step["do"] == "go":
            self.now = datetime.fromisoformat(step["to"])
            training_clock.advance(self.engine, self.now, domain=DOMAIN)
            return
        act = {
            "open": self._open,
            "complete": self._complete,
            "draft": self._draft,
            "send": self._send,
            "correct": self._correct,
        }[step["do"]]
        database.in_transaction(
            self.engine, lambda connection: act(self._context(connection, step["as"]), step)
        )

    def _context(self, connection: Connection, name: str) -> Context:
        actor = people.actor_named(connection, name)
        assert actor is not None, f"nobody is called {name}"
        return Context(connection, actor, self.now, DOMAIN)

    def _open(self, ctx: Context, step: Step) -> None:
        case_id = UUID(step["id"])
        commands.open_case(
            ctx,
            pack=step["pack"],
            kind=step["kind"],
            policy=step.get("policy"),
            answers=step["answers"],
            case_id=case_id,
            secret=case_id.bytes * 2,
            again_because="Another child of one name",
        )
        self.cases.append(case_id)

    def _complete(self, ctx: Context, step: Step) -> None:
        commands.complete_work_item(ctx, self._item(ctx, step), answers=step["answers"])

    def _draft(self, ctx: Context, step: Step) -> None:
        commands.save_draft(ctx, self._item(ctx, step), step["answers"])

    def _send(self, ctx: Context, step: Step) -> None:
        commands.send_message(ctx, self._ref(step), step["name"], step["payload"])

    def _correct(self, ctx: Context, step: Step) -> None:
        commands.correct_fact(
            ctx,
            self._ref(step),
            step["fact"],
            step["value"],
            effective_on=None,
            reason=step["reason"],
        )

    def _ref(self, step: Step) -> str:
        return commands.ref_of(self.cases[step.get("case", 0)])

    def _item(self, ctx: Context, step: Step) -> UUID:
        """Return the newest open work item of an element, of those with `title` in theirs."""
        t = tables.work_item.c
        found: UUID | None = ctx.connection.scalar(
            sa.select(t.id)
            .where(
                t.case_id == self.cases[step.get("case", 0)],
                t.element == step["element"],
                t.title.contains(step.get("title", "")),
                t.status == "open",
            )
            .order_by(t.opened_sequence.desc(), t.id)
            .limit(1)
        )
        assert found is not None, f"nobody has to do {step['element']}"
        return found

    def waits(self) -> list[Any]:
        """Return what each case waits for: whose work until when, timers, elements, deadlines."""
        with database.reading(self.engine) as connection:
            return [_waits(connection, case_id) for case_id in self.cases]


def _waits(connection: Connection, case_id: UUID) -> dict[str, Any]:
    w, t, i, d = (tables.metadata.tables[each].c for each in _WAITING)
    case = tables.case.c

    def rows(*columns: Any, **where: str | None) -> list[list[str | None]]:
        table = columns[0].table.c
        query = sa.select(*columns).where(
            table.case_id == case_id, *(table[name] == value for name, value in where.items())
        )
        found = connection.execute(query)
        return sorted(([each and str(each) for each in row] for row in found), key=str)

    return {
        "status": connection.scalar(sa.select(case.status).where(case.id == case_id)),
        "work": rows(*(w[each] for each in _WORK), status="open"),
        "timers": rows(t.element, t.due_at),
        "running": rows(i.process, i.waiting, status="running"),
        "deadlines": rows(d.name, d.limit_on, d.status, closed_sequence=None),
    }


_WAITING = ("work_item", "timer", "instance", "deadline")
_WORK = ("element", "title", "role", "assignee", "act_by_on", "limit_on")
