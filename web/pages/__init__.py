"""The pages, one module for each thing that people come to do.

Front doors:
    the package: add_to: every page, made known to the application

Imports: engine.commands, engine.context, engine.domain, engine.errors, engine.firing,
engine.integrity, engine.open_work, engine.packs, engine.people, engine.publishing, engine.reads,
engine.storage, web.forms, web.request.
"""

from __future__ import annotations

from flask import Flask

from web.pages import (
    allocation,
    cases,
    clock,
    comments,
    corrections,
    health,
    history,
    kept_typing,
    messages,
    metrics,
    own_cases,
    packs,
    papers,
    people,
    search,
    sections,
    sign_in,
    tracker,
    work,
    work_items,
)

PAGES = (
    allocation,
    cases,
    own_cases,
    clock,
    comments,
    corrections,
    health,
    history,
    kept_typing,
    messages,
    metrics,
    packs,
    papers,
    people,
    search,
    sections,
    sign_in,
    tracker,
    work,
    work_items,
)


def add_to(app: Flask) -> None:
    """Make every page known to the application."""
    for module in PAGES:
        app.register_blueprint(module.pages)
