"""A person's step whose diagram fails: nothing is lost, and an operator hears of the third time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.storage import database, tables
from tests.apps import application
from tests.builders.failing_pack import Small, fill
from tests.builders.visitor import Visitor, date_fields
from tests.databases import Kind
from tests.web.pages.test_health import page, signed_in, token

VISITED = {**date_fields("visited", "2026-03-09"), "outcome": "again"}
ANSWERS = {"answers": {"visited": "2026-03-09", "outcome": "again"}}


@pytest.fixture
def failing(database_kind: Kind, new_database: Callable[..., str]) -> Any:
    with application(new_database(database_kind, fill=fill)) as app:
        yield app


@pytest.fixture
def small(failing: Flask) -> Small:
    """A case whose task `visit` cannot be completed with the outcome `again`."""
    small = Small(failing.extensions["permanence"].engine)
    small.open(share=7)
    return small


def visit(small: Small) -> UUID:
    t = tables.work_item.c
    with database.reading(small.engine) as connection:
        query = sa.select(t.id).where(t.element == "visit", t.status == "open")
        return connection.execute(query).scalar_one()


def test_keeps_the_answers_and_is_an_incident_the_third_time(failing: Flask, small: Small) -> None:
    person, address = signed_in(failing, "worker"), f"/work-items/{visit(small)}"
    said = []
    for _ in range(3):
        person.open(address)
        said.append(person.send(address, VISITED, status=500).text)

    assert all("your answers are kept" in each for each in said)
    assert ["reported to whoever looks after this service. Submit" in each for each in said] == [
        False,
        False,
        True,
    ]
    assert 'value="again" checked' in person.open(address).text
    assert small.kinds() == ["case_opened"]
    answer = Visitor(failing).open("/health", status=503)
    assert answer.json["open_incidents"] == 1
    seen = page(signed_in(failing, "administrator"))
    assert f"{small.ref}: visit" in seen
    assert "1 / (share - 7)" in seen


def test_goes_on_when_the_cause_is_mended_and_the_task_handed_back(
    failing: Flask, small: Small
) -> None:
    item = visit(small)
    client = failing.test_client()
    person, operator = token(failing, "worker"), token(failing, "administrator")
    for number in range(3):
        answer = client.post(
            f"/api/v1/work-items/{item}/completion",
            json=ANSWERS,
            headers={**person, "Idempotency-Key": "one"},
        )
        assert (answer.status_code, answer.json["reported"]) == (500, number == 2)

    small.correct_share(5)
    [incident] = client.get("/api/v1/incidents", headers=operator).json["items"]
    again = client.post(f"/api/v1/incidents/{incident['id']}/retry", headers=operator)
    done = client.post(
        f"/api/v1/work-items/{item}/completion",
        json=ANSWERS,
        headers={**person, "Idempotency-Key": "one"},
    )

    assert (incident["kind"], incident["element"], incident["attempts"]) == ("work", "visit", 3)
    assert again.json["fired"] is False
    assert done.status_code == 200
    assert client.get("/api/v1/incidents", headers=operator).json["items"] == []
    assert Visitor(failing).open("/health").json["status"] == "ok"


def test_skipped_the_reason_is_an_event_and_the_task_stays_open(
    failing: Flask, small: Small
) -> None:
    client, item = failing.test_client(), visit(small)
    for _ in range(3):
        client.post(
            f"/api/v1/work-items/{item}/completion", json=ANSWERS, headers=token(failing, "worker")
        )
    operator = token(failing, "administrator")
    [incident] = client.get("/api/v1/incidents", headers=operator).json["items"]

    skipped = client.post(
        f"/api/v1/incidents/{incident['id']}/skip", json={"reason": "By phone"}, headers=operator
    )

    assert skipped.status_code == 200
    assert small.kinds() == ["case_opened", "work_skipped"]
    assert visit(small) == item
    assert Visitor(failing).open("/health").json["status"] == "ok"
