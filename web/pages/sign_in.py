"""Training sign-in: pick a demonstration person. There are no passwords to learn or lose."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.people import people
from engine.storage import database, published_versions
from web.request import context, navigation
from web.request.errors import BadRequest

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
def show() -> ResponseReturnValue:
    """Everybody who can be picked, grouped by council, in the order of their names."""
    with context.reading() as connection:
        everybody = [person for person in people.list_people(connection) if person.active]
        packs = {row.pack: row.title for row in published_versions.list_packs(connection)}
        roles = {
            role.name: role.label
            for pack in packs
            for role in published_versions.current_definition(connection, pack).pack.roles.values()
        }
    groups = defaultdict(list)
    for person in everybody:
        groups[packs.get(person.pack or "", "All councils")].append(person)
    return render_template(
        "sign_in/show.html",
        groups=sorted(groups.items(), key=lambda group: (group[0] == "All councils", group[0])),
        role_labels=roles,
        next=_local(request.args.get("next")),
    )


@pages.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Sign in as the person picked."""
    name = request.form.get("person", "")
    with database.transaction(context.parts().engine) as connection:
        actor = people.actor_named(connection, name)
        if actor is None:
            raise BadRequest("There is no such person. Go back and pick one from the list.")
        sid = people.open_session(connection, name, now=context.wall_clock())
    session.clear()
    session["sid"] = sid
    return redirect(_local(request.form.get("next")) or url_for(navigation.start(actor)), 303)


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session, here and in the database."""
    sid = session.pop("sid", None)
    session.clear()
    if isinstance(sid, str):
        with database.transaction(context.parts().engine) as connection:
            people.close_session(connection, sid)
    return redirect(url_for("sign_in.show"), 303)


def _local(target: str | None) -> str:
    """Return `target` when it is a path of this service, else nothing: no open redirect."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc or "\\" in target else target
