"""Incidents in the API, for operators: what failed, another try, or giving it up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response

from engine.context import Context
from engine.firing import retry_or_skip
from engine.firing.retry_or_skip import IncidentRow
from web.api.blueprint import api
from web.api.requests import Answer, answer_once, member, read_object, say
from web.request import context

HIDDEN = ("case_id", "instance_id", "task")


@api.get("/incidents")
def list_incidents() -> Response:
    """The incidents that are not over, open ones first."""
    with context.reading() as connection:
        found = retry_or_skip.list_incidents(connection, pack=context.actor().pack)
    return say({"items": [_shown(each) for each in found]})


@api.post("/incidents/<uuid:incident_id>/retry")
def retry_incident(incident_id: UUID) -> Response:
    """Let the timer fire again now, and answer whether it did; hand a person's task back."""
    incident = context.writing(lambda ctx: retry_or_skip.retry_incident(ctx, incident_id))
    fired = incident.kind == "timer" and bool(context.fire(incident.case_id))
    return say({"id": incident_id, "fired": fired})


@api.post("/incidents/<uuid:incident_id>/skip")
def skip_incident(incident_id: UUID) -> Response:
    """Give the firing up with `{reason}`, which an event of the case keeps."""
    reason = member(read_object("reason"), "reason", str, "text")

    def work(ctx: Context) -> Answer:
        saved = retry_or_skip.skip_incident(ctx, incident_id, reason=reason or "")
        return 200, {"id": incident_id, "case_ref": saved.ref, "sequence": saved.version}

    return answer_once(work)


def _shown(incident: IncidentRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(incident).items() if name not in HIDDEN}
