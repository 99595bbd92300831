"""Fire what is due: timers, and messages that other cases sent.

The package itself fires one case. Around it stand the loop of a server, the queue of workers on
many machines, and the training clock.

Front doors:
    the package: fire_case, fire_timers, take_messages, hold_back, receivers_due
    due_cases: which cases have something to do now
    case_messages: messages between cases: delivered at least once, with their effect once
    retry_or_skip: what an operator does about an incident
    loop: fire on real time, beside the requests
    queue: hand firing out to workers (procrastinate, on PostgreSQL)
    training_clock: a stored instant that moves only when told to
    garbage_collection: how often Python looks for garbage

Imports: bpmn, context, domain, errors, metrics, packs, people, step, storage.
"""

from engine.firing.due_cases import receivers_due
from engine.firing.fire import (
    Firing,
    fire_case,
    fire_timers,
    hold_back,
    take_messages,
)

__all__ = ["Firing", "fire_case", "fire_timers", "hold_back", "receivers_due", "take_messages"]
