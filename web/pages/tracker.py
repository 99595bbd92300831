"""The tracker: which children are drifting, and how are we doing?"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from web.request import context, tracking
from web.request.arguments import count

pages = Blueprint("tracker", __name__, url_prefix="/tracker")

PAGE = 50
MOST_LISTED = 10
"""Children listed under one measure; the file has all of them."""


@pages.get("")
def index() -> ResponseReturnValue:
    """The open cases that I may see, the worst flags first, with the measures over them."""
    given = request.args
    wanted = tracking.read_wanted(given)
    start = count(given.get("start"), "start", default=0, least=0, most=10**6)
    return render_template(
        "tracker/index.html",
        tracker=tracking.read_tracker(wanted, limit=PAGE, start=start, most_listed=MOST_LISTED),
        wanted=wanted,
        flags=tracking.FLAGS,
        most_listed=MOST_LISTED,
        asked={
            "person": wanted.person,
            "filter": sorted(wanted.filters),
            "rag": wanted.rag,
        },
        names=context.person_names(),
    )


@pages.get("/file")
def file() -> Response:
    """All of it, every column, for a spreadsheet."""
    found = tracking.read_tracker(tracking.read_wanted(request.args), limit=None, most_listed=0)
    headers = {"Content-Disposition": 'attachment; filename="tracker.csv"'}
    return Response(tracking.as_csv(found), mimetype="text/csv", headers=headers)
