"""Throw away what is kept of my typing since my session ended."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from web.request import context, unsent_typing
from web.request.errors import BadRequest

pages = Blueprint("kept_typing", __name__, url_prefix="/kept-typing")


@pages.post("/forget")
def forget() -> ResponseReturnValue:
    """Forget what is kept for the form that the note names, and show that form as it was."""
    shown = unsent_typing.shown()
    if shown is None or not shown.is_mine:
        raise BadRequest("The form is incomplete. Open the page again.")
    context.writing(lambda ctx: unsent_typing.forget(ctx, shown.place))
    return redirect(shown.place, 303)
