"""Nothing typed into a task is lost when the session ends before it is sent.

A task's form carries a signed note of who it was shown to. When it comes back without a session,
or with the form token of an older one, what was typed is kept for that person and nobody else,
and the page shows it again once they have signed in.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from engine.context import Context
from engine.people import kept_requests
from engine.storage import database
from web.request import context

SHOWN_TO = "shown_to"
ENDPOINTS = frozenset({"work_items.submit", "work_items.autosave", "sections.save"})
NOT_KEPT = frozenset({"csrf_token", SHOWN_TO, "action", "add_row", "open_row", "remove_row"})


def note(work_item_id: UUID) -> str:
    """Return the signed note that this task's form is shown to who is signed in."""
    return _signer().dumps([context.actor().name, str(work_item_id)])


def keep_refused() -> str | None:
    """Keep what the refused request brought; return the address of the task, or None."""
    if request.endpoint == "sections.complete" and request.method == "POST":
        return url_for("sections.check", **(request.view_args or {}))  # Nothing is typed there.
    if request.endpoint not in ENDPOINTS or request.method != "POST":
        return None
    work_item_id = (request.view_args or {})["work_item_id"]
    try:
        person, shown = _signer().loads(request.form.get(SHOWN_TO, ""))
    except (BadSignature, ValueError):
        return None
    if shown != str(work_item_id):
        return None
    posted = {name: texts for name, texts in request.form.lists() if name not in NOT_KEPT}
    with database.transaction(context.parts().engine) as connection:
        kept_requests.keep_typing(
            connection, person, work_item_id, posted, now=context.wall_clock()
        )
    return url_for("work_items.show", work_item_id=work_item_id)


def kept_for(work_item_id: UUID) -> MultiDict[str, str] | None:
    """Return what is kept for who is signed in, as a posted form, or None."""
    with context.reading() as connection:
        kept = kept_requests.find_typing(
            connection, context.actor().name, work_item_id, now=context.wall_clock()
        )
    return None if kept is None else MultiDict(kept)


def forget(ctx: Context, work_item_id: UUID) -> None:
    """Drop what is kept of who acts: it was saved, submitted or thrown away."""
    kept_requests.forget_typing(ctx.connection, ctx.actor.name, work_item_id)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="a task's form")
