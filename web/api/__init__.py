"""HTTP API, version 1: JSON, bearer tokens, problem details. Calls the same commands as pages."""

from __future__ import annotations

from flask import Flask

from web.api import cases, clock, definitions, incidents, openapi, people, tracker, work_items
from web.api.blueprint import api

__all__ = [
    "add_to",
    "cases",
    "clock",
    "definitions",
    "incidents",
    "openapi",
    "people",
    "tracker",
    "work_items",
]


def add_to(app: Flask) -> None:
    """Make the API known to the application."""
    app.register_blueprint(api)
