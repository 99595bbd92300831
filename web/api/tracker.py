"""The tracker in the API."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from engine.tracker.tracker import Measured, TrackedCase
from web.api.blueprint import api
from web.api.requests import say
from web.request import tracking
from web.request.arguments import count

MOST_ROWS = 200


@api.get("/tracker")
def get_tracker() -> Response:
    """The open cases that one may see, flagged, with measures; `format=csv` gives a file."""
    given = request.args
    wanted = tracking.read_wanted(given)
    if given.get("format") == "csv":
        return Response(
            tracking.as_csv(tracking.read_tracker(wanted, limit=None)), mimetype="text/csv"
        )
    limit = count(given.get("limit"), "limit", default=50, least=1, most=MOST_ROWS)
    start = count(given.get("start"), "start", default=0, least=0, most=10**6)
    found = tracking.read_tracker(wanted, limit=limit, start=start)
    return say(
        {
            "rows": [_row(each) for each in found.rows],
            "total": found.total,
            "next": found.next,
            "flags": dict(found.counts),
            "kpis": [_measured(each) for each in found.measures],
        }
    )


def _row(row: TrackedCase) -> dict[str, Any]:
    said = ("ref", "pack", "policy", "child_name", "rag", "reason")
    return {
        **{name: getattr(row, name) for name in said},
        "people": dict(row.people),
        "values": dict(row.values),
    }


def _measured(each: Measured) -> dict[str, Any]:
    return {
        "pack": each.pack,
        "name": each.measure.name,
        "label": each.measure.label,
        "rule_ids": list(each.measure.rule_ids),
        "assumption": each.measure.assumption,
        "among": each.among,
        "count": each.count,
        "percent": each.percent,
        "median": each.median,
        "listed": list(each.listed),
    }
