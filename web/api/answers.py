"""What a call of the API answers: JSON of a type, and one effect for one Idempotency-Key.

The types of answers tell mypy what is in them, and `web.api.openapi` with which status they come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from flask import Response, request

from engine.context import Context
from engine.people import kept_requests
from web.request import context
from web.request.errors import BadRequest

T = TypeVar("T")
Kept: TypeAlias = tuple[int, str]
"""(status, JSON text), as it is kept under a key."""
Run: TypeAlias = Callable[[Callable[[Context], Kept]], Kept]
"""What makes the transaction."""

LONGEST_KEY = 200


class _Json(Response, Generic[T]):
    """A T as JSON. Its kinds are no kinds of each other: a view says which it is."""

    default_mimetype = "application/json"


class Said(_Json[T]):
    """An answer, made anew each time."""


class Once(_Json[T]):
    """An answer that the same Idempotency-Key gets again."""


class Created(_Json[T]):
    """As `Once`, of what was made."""

    default_status = 201


class Csv(Response):
    """A file for a spreadsheet."""

    default_mimetype = "text/csv"


def say(said: T) -> Said[T]:
    """Return JSON."""
    return Said(as_text(said))


def answer_once(work: Callable[[Context], T], *, run: Run = context.writing) -> Once[T]:
    """Run `work` in one transaction; a key that came before gets the answer it got then."""
    status, text = _kept(work, run, Once.default_status)
    return Once(text, status)


def create_once(work: Callable[[Context], T]) -> Created[T]:
    """Do as `answer_once`, and say that something was made."""
    status, text = _kept(work, context.writing, Created.default_status)
    return Created(text, status)


def _kept(work: Callable[[Context], object], run: Run, status: int) -> Kept:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise BadRequest(f"Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
    body = sent_body()

    def once(ctx: Context) -> Kept:
        named = {"actor": ctx.actor.name, "route": f"{request.method} {request.path}"}
        if key is not None:
            kept = kept_requests.find_answer(ctx.connection, **named, key=key, body=body)
            if kept is not None:
                return kept
        text = as_text(work(ctx))
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

    return run(once)


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
