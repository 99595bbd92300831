"""What calls of the API share: reading JSON, and one effect for one Idempotency-Key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, request

from engine.context import Context
from engine.errors import AnswersRefused
from engine.people import kept_requests
from web.request import context
from web.request.errors import BadRequest

LONGEST_KEY = 200
DEEPEST = 20
"""Levels of groups and lists in a body; a form's answers have three."""

Answer = tuple[int, Any]
"""(status, what to say as JSON)."""


def read_object(*required: str) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        BadRequest: not JSON, or no object.
        AnswersRefused: a required member is missing.
    """
    try:
        # The header is not insisted on: what counts is what was sent.
        text = request.get_data().decode("utf-8")
        body = json.loads(text or "null", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body must be JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    _require_shallow(body)
    missing = {name: f"{name} is missing. Add it." for name in required if body.get(name) is None}
    if missing:
        raise AnswersRefused(missing)
    return body


def _refuse_constant(name: str) -> None:
    # Python reads NaN and Infinity, which are no JSON and cannot be kept as such.
    raise ValueError(f"{name} is no JSON")


def _require_shallow(body: object) -> None:
    """Refuse what is nested so deeply that reading it would exhaust the stack."""
    level = [body]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise BadRequest(f"The body is nested more than {DEEPEST} levels deep.")


def member(body: dict[str, Any], name: str, kind: type, words: str) -> Any:
    """Return a member of the body, or None when it is absent or null.

    Raises:
        AnswersRefused: it is of another type.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise AnswersRefused({name: f"{name} must be {words}."})
    return value


def day(text: Any, name: str) -> date | None:
    """Return an ISO date. Raises AnswersRefused when it is none."""
    if text in (None, ""):
        return None
    try:
        found = date.fromisoformat(text if isinstance(text, str) else "")
        # Python reads other ISO spellings too, such as weeks; the contract knows one.
        if found.isoformat() != text:
            raise ValueError
        return found
    except ValueError:
        message = f"{name} must be a real date, like 2026-03-27."
        raise AnswersRefused({name: message}) from None


def answer_once(
    work: Callable[[Context], Answer],
    *,
    run: Callable[[Callable[[Context], tuple[int, str]]], tuple[int, str]] = context.writing,
) -> Response:
    """Run `work` in one transaction; a key that came before gets the answer it got then.

    Args:
        run: makes the transaction.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise BadRequest(f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    body = sent_body()

    def once(ctx: Context) -> tuple[int, str]:
        named = {"actor": ctx.actor.name, "route": f"{request.method} {request.path}"}
        if key is not None:
            kept = kept_requests.find_answer(ctx.connection, **named, key=key, body=body)
            if kept is not None:
                return kept
        status, said = work(ctx)
        text = as_text(said)
        if key is not None:
            kept_requests.keep_answer(
                ctx.connection,
                **named,
                key=key,
                body=body,
                status=status,
                response=text,
                at=ctx.now,
            )
        return status, text

    status, text = run(once)
    return Response(text, status=status, mimetype="application/json")


def sent_body() -> bytes:
    """Return what tells this request's body from another: the bytes, or what the parts hold.

    The text between the parts of a multipart body differs from one sending to the next.
    """
    if request.mimetype != "multipart/form-data":
        return request.get_data()
    parts = [[name, value] for name, value in request.form.items(multi=True)]
    for name, file in request.files.items(multi=True):
        file.seek(0)
        parts.append([name, file.filename or "", hashlib.sha256(file.read()).hexdigest()])
        file.seek(0)
    return json.dumps(parts).encode()


def as_text(said: Any) -> str:
    """Return JSON; dates, instants and ids in their usual text form."""
    return json.dumps(said, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "items"):
        return dict(value.items())
    return str(value)


def say(said: Any, status: int = 200) -> Response:
    """Return JSON."""
    return Response(as_text(said), status=status, mimetype="application/json")
