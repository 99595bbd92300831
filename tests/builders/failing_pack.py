"""The small pack with timers that can fail: they divide by the fact `share`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import commands
from engine.context import Actor, Context
from engine.firing import Firing, training_clock
from engine.people import people
from engine.storage import database, tables
from tests.builders.small_pack import CASE, FORMS, PACK, small_pack
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

START = datetime(2026, 3, 9, 9, tzinfo=UTC)
CASE_ID = UUID("0b6f2b8e-73c5-4f67-9d0a-1d1f5ab0c001")
WORKER = Actor("worker", "Wim", frozenset({"social_worker"}), "small", "manager")
OPERATOR = Actor("administrator", "Ruth", frozenset({"administrator"}))

_SHARE = '\n[facts.share]\ntype = "number"\nlabel = "Share"\n\n[messages.moved]'
_BOUNDARY = """
  <bpmn:boundaryEvent id="{id}" name="{id}" attachedToRef="visit" cancelActivity="false">
    <bpmn:timerEventDefinition id="{id}_timer">
    <bpmn:timeDate xsi:type="bpmn:tFormalExpression">{due}</bpmn:timeDate>
  </bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:task id="{id}_work" name="Do {id}"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="role" value="team_manager" />
    <spiffworkflow:property name="title" value="Do {id}" />
  </spiffworkflow:properties></bpmn:extensionElements></bpmn:task>
  <bpmn:endEvent id="{id}_over" name="Over" />
  <bpmn:sequenceFlow id="{id}_f1" sourceRef="{id}" targetRef="{id}_work" />
  <bpmn:sequenceFlow id="{id}_f2" sourceRef="{id}_work" targetRef="{id}_over" />
"""


def failing_pack() -> dict[str, bytes]:
    """`too_late` fails if it fires while `share` is 0, `odd_date` while it is 3, at every look.

    `in_time` is due with `too_late` and never fails. `visit` fails with the outcome `again` while
    `share` is 7.
    """
    files = small_pack()
    files["pack.toml"] = PACK.replace("\n[messages.moved]", _SHARE).encode()
    diagram = CASE.replace('"since": began_on}', '"since": began_on, "each": 10 / share}')
    more = _BOUNDARY.format(id="in_time", due='limit_passed("visit")')
    odd = "working_days_after(began_on, 60) if 1 / (share - 3) &lt; 9 else null"
    more += _BOUNDARY.format(id="odd_date", due=odd)
    diagram = diagram.replace(
        'answers.outcome == "again"', 'answers.outcome == "again" and 1 / (share - 7) &lt; 9'
    )
    files["case.bpmn"] = diagram.replace(
        "<bpmn:exclusiveGateway", more + "<bpmn:exclusiveGateway"
    ).encode()
    form = json.loads(json.dumps(FORMS["case"]))
    form["properties"]["share"] = {"type": "integer", "title": "Share", "x-fact": "share"}
    files["forms/case.json"] = json.dumps(form).encode()
    return files


def fill(url: str) -> None:
    """A training database with that pack, its worker, a manager and an administrator."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=START)
        for name, role, pack in (
            ("manager", "team_manager", "small"),
            ("worker", "social_worker", "small"),
            ("administrator", "administrator", None),
            ("auditor", "auditor", None),
        ):
            people.add_person(connection, name, display_name=name, roles=[role], pack=pack)
        owner = Actor("owner", "Olga", frozenset({"process_owner"}))
        ctx = Context(connection, owner, START, DOMAIN)
        published(ctx, failing_pack(), reason="First version")
    engine.dispose()


@dataclass
class Small:
    """One case of that pack; `now` is the training clock."""

    engine: sa.Engine
    now: datetime = START
    ref: str = ""

    def act(self, work: Any, actor: Actor = WORKER) -> Any:
        return database.in_transaction(
            self.engine, lambda c: work(Context(c, actor, self.now, DOMAIN))
        )

    def firing(self) -> Firing:
        return Firing(self.engine, DOMAIN, self.now)

    def open(self, **answers: Any) -> None:
        given = {"began": "2026-03-09", "worker": "worker", "share": 0, **answers}
        self.ref = self.act(
            lambda ctx: commands.open_case(ctx, pack="small", answers=given, case_id=CASE_ID)
        ).ref

    def correct_share(self, value: int) -> None:
        self.act(
            lambda ctx: commands.correct_fact(
                ctx, self.ref, "share", value, effective_on=None, reason="Counted again"
            )
        )

    def go(self, days: float) -> int:
        """Move the clock on by `days`; return how often timers fired."""
        self.now += timedelta(days=days)
        return training_clock.advance(self.engine, self.now, domain=DOMAIN)

    def work(self) -> list[str]:
        """Return the elements of the open work items, sorted."""
        t = tables.work_item.c
        with database.reading(self.engine) as connection:
            query = sa.select(t.element).where(t.status == "open")
            return sorted(connection.scalars(query))

    def timer(self, element: str) -> datetime | None:
        """Return when a timer is due."""
        t = tables.timer.c
        with database.reading(self.engine) as connection:
            return connection.execute(sa.select(t.due_at).where(t.element == element)).scalar_one()

    def kinds(self) -> list[str]:
        """Return the kinds of the case's events, in order."""
        t = tables.event.c
        with database.reading(self.engine) as connection:
            return list(connection.scalars(sa.select(t.kind).order_by(t.sequence)))
