"""The training clock fires each timer at its own instant, once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from engine.firing import training_clock
from engine.storage import database, tables
from workflows.permanence.domain import DOMAIN


class TestAdvancingTheClock:
    def test_fires_each_timer_at_its_own_instant(self, world):
        world.open()

        world.go("2026-04-20")

        t = tables.event.c
        with database.reading(world.engine) as connection:
            at = connection.scalars(
                sa.select(t.at).where(t.kind == "timer_fired").order_by(t.sequence)
            ).all()
        assert [each.isoformat() for each in at] == [
            "2026-03-24T00:00:00+00:00",
            "2026-03-30T23:00:00+00:00",
            "2026-03-31T23:00:00+00:00",
            "2026-04-08T23:00:00+00:00",
            "2026-04-09T23:00:00+00:00",
            "2026-04-16T23:00:00+00:00",
            "2026-04-17T23:00:00+00:00",
        ]

    def test_resumes_after_a_crash_on_the_way(self, world):
        world.open()
        halfway = world.now + timedelta(days=20)
        training_clock.advance(world.engine, halfway, domain=DOMAIN)

        fired = world.go("2026-04-20")

        assert fired == 6
        assert len(world.work("explain_breach")) == 2
