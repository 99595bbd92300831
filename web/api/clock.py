"""The training clock in the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from engine.errors import AnswersRefused
from engine.firing import training_clock
from web.api.answers import Said, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import Instant
from web.api.requests import Moment
from web.request import context


class Clock(TypedDict):
    """Where the training clock stands."""

    now: Instant


class ClockSet(TypedDict):
    """Where the training clock is to stand: an instant with its zone."""

    now: Moment


class ClockMoved(TypedDict):
    """Where the training clock stands, and how often timers fired on its way."""

    now: Instant
    fired: int


@api.get("/clock")
@described()
def get_clock() -> Said[Clock]:
    """What time it is in the training world."""
    return say({"now": context.now()})


@api.post("/clock")
@described(409)
def set_clock(body: ClockSet) -> Said[ClockMoved]:
    """Move the training clock on to `{now}`; answers when everything on the way has happened."""
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
