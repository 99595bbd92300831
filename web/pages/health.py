"""Health: is every child watched? JSON for machines; for an operator a page with what to do."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import AnswersRefused
from engine.firing import retry_or_skip
from engine.firing.retry_or_skip import IncidentRow
from engine.integrity import liveness, look_over
from engine.integrity.liveness import Pulse
from engine.integrity.look_over import Verdict
from engine.people import case_circle, permissions
from engine.storage.database import Connection
from web.request import context

pages = Blueprint("health", __name__)

HANDED_BACK = "can be submitted again. Tell the person who does it; their answers are kept."


@pages.get("/health")
def show() -> ResponseReturnValue:
    """200 when every open case goes on, else 503: JSON for machines, a page for browsers."""
    if request.args.get("of") == "server":
        # For a balancer: a silent case is no reason to send nobody here any more.
        return jsonify(status="ok", mode=context.parts().mode)
    kinds = request.accept_mimetypes
    if kinds.best_match(["application/json", "text/html"]) == "text/html":
        return _page()
    with context.reading() as connection:
        found = liveness.take(connection, now=g.now)
    said = {
        "status": "ok" if found.is_well else "unwell",
        "mode": context.parts().mode,
        "silent_cases": len(found.silent),
        "overdue_timers": len(found.overdue),
        "open_incidents": found.open_incidents,
    }
    return jsonify(said), 200 if found.is_well else 503


def _page(*, refused: tuple[UUID, str] | None = None) -> ResponseReturnValue:
    """Operators see what is wrong and can mend it; everybody else whether it is."""
    actor = context.signed_in()
    operates = actor is not None and actor.is_any(*permissions.OPERATES)
    checks_all = operates and request.args.get("check") == "all"
    with context.reading() as connection:
        found = liveness.take(
            connection, now=g.now, pack=actor.pack if operates and actor else None
        )
        verdict = _look_over(connection) if checks_all else None
    if operates:
        context.saw(found.refs | {ref for ref, _ in (verdict.problems if verdict else ())})
    html = render_template(
        "health/show.html",
        found=found,
        operates=operates,
        verdict=verdict,
        refused=refused,
    )
    return html, 422 if refused else _status(found)


def _look_over(connection: Connection) -> Verdict:
    return look_over.look_over(
        connection, now=g.now, domain=context.parts().domain, pack=context.actor().pack
    )


def _status(found: Pulse) -> int:
    return 200 if found.is_well else 503


@pages.post("/health/incidents/<uuid:incident_id>/retry")
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Let the timer fire again now, and say what came of it; hand a person's task back."""
    incident = context.writing(lambda ctx: retry_or_skip.retry_incident(ctx, incident_id))
    words = HANDED_BACK if incident.kind == "work" else _fired(incident)
    flash(f"{incident.element} of {incident.case_ref} {words}")
    return redirect(url_for("health.show"), 303)


def _fired(incident: IncidentRow) -> str:
    fired = context.fire(incident.case_id)
    return "went on." if fired else "failed again; its incident stays open."


@pages.post("/health/incidents/<uuid:incident_id>/skip")
def skip(incident_id: UUID) -> ResponseReturnValue:
    """Give the firing up, with a reason that the case's history keeps."""
    reason = request.form.get("reason", "")
    try:
        saved = context.writing(
            lambda ctx: retry_or_skip.skip_incident(ctx, incident_id, reason=reason)
        )
    except AnswersRefused as refused:
        return _page(refused=(incident_id, refused.problems["reason"]))
    flash(f"Skipped. Event {saved.version} of {saved.ref} says so.")
    return redirect(url_for("health.show"), 303)


@pages.post("/health/cases/<case_ref>/fire")
def fire(case_ref: str) -> ResponseReturnValue:
    """Fire what is overdue in a case."""
    with context.reading() as connection:
        case_id = case_circle.find_case(connection, case_ref)
    fired = context.fire(case_id)
    flash(f"{case_ref}: " + ("what was due has happened." if fired else "nothing could be fired."))
    return redirect(url_for("health.show"), 303)
