"""A timer that fails becomes an incident and blocks nothing else of its case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import commands, firing
from engine.errors import AnswersRefused, IncidentNotFound, NotPermitted, TimerFailed
from engine.firing import loop, retry_or_skip, training_clock
from engine.storage import database, incidents, tables
from engine.storage.incidents import IncidentRow
from tests.builders.failing_pack import CASE_ID, OPERATOR, WORKER, Small, fill
from tests.databases import Kind
from workflows.permanence.domain import DOMAIN


@pytest.fixture
def small(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Small]:
    """A case whose `too_late` will fail: 10 working days from its start, `share` is 0."""
    engine = database.create_engine(new_database(database_kind, fill=fill))
    small = Small(engine)
    small.open()
    yield small
    engine.dispose()


def listed(small: Small) -> list[IncidentRow]:
    with database.reading(small.engine) as connection:
        return incidents.list_incidents(connection)


def fail(small: Small) -> IncidentRow:
    """Let the date pass and every try fail."""
    small.go(30)
    [incident] = listed(small)
    return incident


class TestFailingTimer:
    def test_lets_the_others_fire_and_the_clock_go_on(self, small: Small):
        fired = small.go(30)

        assert fired == 1
        assert small.work() == ["in_time_work", "visit"]
        with database.reading(small.engine) as connection:
            assert training_clock.current_time(connection) == small.now

    def test_names_case_element_and_cause_and_no_value(self, small: Small):
        incident = fail(small)

        assert (incident.case_ref, incident.element) == (small.ref, "too_late")
        assert (incident.status, incident.attempts, incident.next_try_at) == ("open", 3, None)
        assert incident.cause.startswith("ZeroDivisionError")
        assert "10 / share" in incident.cause
        assert incident.last_at - incident.first_at == timedelta(minutes=11)

    def test_is_tried_three_times_with_growing_delay(self, small: Small):
        due = small.timer("too_late")
        tries = []
        for minute in range(13):
            small.now = due + timedelta(minutes=minute)
            loop.run_due_timers(small.engine, DOMAIN, small.now)
            tries.append(listed(small)[0].attempts)

        assert tries == [1, *[2] * 10, 3, 3]

    def test_does_not_hold_up_peoples_work(self, small: Small):
        fail(small)
        visit = _work_item(small, "visit")

        answers = {"visited": "2026-03-10", "outcome": "well"}
        small.act(lambda ctx: commands.complete_work_item(ctx, visit, answers=answers))

        assert "visit" not in small.work()
        assert listed(small) == [], "nothing waits for that timer any more"

    def test_fires_by_itself_once_the_fact_is_mended(self, small: Small):
        due = small.timer("too_late")
        loop.run_due_timers(small.engine, DOMAIN, due)
        small.correct_share(2)

        small.now = due + timedelta(minutes=1)
        fired = loop.run_due_timers(small.engine, DOMAIN, small.now)

        assert fired == 1
        assert "say_why" in small.work()
        assert listed(small) == []


class TestTimerWhoseDateFails:
    def test_is_held_back_from_peoples_steps(self, small: Small):
        with pytest.raises(TimerFailed) as caught:
            small.correct_share(3)

        firing.hold_back(small.firing(), CASE_ID, caught.value)
        small.correct_share(3)

        [incident] = listed(small)
        assert (incident.element, incident.status) == ("odd_date", "open")

    def test_is_worked_out_again_on_retry(self, small: Small):
        with pytest.raises(TimerFailed) as caught:
            small.correct_share(3)
        firing.hold_back(small.firing(), CASE_ID, caught.value)
        small.correct_share(3)
        small.correct_share(4)

        small.act(lambda ctx: retry_or_skip.retry_incident(ctx, listed(small)[0].id), OPERATOR)
        firing.fire_case(small.firing(), CASE_ID)

        assert listed(small) == []
        assert small.kinds()[-1] == "timer_retried"
        assert small.timer("odd_date") is not None

    def test_blames_itself_and_no_timer_that_is_due(self, small: Small):
        due = small.timer("too_late")
        with pytest.raises(TimerFailed) as caught:
            small.correct_share(3)
        firing.hold_back(small.firing(), CASE_ID, caught.value)
        small.correct_share(3)
        small.act(lambda ctx: retry_or_skip.retry_incident(ctx, listed(small)[0].id), OPERATOR)

        small.now = due
        fired = loop.run_due_timers(small.engine, DOMAIN, due)

        assert fired == 2
        assert [each.element for each in listed(small)] == ["odd_date"]
        assert "say_why" in small.work()


class TestRetry:
    def test_fires_after_the_cause_is_mended(self, small: Small):
        incident = fail(small)
        small.correct_share(5)

        small.act(lambda ctx: retry_or_skip.retry_incident(ctx, incident.id), OPERATOR)
        fired = firing.fire_case(small.firing(), incident.case_id)

        assert fired == 1
        assert "say_why" in small.work()
        assert listed(small) == []

    def test_leaves_it_open_when_it_fails_again(self, small: Small):
        incident = fail(small)

        small.act(lambda ctx: retry_or_skip.retry_incident(ctx, incident.id), OPERATOR)
        firing.fire_case(small.firing(), incident.case_id)

        [again] = listed(small)
        assert (again.status, again.attempts) == ("open", 4)

    def test_is_for_administrators(self, small: Small):
        incident = fail(small)

        with pytest.raises(NotPermitted):
            small.act(lambda ctx: retry_or_skip.retry_incident(ctx, incident.id), WORKER)
        with pytest.raises(NotPermitted):
            small.act(lambda ctx: retry_or_skip.skip_incident(ctx, incident.id, reason="x"), WORKER)


class TestSkip:
    def test_is_an_event_that_says_so_and_disarms_the_timer(self, small: Small):
        incident = fail(small)

        skip = lambda ctx: retry_or_skip.skip_incident(ctx, incident.id, reason="Told by phone")  # noqa: E731
        small.act(skip, OPERATOR)
        again = small.go(30)

        assert small.kinds()[-1] == "timer_skipped"
        assert small.timer("too_late") is None
        assert again == 0
        assert listed(small) == []
        with pytest.raises(IncidentNotFound):
            small.act(skip, OPERATOR)

    def test_needs_a_reason(self, small: Small):
        incident = fail(small)

        with pytest.raises(AnswersRefused):
            small.act(
                lambda ctx: retry_or_skip.skip_incident(ctx, incident.id, reason=" "), OPERATOR
            )
        assert [each.status for each in listed(small)] == ["open"]

    def test_ends_when_the_date_moves(self, small: Small):
        incident = fail(small)
        small.act(
            lambda ctx: retry_or_skip.skip_incident(ctx, incident.id, reason="Told"), OPERATOR
        )
        small.correct_share(5)

        small.act(
            lambda ctx: commands.correct_fact(
                ctx, small.ref, "began_on", "2026-04-08", effective_on=None, reason="Wrong day"
            )
        )
        armed = small.timer("too_late")

        assert armed is not None
        assert armed > small.now
        small.go(30)
        assert "say_why" in small.work()


def _work_item(small: Small, element: str) -> UUID:
    t = tables.work_item.c
    with database.reading(small.engine) as connection:
        return connection.execute(sa.select(t.id).where(t.element == element)).scalar_one()
