"""Fire the timers of a case that are due, so that one that fails holds up none of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from engine import metrics
from engine.bpmn.timers import Hold
from engine.context import CLOCK, Context
from engine.domain import Domain
from engine.errors import ConcurrentUpdate, TimerFailed
from engine.firing import case_messages
from engine.firing.due_cases import receivers_due
from engine.step.model import KeptTimer, LoadedCase
from engine.step.waiting import held_timers
from engine.storage import incidents, loading, saving
from engine.storage.database import in_transaction, reading
from engine.storage.saving import SavedStep

_log = structlog.get_logger()

NOT_THE_DIAGRAM = (ConcurrentUpdate, OperationalError, InterfaceError, TimeoutError)
"""What says nothing about the timer: it is simply tried again at the next look."""


@dataclass(frozen=True)
class Firing:
    """Where and when timers fire. `before` runs first in each transaction: it moves the clock."""

    engine: Engine
    domain: Domain
    now: datetime
    wall: datetime | None = None
    before: Callable[[Connection], None] = lambda _: None

    def run(self, work: Callable[[Context], object]) -> object:
        def within(connection: Connection) -> object:
            self.before(connection)
            return work(Context(connection, CLOCK, self.now, self.domain, recorded_at=self.wall))

        return in_transaction(self.engine, within)


def fire_case(firing: Firing, case_id: UUID) -> int:
    """Fire what is due in a case, else take a message, and return how often something happened.

    All at once, as one event; when that fails each timer by itself, and those that fail are
    written down as incidents, in transactions of their own. At most `incidents.DELAYS` later
    they are tried again, then left to an operator.

    Raises:
        ConcurrentUpdate, OperationalError: nothing is known about the timers; call again.
    """
    outcome = _try(firing, case_id, None)
    if outcome == "nothing":
        return _take_message(firing, case_id)
    if outcome != "failed":
        return 1
    with reading(firing.engine) as connection:
        due = timers_due(loading.load_case(connection, case_id), firing.now)
    return sum(_try(firing, case_id, timer) == "fired" for timer in due)


def take_messages(firing: Firing) -> int:
    """Let cases take what others sent them, until nothing is due; return how many were taken."""
    taken = 0
    while True:
        with reading(firing.engine) as connection:
            cases = receivers_due(connection, firing.now)
        took = sum(_take_message(firing, case_id) for case_id in cases)
        if not took:
            return taken
        taken += took


def _take_message(firing: Firing, case_id: UUID) -> int:
    """Let a case take the message that is due longest, if there is one; a failure is kept."""
    with reading(firing.engine) as connection:
        message_id = case_messages.next_for(connection, case_id, firing.now)
    if message_id is None:
        return 0
    began = perf_counter()
    try:
        saved = firing.run(lambda ctx: case_messages.deliver(ctx, message_id))
    except NOT_THE_DIAGRAM:
        raise
    except Exception as error:  # Rolled back; it is tried again.
        cause = type(error).__name__
        metrics.step(case_messages.KIND, "failed", perf_counter() - began)
        firing.run(lambda ctx: case_messages.record_failure(ctx, message_id, cause))
        _log.error("message failed", message=str(message_id), error=cause)
        return 0
    if saved is None:
        return 0
    assert isinstance(saved, SavedStep)
    metrics.step(case_messages.KIND, "done", perf_counter() - began)
    _log.info("message taken", case=saved.ref, sequence=saved.version)
    return 1


def _try(
    firing: Firing, case_id: UUID, timer: KeptTimer | None
) -> Literal["fired", "nothing", "failed"]:
    """Fire one timer, or all that are due; a failure is written down."""
    only = None if timer is None else {timer.key}
    began = perf_counter()
    try:
        saved = firing.run(lambda ctx: fire_timers(ctx, case_id, only=only))
    except NOT_THE_DIAGRAM:
        raise
    except Exception as error:  # Rolled back; whatever it was, an operator must see it.
        metrics.step("timer_fired", "failed", perf_counter() - began)
        with suppress(LookupError):
            _write_down(firing, case_id, _guilty(firing, case_id, timer, error), error)
        return "failed"
    if saved is None:
        return "nothing"
    assert isinstance(saved, SavedStep)
    metrics.step("timer_fired", "done", perf_counter() - began)
    metrics.TIMERS_FIRED.inc()
    _log.info("timer fired", case=saved.ref, sequence=saved.version, at=firing.now.isoformat())
    return "fired"


def _guilty(firing: Firing, case_id: UUID, tried: KeptTimer | None, error: Exception) -> KeptTimer:
    """Return the timer to blame: the one whose own date fails, else the one that was tried.

    Raises:
        LookupError: several were tried together, or it is not known yet.
    """
    with reading(firing.engine) as connection:
        case = loading.load_case(connection, case_id)
    due = timers_due(case, firing.now)
    named = _named(case, error) if isinstance(error, TimerFailed) else None
    if named is not None and (named.hold is None or named in due):
        return named
    if tried is None and len(due) == 1:
        return due[0]
    if tried is None:
        raise LookupError
    return tried


def _named(case: LoadedCase, error: TimerFailed) -> KeptTimer | None:
    for each in case.timers:
        if (each.task, each.element) == (error.task, error.element):
            return each
    return None


def _write_down(firing: Firing, case_id: UUID, timer: KeptTimer, error: Exception) -> None:
    status = firing.run(lambda ctx: incidents.record_failure(ctx, case_id, timer, error))
    if status is not None:
        with reading(firing.engine) as connection:
            ref = loading.load_case(connection, case_id).ref
        _log.error(
            "timer failed",
            case=ref,
            element=timer.element,
            error=type(error).__name__,
            incident=status,
        )


def fire_timers(
    ctx: Context, case_id: UUID, *, only: Collection[tuple[UUID, int]] | None = None
) -> SavedStep | None:
    """Fire every timer of a case that is due at `ctx.now`, or those of `only` among them.

    None when none is (any more). One event; joins the caller's transaction.
    """
    case = loading.load_case(ctx.connection, case_id)
    due = timers_due(case, ctx.now)
    tried = {each.key for each in due if only is None or each.key in only}
    if not tried or case.status != "open":
        return None
    holds = {key: hold for key, hold in held_timers(case).items() if key not in tried}
    left = {each.key: Hold(each.due_at) for each in due if each.key not in tried}
    run = loading.run_of(ctx, case, holds={**left, **holds})
    run.look_again()
    run.settle()
    was_due = any(each.due_at is not None and each.due_at <= ctx.now for each in due)
    kind = "timer_fired" if was_due else "timer_retried"
    saved = saving.save_step(ctx, case, run.finish(), kind=kind)
    if over := [each.key for each in due if each.key in tried and each.hold]:
        incidents.resolve(ctx, over)
    return saved


def timers_due(case: LoadedCase, now: datetime) -> list[KeptTimer]:
    """Return the timers to try at `now`: due, or waiting for another try that is."""
    return [each for each in case.timers if _may_try(each, now)]


def _may_try(timer: KeptTimer, now: datetime) -> bool:
    hold = timer.hold
    if hold is not None and not hold.skipped:
        return hold.next_try_at is not None and hold.next_try_at <= now
    return timer.due_at is not None and timer.due_at <= now


def hold_back(firing: Firing, case_id: UUID, error: TimerFailed) -> bool:
    """Keep a timer whose own date fails from failing somebody's step; return whether it was it.

    Its incident is open at once. False: the timer is not there before that very step.
    """
    with reading(firing.engine) as connection:
        case = loading.load_case(connection, case_id)
    timer = _named(case, error)
    if timer is None or timer.hold is not None:
        return False
    _write_down(firing, case_id, timer, error)
    return True
