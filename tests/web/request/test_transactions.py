"""One reading transaction a request, and one writing transaction for what changes something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import PostgresqlDatabases, SqliteDatabases
from tests.measures import routes
from tests.measures.recording import LOG, Recorder, Request, Transaction
from tests.measures.site import (
    ROUTES,
    Site,
    fill_failing,
    fill_training,
    is_logged,
    site_on,
)
from tests.measures.transactions import KINDS, line

# One worker makes all the walk and its tests share it.
pytestmark = pytest.mark.xdist_group("transactions")

EXCEPTIONS = {
    "static": "a file: the database is not asked",
    "clock.advance": "the training clock: what is due on the way fires by itself, in order",
    "api.set_clock": "the training clock: what is due on the way fires by itself, in order",
    "health.fire": "fires as a worker does: by itself what fails together",
    "health.retry": "hands the incident back, then fires as a worker does",
    "api.retry_incident": "hands the incident back, then fires as a worker does",
    "people.leave": "a command a case: one that fails holds up no other",
    "api.hand_over": "a command a case: one that fails holds up no other",
    routes.HELD_BACK: "a retry: the timer's incident is written down, then the step is tried again",
    routes.TOO_LATE: "refused for want of a session, yet what was typed is kept",
}
"""Route or remark -> why its requests may begin more.

Called here with one task, `allocation.give` is held to the rule: with several it is a command a
task. So is a joint sitting, a command a child. A conflict begins the writing one again.
"""

MAY_DELIVER = {
    routes.SENDS: "training hands on what a step sent, before the answer; else a worker does",
}
"""Remark -> why transactions of a delivery, which count for no request, may begin at all."""

ONLY_ASK = {
    "search.find": "the term must stand in no address",
    "api.find_cases": "the term must stand in no address",
    "packs.check": "files are sent; nothing is kept",
    "api.check_definitions": "files are sent; nothing is kept",
}
"""Route that is posted to but writes nothing -> why it is no GET."""


@pytest.fixture(scope="module")
def walked(sqlite_databases: SqliteDatabases) -> Iterator[tuple[Site, list[Request]]]:
    """The walk over every route on SQLite, and where it was made."""
    recorder = Recorder()
    with (
        site_on(sqlite_databases.create(fill_training)) as dudley,
        site_on(sqlite_databases.create(fill_failing)) as failing,
        recorder.listening(),
    ):
        routes.walk(recorder, dudley, failing)
        yield dudley, recorder.requests


def breach(request: Request) -> str:
    """Return what of the rule a request breaks, "" for nothing."""
    if request.route in EXCEPTIONS or request.remark in EXCEPTIONS:
        return ""
    if request.count("delivery") and request.remark not in MAY_DELIVER:
        return "looks for messages though it sent none"
    if request.count("reading") != 1 and not _is_read_anew(request):
        return "must begin one reading transaction"
    if request.method == "GET":
        return _breach_of_a_page(request)
    if not request.succeeded:
        return _breach_of_a_refusal(request)
    return _breach_of_a_submit(request)


def _is_read_anew(request: Request) -> bool:
    """Whether somebody else was quicker: what they did is read on a second picture, no third."""
    return request.status == 409 and request.count("reading") == 2


def _breach_of_a_page(request: Request) -> str:
    if request.count("writing"):
        return "must write nothing but its line of the access log"
    wanted = (1,) if _must_be_logged(request) else (0, 1)
    if request.count("log") not in wanted:
        return "must write its line of the access log, once"
    return ""


def _breach_of_a_refusal(request: Request) -> str:
    writing = [each for each in request.transactions if each.kind == "writing"]
    if any(each.ended == "commit" for each in writing):
        return "was refused: must keep nothing but its line of the access log"
    if len(writing) > 1 or request.count("log") > 1:
        return "must begin one writing transaction at most, and one for its line"
    return ""


def _breach_of_a_submit(request: Request) -> str:
    if request.route in ONLY_ASK:
        return _breach_of_a_page(request)
    if request.count("writing") != 1:
        return "must begin one writing transaction, none if it only asks"
    if request.count("log") or (_must_be_logged(request) and not request.logs_inside):
        return "must write its line of the access log in its writing transaction"
    return ""


def _must_be_logged(request: Request) -> bool:
    return request.succeeded and is_logged(request.route)


def breaches(requests: list[Request]) -> list[str]:
    """Return "what is broken: route and its counts" for each request that breaks the rule."""
    found = [(each, breach(each)) for each in requests]
    return list(dict.fromkeys(f"{what}: {line(each)}" for each, what in found if what))


def request(
    method: str, *begun: tuple[str, str], route: str = "cases.show", status: int = 200
) -> Request:
    """Return a request that began one transaction for each (tables written, how it ended)."""
    transactions = (
        Transaction(not tables, False, ("web",), tables=tables.split(), ended=ended)
        for tables, ended in begun
    )
    return Request(route, method, "/", status, tuple(transactions))


READ = ("", "rollback")
LINE = (LOG, "commit")
WROTE = (f"case event {LOG}", "commit")


class TestTheRuleItself:
    @pytest.mark.parametrize(
        "allowed",
        [
            request("GET", READ, LINE),
            request("GET", READ, LINE, route="work.index"),
            request("GET", READ, route="packs.index"),
            request("GET", READ, LINE, status=404),
            request("POST", READ, WROTE, route="comments.add", status=303),
            request("POST", READ, ("case event", "commit"), route="cases.create", status=303),
            request("POST", READ, ("case", "rollback"), LINE, route="comments.add", status=422),
            request("POST", READ, LINE, route="comments.add", status=403),
            request("POST", READ, LINE, route="search.find"),
            request("POST", READ, route="packs.check"),
            request("GET", route="static"),
        ],
    )
    def test_allows(self, allowed: Request):
        assert breach(allowed) == ""

    @pytest.mark.parametrize(
        "forbidden",
        [
            request("GET", READ),
            request("GET", READ, READ, LINE),
            request("GET", READ, WROTE),
            request("GET", LINE, route="work.index"),
            request("GET", READ, route="work.index"),
            request("POST", READ, route="search.find"),
            request("POST", READ, ("case event", "commit"), LINE, route="comments.add"),
            request("POST", READ, ("case event", "commit"), route="comments.add"),
            request("POST", READ, WROTE, ("unsent_typing", "commit"), route="work_items.submit"),
            request("POST", READ, ("unsent_typing", "commit"), LINE, status=409),
            request("POST", READ, WROTE, route="search.find"),
            request("POST", READ, READ, WROTE, route="comments.add"),
        ],
    )
    def test_forbids(self, forbidden: Request):
        assert breach(forbidden) != ""


class TestWalk:
    def test_calls_every_route_with_what_succeeds(self, walked: tuple[Site, list[Request]]):
        dudley, requests = walked
        there = {
            (rule.endpoint, method)
            for rule in dudley.app.url_map.iter_rules()
            for method in rule.methods or ()
            if method not in ("HEAD", "OPTIONS")
        }

        assert {route for route, _ in there} == set(ROUTES)
        assert there - {(each.route, each.method) for each in requests if each.succeeded} == set()

    def test_hears_of_every_kind_of_transaction(self, walked: tuple[Site, list[Request]]):
        _, requests = walked
        begun = [each for request in requests for each in request.transactions]

        assert {each.kind for each in begun} == set(KINDS)
        assert {each.ended for each in begun} == {"commit", "rollback"}
        assert all(each.begun_in for each in begun)

    def test_meets_every_exception(self, walked: tuple[Site, list[Request]]):
        _, requests = walked
        met = {each.route for each in requests} | {each.remark for each in requests}

        assert {*EXCEPTIONS, *MAY_DELIVER, *ONLY_ASK} - met == set()


class TestRule:
    def test_holds_for_every_route(self, walked: tuple[Site, list[Request]]):
        found = breaches(walked[1])

        assert not found, "\n".join(found)

    def test_holds_on_postgresql_too(self, postgresql_databases: PostgresqlDatabases):
        recorder = Recorder()
        url = postgresql_databases.create(fill_training)
        with site_on(url) as dudley, recorder.listening():
            routes.sample(recorder, dudley)

        found = breaches(recorder.requests)
        assert not found, "\n".join(found)
