"""What an operator does about an incident: try again, or skip the firing with a reason."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from engine.context import Context
from engine.errors import AnswersRefused, CaseClosed, IncidentNotFound
from engine.packs.forms import NOT_KEPT, can_be_kept
from engine.people import permissions
from engine.step.case_run import CaseRun
from engine.step.model import KeptTimer
from engine.storage import incidents, loading, saving
from engine.storage.incidents import IncidentRow, list_incidents
from engine.storage.saving import SavedStep

__all__ = ["IncidentRow", "list_incidents", "retry_incident", "skip_incident"]

LONGEST_REASON = 2_000


def retry_incident(ctx: Context, id: UUID) -> IncidentRow:
    """Let a timer that failed fire at the next look, which is due at once; hand a person's task,
    whose answers are kept, back to them.

    Raises:
        IncidentNotFound: it is over, or of another council.
        NotPermitted: the actor is no administrator.
    """
    incident = _find(ctx, id, "retry an incident")
    again = ctx.now if incident.kind == "timer" else None
    incidents.set_status(ctx, [id], "retried", next_try_at=again)
    return incident


def skip_incident(ctx: Context, id: UUID, *, reason: str) -> SavedStep:
    """Give up the firing of a timer: an event of its case says so and why, and nothing else.

    The timer waits unarmed; it is armed again when its date moves. A person's task that fails
    stays open, so that it is not lost from sight; its incident alone is over.

    Raises:
        AnswersRefused: no reason.
        IncidentNotFound, NotPermitted: as for `retry_incident`.
        CaseClosed, ConcurrentUpdate: nothing was written.
    """
    incident = _find(ctx, id, "skip an incident")
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON or not can_be_kept({"reason": words}):
        say = NOT_KEPT.format("The reason") if words else "Say why this is skipped."
        raise AnswersRefused({"reason": say})
    case = loading.load_case(ctx.connection, incident.case_id)
    if case.status != "open":
        raise CaseClosed(case.ref)
    is_timer = incident.kind == "timer"
    key = (incident.instance_id, incident.task)
    if is_timer and not any(each.key == key for each in case.timers):
        raise IncidentNotFound(str(id))
    run = CaseRun(case, domain=ctx.domain, now=ctx.now, was_started=lambda _process, _key: None)
    disarmed = KeptTimer(incident.instance_id, incident.task, incident.element, None)
    step = replace(
        run.finish(),
        timers=(disarmed,) if is_timer else (),
        answers={"element": incident.element, "reason": words},
    )
    saved = saving.save_step(ctx, case, step, kind=f"{incident.kind}_skipped")
    incidents.set_status(ctx, [id], "skipped", reason=words)
    return saved


def _find(ctx: Context, id: UUID, action: str) -> IncidentRow:
    permissions.require_role(ctx.actor, permissions.OPERATES, action)
    return incidents.get_incident(ctx.connection, id, pack=ctx.actor.pack)
