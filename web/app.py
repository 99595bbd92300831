"""The web application: wires the engine, what permanence planning means, and the pages."""

from __future__ import annotations

from typing import Any

import jinja2
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from engine.domain import Domain
from engine.firing import training_clock
from engine.storage import database
from web import api, pages
from web.config import Settings, secret_key
from web.request import access, context, errors, filters, measuring, navigation

MEGABYTE = 1_000_000
UPLOAD_ENDPOINTS = frozenset(
    {"packs.check", "packs.publish", "api.check_definitions", "api.publish_definitions"}
)
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


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
        MAX_CONTENT_LENGTH=MEGABYTE,
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        MAX_FORM_PARTS=5_000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        SEND_FILE_MAX_AGE_DEFAULT=300,
    )
    app.extensions["permanence"] = context.Parts(engine, domain, mode)
    _add_templates(app)
    measuring.add_to(app)
    _protect(app)
    errors.add_to(app)
    filters.add_to(app)
    pages.add_to(app)
    api.add_to(app)
    return app


def _protect(app: Flask) -> None:
    """Set limits, check access, then the form token, in this order; set the headers."""
    csrf = CSRFProtect(app)
    app.before_request(_allow_uploads)
    access.add_to(app)

    @app.before_request
    def check_form_token() -> None:
        # The API is called with a bearer token and never with a cookie. What leads nowhere
        # answers as such.
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        if not reads and request.endpoint is not None and request.blueprint != "api":
            csrf.protect()

    app.after_request(_set_headers)
    app.teardown_request(_close_uploads)


def _close_uploads(_error: BaseException | None) -> None:
    """Close the files of a request: a large one waits in a temporary file."""
    sent = request.__dict__.get("files")  # there once somebody has read the body's parts
    for each in sent.values() if sent is not None else ():
        each.close()


def _allow_uploads() -> None:
    if request.endpoint in UPLOAD_ENDPOINTS:
        # The files come back once as a form field, packed as text, when they are published.
        request.max_content_length = 5 * MEGABYTE
        request.max_form_memory_size = 5 * MEGABYTE


def _set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


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

    @app.context_processor
    def page_frame() -> dict[str, Any]:
        parts, actor, now = context.parts(), context.signed_in(), g.get("now")
        return {
            "actor": actor,
            "training": parts.training,
            "now": now,
            "today": parts.domain.today(now) if now else None,
            "navigation": navigation.of(actor),
            "may_search": navigation.may_search(actor),
        }
