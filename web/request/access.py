"""Who may call what: one row for every route, and the check that every request passes.

A case that the actor may not see answers 404, exactly as one that does not exist; a visible case
with the wrong role answers 403. Refusals, and reads of a child's record, are written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from flask import Flask, Response, g, request, session

from engine import errors
from engine.people import access_log, cover, idempotency, people, permissions
from engine.people.case_circle import circle_of, find_case, find_case_of_work
from engine.storage import database
from web.request import context
from web.request.errors import BadRequest, ClockIsReal, NotSignedIn

Who = Literal["anyone", "signed in", "case", "work item"]


@dataclass(frozen=True)
class Rule:
    """Who may call a route. `roles` narrows it to people who have one of them."""

    who: Who
    roles: tuple[str, ...] = ()
    training_only: bool = False


ANYONE = Rule("anyone")
SIGNED_IN = Rule("signed in")
CASE = Rule("case")
WORK_ITEM = Rule("work item")
OWNS_PROCESSES = Rule("signed in", roles=permissions.PUBLISHES)
TRACKS = Rule("signed in", roles=permissions.TRACKS)
SEES_ALL_CASES = Rule("signed in", roles=("auditor",))
LEADS = Rule("signed in", roles=permissions.ALLOCATES)
LOOKS_AFTER_PEOPLE = Rule("signed in", roles=(*permissions.ALLOCATES, *permissions.OPERATES))
OPERATES = Rule("signed in", roles=permissions.OPERATES)
TRAINING = Rule("signed in", training_only=True)
TRAINING_ANYONE = Rule("anyone", training_only=True)

RULES: dict[str, Rule] = {
    "static": ANYONE,
    "health.show": ANYONE,
    # This machine, or an administrator: the view tells them apart.
    "metrics.show": ANYONE,
    "health.retry": OPERATES,
    "health.skip": OPERATES,
    "health.fire": OPERATES,
    "sign_in.show": TRAINING_ANYONE,
    "sign_in.enter": TRAINING_ANYONE,
    "sign_in.leave": SIGNED_IN,
    "work.home": SIGNED_IN,
    "work.index": SIGNED_IN,
    "work.answer": WORK_ITEM,
    "work.claim": WORK_ITEM,
    "work.save_filter": SIGNED_IN,
    "work.remove_filter": SIGNED_IN,
    # Of the tasks given away each is checked by itself.
    "allocation.index": LEADS,
    "allocation.give": LEADS,
    "tracker.index": TRACKS,
    "tracker.file": TRACKS,
    "search.show": SIGNED_IN,
    "search.find": SIGNED_IN,
    "people.index": LOOKS_AFTER_PEOPLE,
    # Oneself, one's team, or everybody: the view and the commands tell them apart.
    "people.show": SIGNED_IN,
    "people.name_cover": SIGNED_IN,
    "people.end_cover": SIGNED_IN,
    "people.leave": LOOKS_AFTER_PEOPLE,
    "comments.show": CASE,
    "comments.add": CASE,
    "children.index": SIGNED_IN,
    "cases.index": SEES_ALL_CASES,
    # Who opens which kind of case is the pack's to say: the views and the command ask it.
    "cases.choose": SIGNED_IN,
    "cases.new": SIGNED_IN,
    "cases.create": SIGNED_IN,
    "cases.show": CASE,
    "cases.process": CASE,
    "cases.recorded": CASE,
    "papers.show": CASE,
    "messages.show": CASE,
    "messages.send": CASE,
    "corrections.show": CASE,
    "corrections.record": CASE,
    "work_items.show": WORK_ITEM,
    "work_items.submit": WORK_ITEM,
    "work_items.autosave": WORK_ITEM,
    "work_items.done": WORK_ITEM,
    "sections.show": WORK_ITEM,
    "sections.save": WORK_ITEM,
    "sections.check": WORK_ITEM,
    "sections.complete": WORK_ITEM,
    "work_items.claim": WORK_ITEM,
    "work_items.release": WORK_ITEM,
    "work_items.assign": WORK_ITEM,
    "history.index": CASE,
    "history.show": CASE,
    "history.on_day": CASE,
    "packs.index": SIGNED_IN,
    "packs.show": SIGNED_IN,
    "packs.process": SIGNED_IN,
    "packs.table": SIGNED_IN,
    "packs.form": SIGNED_IN,
    "packs.file": SIGNED_IN,
    "packs.archive": SIGNED_IN,
    "packs.check": OWNS_PROCESSES,
    "packs.publish": OWNS_PROCESSES,
    "clock.show": TRAINING,
    "clock.advance": TRAINING,
    "api.openapi": ANYONE,
    "api.open_case": SIGNED_IN,
    "api.get_case": CASE,
    "api.list_deadlines": CASE,
    "api.list_history": CASE,
    "api.get_picture": CASE,
    "api.send_message": CASE,
    "api.correct_fact": CASE,
    "api.add_comment": CASE,
    "api.get_tracker": TRACKS,
    "api.find_cases": SIGNED_IN,
    "api.list_cover": SIGNED_IN,
    "api.name_cover": SIGNED_IN,
    "api.end_cover": SIGNED_IN,
    "api.hand_over": LOOKS_AFTER_PEOPLE,
    "api.list_work_items": SIGNED_IN,
    "api.get_work_item": WORK_ITEM,
    "api.complete_work_item": WORK_ITEM,
    "api.save_draft": WORK_ITEM,
    "api.claim": WORK_ITEM,
    "api.release": WORK_ITEM,
    "api.assign": WORK_ITEM,
    "api.check_definitions": OWNS_PROCESSES,
    "api.publish_definitions": OWNS_PROCESSES,
    "api.list_incidents": OPERATES,
    "api.retry_incident": OPERATES,
    "api.skip_incident": OPERATES,
    "api.get_clock": TRAINING,
    "api.set_clock": TRAINING,
}


def check() -> None:
    """Let the request pass, or raise what refuses it. Runs before every view."""
    if request.endpoint is None or request.endpoint == "static":
        return
    rule = RULES[request.endpoint]
    # No address of ours holds a zero character, and PostgreSQL takes none.
    if "\0" in request.path or b"%00" in request.query_string:
        raise BadRequest("The address holds a character that it cannot have.")
    with context.reading() as connection:
        g.now = context.read_now(connection)
        g.actor = _find_actor(connection)
        if g.actor is not None:
            g.actor = cover.standing_in(connection, g.actor, today=context.today())
        if rule.training_only and not context.parts().training:
            raise ClockIsReal
        if rule.who == "anyone":
            return
        if g.actor is None:
            raise NotSignedIn
        g.case_id = _require_case(connection, rule)
    if rule.roles and not g.actor.is_any(*rule.roles):
        raise errors.NotPermitted(g.actor.name, "do this")


def _find_actor(connection: Any) -> Any:
    """Return who calls: by bearer token in the API, by the session cookie on pages."""
    if request.blueprint == "api" or request.endpoint == "metrics.show":
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return people.actor_for_token(connection, token.strip())
    sid = session.get("sid")
    if not isinstance(sid, str):
        return None
    return people.actor_for_session(connection, sid, now=context.wall_clock())


def _require_case(connection: Any, rule: Rule) -> UUID | None:
    """Return the id of the case that the request is about, once the actor may see it."""
    arguments = request.view_args or {}
    hidden: errors.EngineError
    if rule.who == "case":
        case_id = find_case(connection, arguments["ref"])
        hidden = errors.CaseNotFound(arguments["ref"])
    elif rule.who == "work item":
        case_id = find_case_of_work(connection, arguments["work_item_id"])
        hidden = errors.WorkItemNotFound(str(arguments["work_item_id"]))
    else:
        return None
    seen = permissions.may_see_case(g.actor, circle_of(connection, case_id))
    if not seen and not _was_answered(connection):
        g.refused_case_id = case_id
        raise hidden
    return case_id


def _was_answered(connection: Any) -> bool:
    """Whether this repeats a request of the actor's that was answered while they saw the case.

    Whoever hands a case over loses sight of it by that; the answer, if it went astray, is still
    theirs. Nothing runs: a kept answer is all that the view can give.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.blueprint != "api" or request.method == "GET":
        return False
    route = f"{request.method} {request.path}"
    return idempotency.is_kept(connection, actor=g.actor.name, route=route, key=key)


def write_down(response: Response) -> Response:
    """Log refusals, and every request about a case that wrote no line of its own."""
    context.look_again()
    about = g.get("case_id") or g.get("refused_case_id")
    refused = response.status_code in (401, 403) or g.get("refused_case_id") is not None
    if request.endpoint in (None, "static") or g.get("access_noted"):
        return response
    if about or (refused and context.signed_in()):
        changed = request.method not in ("GET", "HEAD") and response.status_code < 400
        outcome: access_log.Outcome = "refused" if refused else "changed" if changed else "read"
        with database.transaction(context.parts().engine) as connection:
            context.note_access(connection, outcome)
    return response


def add_to(app: Flask) -> None:
    """Check every request before its view, and log it after."""
    app.before_request(check)
    app.after_request(write_down)
    app.teardown_request(lambda _error: context.look_again())
