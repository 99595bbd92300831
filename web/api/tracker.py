"""The tracker in the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypedDict

from flask import request

from engine.tracker.tracker import Measured, TrackedCase
from web.api.answers import Csv, Said, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import Json, one_of
from web.api.requests import TEXT, FromOne, FromZero
from web.request import tracking
from web.request.arguments import count

MOST_ROWS = 200


class TrackerRow(TypedDict):
    """An open case, flagged; `people` by role, `values` by column, `booked` days by deadline."""

    ref: str
    pack: str
    policy: str
    name: str
    rag: Annotated[str, one_of(*tracking.FLAGS)]
    reason: str
    people: dict[str, str]
    values: dict[str, Json]
    booked: dict[str, date]


class TrackerMeasure(TypedDict):
    """A measure of the pack's: of `among` cases, `listed` by reference where it lists them."""

    pack: str
    name: str
    label: str
    rule_ids: list[str]
    assumption: bool
    among: int
    count: int | None
    percent: int | None
    median: float | None
    listed: list[str]


class TrackerPart(TypedDict):
    """Some rows of `total`, the worst flags first; flags and measures are of all."""

    rows: list[TrackerRow]
    total: int
    next: int | None
    flags: dict[str, int]
    kpis: list[TrackerMeasure]


class TrackerWanted(TypedDict, total=False):
    """What narrows the tracker, and how it is to come."""

    person: str
    filter: Annotated[str, {"type": "array", "items": TEXT}]
    rag: Annotated[str, {"enum": ["", *tracking.FLAGS]}]
    limit: FromOne
    start: FromZero
    format: str


@api.get("/tracker")
@described()
def get_tracker(query: TrackerWanted) -> Said[TrackerPart] | Csv:
    """The open cases that one may see, flagged, with measures; `format=csv` gives a file."""
    wanted = tracking.read_wanted(request.args)
    if query.get("format") == "csv":
        found = tracking.read_tracker(wanted, limit=None, most_listed=0)
        return Csv(tracking.as_csv(found))
    limit = count(query.get("limit"), "limit", default=50, least=1, most=MOST_ROWS)
    start = count(query.get("start"), "start", default=0, least=0, most=10**6)
    found = tracking.read_tracker(wanted, limit=limit, start=start)
    part: TrackerPart = {
        "rows": [_row(each) for each in found.rows],
        "total": found.total,
        "next": found.next,
        "flags": dict(found.counts),
        "kpis": [_measured(each) for each in found.measures],
    }
    return say(part)


def _row(row: TrackedCase) -> TrackerRow:
    return {
        "ref": row.ref,
        "pack": row.pack,
        "policy": row.policy,
        "name": row.name,
        "rag": row.rag,
        "reason": row.reason,
        "people": dict(row.people),
        "values": dict(row.values),
        "booked": dict(row.booked),
    }


def _measured(each: Measured) -> TrackerMeasure:
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
