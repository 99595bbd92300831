"""Which timers the instances of a case wait for, and what their expressions read meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.bpmn.timers import Hold
from engine.step.case_facts import CaseFacts
from engine.step.model import KeptTimer, LoadedCase


def armed_timers(instance: UUID, run: runtime.Run) -> Iterable[KeptTimer]:
    """Return the timers that an instance waits for, one for each task."""
    wanted: dict[int, KeptTimer] = {}
    for armed in run.timers:
        timer = KeptTimer(instance, armed.task, armed.element, armed.due_at)
        known = wanted.get(armed.task)
        # An event gateway arms several; the earliest wakes it.
        if known is None or _sooner(timer, known):
            wanted[armed.task] = timer
    return wanted.values()


def surroundings_of(
    facts: CaseFacts, holds: Mapping[tuple[UUID, int], Hold], instance: UUID
) -> Surroundings:
    """Return what expressions of one instance read, with its timers that are held."""
    reads = facts.surroundings_in(instance)
    own = {task: hold for (id, task), hold in holds.items() if id == instance}
    return replace(reads, holds=own) if own else reads


def held_timers(case: LoadedCase) -> dict[tuple[UUID, int], Hold]:
    """Return the timers of a case that incidents keep from firing."""
    return {each.key: each.hold for each in case.timers if each.hold is not None}


def _sooner(timer: KeptTimer, known: KeptTimer) -> bool:
    return timer.due_at is not None and (known.due_at is None or timer.due_at < known.due_at)
