"""The only place where an error meets HTTP: pages for people, problem details for the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil

import structlog
from flask import Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import errors
from engine.people.kept_requests import KeyReused
from web.request import context, refusals, typed_words, unsent_typing
from web.request.unsent_typing import Shown

log = structlog.get_logger()

PROBLEM_JSON = "application/problem+json"


class WebError(Exception):
    """Something the web refuses before the engine is asked."""


class NotSignedIn(WebError):
    """Nobody is signed in, or the token is unknown."""


class TooManyTries(WebError):
    """So many wrong tokens came that none is looked at for a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"no token is looked at for {wait}")
        self.seconds = max(1, ceil(wait.total_seconds()))


class ClockIsReal(WebError):
    """The page exists in training mode only."""


class BadRequest(WebError):
    """The request cannot be understood; the sentence says what to mend."""


@dataclass(frozen=True)
class Answer:
    """How an error is told: status, heading, the sentences under it, on pages the ways on."""

    status: int
    title: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)
    ways: tuple[refusals.Way, ...] = ()


NOT_FOUND = Answer(
    404,
    "Page not found",
    "If you typed the address, check it. If you followed a link, what it led to may not exist, "
    "or it is not for you to see.",
)
ANSWERS: dict[type[Exception], Answer] = {
    NotSignedIn: Answer(401, "Sign in first", "Sign in, or send a valid bearer token."),
    TooManyTries: Answer(
        429,
        "Too many wrong tokens",
        "No token is looked at for a while, whether it is right or wrong. Wait for as many seconds "
        "as Retry-After says, and send a valid one.",
    ),
    ClockIsReal: Answer(404, "Page not found", "This page exists in training mode only."),
    errors.CaseNotFound: NOT_FOUND,
    errors.WorkItemNotFound: NOT_FOUND,
    errors.IncidentNotFound: Answer(
        404, "No such incident", "It is over, or there is none. Look at the health page again."
    ),
    errors.PersonNotFound: NOT_FOUND,
    errors.CoverNotFound: Answer(
        404, "No such cover", "It is over, or it is not yours to end. Nothing was changed."
    ),
    errors.FilterNotFound: Answer(
        404, "No such filter", "It is removed already, or it is not yours. Nothing was changed."
    ),
    errors.DefinitionNotFound: Answer(
        404, "No such pack", "There is no published pack, policy, version or file of this name."
    ),
    errors.NotPermitted: Answer(
        403, "You cannot do this", "This is for somebody with another role. Nothing was changed."
    ),
    errors.CaseClosed: Answer(
        409, "This case is closed", "Nothing more is recorded in it. Nothing was changed."
    ),
    errors.CalendarExhausted: Answer(
        422,
        "A date is too far away",
        "It leads beyond the years that the calendar knows. Nothing was changed.",
    ),
    errors.PackOvertaken: Answer(
        409,
        "Another version was published meanwhile",
        "Nothing was published. Check your files against the version that is in force now.",
    ),
    errors.ConcurrentUpdate: Answer(
        409, "Somebody else was quicker", "The case changed at the same moment. Try again."
    ),
    KeyReused: Answer(
        422, "Idempotency-Key used before", "The same key came with another body. Use a new key."
    ),
    errors.StepFailed: Answer(
        500,
        "The process could not go on",
        "Nothing was saved. Tell whoever looks after this service; they can see the cause.",
    ),
}
TOO_LARGE = Answer(
    413,
    "What you sent is too large",
    "Nothing was saved. Shorten long answers, or attach a smaller file, and send it again.",
)
STALE_FORM = Answer(
    400,
    "This page is too old",
    "Nothing was saved, because the page was open for too long or you signed in again. "
    "Open it again, copy into it what stands below, and send it.",
)
SIGNED_OUT = "Nothing of what you sent was recorded. Sign in again{}"
PUT_BACK = ": what you typed is kept for you for one day, and is put back where you typed it."
TYPE_AGAIN = ", and copy what stands below to where you typed it."


def answer_for(error: Exception) -> Answer:
    """Return how `error` is told; an unknown one is a 500 without its text."""
    if isinstance(error, errors.AnswersRefused):
        return Answer(
            422,
            "Some answers are not right",
            "Nothing was saved.",
            fields=error.problems,
            more={"confirm": error.asked} if error.asked else {},
        )
    if isinstance(error, errors.NothingWaits):
        return Answer(409, "Nothing waits for this", f"{_sentence(error)} Nothing was changed.")
    if isinstance(error, errors.AlreadyOpen):
        return Answer(409, "One is open already", _sentence(error))
    if isinstance(error, errors.SameOpen):
        return _same_open(error)
    if isinstance(error, errors.ClockRefused):
        return Answer(409, "The clock did not move", _sentence(error))
    if isinstance(error, errors.WorkItemAlreadyCompleted):
        return _already_completed(error)
    if isinstance(error, errors.WorkFailed):
        return _kept(error)
    if isinstance(error, errors.PackRefused):
        return Answer(
            422,
            "The pack cannot be published",
            "Mend what the findings say and send it again. Nothing was published.",
            more={"findings": [vars(finding) for finding in error.findings]},
        )
    if isinstance(error, BadRequest):
        return Answer(400, "The request cannot be understood", str(error))
    if isinstance(error, CSRFError):
        return STALE_FORM
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    return _other(error)


def _already_completed(error: errors.WorkItemAlreadyCompleted) -> Answer:
    at = error.completed_at.isoformat() if error.completed_at else None
    return Answer(
        409,
        "This task is no longer open",
        f"It was completed by {error.completed_by}. Nothing was changed."
        if error.completed_by
        else "It was withdrawn, because the case has moved on. Nothing was changed.",
        more={"completed_by": error.completed_by, "completed_at": at},
    )


def _same_open(error: errors.SameOpen) -> Answer:
    others = f" {error.hidden} more that you may not see." if error.hidden else ""
    refs = f" You see {', '.join(error.refs)}." if error.refs else ""
    detail = (
        f"{_sentence(error)}{refs}{others} Nothing was opened. If a second case is right, send the"
        f" same again with the reason as {errors.AGAIN}."
    )
    more = {"field": errors.AGAIN, "cases": list(error.refs), "cases_hidden": error.hidden}
    return Answer(409, "One about the same is open already", detail, more=more)


def _kept(error: errors.WorkFailed) -> Answer:
    what_next = (
        "This was reported to whoever looks after this service. Submit the task again when they "
        "tell you that it is mended."
        if error.is_reported
        else "Try again in a while. If it fails three times it is reported to whoever looks after "
        "this service."
    )
    return Answer(
        500,
        "The process could not go on",
        f"The task is still open and your answers are kept as its draft. {what_next}",
        more={"kept_as_draft": True, "reported": error.is_reported},
    )


def _other(error: Exception) -> Answer:
    if isinstance(error, HTTPException) and error.code is not None:
        if error.code == 404:
            return NOT_FOUND
        if error.code == 413:
            return TOO_LARGE
        if error.code < 500:
            return Answer(error.code, error.name, error.description or "")
    return Answer(
        500, "Something went wrong", "Nothing was saved. Try again later; the fault was logged."
    )


def _sentence(error: Exception) -> str:
    text = str(error).strip() or "It was refused"
    return text[:1].upper() + text[1:].rstrip(".") + "."


def is_api() -> bool:
    return request.path.startswith("/api/")


def tell(error: Exception) -> ResponseReturnValue:
    """Answer with a page, or with problem details in the API."""
    answer = answer_for(error)
    if answer.status >= 500:
        _log(error)
        context.look_again()  # Whatever failed may have spoilt the picture.
    if is_api() or isinstance(error, TooManyTries):
        return problem(answer, wait=error.seconds if isinstance(error, TooManyTries) else 0)
    if isinstance(error, HTTPException) and answer.status < 400:
        return error
    if request.method == "POST" and request.endpoint is not None and answer is not TOO_LARGE:
        return _tell_sender(error, answer)
    if isinstance(error, NotSignedIn):
        return _to_sign_in(request.full_path.rstrip("?"))
    return render_template("errors/problem.html", answer=answer), answer.status


def _tell_sender(error: Exception, answer: Answer) -> ResponseReturnValue:
    """Answer whoever posted a page: why, what they typed, and what they can do now."""
    if isinstance(error, (NotSignedIn, CSRFError)):
        shown = unsent_typing.keep_refused()
        answer = _unknown_sender(error, shown)
    else:
        shown = unsent_typing.shown()
        said = refusals.reason(error, shown)
        if said is not None:
            status = 403 if answer.status == 404 else answer.status
            answer = replace(answer, status=status, **vars(said))
    form = context.asked() or refusals.form_of(shown)
    typed = typed_words.posted(form)
    if request.endpoint == "work_items.autosave":
        return {"problem": answer.title}, answer.status
    if isinstance(error, CSRFError) and shown is not None and shown.is_mine:
        return redirect(shown.place, 303)
    if isinstance(error, NotSignedIn) and not typed:
        return _to_sign_in(shown.place if shown else None)
    return render_template("errors/problem.html", answer=answer, typed=typed), answer.status


def _unknown_sender(error: Exception, shown: Shown | None) -> Answer:
    """Return what is said to who is signed out, or signed in as somebody else than before."""
    here = request.path if shown is None else shown.place
    if isinstance(error, NotSignedIn):
        detail = SIGNED_OUT.format(PUT_BACK if shown else TYPE_AGAIN)
        way = ("Sign in", url_for("sign_in.show", next=shown.place if shown else None))
        return Answer(401, "You were signed out", detail, ways=(way,))
    if shown is None:
        return replace(answer_for(error), ways=(("Open the page again", here),))
    name = context.person_names().get(shown.person, shown.person)
    kept = f"What was typed is kept for {name} for one day, and is put back when they sign in."
    return Answer(400, "You are signed in as somebody else", f"{refusals.NOTHING} {kept}")


def _to_sign_in(target: str | None) -> ResponseReturnValue:
    return redirect(url_for("sign_in.show", next=target), 303)


def _log(error: Exception) -> None:
    if isinstance(error, errors.StepFailed):
        # A diagram's own failure may quote a value, and that may be a child's name.
        log.error("step failed", endpoint=request.endpoint, cause=errors.cause_of(error))
    else:
        log.exception("request failed", endpoint=request.endpoint, exc_info=error)


def problem(answer: Answer, *, wait: int = 0) -> Response:
    """Return RFC 9457 problem details; `wait`: seconds after which to try again, if it helps."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": answer.title,
        "status": answer.status,
        "detail": answer.detail,
        **answer.more,
    }
    if answer.fields:
        body["errors"] = [
            {"field": name, "message": message} for name, message in answer.fields.items()
        ]
        body["fields"] = dict(answer.fields)
    response = Response(json.dumps(body), status=answer.status, mimetype=PROBLEM_JSON)
    if answer.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def add_to(app: Flask) -> None:
    """Tell every error in this way."""
    app.register_error_handler(errors.EngineError, tell)
    app.register_error_handler(WebError, tell)
    app.register_error_handler(HTTPException, tell)
    app.register_error_handler(500, tell)
