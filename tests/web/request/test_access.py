"""One table says who may call each route; refusals and reads are written down."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.people import people
from engine.storage import database, tables
from tests.builders.visitor import Visitor
from tests.web.conftest import NOW, open_child
from web.request.routes import ROUTES


def log(app: Flask) -> list[tuple[str | None, str, str]]:
    t = tables.access_log.c
    with database.reading(app.extensions["permanence"].engine) as connection:
        rows = connection.execute(sa.select(t.actor, t.route, t.outcome).order_by(t.id))
        return [tuple(row) for row in rows]


class TestTable:
    def test_has_a_rule_for_every_route_and_no_other(self, sqlite_app: Flask):
        assert {rule.endpoint for rule in sqlite_app.url_map.iter_rules()} == set(ROUTES)

    def test_opens_to_strangers_only_what_needs_no_name(self):
        open_to_all = {name for name, rule in ROUTES.items() if rule.who == "anyone"}

        assert open_to_all == {
            "static",
            "health.show",
            "metrics.show",
            "sign_in.show",
            "sign_in.enter",
            "api.openapi",
        }


class TestCheck:
    def test_leads_strangers_to_the_sign_in_and_back(self, sqlite_app: Flask):
        visitor = Visitor(sqlite_app)
        answer = visitor.open("/work?show=team", status=303)
        assert answer.headers["Location"] == "/sign-in?next=/work?show%3Dteam"

        visitor.follow(answer)
        answer = visitor.send("/sign-in", {"person": "dudley.iro", "next": "/work?show=team"})
        assert answer.headers["Location"] == "/work?show=team"

    @pytest.mark.parametrize(
        "target", ["//evil.example", "https://evil.example", "/\\evil.example"]
    )
    def test_leads_nowhere_else(self, sqlite_app: Flask, target: str):
        visitor = Visitor(sqlite_app)
        visitor.open("/sign-in")
        answer = visitor.send("/sign-in", {"person": "dudley.iro", "next": target})
        assert answer.headers["Location"] == "/work"

    def test_refuses_the_wrong_role(self, sqlite_app: Flask):
        Visitor(sqlite_app, "dudley.iro").open("/cases/open/dudley", status=403)
        Visitor(sqlite_app, "dudley.iro").open("/cases", status=403)

    def test_signing_out_ends_the_session_for_good(self, sqlite_app: Flask):
        visitor = Visitor(sqlite_app, "dudley.iro")
        visitor.open("/work")
        cookie = visitor.client.get_cookie("permanence").value
        visitor.send("/sign-out")
        visitor.client.set_cookie("permanence", cookie)
        visitor.open("/work", status=303)

    def test_writes_down_reads_and_refusals(self, app: Flask):
        worker = Visitor(app, "dudley.social_worker")
        ref = open_child(worker)
        before = len(log(app))
        worker.open(f"/cases/{ref}")
        Visitor(app, "dudley.social_worker_2").open(f"/cases/{ref}", status=404)

        assert log(app)[before:] == [
            ("dudley.social_worker", "cases.show", "read"),
            ("dudley.social_worker_2", "cases.show", "refused"),
        ]


class TestPages:
    def test_refuse_a_form_without_its_token(self, sqlite_app: Flask):
        visitor = Visitor(sqlite_app, "dudley.social_worker")
        answer = visitor.client.post("/clock", data={"day": "10", "month": "3", "year": "2026"})

        assert answer.status_code == 400
        assert "too old" in answer.text

    def test_send_the_headers_that_keep_them_safe(self, sqlite_app: Flask):
        page = Visitor(sqlite_app, "dudley.social_worker").open("/work")

        policy = page.headers["Content-Security-Policy"]
        for part in (
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ):
            assert part in policy.split("; ")
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"

    def test_set_a_cookie_that_scripts_cannot_read(self, sqlite_app: Flask):
        answer = Visitor(sqlite_app).open("/sign-in")

        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_tell_machines_and_people_of_their_health(self, sqlite_app: Flask):
        visitor = Visitor(sqlite_app)
        assert visitor.open("/health").json == {
            "status": "ok",
            "mode": "training",
            "silent_cases": 0,
            "overdue_timers": 0,
            "open_incidents": 0,
        }
        page = visitor.client.get("/health", headers={"Accept": "text/html"})
        assert "<h1" in page.text


class TestTokens:
    def test_of_somebody_inactive_open_nothing(self, sqlite_app: Flask):
        with database.transaction(sqlite_app.extensions["permanence"].engine) as connection:
            token = people.create_token(connection, "auditor", now=NOW)
        client = sqlite_app.test_client()

        right = client.get("/api/v1/clock", headers={"Authorization": f"Bearer {token}"})
        wrong = client.get("/api/v1/clock", headers={"Authorization": f"Bearer {token}x"})

        assert (right.status_code, wrong.status_code) == (200, 401)
        assert wrong.headers["WWW-Authenticate"] == "Bearer"
