"""Prometheus counts steps; only this machine and administrators read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from structlog.testing import capture_logs

from tests.builders.visitor import Visitor

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def read(app: Flask) -> str:
    return app.test_client().get("/metrics").text


class TestMetrics:
    @pytest.mark.usefixtures("child")
    def test_count_steps_and_what_waits(self, app: Flask):
        text = read(app)

        assert 'permanence_steps_total{kind="case_opened",outcome="done"}' in text
        assert 'permanence_step_seconds_bucket{kind="case_opened"' in text
        assert "permanence_incidents_open 0.0" in text
        assert "permanence_due_timer_lag_seconds 0.0" in text
        assert "permanence_timers_fired_total" in text

    def test_are_for_this_machine_and_administrators(self, app: Flask, token: Callable[[str], str]):
        def status(name: str | None, **headers: str) -> int:
            if name is not None:
                headers["Authorization"] = f"Bearer {token(name)}"
            client = app.test_client()
            return client.get("/metrics", environ_base=ELSEWHERE, headers=headers).status_code

        assert status("administrator") == 200
        assert status("dudley.social_worker") == 403
        assert status(None) == 303
        proxied = app.test_client().get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
        assert proxied.status_code == 303


class TestLog:
    def test_has_a_line_for_each_request_without_names(self, worker: Visitor, child: str):
        with capture_logs() as lines:
            worker.open(f"/cases/{child}")

        [line] = [each for each in lines if each["event"] == "request"]
        assert (line["route"], line["case"], line["status"]) == ("cases.show", child, 200)
        assert "Robin" not in str(lines)
        assert "dudley.social_worker" not in str(lines)
