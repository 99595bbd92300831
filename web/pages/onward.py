"""Where somebody is led after recording something: to what follows, if they may still see it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.commands import SavedStep
from engine.context import Context
from engine.people.case_circle import circle_of
from engine.people.permissions import may_see_case
from web.request import unsent_typing


@dataclass(frozen=True)
class Recorded:
    """A step of a case that was recorded; whether who recorded it still sees the case."""

    ref: str
    version: int
    sees: bool


def recorded(ctx: Context, step: SavedStep, *, sent: str) -> Recorded:
    """Return what was recorded, while the step that recorded it is not yet ended.

    Args:
        sent: the address of the form that was sent; what was kept of its typing is dropped.
    """
    unsent_typing.forget(ctx, sent)
    sees = may_see_case(ctx.actor, circle_of(ctx.connection, step.case_id, today=ctx.today))
    return Recorded(step.ref, step.version, sees)


def to_recorded(step: Recorded) -> ResponseReturnValue:
    """Lead to the page of what was recorded.

    Whoever gave the case to others, or did the only task that was theirs in it, sees it no longer:
    they are led to their work, and told that it was recorded.
    """
    if step.sees:
        return redirect(url_for("cases.recorded", ref=step.ref, sequence=step.version), 303)
    flash(f"Recorded for {step.ref}. It is not among your cases any more.")
    return redirect(url_for("work.index"), 303)
