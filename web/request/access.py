"""Every request on its way in and out: timed, limited, checked, logged.

A case that the actor may not see answers 404, exactly as one that does not exist; a visible case
with the wrong role answers 403. Refusals, and reads of a case's record, are written down. The log
line of a request names the case by its reference, if it names one, and holds no name and no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, g, request, session
from flask_wtf.csrf import CSRFProtect

from engine import errors, metrics
from engine.context import Actor
from engine.people import kept_requests, people, permissions
from engine.people.case_circle import (
    circle_of,
    find_case,
    find_case_of,
    find_work_item,
    sees_own_task,
)
from engine.storage import database, published_versions
from engine.storage.database import Connection
from web.request import context
from web.request.errors import BadRequest, ClockIsReal, NotSignedIn, TooManyTries
from web.request.routes import ROUTES, Route

log = structlog.get_logger()

MEGABYTE = 1_000_000
"""Bytes that a request may bring, where no files are sent."""
LARGEST_BODY = 5 * MEGABYTE
"""Bytes that a request with files may bring."""

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
        request.max_content_length = LARGEST_BODY
        request.max_form_memory_size = LARGEST_BODY


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
        _require_in_council(connection, route)
        g.case_id = _require_case(connection, route)
    if not route.lets(g.actor):
        raise errors.NotPermitted(g.actor.name, "do this")


def _find_actor(connection: Connection) -> Actor | None:
    """Return who calls: by bearer token in the API, by the session cookie on pages."""
    if request.blueprint == "api" or request.endpoint == "metrics.show":
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return _holder(connection, token.strip())
    sid = session.get("sid")
    if not isinstance(sid, str):
        return None
    found = people.actor_for_session(connection, sid, now=context.wall_clock())
    if found is None:
        g.wrong_token = context.WrongToken(people.holder_of_session(connection, sid), None)
    return found


def _holder(connection: Connection, token: str) -> Actor | None:
    """Return whose token it is; none is looked at after too many wrong ones.

    Raises:
        TooManyTries: from the same address, or for the same person.
    """
    address, now = request.remote_addr or "", context.wall_clock()
    wait = kept_requests.wait_after_wrong_tokens(connection, now=now, address=address)
    holder = None if wait else people.holder_of_token(connection, token)
    found = people.actor_named(connection, holder) if holder else None
    if holder and found is None:
        wait = kept_requests.wait_after_wrong_tokens(connection, now=now, person=holder)
    if wait:
        raise TooManyTries(wait)
    if found is None:
        g.wrong_token = context.WrongToken(holder, address)
    return found


def _require_in_council(connection: Connection, route: Route) -> None:
    """Refuse what is another council's as what does not exist: its pack, its people, its cases."""
    arguments = request.view_args or {}
    if route.who == "pack":
        _require_pack(connection, arguments)
    elif route.who == "person":
        context.read(lambda ctx: people.find_colleague(ctx, arguments["name"]))
    elif route.who == "case of the council":
        find_case_of(connection, arguments["case_ref"], g.actor)


def _require_pack(connection: Connection, arguments: Mapping[str, Any]) -> None:
    """Refuse a pack, or a version, that there is not or that is another council's."""
    known = {row.pack for row in published_versions.list_packs(connection)}
    pack = arguments.get("pack")
    if "definition" in arguments:
        pack = published_versions.pack_of(connection, arguments["definition"])
    if pack not in known:
        raise errors.DefinitionNotFound(str(pack))
    if not g.actor.is_of(pack):
        g.refused = True
        raise errors.DefinitionNotFound(str(pack))


def _require_case(connection: Connection, route: Route) -> UUID | None:
    """Return the id of the case that the request is about, once the actor may see it."""
    arguments = request.view_args or {}
    hidden: errors.EngineError
    if route.who == "case":
        case_id = find_case(connection, arguments["ref"])
        hidden = errors.CaseNotFound(arguments["ref"])
    elif route.who == "work item":
        head = find_work_item(connection, arguments["work_item_id"])
        case_id = head.case_id
        hidden = errors.WorkItemNotFound(str(arguments["work_item_id"]))
    else:
        return None
    seen = permissions.may_see_case(g.actor, circle_of(connection, case_id, today=context.today()))
    if not seen and route.who == "work item":
        domain = context.parts().domain
        seen = sees_own_task(connection, g.actor, head, now=context.now(), domain=domain)
    if not seen and not _was_answered(connection):
        context.refuse(case_id)
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
    """Log refusals, lists, and every request about a case that wrote no line of its own."""
    context.look_again()
    if request.endpoint in (None, "static") or g.get("access_noted"):
        return response
    outcome = _seen_how(response.status_code)
    if outcome is not None:
        with database.transaction(context.parts().engine) as connection:
            context.note_access(connection, outcome)
    return response


def _seen_how(status: int) -> kept_requests.Outcome | None:
    """Return what the access log says of this request, None if it is not for it."""
    route = ROUTES[str(request.endpoint)]
    if "wrong_token" in g and (route.who != "anyone" or g.wrong_token.address):
        return "refused"
    if "refused_case_id" in g or "refused" in g or (status in (401, 403) and context.signed_in()):
        return "refused"
    if status >= 300 and not g.get("case_id") and "seen" not in g:
        return None
    if not (route.lists or g.get("case_id") or "seen" in g):
        return None
    changed = request.method not in ("GET", "HEAD") and status < 400 and not route.lists
    return "changed" if changed else "read"


def _set_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
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
