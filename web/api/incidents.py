"""Incidents in the API, for operators: what failed, another try, or giving it up."""

from __future__ import annotations

from typing import Annotated, TypedDict
from uuid import UUID

from engine.context import Context
from engine.firing import retry_or_skip
from engine.firing.retry_or_skip import IncidentRow
from web.api.answers import Once, Said, answer_once, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import Instant, one_of
from web.request import context


class Incident(TypedDict):
    """A step that failed, as an operator sees it: references and elements, no names."""

    id: UUID
    case_ref: str
    pack: str
    process: str
    element: str
    kind: Annotated[str, one_of("timer", "work")]
    cause: str
    attempts: int
    first_at: Instant
    last_at: Instant
    due_at: Instant | None
    next_try_at: Instant | None
    status: Annotated[str, one_of("open", "failing", "retried")]


class Incidents(TypedDict):
    """Incidents that are not over."""

    items: list[Incident]


class Retried(TypedDict):
    """Whether the timer of an incident fired."""

    id: UUID
    fired: bool


class Skip(TypedDict):
    """Why a firing is given up."""

    reason: str


class Skipped(TypedDict):
    """The event that keeps why a firing was given up."""

    id: UUID
    case_ref: str
    sequence: int


@api.get("/incidents")
@described()
def list_incidents() -> Said[Incidents]:
    """The incidents that are not over, open ones first."""
    with context.reading() as connection:
        found = retry_or_skip.list_incidents(connection, pack=context.actor().pack)
    context.saw(each.case_ref for each in found)
    return say({"items": [_shown(each) for each in found]})


@api.post("/incidents/<uuid:incident_id>/retry")
@described(409)
def retry_incident(incident_id: UUID) -> Said[Retried]:
    """Let the timer fire again now, and answer whether it did; hand a person's task back."""
    incident = context.writing(lambda ctx: retry_or_skip.retry_incident(ctx, incident_id))
    fired = incident.kind == "timer" and bool(context.fire(incident.case_id))
    return say({"id": incident_id, "fired": fired})


@api.post("/incidents/<uuid:incident_id>/skip")
@described()
def skip_incident(incident_id: UUID, body: Skip) -> Once[Skipped]:
    """Give the firing up with `{reason}`, which an event of the case keeps."""

    def work(ctx: Context) -> Skipped:
        saved = retry_or_skip.skip_incident(ctx, incident_id, reason=body["reason"])
        return {"id": incident_id, "case_ref": saved.ref, "sequence": saved.version}

    return answer_once(work)


def _shown(row: IncidentRow) -> Incident:
    return {
        "id": row.id,
        "case_ref": row.case_ref,
        "pack": row.pack,
        "process": row.process,
        "element": row.element,
        "kind": row.kind,
        "cause": row.cause,
        "attempts": row.attempts,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "due_at": row.due_at,
        "next_try_at": row.next_try_at,
        "status": row.status,
    }
