"""Health: does the service answer, and does its database?"""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from web import context

pages = Blueprint("health", __name__)


@pages.get("/health")
def show() -> ResponseReturnValue:
    """JSON for machines, a page for browsers. Reaching this far read the database."""
    kinds = request.accept_mimetypes
    if kinds.best_match(["application/json", "text/html"]) == "text/html":
        return render_template("health/show.html")
    return jsonify(status="ok", mode=context.parts().mode)
