"""A step costs the same at the twentieth meeting as at the third."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date

import sqlalchemy as sa

from engine import database, records
from tests.engine.world import World

BREACH_ON = "2026-03-25"


class Statements:
    """Counts the SQL statements that an engine runs."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._add)

    def _add(self, *_: object) -> None:
        self.count += 1


def state_bytes(world: World) -> int:
    t = records.instance.c
    with database.reading(world.engine) as connection:
        total = connection.scalar(
            sa.select(sa.func.sum(sa.func.length(t.state))).where(t.case_id == world.case_id)
        )
    return int(total or 0)


def test_twenty_meetings_with_a_breach_and_a_follow_up_open(world):
    world.open()
    world.go(BREACH_ON)
    statements = Statements(world.engine)
    figures = {}
    for number in range(1, 21):
        day = max(world.governing("ppm").isoformat(), BREACH_ON)
        world.go(day)
        statements.count = 0
        world.meeting(day)
        asked = statements.count
        if number > 1:
            world.follow_up(day)
        case_bytes = len(json.dumps(asdict(world.view()), default=str))
        figures[number] = (asked, state_bytes(world), case_bytes)

    # Figures for a reader of `pytest -rP`.
    sys.stdout.write(f"statements, state, case bytes: {figures[3]} {figures[20]}\n")
    for third, twentieth in zip(figures[3], figures[20], strict=True):
        assert twentieth <= third * 1.1
    assert len(world.work("explain_breach")) >= 1
    assert len(world.work("update_care_plan")) == 1
    assert world.now.date() > date(2028, 1, 1)
