"""One log line for each request, and the counts that Prometheus collects at /metrics.

Neither holds a name or an answer: the log names the case by its reference, if it names one.
"""

from __future__ import annotations

import ipaddress
from time import perf_counter

import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)

from engine import metrics
from engine.errors import NotPermitted
from engine.integrity import liveness
from engine.people import permissions
from web.request import context
from web.request.errors import NotSignedIn

pages = Blueprint("metrics", __name__)
log = structlog.get_logger()

STEPS = {
    "cases.create": "case_opened",
    "api.open_case": "case_opened",
    "work_items.submit": "work_item_completed",
    "api.complete_work_item": "work_item_completed",
    "messages.send": "message",
    "api.send_message": "message",
    "corrections.record": "fact_corrected",
    "api.correct_fact": "fact_corrected",
}
"""Route -> the kind of step that it makes."""


@pages.get("/metrics")
def show() -> Response:
    """Counts for Prometheus: to this machine itself, or to an administrator's bearer token.

    Raises:
        NotSignedIn, NotPermitted: from elsewhere, without such a token.
    """
    if not _is_local():
        if g.get("actor") is None:
            raise NotSignedIn
        if not g.actor.is_any(*permissions.OPERATES):
            raise NotPermitted(g.actor.name, "read the metrics")
    with context.reading() as connection:
        found = liveness.take(connection, now=g.now)
    now = CollectorRegistry()
    for name, words, value in (
        ("incidents_open", "Incidents that wait for an operator", found.open_incidents),
        (
            "due_timer_lag_seconds",
            "How long the longest due timer waits",
            found.lag.total_seconds(),
        ),
        ("silent_cases", "Open cases that wait for nobody and no date", len(found.silent)),
    ):
        Gauge(f"permanence_{name}", words, registry=now).set(value)
    return Response(
        generate_latest(REGISTRY) + generate_latest(now), content_type=CONTENT_TYPE_LATEST
    )


def _is_local() -> bool:
    """Whether the request comes from this machine and through no proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _begin() -> None:
    g.began = perf_counter()


def _finish(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    seconds = perf_counter() - g.get("began", perf_counter())
    log.info(
        "request",
        method=request.method,
        route=request.endpoint,
        case=(request.view_args or {}).get("ref"),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    kind = STEPS.get(request.endpoint or "")
    if kind is not None:
        metrics.step(kind, _outcome(response.status_code), seconds)
    return response


def _outcome(status: int) -> str:
    if status < 400:
        return "done"
    return "refused" if status < 500 else "failed"


def add_to(app: Flask) -> None:
    """Time every request from here on; log and count it once it is answered."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_blueprint(pages)
