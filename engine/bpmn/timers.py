"""Timer events that read the case's clock and deadlines, and re-arm when those move.

SpiffWorkflow's own definitions read the wall clock, freeze at their first evaluation and add
months as sums of month lengths. These replace them: `due` is worked out afresh at every look,
from the `now`, facts and deadlines of the running step, by the calendar that the domain gives.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    TimerEventDefinition,
)

from engine.domain import Length
from engine.errors import ExpressionError, TimerFailed

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""The instant of a deadline whose work opens at once: always in the past."""

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,5})W)?"
    r"(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,8})S)?)?"
)
SHORTEST_CYCLE = timedelta(hours=1)
"""A timer repeats so far apart, at least."""

_CYCLE = re.compile(r"R(?P<turns>\d{0,4})/(?:(?P<start>[^/P][^/]*)/)?(?P<interval>P[^/]*)")


@dataclass(frozen=True)
class Hold:
    """Why a timer does not fire although it is due: it failed, or its firing was skipped.

    `due_at` is the instant at which it should have fired. One that was skipped waits unarmed
    until its date moves; another keeps its date until its next try, at `next_try_at` or when an
    operator asks for it.
    """

    due_at: datetime | None
    skipped: bool = False
    next_try_at: datetime | None = None


class DeadlineTimer(TimerEventDefinition):  # type: ignore[misc]
    """A timer whose expression gives an instant, a date or an ISO 8601 duration.

    A duration counts from the moment the timer was first reached. None (a deadline that is not
    open) leaves the timer waiting, unarmed.
    """

    def __eq__(self, other: object) -> bool:
        """SpiffWorkflow takes any two timers of a gateway for the same one."""
        return self is other

    __hash__ = object.__hash__

    def has_fired(self, my_task: Any) -> bool:
        environment = my_task.workflow.script_engine.environment
        hold = environment.holds.get(my_task.id.int)
        if hold is not None and not hold.skipped:
            return False
        due = self.due(my_task)
        return due is not None and due <= environment.now

    def due(self, my_task: Any) -> datetime | None:
        """Return the aware UTC instant at which this timer fires, or None while unarmed.

        Raises:
            TimerFailed: its expression fails on the case as it stands.
        """
        hold = my_task.workflow.script_engine.environment.holds.get(my_task.id.int)
        if hold is not None and not hold.skipped:
            held: datetime | None = hold.due_at
            return held
        try:
            due = self._worked_out(my_task)
        except ExpressionError as error:
            if hold is not None:
                return None
            element = str(my_task.task_spec.bpmn_id)
            raise TimerFailed(element, str(error), task=my_task.id.int) from error
        return None if hold is not None and due == hold.due_at else due

    def _worked_out(self, my_task: Any) -> datetime | None:
        environment = my_task.workflow.script_engine.environment
        value = literal_timer(self.expression)
        if value is None:
            value = environment.evaluate(self.expression, my_task.data)
        if isinstance(value, str):
            text, value = value, literal_timer(value)
            if value is None:
                raise ExpressionError(self.expression, f"{text!r} is no date, time or duration")
        if isinstance(value, Length):
            armed = my_task.internal_data.setdefault("armed_at", environment.now.isoformat())
            after: datetime = environment.later(datetime.fromisoformat(armed), value)
            return after
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, date):
            started: datetime = environment.start_of(value)
            return started
        raise ExpressionError(self.expression, f"{value!r} is no date, time or duration")

    def next_turn(self, _my_task: Any) -> dict[str, Any] | None:
        """Return what the next turn of a timer that has fired keeps; None when it has no other."""
        return None

    def details(self, my_task: Any) -> None:
        """Nothing: armed timers are listed by the runtime."""


class CycleTimer(DeadlineTimer):
    """A timer that fires again and again: R3/P1D, R/P6W, R5/2026-03-09/P1M.

    Each turn counts from the first arming (or the given start), so months neither drift nor
    clamp twice. Turns that nobody saw pass, before the timer was reached or while no server ran,
    are made up for by one; then it goes on at the next.
    """

    def _worked_out(self, my_task: Any) -> datetime | None:
        return self._at_turn(my_task, my_task.internal_data.get("turn", 0))

    def _at_turn(self, my_task: Any, turn: int) -> datetime:
        cycle = self._cycle(my_task)
        environment = my_task.workflow.script_engine.environment
        start = cycle.start
        if start is None:
            armed = my_task.internal_data.setdefault("armed_at", environment.now.isoformat())
            start, turn = datetime.fromisoformat(armed), turn + 1
        elif not isinstance(start, datetime):
            start = environment.start_of(start)
        at: datetime = environment.later(start, cycle.interval.times(turn))
        return at

    def next_turn(self, my_task: Any) -> dict[str, Any] | None:
        cycle = self._cycle(my_task)
        now = my_task.workflow.script_engine.environment.now
        turn = my_task.internal_data.get("turn", 0) + 1
        missed = max(now - self._at_turn(my_task, turn), timedelta()) // SHORTEST_CYCLE + 1
        turns = range(turn, turn + missed)
        turn += bisect_right(turns, now, key=lambda each: self._at_turn(my_task, each))
        if cycle.turns is not None and turn >= cycle.turns:
            return None
        armed = my_task.internal_data.get("armed_at")
        return {"turn": turn} | ({} if armed is None else {"armed_at": armed})

    def _cycle(self, my_task: Any) -> Cycle:
        found = literal_cycle(self.expression)
        if found is None:
            environment = my_task.workflow.script_engine.environment
            value = environment.evaluate(self.expression, my_task.data)
            found = literal_cycle(value) if isinstance(value, str) else None
        if found is None:
            raise ExpressionError(self.expression, "is no repeating time, such as R3/P1D")
        return found


@dataclass(frozen=True)
class Cycle:
    """A repeating time: `turns` None is without end; `start` None is when it is first armed."""

    turns: int | None
    start: datetime | date | None
    interval: Length


def literal_cycle(text: str) -> Cycle | None:
    """Return what an ISO 8601 repeating interval means, or None when it is an expression.

    Raises:
        ExpressionError: it repeats within the hour, or more than 9,999 times.
    """
    found = _CYCLE.fullmatch(text.strip().strip("\"'"))
    if found is None:
        return None
    start = literal_timer(found["start"]) if found["start"] else None
    interval = literal_timer(found["interval"])
    if isinstance(start, Length) or not isinstance(interval, Length):
        raise ExpressionError(text, "is written R3/P1D, or with a start R3/2026-03-09/P1D")
    if found["start"] and start is None:
        raise ExpressionError(text, "does not begin with a date or a time with zone")
    if not interval.months and not interval.days and interval.rest < SHORTEST_CYCLE:
        raise ExpressionError(text, "may not repeat within the hour")
    return Cycle(int(found["turns"]) if found["turns"] else None, start, interval)


@lru_cache(maxsize=4096)
def literal_timer(text: str) -> datetime | date | Length | None:
    """Return what a bare ISO 8601 text means, or None when it is an expression.

    Naive times are refused by returning None: an expression must say its zone.
    Durations are bounded to a century, so that no upload can hang the server.
    """
    bare = text.strip().strip("\"'")
    found = _DURATION.fullmatch(bare)
    if found and bare not in ("P", "PT") and not bare.endswith("T"):
        part = {name: int(value or 0) for name, value in found.groupdict().items()}
        rest = timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
        months = part["years"] * 12 + part["months"]
        days = part["weeks"] * 7 + part["days"]
        if months > 1200 or timedelta(days) + rest > timedelta(days=36525):
            raise ExpressionError(text, "a duration may not be longer than 100 years")
        return Length(months, days, rest)
    try:
        return date.fromisoformat(bare)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(bare)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


def replace_timers(spec: Any) -> None:
    """Put `DeadlineTimer`s in the place of SpiffWorkflow's in one parsed process."""
    for task_spec in spec.task_specs.values():
        definition = getattr(task_spec, "event_definition", None)
        if isinstance(definition, TimerEventDefinition):
            task_spec.event_definition = _replacement(definition)
        elif isinstance(definition, MultipleEventDefinition):
            definition.event_definitions[:] = [
                _replacement(each) if isinstance(each, TimerEventDefinition) else each
                for each in definition.event_definitions
            ]


def _replacement(definition: Any) -> DeadlineTimer:
    kind = CycleTimer if isinstance(definition, CycleTimerEventDefinition) else DeadlineTimer
    return kind(definition.name, definition.expression)
