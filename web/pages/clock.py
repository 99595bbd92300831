"""The training clock: it stands still until it is told to move on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import ClockRefused
from engine.firing import training_clock
from engine.packs.typed_text import cleaned
from web.forms import typed_dates
from web.request import context, filters

pages = Blueprint("clock", __name__)


@pages.get("/clock")
def show() -> ResponseReturnValue:
    """What day it is in the training world, and a form to move it on."""
    return _page({}, {}, 200)


@pages.post("/clock")
def advance() -> ResponseReturnValue:
    """Move the clock on; everything that falls due on the way happens, in order."""
    parts = context.parts()
    typed = {name: cleaned(request.form.get(name, "")) for name in ("day", "month", "year", "time")}
    to = _instant(typed)
    if to is None:
        return _page(typed, {"to": "Enter a real date and time, such as 27 3 2026 and 09:00."}, 422)
    try:
        fired = training_clock.advance(
            parts.engine, to, domain=parts.domain, wall=context.wall_clock()
        )
    except ClockRefused:
        return _page(typed, {"to": "The clock cannot move back. Enter a later day or time."}, 409)
    happened = filters.plural(fired, "thing") if fired else "nothing"
    flash(f"It is now {filters.instant_words(to)}. On the way, {happened} fell due.")
    return redirect(url_for("clock.show"), 303)


def _page(typed: dict[str, str], problems: dict[str, str], status: int) -> ResponseReturnValue:
    example = context.now().astimezone(filters.LONDON) + timedelta(days=7)
    html = render_template(
        "clock/show.html",
        typed=typed,
        problems=problems,
        example=f"{example.day} {example.month} {example.year}",
    )
    return html, status


def _instant(typed: dict[str, str]) -> datetime | None:
    """Return the typed London date and time in UTC."""
    try:
        day, _ = typed_dates.read([typed[part] for part in typed_dates.PARTS], "The day")
        hour, minute = (int(part) for part in (typed["time"] or "09:00").split(":"))
        if day is None:
            return None
        there = datetime(day.year, day.month, day.day, hour, minute, tzinfo=filters.LONDON)
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
