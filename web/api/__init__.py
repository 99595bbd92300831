"""The API under /api/v1, described at /api/v1/openapi.json.

Front doors:
    the package: add_to: every call, made known to the application
    representations: cases, work items and events as JSON

Imports: engine.commands, engine.context, engine.errors, engine.firing, engine.open_work,
engine.packs, engine.people, engine.publishing, engine.reads, engine.storage, engine.tracker,
web.request.
"""

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
