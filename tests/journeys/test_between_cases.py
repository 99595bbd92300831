"""What one case tells another: stored with the step that sends it, taken exactly once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.context import CLOCK, Context
from engine.firing import case_messages, loop
from engine.integrity import look_over
from engine.integrity.look_over import Verdict
from engine.packs.version import Definition
from engine.storage import database, tables
from tests.builders.world import actor, pack_files
from tests.journeys.changed_pack import text
from tests.journeys.council import Council
from tests.journeys.test_dudley_work import ANSWER
from tests.publishing import unchecked
from workflows.permanence.domain import DOMAIN

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


def escalate(council: Council) -> str:
    """Let the panel and the IRO leave a child's dissenting view unresolved; return the case."""
    council.reader = "social_worker"
    council.open_case()
    council.meeting("2026-03-09", dissent=[{"person": "Mother", "view": "Home"}])
    council.complete("iro", "answer_dissent_iro", {**ANSWER, "outcome": "escalated"})
    council.complete("aepp_chair", "answer_dissent_aepp", ANSWER)
    return council.ref


def considered(council: Council) -> list[dict[str, Any]]:
    """Return the panel's open work on views that were escalated to it."""
    found = council.call(
        "GET", "/work-items?name=consider_escalated_view&role=pmp_chair", role="pmp_chair"
    )
    return list(found["items"])


def look(council: Council, now: datetime = NOW) -> Verdict:
    with database.reading(council.engine) as connection:
        return look_over.look_over(connection, now=now, domain=DOMAIN)


def waiting(council: Council) -> UUID:
    """Return the one message that is not taken."""
    with database.reading(council.engine) as connection:
        query = sa.select(tables.message.c.id).where(tables.message.c.due_at.is_not(None))
        return connection.scalars(query).one()


class Killed(Exception):
    """The machine went away before the commit."""


def killed() -> None:
    raise Killed


def deliver(
    council: Council, message: UUID, *, before_commit: Callable[[], None] = lambda: None
) -> Any:
    """Let the panel take the message, if nobody else has."""

    def work(connection: sa.Connection) -> Any:
        taken = case_messages.deliver(Context(connection, CLOCK, NOW, DOMAIN), message)
        before_commit()
        return taken

    return database.in_transaction(council.engine, work)


def with_a_panel_that_came_later(council: Council) -> UUID:
    """Leave a message that nobody took, and open the panel behind the server's back."""
    escalate(council)
    message = waiting(council)
    t = tables.message
    with database.transaction(council.engine) as connection:
        connection.execute(t.update().values(due_at=datetime(2030, 1, 1, tzinfo=UTC)))
    council.open_panel()
    with database.transaction(council.engine) as connection:
        connection.execute(t.update().values(due_at=NOW))
    return message


class TestBetweenCases:
    def test_an_escalated_view_becomes_work_of_the_panel(self, council: Council):
        panel = council.open_panel()["ref"]

        child = escalate(council)

        [item] = considered(council)
        assert (item["case_ref"], item["limit_on"]) == (panel, "2026-06-09")
        assert item["title"] == f"Consider the dissenting view escalated from {child}"
        council.ref = panel
        assert council.history()[-1]["kind"] == "message_received"
        assert (look(council).waiting_messages, look(council).problems) == (0, ())
        answer = {"advice": "Ask the court", "considered_on": "2026-03-09"}
        council.reader = "pmp_chair"
        council.complete("pmp_chair", "consider_escalated_view", answer)
        assert considered(council) == []

    def test_it_waits_for_a_panel_to_be_opened(self, council: Council):
        escalate(council)
        assert [each["role"] for each in council.history()[-1]["notices"]] == ["pmp_chair"]
        assert (look(council).waiting_messages, look(council).problems) == (1, ())
        council.go("2026-03-10")
        assert (look(council).waiting_messages, considered(council)) == (1, [])

        council.open_panel()

        assert look(council).waiting_messages == 0
        assert len(considered(council)) == 1

    def test_delivered_twice_it_has_one_effect(self, council: Council):
        message = with_a_panel_that_came_later(council)

        assert deliver(council, message) is not None
        assert deliver(council, message) is None

        assert len(considered(council)) == 1
        assert look(council).problems == ()

    def test_delivered_by_two_at_once_it_has_one_effect(self, council: Council):
        message = with_a_panel_that_came_later(council)
        together = Barrier(2)

        def race(_: int) -> Any:
            together.wait()
            return deliver(council, message)

        with ThreadPoolExecutor(2) as pool:
            taken = list(pool.map(race, range(2)))

        assert sum(each is not None for each in taken) == 1
        assert len(considered(council)) == 1
        assert look(council).problems == ()

    def test_what_is_rolled_back_is_delivered_again(self, council: Council):
        message = with_a_panel_that_came_later(council)
        with pytest.raises(Killed):
            deliver(council, message, before_commit=killed)
        assert considered(council) == []

        assert loop.run_due_timers(council.engine, DOMAIN, NOW) == 1

        assert len(considered(council)) == 1
        assert loop.run_due_timers(council.engine, DOMAIN, NOW) == 0

    def test_a_panel_that_fails_holds_up_no_child(self, council: Council):
        changed = Definition(text("escalated_view.bpmn", "+ from_case", "+ 1")(pack_files()))
        with database.transaction(council.engine) as connection:
            owner = Context(connection, actor("process_owner", None), NOW, DOMAIN)
            unchecked(owner, changed, reason="A title that cannot be worked out")
        council.open_panel()

        escalate(council)

        assert considered(council) == []
        [(_, problem)] = look(council).problems
        assert problem.endswith("is not taken; tried so far: 1 (StepFailed).")
        council.go("2026-03-09", "09:12")
        [(_, problem)] = look(council).problems
        assert problem.endswith("is not taken; tried so far: 3 (StepFailed).")

    def test_a_lost_receipt_is_noticed(self, council: Council):
        panel = council.open_panel()["ref"]
        child = escalate(council)
        sent = len(council.history())

        with database.transaction(council.engine) as connection:
            connection.execute(sa.delete(tables.message))

        found = look(council).problems
        [gone] = [each for each in found if each[1].endswith("is gone.")]
        assert gone[0] == child
        assert set(found) - {gone} == {
            (child, f"Event {sent} sent a message that its row does not bear out."),
            (panel, "Event 2 took a message that its receipt does not bear out."),
        }
