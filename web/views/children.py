"""Your children: who am I responsible for, and is anyone drifting?"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine import queries
from web import context

pages = Blueprint("children", __name__)


@pages.get("/children")
def index() -> ResponseReturnValue:
    """The open cases in which I am one of the child's people, next date first."""
    with context.reading() as connection:
        page = queries.list_children(
            connection,
            person=context.actor().name,
            today=context.today(),
            limit=50,
            after=request.args.get("after"),
        )
    return render_template("children/index.html", children=page.items, next_page=page.next)
