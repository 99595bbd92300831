"""Two people at the same work item: one wins, the other is told; nobody loses a form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from engine import clock, commands, database, records
from engine.context import CLOCK, Context
from engine.errors import WorkItemAlreadyCompleted
from tests.engine.world import World, actor
from workflows.permanence.domain import DOMAIN

ROUNDS = 200


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all `works` from one starting line; return results and exceptions in their order."""
    results: list[object] = [None] * len(works)
    line = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], object]) -> None:
        line.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def rebook(world: World, id: object, day: str) -> object:
    def work(connection: sa.Connection) -> object:
        ctx = Context(connection, actor("iro"), world.now, DOMAIN)
        return commands.complete_work_item(ctx, id, answers={"review_date": day})

    return database.in_transaction(world.engine, work)


class TestTwoAtTheSameWorkItem:
    def test_exactly_one_wins_each_of_200_times(self, world):
        world.open()
        world.complete("iro", "book_review", {"review_date": "2026-03-20"})
        wins = refusals = 0

        for each in range(ROUNDS):
            [item] = world.work("rebook_review")
            day = (world.now.date() + timedelta(days=1 + each % 20)).isoformat()
            results = at_once(*[partial(rebook, world, item, day)] * 2)
            wins += sum(1 for result in results if not isinstance(result, Exception))
            refusals += sum(1 for result in results if isinstance(result, WorkItemAlreadyCompleted))

        assert (wins, refusals) == (ROUNDS, ROUNDS)
        assert world.view().head.version == 2 + ROUNDS


class TestATimerMeanwhile:
    def test_costs_nobody_a_form(self, world):
        world.open()
        due = world.now.replace(hour=0) + timedelta(days=15)
        world.complete("iro", "book_review", {"review_date": "2026-03-20"})
        with database.reading(world.engine) as connection:
            armed = connection.scalar(sa.select(sa.func.count()).select_from(records.timer))
        assert armed >= 1

        def fire(connection: sa.Connection) -> object:
            ctx = Context(connection, CLOCK, due, DOMAIN)
            return commands.fire_timers(ctx, world.case_id)

        [item] = world.work("rebook_review")
        results = at_once(
            lambda: rebook(world, item, "2026-03-26"),
            lambda: database.in_transaction(world.engine, fire),
        )

        assert [each for each in results if isinstance(each, Exception)] == []
        assert len(world.work("explain_breach")) == 1
        assert world.view().facts["next_review_on"] == "2026-03-26"


class TestAdvancingTheClock:
    def test_fires_each_timer_at_its_own_instant(self, world):
        world.open()

        world.go("2026-04-20")

        t = records.event.c
        with database.reading(world.engine) as connection:
            at = connection.scalars(
                sa.select(t.at).where(t.kind == "timer_fired").order_by(t.sequence)
            ).all()
        assert [each.isoformat() for each in at] == [
            "2026-03-24T00:00:00+00:00",
            "2026-04-08T23:00:00+00:00",
        ]

    def test_resumes_after_a_crash_on_the_way(self, world):
        world.open()
        halfway = world.now + timedelta(days=20)
        clock.advance(world.engine, halfway, domain=DOMAIN)

        fired = world.go("2026-04-20")

        assert fired == 1
        assert len(world.work("explain_breach")) == 2
