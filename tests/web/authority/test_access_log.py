"""P9: a look at several cases is one line that says at whom; wrong tokens are told and limited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.people import people
from engine.people.kept_requests import MOST_WRONG, WRONG_COUNTS_FOR
from engine.storage import database, tables
from tests.builders.two_councils import TwoCouncils

MANAGER, WORKER = "north.team_manager", "north.social_worker"
LOG = tables.access_log.c


def lines(councils: TwoCouncils) -> list[Any]:
    columns = (LOG.actor, LOG.route, LOG.outcome, LOG.cases)
    with database.reading(councils.engine) as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(LOG.id))]


def written(councils: TwoCouncils, look: Callable[[], Any]) -> list[Any]:
    """Return the lines that a look leaves."""
    before = len(lines(councils))
    look()
    return lines(councils)[before:]


@pytest.fixture
def two(councils: TwoCouncils) -> str:
    """The references of two cases of the council, in order, and one of the other council's."""
    councils.open_case("south")
    return " ".join(sorted((councils.open_case(), councils.open_case())))


LISTS = [
    (MANAGER, "GET", "/tracker", "tracker.index"),
    (MANAGER, "GET", "/tracker/file", "tracker.file"),
    (MANAGER, "GET", "/api/v1/tracker", "api.get_tracker"),
    (MANAGER, "GET", "/api/v1/tracker?format=csv", "api.get_tracker"),
    (WORKER, "GET", "/your-cases", "own_cases.index"),
    (WORKER, "GET", "/work", "work.index"),
    ("north.panel_administrator", "GET", "/work?show=claim", "work.index"),
    (MANAGER, "GET", "/work?show=team", "work.index"),
    ("north.auditor", "GET", "/cases", "cases.index"),
    (WORKER, "GET", "/api/v1/work-items", "api.list_work_items"),
    (WORKER, "POST", "/api/v1/search", "api.find_cases"),
]


class TestLooks:
    @pytest.mark.parametrize(("person", "method", "path", "route"), LISTS)
    def test_p9_name_once_whom_they_showed(
        self, councils: TwoCouncils, two: str, person: str, method: str, path: str, route: str
    ):
        body = {"json": {"term": "Child"}} if method == "POST" else {}

        found = written(councils, lambda: councils.ask(person, method, path, **body))

        assert found == [(person, route, "read", two)]

    def test_p9_searching_on_the_page_is_a_look(self, councils: TwoCouncils, two: str):
        csrf = councils.csrf(WORKER, "/search")
        sent = {"csrf_token": csrf, "term": "Child"}
        found = written(councils, lambda: councils.ask(WORKER, "POST", "/search", data=sent))

        assert found == [(WORKER, "search.find", "read", two)]

    def test_p9_that_find_nobody_are_told_too(self, councils: TwoCouncils):
        def search() -> None:
            councils.call(WORKER, "POST", "/search", {"term": "Nobody"})

        assert written(councils, search) == [(WORKER, "api.find_cases", "read", None)]

    def test_p9_of_work_to_allocate_and_of_what_is_handed_over(self, councils: TwoCouncils):
        ref = councils.open_case(iro=None)
        look = written(councils, lambda: councils.ask(MANAGER, "GET", "/allocation"))
        assert look == [(MANAGER, "allocation.index", "read", ref)]

        body = {"successors": {"social_worker": "north.social_worker_2"}}
        path = f"/people/{WORKER}/departure"
        gone = written(councils, lambda: councils.call("north.administrator", "POST", path, body))
        assert gone == [("north.administrator", "api.hand_over", "changed", ref)]

    def test_p9_of_somebody_without_the_role_are_refusals(self, councils: TwoCouncils):
        found = written(councils, lambda: councils.ask(WORKER, "GET", "/tracker"))

        assert found == [(WORKER, "tracker.index", "refused", None)]

    def test_p9_at_the_work_of_a_hidden_case_are_refusals(self, councils: TwoCouncils):
        ref = councils.open_case("south")
        path = f"/api/v1/work-items?case={ref}"
        found = written(councils, lambda: councils.ask(WORKER, "GET", path))

        assert found == [(WORKER, "api.list_work_items", "refused", None)]

    def test_p9_across_the_boundary_are_refusals(self, councils: TwoCouncils):
        found = written(councils, lambda: councils.ask(WORKER, "GET", "/packs/south"))

        assert found == [(WORKER, "packs.show", "refused", None)]


class Caller:
    """A program somewhere, with some token."""

    def __init__(self, councils: TwoCouncils, address: str) -> None:
        self.councils, self.address = councils, address

    def __call__(self, token: str) -> Any:
        # Each call is a client of its own: nothing is kept in a process.
        headers = {"Authorization": f"Bearer {token}"}
        where = {"REMOTE_ADDR": self.address}
        client = self.councils.app.test_client()
        return client.get("/api/v1/work-items", headers=headers, environ_base=where)

    def tries(self, token: str, times: int = MOST_WRONG) -> list[int]:
        return [self(token).status_code for _ in range(times)]


class TestWrongTokens:
    def test_p9_are_told_without_the_token(self, councils: TwoCouncils):
        found = written(councils, lambda: Caller(councils, "192.0.2.1")("a-secret"))

        assert found == [(None, "api.list_work_items", "refused", None)]
        with database.reading(councils.engine) as connection:
            [row] = connection.execute(sa.select(tables.access_log))
        assert row.address == "192.0.2.1"
        assert "a-secret" not in str(tuple(row))

    def test_p9_from_one_address_are_slowed_down_and_from_another_not(self, councils: TwoCouncils):
        here, there = Caller(councils, "192.0.2.1"), Caller(councils, "192.0.2.2")
        right = councils.token(WORKER)
        assert here(right).status_code == 200

        assert here.tries("wrong") == [401] * MOST_WRONG
        refused = here("wrong")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= WRONG_COUNTS_FOR.total_seconds()
        # Guessing on is of no use: even a right one is not looked at.
        assert here(right).status_code == 429
        assert there(right).status_code == 200

    def test_p9_are_looked_at_again_after_a_while(self, councils: TwoCouncils):
        here = Caller(councils, "192.0.2.1")
        here.tries("wrong")
        assert here(councils.token(WORKER)).status_code == 429

        with database.transaction(councils.engine) as connection:
            earlier = [
                {"row": row.id, "then": row.at - WRONG_COUNTS_FOR - timedelta(seconds=1)}
                for row in connection.execute(sa.select(LOG.id, LOG.at))
            ]
            connection.execute(
                tables.access_log.update()
                .where(LOG.id == sa.bindparam("row"))
                .values(at=sa.bindparam("then", type_=LOG.at.type)),
                earlier,
            )

        assert here(councils.token(WORKER)).status_code == 200

    def test_p9_of_somebody_who_left_are_told_by_name_and_slowed_down(self, councils: TwoCouncils):
        token = councils.token("north.social_worker_2")
        with database.transaction(councils.engine) as connection:
            inactive = tables.person.update().where(tables.person.c.name == "north.social_worker_2")
            connection.execute(inactive.values(active=False))
        tries = [
            Caller(councils, f"192.0.2.{number}")(token).status_code
            for number in range(MOST_WRONG + 1)
        ]

        assert tries == [401] * MOST_WRONG + [429]
        assert lines(councils)[-1][:3] == (
            "north.social_worker_2",
            "api.list_work_items",
            "refused",
        )

    def test_p9_a_session_that_is_over_is_told(self, councils: TwoCouncils):
        pages = councils.pages(WORKER)
        with database.transaction(councils.engine) as connection:
            opened = tables.session.c.opened_at
            long_ago = connection.scalar(sa.select(opened).limit(1)) - people.SESSION_LASTS * 2
            connection.execute(tables.session.update().values(opened_at=long_ago))

        found = written(councils, lambda: pages.get("/work"))

        assert found == [(WORKER, "work.index", "refused", None)]
