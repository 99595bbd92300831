"""Find a child: by reference or name. The term is posted, so no address and no log holds it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.reads import search
from web.request import context

pages = Blueprint("search", __name__, url_prefix="/search")

MOST = 50


@pages.get("")
def show() -> ResponseReturnValue:
    """An empty search: where a reload or a bookmark leads."""
    return render_template("search/show.html", term="", found=None, most=MOST)


@pages.post("")
def find() -> ResponseReturnValue:
    """The children that fit, among those whom I may see."""
    term = request.form.get("term", "").strip()[: search.LONGEST]
    with context.reading() as connection:
        found = search.find_cases(
            connection, context.actor(), term, today=context.today(), limit=MOST
        )
    context.saw(each.ref for each in found)
    return render_template("search/show.html", term=term, found=found, most=MOST)
