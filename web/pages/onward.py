"""Where somebody is led after recording something: to what follows, if they may still see it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.commands import SavedStep
from engine.people.case_circle import circle_of
from engine.people.permissions import may_see_case
from web.request import context


def to_recorded(step: SavedStep) -> ResponseReturnValue:
    """Lead to the page of what was recorded.

    Whoever gave the case to others, or did the only task that was theirs in it, sees it no longer:
    they are led to their work, and told that it was recorded.
    """
    with context.reading() as connection:
        sees = may_see_case(context.actor(), circle_of(connection, step.case_id))
    if sees:
        return redirect(url_for("cases.recorded", ref=step.ref, sequence=step.version), 303)
    flash(f"Recorded for {step.ref}. It is not among your cases any more.")
    return redirect(url_for("work.index"), 303)
