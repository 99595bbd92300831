"""Counts that Prometheus collects at /metrics. They hold no name and no reference."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)

from engine.errors import NotPermitted
from engine.integrity import liveness
from engine.people import permissions
from web.request import context
from web.request.errors import NotSignedIn

pages = Blueprint("metrics", __name__)


@pages.get("/metrics")
def show() -> Response:
    """Counts for Prometheus: to this machine itself, or to the token of an administrator of
    all councils.

    Raises:
        NotSignedIn, NotPermitted: from elsewhere, without such a token.
    """
    if not _is_local():
        if g.get("actor") is None:
            raise NotSignedIn
        # They count every council's cases.
        if not g.actor.is_any(*permissions.OPERATES) or g.actor.pack is not None:
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
