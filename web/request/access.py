"""Every request on its way in and out: timed, limited, checked, logged.

A case that the actor may not see answers 404, exactly as one that does not exist; a visible case
with the wrong role answers 403. Refusals, and reads of a case's record, are written down. The log
line of a request names the case by its reference, if it names one, and holds no name and no answer.
"""

from __future__ import annotations

from time import perf_counter
from uuid import UUID

import structlog
from flask import Flask, Response, g, request, session
from flask_wtf.csrf import CSRFProtect

from engine import errors, metrics
from engine.context import Actor
from engine.people import kept_requests, people, permissions
from engine.people.case_circle import circle_of, find_case, find_case_of_work
from engine.storage import database
from engine.storage.database import Connection
from web.request import context
from web.request.errors import BadRequest, ClockIsReal, NotSignedIn
from web.request.routes import ROUTES, Route

log = structlog.get_logger()

MEGABYTE = 1_000_000
"""Bytes that a request may bring; five times as many where files are sent."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def _begin() -> None:
    g.began = perf_counter()


def _finish(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    seconds = perf_counter() - g.get("began", perf_counter())
    log.info(
        "request",
        method=request.method,
        route=request.endpoint,
        case=(request.view_args or {}).get("ref"),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    kind = ROUTES[request.endpoint].step if request.endpoint else ""
    if kind:
        metrics.step(kind, _outcome(response.status_code), seconds)
    return response


def _outcome(status: int) -> str:
    if status < 400:
        return "done"
    return "refused" if status < 500 else "failed"


def _allow_uploads() -> None:
    if request.endpoint is not None and ROUTES[request.endpoint].takes_files:
        # The files come back once as a form field, packed as text, when they are published.
        request.max_content_length = 5 * MEGABYTE
        request.max_form_memory_size = 5 * MEGABYTE


def check() -> None:
    """Let the request pass, or raise what refuses it. Runs before every view."""
    if request.endpoint is None or request.endpoint == "static":
        return
    route = ROUTES[request.endpoint]
    # No address of ours holds a zero character, and PostgreSQL takes none.
    if "\0" in request.path or b"%00" in request.query_string:
        raise BadRequest("The address holds a character that it cannot have.")
    with context.reading() as connection:
        g.now = context.read_now(connection)
        g.actor = _find_actor(connection)
        if g.actor is not None:
            g.actor = people.standing_in(connection, g.actor, today=context.today())
        if route.training_only and not context.parts().training:
            raise ClockIsReal
        if route.who == "anyone":
            return
        if g.actor is None:
            raise NotSignedIn
        g.case_id = _require_case(connection, route)
    if route.roles and not g.actor.is_any(*route.roles):
        raise errors.NotPermitted(g.actor.name, "do this")


def _find_actor(connection: Connection) -> Actor | None:
    """Return who calls: by bearer token in the API, by the session cookie on pages."""
    if request.blueprint == "api" or request.endpoint == "metrics.show":
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return people.actor_for_token(connection, token.strip())
    sid = session.get("sid")
    if not isinstance(sid, str):
        return None
    return people.actor_for_session(connection, sid, now=context.wall_clock())


def _require_case(connection: Connection, route: Route) -> UUID | None:
    """Return the id of the case that the request is about, once the actor may see it."""
    arguments = request.view_args or {}
    hidden: errors.EngineError
    if route.who == "case":
        case_id = find_case(connection, arguments["ref"])
        hidden = errors.CaseNotFound(arguments["ref"])
    elif route.who == "work item":
        case_id = find_case_of_work(connection, arguments["work_item_id"])
        hidden = errors.WorkItemNotFound(str(arguments["work_item_id"]))
    else:
        return None
    seen = permissions.may_see_case(g.actor, circle_of(connection, case_id, today=context.today()))
    if not seen and not _was_answered(connection):
        g.refused_case_id = case_id
        raise hidden
    return case_id


def _was_answered(connection: Connection) -> bool:
    """Whether this repeats a request of the actor's that was answered while they saw the case.

    Whoever hands a case over loses sight of it by that; the answer, if it went astray, is still
    theirs. Nothing runs: a kept answer is all that the view can give.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.blueprint != "api" or request.method == "GET":
        return False
    route = f"{request.method} {request.path}"
    return kept_requests.is_answered(connection, actor=g.actor.name, route=route, key=key)


def write_down(response: Response) -> Response:
    """Log refusals, and every request about a case that wrote no line of its own."""
    context.look_again()
    about = g.get("case_id") or g.get("refused_case_id")
    refused = response.status_code in (401, 403) or g.get("refused_case_id") is not None
    if request.endpoint in (None, "static") or g.get("access_noted"):
        return response
    if about or (refused and context.signed_in()):
        changed = request.method not in ("GET", "HEAD") and response.status_code < 400
        outcome: kept_requests.Outcome = "refused" if refused else "changed" if changed else "read"
        with database.transaction(context.parts().engine) as connection:
            context.note_access(connection, outcome)
    return response


def _set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _close_uploads(_error: BaseException | None) -> None:
    """Close the files of a request: a large one waits in a temporary file."""
    sent = request.__dict__.get("files")  # there once somebody has read the body's parts
    for each in sent.values() if sent is not None else ():
        each.close()


def add_to(app: Flask) -> None:
    """Time a request, set its limits, check access, then the form token, in this order.

    After it, in the opposite order: the headers, the access log, the log line.
    """
    csrf = CSRFProtect(app)

    def check_form_token() -> None:
        # The API is called with a bearer token and never with a cookie. What leads nowhere
        # answers as such.
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        if not reads and request.endpoint is not None and request.blueprint != "api":
            csrf.protect()

    for before in (_begin, _allow_uploads, check, check_form_token):
        app.before_request(before)
    for after in (_finish, write_down, _set_headers):
        app.after_request(after)
    app.teardown_request(_close_uploads)
    app.teardown_request(lambda _error: context.look_again())
