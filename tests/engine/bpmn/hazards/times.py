"""Time: the case's own clock, the calendar's months, bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.bpmn import specs, timers
from engine.domain import Length
from engine.publishing.checks import language
from tests.builders.drawn import NOON, Drawn, event, node, process
from tests.engine.bpmn.hazards.hazard import Hazard, instead, nothing
from tests.engine.bpmn.support.events import at_boundary, caught
from tests.engine.bpmn.support.rows import found, line, refused, work
from workflows.permanence import civil_time
from workflows.permanence.domain import DOMAIN


def waiting(text: str, kind: str = "timeDuration", **names: Any) -> Drawn:
    timer = event("timer", text).replace("timeDuration", kind)
    return Drawn(process(line(node("intermediateCatchEvent", "ev", timer), work())), **names)


def due(drawn: Drawn) -> datetime | None:
    [timer] = drawn.run.timers
    return timer.due_at


def the_case_has_its_own_clock() -> None:
    drawn = waiting('"P1D"')
    assert drawn.wait(hours=23).open == []
    assert drawn.wait(hours=2).open == ["work"]


def months_end_with_the_month() -> None:
    drawn = Drawn(process(line(node("userTask", "first"), node("intermediateCatchEvent", "ev",
        event("timer", "P1M")), work())))  # fmt: skip
    drawn.wait(days=(date(2027, 1, 31) - NOON.date()).days).done("first")
    [timer] = drawn.run.timers
    assert timer.due_at == datetime(2027, 2, 28, 12, tzinfo=UTC)


def repeated_months_follow_the_calendar() -> None:
    [row] = [at_boundary("timer", interrupting=False)]
    text = row.drawn[0].replace("timeDuration", "timeCycle").replace("P1D", "R/2026-03-31/P1M")
    drawn = Drawn(text)
    days = []
    for _ in range(3):
        [timer] = drawn.run.timers
        days.append(DOMAIN.today(timer.due_at))  # type: ignore[union-attr]
        drawn.wait(seconds=(timer.due_at - drawn.now).total_seconds())  # type: ignore[operator]
    assert days == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


def told(text: str) -> set[str]:
    timer = event("timer", text)
    row = refused("x", "", line(node("intermediateCatchEvent", "ev", timer), work()), "ev", "timer")
    return {each.rule for each in found(row) if each.element == "ev"}


def times_without_zone_are_refused() -> None:
    assert told("2026-03-27T10:00:00") == {"timer"}


def it_fires_at_its_instant() -> None:
    assert waiting("P1D").wait(days=1).open == ["work"]


def bare_times_are_read() -> None:
    assert due(waiting("PT1H")) == NOON + timedelta(hours=1)
    assert due(waiting('"PT1H"')) == NOON + timedelta(hours=1)


def durations_are_bounded() -> None:
    assert told("P99999999999999999Y") == {"timer"}
    assert told("PT99999999S") == set()
    assert told("P9999M") == {"timer"}


def it_moves_with_what_it_reads() -> None:
    drawn = waiting("day", "timeDate", day=date(2026, 4, 1))
    drawn.names["day"] = date(2026, 5, 1)
    assert due(drawn.wait(days=30)) == datetime(2026, 4, 30, 23, tzinfo=UTC)


_replacement = specs.replace_timers
_literal, _due = timers.literal_timer, timers.DeadlineTimer.due


def _by_the_wall(spec: Any) -> None:
    """Leave SpiffWorkflow's own timers, which read the machine's clock."""


def _thirty_one_days(day: date, months: int) -> date:
    return day + timedelta(days=31 * months)


def _here(text: str) -> Any:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        return _literal(text)


def _strictly_past(self: Any, my_task: Any) -> bool:
    at = self.due(my_task)
    return at is not None and at < my_task.workflow.script_engine.environment.now


def _quoted(text: str) -> Any:
    return _literal(text) if text.strip()[:1] in "\"'" else None


def _unbounded(text: str) -> Any:
    return Length(1) if text.startswith("P") else _literal(text)


def _frozen(self: Any, my_task: Any) -> Any:
    kept = my_task.internal_data
    if "first" not in kept:
        found_ = _due(self, my_task)
        kept["first"] = None if found_ is None else found_.isoformat()
    return None if kept["first"] is None else datetime.fromisoformat(kept["first"])


TIMES = [
    Hazard("timers read the machine's clock", the_case_has_its_own_clock,
        lambda: instead(specs, "replace_timers", _by_the_wall), "test_clock.py"),
    Hazard("a month after 31 January comes out in March", months_end_with_the_month,
        lambda: instead(civil_time, "months_on", _thirty_one_days)),
    Hazard("a repeated month freezes at 31 days", repeated_months_follow_the_calendar,
        lambda: instead(civil_time, "months_on", _thirty_one_days), "test_repeated_events.py"),
    Hazard("a time without zone takes the machine's", times_without_zone_are_refused,
        lambda: instead(language, "literal_timer", _here), "test_check_diagrams.py"),
    Hazard("a timer fires only when strictly past", it_fires_at_its_instant,
        lambda: instead(timers.DeadlineTimer, "has_fired", _strictly_past), "test_clock.py"),
    Hazard("times must be quoted, and modellers write them bare", bare_times_are_read,
        lambda: instead(timers, "literal_timer", _quoted)),
    Hazard("an endless duration hangs", durations_are_bounded,
        lambda: instead(language, "literal_timer", _unbounded), "test_check_corpus.py"),
    Hazard("a timer freezes at its first evaluation", it_moves_with_what_it_reads,
        lambda: instead(timers.DeadlineTimer, "due", _frozen), "test_journey.py"),
]  # fmt: skip

_ = caught, nothing
