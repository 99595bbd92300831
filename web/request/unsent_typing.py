"""Nothing typed into a page is lost when the session ends before it is sent.

A form carries a signed note of who it was shown to and where it stands. When it comes back without
a session, or with the form token of an older one, what was typed is kept for that person and nobody
else, and the page shows it again once they have signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from engine.context import Context
from engine.people import kept_requests, people
from engine.storage import database
from web.request import context

SHOWN_TO = "shown_to"
NOT_KEPT = frozenset({"csrf_token", SHOWN_TO, "action", "add_row", "open_row", "remove_row"})


@dataclass(frozen=True)
class Shown:
    """Who a form was shown to, at which address it stands, and when it was shown."""

    person: str
    place: str
    at: datetime

    @property
    def is_mine(self) -> bool:
        """Whether it was shown to who is signed in."""
        actor = context.signed_in()
        return actor is not None and actor.name == self.person

    @property
    def is_of_this_session(self) -> bool:
        """Whether it was shown to who is signed in, no longer ago than a session lasts."""
        return self.is_mine and context.wall_clock() - self.at <= people.SESSION_LASTS


def note(place: str) -> str:
    """Return the signed note that the form at this address is shown to who is signed in."""
    return str(_signer().dumps([context.actor().name, place]))


def task_place(work_item_id: UUID) -> str:
    """Return the address at which all forms of a task are put back."""
    return url_for("work_items.show", work_item_id=work_item_id)


def shown() -> Shown | None:
    """Return what the note of the posted form says, None without one that is ours."""
    try:
        said, at = _signer().loads(request.form.get(SHOWN_TO, ""), return_timestamp=True)
        person, place = said
    except (BadSignature, ValueError):
        return None
    return Shown(str(person), str(place), at)


def keep_refused() -> Shown | None:
    """Keep what the refused request brought; return for whom and where, or None."""
    found = shown()
    if found is None:
        return None
    posted = {name: texts for name, texts in request.form.lists() if name not in NOT_KEPT}
    if any(not name.startswith("seen-") for name in posted):
        with database.transaction(context.parts().engine) as connection:
            kept_requests.keep_typing(
                connection, found.person, found.place, posted, now=context.wall_clock()
            )
    return found


def kept_for(place: str) -> MultiDict[str, str] | None:
    """Return what is kept at an address for who is signed in, as a posted form, or None."""
    with context.reading() as connection:
        kept = kept_requests.find_typing(
            connection, context.actor().name, place, now=context.wall_clock()
        )
    return None if kept is None else MultiDict(kept)


def forget(ctx: Context, place: str) -> None:
    """Drop what is kept of who acts: it was saved, submitted or thrown away."""
    kept_requests.forget_typing(ctx.connection, ctx.actor.name, place)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="a form")
