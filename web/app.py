"""The web application: wires the engine, what permanence planning means, and the pages."""

from __future__ import annotations

import jinja2
from flask import Flask

from engine.domain import Domain
from engine.firing import training_clock
from engine.storage import database
from web import api, pages
from web.config import Settings, secret_key
from web.request import access, context, errors, filters, navigation, unsent_typing


def create_app(settings: Settings, domain: Domain) -> Flask:
    """Return the application for one database, whose mode it takes on."""
    engine = database.create_engine(settings.database_url)
    with database.reading(engine) as connection:
        mode = training_clock.mode(connection)
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config.update(
        SECRET_KEY=secret_key(settings, mode),
        SESSION_COOKIE_NAME="permanence",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=mode == "production",
        MAX_CONTENT_LENGTH=access.MEGABYTE,
        MAX_FORM_MEMORY_SIZE=access.MEGABYTE,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        SEND_FILE_MAX_AGE_DEFAULT=300,
    )
    app.extensions["permanence"] = context.Parts(engine, domain, mode)
    _add_templates(app)
    access.add_to(app)
    errors.add_to(app)
    filters.add_to(app)
    pages.add_to(app)
    api.add_to(app)
    return app


def _add_templates(app: Flask) -> None:
    app.jinja_loader = jinja2.ChoiceLoader(
        [
            jinja2.PackageLoader("web", "templates"),
            jinja2.PrefixLoader(
                {"govuk_frontend_jinja": jinja2.PackageLoader("govuk_frontend_jinja")}
            ),
        ]
    )

    app.jinja_env.globals["openings"] = context.openings
    app.jinja_env.globals["shown_to"] = unsent_typing.note
    app.context_processor(navigation.page_frame)
