"""The body of an event: what one step did, without anything personal, ready to be hashed."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.context import Context
from engine.step import hash_chain
from engine.step.model import DeadlineWrite, KeptWorkItem, LoadedCase, Step


def event_body(
    ctx: Context, case: LoadedCase, step: Step, *, kind: str, work_item: KeptWorkItem | None
) -> dict[str, Any]:
    """Return what the hash chain covers: who did what, and every effect, as JSON values.

    Personal values stand here by their salted digests only.
    """
    sequence = case.version + 1
    return {
        "case": case.ref,
        "sequence": sequence,
        "at": ctx.now.isoformat(),
        "actor": ctx.actor.name,
        "acting_for": ctx.acting_for,
        "kind": kind,
        "definition": case.definition.hash,
        "work_item": work_item and {"id": str(work_item.id), "name": work_item.name},
        "answers": hash_chain.digests(case.secret, sequence, "answer", step.answers),
        "facts": [
            {
                "name": each.name,
                "digest": hash_chain.digest(case.secret, sequence, f"fact.{each.name}", each.value),
                "effective_on": each.effective_on.isoformat(),
                "corrects": each.corrects,
            }
            for each in step.facts
            if each.value is not None
        ],
        "deadlines": [_deadline_body(each) for each in step.deadlines],
        "steps": [
            {
                "instance": str(each.id),
                "process": each.process,
                "definition": case.definition.hash,
                "status": each.status,
                "ran": list(each.ran),
                "waiting": list(each.waiting),
            }
            for each in step.instances
        ],
        "opened": [{"id": str(w.id), "name": w.name, "role": w.role} for w in step.opened],
        "closed": {str(id): how for id, how in sorted(step.closed.items())},
        "decisions": [dict(each) for each in step.decisions],
        "messages": [dict(each) for each in step.messages],
        "notices": [{"id": str(n.id), "role": n.role, "person": n.person} for n in step.notices],
    }


def _deadline_body(write: DeadlineWrite) -> dict[str, Any]:
    return {
        "id": str(write.id),
        "name": write.name,
        "change": write.closed_as or "opened",
        "key": write.derived.key if write.derived else None,
        "limit_on": _iso(write.limit_on),
        "met_on": _iso(write.met_on),
        "superseded_by": str(write.superseded_by) if write.superseded_by else None,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
