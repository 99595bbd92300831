"""Health: machines see red, an operator sees what is wrong and mends it, nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.people import people
from engine.storage import database, tables
from tests.apps import application
from tests.builders.failing_pack import CASE_ID, START, Small, fill
from tests.builders.visitor import Visitor
from tests.databases import Kind

HTML = {"Accept": "text/html"}


@pytest.fixture
def failing(database_kind: Kind, new_database: Callable[..., str]) -> Any:
    """The application on a pack whose timer divides by a fact that is 0."""
    with application(new_database(database_kind, fill=fill)) as app:
        yield app


@pytest.fixture
def small(failing: Flask) -> Small:
    """A case in which that timer has failed three times."""
    small = Small(failing.extensions["permanence"].engine)
    small.open()
    small.go(30)
    return small


def signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.open("/sign-in")
    visitor.send("/sign-in", {"person": name})
    return visitor


def token(app: Flask, name: str) -> dict[str, str]:
    with database.transaction(app.extensions["permanence"].engine) as connection:
        return {"Authorization": f"Bearer {people.create_token(connection, name, now=START)}"}


def page(visitor: Visitor, *, status: int = 503, query: str = "") -> str:
    answer = visitor.client.get(f"/health{query}", headers=HTML)
    return visitor._shown(answer, status).text


class TestForMachines:
    @pytest.mark.usefixtures("small")
    def test_turns_red_for_an_open_incident(self, failing: Flask):
        answer = Visitor(failing).open("/health", status=503)

        assert answer.json["open_incidents"] == 1
        assert answer.json["status"] == "unwell"
        assert Visitor(failing).open("/health?of=server").json["status"] == "ok"

    def test_turns_red_for_a_silent_case(self, failing: Flask):
        small = Small(failing.extensions["permanence"].engine)
        small.open()
        assert Visitor(failing).open("/health").json["silent_cases"] == 0
        with database.transaction(small.engine) as connection:
            connection.execute(tables.timer.update().values(due_at=None))
            connection.execute(tables.work_item.update().values(status="withdrawn"))

        assert Visitor(failing).open("/health", status=503).json["silent_cases"] == 1

    def test_turns_red_for_an_overdue_timer(self, failing: Flask):
        small = Small(failing.extensions["permanence"].engine)
        small.open()
        with database.transaction(small.engine) as connection:
            connection.execute(
                tables.timer.update()
                .where(tables.timer.c.element == "in_time")
                .values(due_at=START)
            )
            clock = tables.setting.c.name == "clock"
            connection.execute(
                tables.setting.update().where(clock).values(value="2026-03-09T09:05:00+00:00")
            )

        assert Visitor(failing).open("/health", status=503).json["overdue_timers"] == 1


class TestForAnOperator:
    def test_shows_references_and_no_names(self, failing: Flask, small: Small):
        text = page(signed_in(failing, "administrator"))

        assert small.ref in text
        assert "too_late" in text
        assert "ZeroDivisionError" in text
        assert "Wim" not in text

    def test_tries_again(self, failing: Flask, small: Small):
        operator = signed_in(failing, "administrator")
        small.correct_share(5)
        action = _action(page(operator), "retry")

        operator.send(action)

        assert "went on" in page(operator, status=200)
        assert "say_why" in small.work()

    @pytest.mark.usefixtures("small")
    def test_says_when_it_fails_again(self, failing: Flask):
        operator = signed_in(failing, "administrator")

        operator.send(_action(page(operator), "retry"))

        assert "failed again" in page(operator)

    def test_skips_with_a_reason_only(self, failing: Flask, small: Small):
        operator = signed_in(failing, "administrator")
        action = _action(page(operator), "skip")

        assert "Say why" in operator.send(action, {"reason": " "}, status=422).text
        operator.send(action, {"reason": "Told by phone"})

        assert small.kinds()[-1] == "timer_skipped"
        page(operator, status=200)
        operator.send(action, {"reason": "Again"}, status=404)

    @pytest.mark.usefixtures("small")
    def test_checks_everything_when_asked(self, failing: Flask):
        operator = signed_in(failing, "administrator")

        assert "failed 3 times" in page(operator, query="?check=all")


class TestOthers:
    def test_see_no_case_on_the_page(self, failing: Flask, small: Small):
        for visitor in (
            Visitor(failing),
            signed_in(failing, "worker"),
            signed_in(failing, "auditor"),
        ):
            text = page(visitor)
            assert small.ref not in text
            assert "Something needs an operator" in text

    def test_cannot_mend(self, failing: Flask, small: Small):
        action = _action(page(signed_in(failing, "administrator")), "retry")
        for name in ("worker", "manager", "auditor"):
            visitor = signed_in(failing, name)
            visitor.open("/clock")
            visitor.send(action, status=403)
            visitor.send(f"/health/cases/{small.ref}/fire", status=403)
            headers = token(failing, name)
            assert visitor.client.get("/api/v1/incidents", headers=headers).status_code == 403

        assert small.kinds()[-1] == "timer_fired"


class TestInTheApi:
    def test_lists_retries_and_skips(self, failing: Flask, small: Small):
        client, headers = failing.test_client(), token(failing, "administrator")
        [item] = client.get("/api/v1/incidents", headers=headers).json["items"]
        address = f"/api/v1/incidents/{item['id']}"

        retried = client.post(f"{address}/retry", headers=headers)
        unsaid = client.post(f"{address}/skip", headers=headers, json={"reason": " "})
        skipped = client.post(f"{address}/skip", headers=headers, json={"reason": "Told"})

        assert (item["case_ref"], item["element"], item["attempts"]) == (small.ref, "too_late", 3)
        assert retried.json["fired"] is False
        assert (unsaid.status_code, skipped.status_code) == (422, 200)
        assert client.get("/api/v1/incidents", headers=headers).json == {"items": []}


class TestPeoplesSteps:
    def test_do_not_fail_for_a_date_that_cannot_be_worked_out(self, failing: Flask):
        small = Small(failing.extensions["permanence"].engine)
        small.open()
        client, headers = failing.test_client(), token(failing, "worker")
        correction = {"fact": "share", "value": 3, "reason": "Counted again"}

        answer = client.post(
            f"/api/v1/cases/{small.ref}/corrections", headers=headers, json=correction
        )

        assert answer.status_code == 200
        with database.reading(small.engine) as connection:
            kept = connection.execute(sa.select(tables.incident)).one()
        assert (kept.case_id, kept.element, kept.status) == (CASE_ID, "odd_date", "open")


def _action(text: str, what: str) -> str:
    end = f'/{what}"'
    before = text.split(end)[0]
    return before[before.rindex("/health/") :] + f"/{what}"
