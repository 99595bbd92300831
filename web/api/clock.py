"""The training clock in the API."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response

from engine.errors import AnswersRefused
from engine.firing import training_clock
from web.api.blueprint import api
from web.api.requests import read_object, say
from web.request import context


@api.get("/clock")
def get_clock() -> Response:
    """What time it is in the training world."""
    return say({"now": context.now()})


@api.post("/clock")
def set_clock() -> Response:
    """Move the training clock on to `{now}`; answers when everything on the way has happened."""
    body = read_object("now")
    to = _instant(body["now"])
    parts = context.parts()
    fired = training_clock.advance(parts.engine, to, domain=parts.domain, wall=context.wall_clock())
    return say({"now": to, "fired": fired})


def _instant(text: object) -> datetime:
    try:
        to = datetime.fromisoformat(str(text))
        if to.tzinfo is None:
            raise ValueError
        return to.astimezone(UTC)
    except (ValueError, OverflowError):
        message = "now must be an instant with its zone, like 2026-01-05T09:00Z."
        raise AnswersRefused({"now": message}) from None
