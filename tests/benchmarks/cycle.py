"""The workload that peers were measured on: three user tasks and a timer a cycle, for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from engine import commands, firing
from engine.context import CLOCK, Actor, Context
from engine.firing import training_clock
from engine.people import people
from engine.storage import database, tables
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

START = datetime(2026, 3, 9, 9, tzinfo=UTC)
NAMESPACE = UUID("0f3b5d1e-6f64-5c1b-9f5b-8f3f5a7c1d20")
WORKER = Actor("worker", "worker", frozenset({"social_worker"}), "cycle", None)

PACK = """
id = "cycle"
title = "Three tasks and a timer"
[opening]
process = "case"
form = "case"
[policies.P]
title = "The policy"
default = true
[roles.social_worker]
label = "Social worker"
work_goes_to = "case"
[facts.social_worker]
type = "user"
label = "Social worker"
[facts.note]
type = "text"
label = "Note"
"""


def diagram(*, wait: str, far: str) -> str:
    """Return the process; `wait` and `far` are the timers' texts (peers quote theirs)."""
    work = "".join(
        f'<bpmn:userTask id="task_{n}" name="Task {n}"><bpmn:extensionElements>'
        '<spiffworkflow:properties><spiffworkflow:property name="role" value="social_worker" />'
        '<spiffworkflow:property name="form" value="task" /></spiffworkflow:properties>'
        "</bpmn:extensionElements></bpmn:userTask>"
        for n in (1, 2, 3)
    )
    flows = [
        ("began", "again"),
        ("again", "task_1"),
        ("task_1", "task_2"),
        ("task_2", "task_3"),
        ("task_3", "pause"),
        ("pause", "again"),
        ("too_late", "told"),
    ]
    drawn = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}" />'
        for n, (a, b) in enumerate(flows)
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
        ' id="cycle" targetNamespace="http://example.org/cycle">'
        '<bpmn:process id="case" name="Cycle" isExecutable="true">'
        '<bpmn:startEvent id="began" name="Began" /><bpmn:exclusiveGateway id="again" />'
        f"{work}"
        '<bpmn:boundaryEvent id="too_late" name="Late" attachedToRef="task_2"'
        ' cancelActivity="false"><bpmn:timerEventDefinition id="t1"><bpmn:timeDuration'
        f' xsi:type="bpmn:tFormalExpression">{far}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="told" name="Told" />'
        '<bpmn:intermediateCatchEvent id="pause" name="Pause"><bpmn:timerEventDefinition id="t2">'
        f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{wait}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        f"{drawn}</bpmn:process></bpmn:definitions>"
    )


def files() -> dict[str, bytes]:
    """Return the pack."""
    opening = {
        "type": "object",
        "properties": {
            "social_worker": {"type": "string", "x-widget": "user", "x-fact": "social_worker"}
        },
        "additionalProperties": False,
    }
    task = {
        "type": "object",
        "properties": {"note": {"type": "string", "maxLength": 2000, "x-fact": "note"}},
        "additionalProperties": False,
    }
    return {
        "pack.toml": PACK.encode(),
        "case.bpmn": diagram(wait="PT1H", far="P3000D").encode(),
        "forms/case.json": json.dumps(opening).encode(),
        "forms/task.json": json.dumps(task).encode(),
        "forms/done_with_note.json": json.dumps(task).encode(),
    }


def prepare(url: str) -> sa.Engine:
    """Make the schema and publish the pack; return the engine."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=START)
        people.add_person(
            connection, "worker", display_name="Worker", roles=["social_worker"], pack="cycle"
        )
        owner = Actor("owner", "owner", frozenset({"process_owner"}))
        published(Context(connection, owner, START, DOMAIN), files(), reason="bench")
    return engine


class Case:
    """One case of the workload; `now` moves an hour a cycle."""

    def __init__(self, engine: sa.Engine, number: int = 0) -> None:
        self.engine = engine
        self.now = START
        self.id = uuid5(NAMESPACE, str(number))
        database.in_transaction(engine, self._open)

    def _open(self, connection: sa.Connection) -> object:
        ctx = Context(connection, WORKER, self.now, DOMAIN)
        answers = {"social_worker": "worker"}
        return commands.open_case(ctx, pack="cycle", answers=answers, case_id=self.id)

    def open_item(self) -> UUID:
        """Return the one open work item."""
        t = tables.work_item.c
        with database.reading(self.engine) as connection:
            query = sa.select(t.id).where(t.case_id == self.id, t.status == "open")
            return connection.execute(query).scalar_one()

    def complete(self, item: UUID) -> object:
        """Complete a work item with its note."""

        def work(connection: sa.Connection) -> object:
            ctx = Context(connection, WORKER, self.now, DOMAIN)
            note = {"note": f"Seen at {self.now.isoformat()}, all is well."}
            return commands.complete_work_item(ctx, item, answers=note)

        return database.in_transaction(self.engine, work)

    def fire(self) -> object:
        """Let the hour's timer fire."""
        self.now += timedelta(hours=1)

        def work(connection: sa.Connection) -> object:
            return firing.fire_timers(Context(connection, CLOCK, self.now, DOMAIN), self.id)

        return database.in_transaction(self.engine, work)

    def cycle(self) -> Iterator[UUID]:
        """Yield the work item of each of the three tasks in turn, then fire the timer."""
        for _ in range(3):
            yield self.open_item()
        self.fire()

    def weigh(self) -> tuple[int, int]:
        """Run a cycle; return the bytes of state, and of all that its last completion wrote.

        That is every value that a writing statement was given, for whichever table.
        """
        i = tables.instance.c
        given: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
            given.append((text, values))

        sa.event.listen(self.engine, "before_cursor_execute", note)
        for item in self.cycle():
            given.clear()
            self.complete(item)
            written = sum(_bytes_of(values) for text, values in given if _writes(text))
        sa.event.remove(self.engine, "before_cursor_execute", note)
        with database.reading(self.engine) as connection:
            of_case = sa.select(sa.func.length(i.state)).where(i.case_id == self.id)
            return int(connection.scalar(of_case) or 0), written


def _writes(text: str) -> bool:
    return text.startswith(("INSERT", "UPDATE", "DELETE", "WITH"))


def _bytes_of(values: Any) -> int:
    if isinstance(values, dict | list | tuple):
        each = values.values() if isinstance(values, dict) else values
        return sum(map(_bytes_of, each))
    return 0 if values is None else len(str(values).encode())
