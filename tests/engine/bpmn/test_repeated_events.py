"""A boundary event that does not interrupt happens as often as what it waits for."""

import json
from datetime import timedelta

import pytest

from engine.publishing.check import check_files
from tests.builders.drawn import NOON, Drawn, event, flows, node, path, process
from tests.builders.small_pack import with_change
from workflows.permanence.civil_time import LONDON
from workflows.permanence.domain import DOMAIN


def every(text: str) -> str:
    return (
        f"<bpmn:timerEventDefinition><bpmn:timeCycle>{text}</bpmn:timeCycle>"
        "</bpmn:timerEventDefinition>"
    )


def watched(definition: str, part: str = "") -> str:
    """A task (or a sub-process) `part`, beside which `watch` leads to `chase`."""
    host = node("subProcess", "part", part) if part else node("userTask", "part")
    return process(
        node("startEvent", "s") + host
        + node("boundaryEvent", "watch", definition, attachedToRef="part", cancelActivity="false")
        + node("userTask", "chase") + node("userTask", "after")
        + node("endEvent", "e") + node("endEvent", "e2")
        + flows("s", "part", "after", "e") + flows("watch", "chase", "e2")
    )  # fmt: skip


class TestAMessage:
    def test_is_heard_each_time_until_the_task_is_done(self):
        drawn = Drawn(watched(event("message", "go")))
        assert drawn.send("go")
        assert drawn.send("go")
        assert drawn.open == ["chase", "chase", "part"]
        drawn.done("part")
        assert drawn.open == ["after", "chase", "chase"]
        assert not drawn.send("go")
        assert drawn.done("chase").done("chase").done("after").run.completed

    def test_heard_many_times_leaves_the_state_as_it_was(self):
        drawn = Drawn(watched(event("message", "go")))
        kept = []
        for _ in range(40):
            drawn.send("go")
            drawn.done("chase")
            kept.append(len(json.loads(drawn.run.text)["process"]["tasks"]))
        assert len(set(kept[1:])) == 1


def test_an_escalation_is_heard_each_time():
    body = (
        node("startEvent", "ps") + node("userTask", "work")
        + node("intermediateThrowEvent", "ask", event("escalation", "help"))
        + node("intermediateThrowEvent", "more", event("escalation", "help"))
        + node("userTask", "rest") + node("endEvent", "pe")
        + flows("ps", "work", "ask", "more", "rest", "pe")
    )  # fmt: skip
    drawn = Drawn(watched(event("escalation", "help"), body)).done("work")
    assert drawn.open == ["chase", "chase", "rest"]


def test_a_signal_is_heard_each_time():
    body = path("p", "work")
    drawn = Drawn(watched(event("signal", "red"), body))
    for _ in range(3):
        drawn.signal("red")
    assert drawn.open == ["chase", "chase", "chase", "work"]


class TestATimer:
    def due(self, drawn: Drawn) -> list[timedelta | None]:
        return [None if each.due_at is None else each.due_at - NOON for each in drawn.run.timers]

    def test_fires_as_often_as_it_says(self):
        drawn = Drawn(watched(every("R3/P1D")))
        assert self.due(drawn) == [timedelta(days=1)]
        for turn in (1, 2, 3):
            drawn.wait(days=1)
            assert drawn.open == ["chase"] * turn + ["part"]
        assert drawn.run.timers == ()
        assert drawn.wait(days=30).open == ["chase"] * 3 + ["part"]

    def test_without_end_ends_with_the_task(self):
        drawn = Drawn(watched(every("R/P1W")))
        for _ in range(20):
            [due] = self.due(drawn)
            drawn.wait(seconds=(NOON + due - drawn.now).total_seconds()).done("chase")
        # The clocks have gone forward: it stays noon in London.
        assert self.due(drawn) == [timedelta(weeks=21, hours=-1)]
        assert drawn.done("part").run.timers == ()

    def test_makes_up_by_one_for_turns_that_nobody_looked_at(self):
        drawn = Drawn(watched(every("R5/P1D"))).wait(days=3)
        assert drawn.open == ["chase", "part"]
        assert self.due(drawn) == [timedelta(days=4)]
        assert drawn.wait(days=9).open == ["chase", "chase", "part"]
        assert drawn.run.timers == ()

    @pytest.mark.parametrize("cycle", ["R/2026-01-05T09:00:00Z/P1W", "R/2025-01-01/P1D"])
    def test_t5_that_began_before_the_case_makes_up_by_one(self, cycle):
        drawn = Drawn(watched(every(cycle)))
        assert drawn.open == ["chase", "part"]
        [due] = self.due(drawn)
        assert timedelta() < due <= timedelta(weeks=1)

    def test_t1_is_the_first_of_each_month_in_london(self):
        drawn = Drawn(watched(every("R/2026-05-01/P1M")))
        days = []
        for _ in range(4):
            [timer] = drawn.run.timers
            days.append(timer.due_at.astimezone(LONDON).isoformat()[:16])
            drawn.wait(seconds=(timer.due_at - drawn.now).total_seconds())
        assert days == [f"2026-0{month}-01T00:00" for month in (5, 6, 7, 8)]

    def test_months_are_counted_from_the_first_and_clamp_once(self):
        drawn = Drawn(watched(every("R4/2026-03-31/P1M")))
        days = []
        while drawn.run.timers:
            [timer] = drawn.run.timers
            days.append(DOMAIN.today(timer.due_at).isoformat())
            drawn.wait(seconds=(timer.due_at - drawn.now).total_seconds())
        assert days == ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]

    def test_a_date_or_duration_fires_once(self):
        drawn = Drawn(watched(event("timer", "P1D"))).wait(days=2)
        assert drawn.run.timers == ()
        assert drawn.wait(days=9).open == ["chase", "part"]


CYCLE = 'timeDate xsi:type="bpmn:tFormalExpression">limit_passed("visit")</bpmn:timeDate>'


@pytest.mark.parametrize(
    "wrong",
    ["R99999999/PT0S", "R/PT1S", "R3/PT0S", "P1D", "R3/P1D/2026-03-09", "R3/yesterday/P1D", "R/P",
     "R3/2026-03-09T12:00/P1D", "R1/P99999999999999999Y"],
)  # fmt: skip
def test_a_cycle_that_cannot_be_kept_is_told(wrong):
    files = with_change("case.bpmn", CYCLE, f"timeCycle>{wrong}</bpmn:timeCycle>")
    found = check_files(files, domain=DOMAIN)
    assert [(each.element, each.rule) for each in found] == [("too_late", "timer")]


@pytest.mark.parametrize("good", ["R3/P1D", "R/P6W", "'R2/PT1H'"])
def test_a_cycle_that_can_is_not(good):
    files = with_change("case.bpmn", CYCLE, f"timeCycle>{good}</bpmn:timeCycle>")
    assert check_files(files, domain=DOMAIN) == []


def test_t5_what_a_cycle_with_a_start_will_do_is_told():
    files = with_change("case.bpmn", CYCLE, "timeCycle>R5/2026-03-09/P1M</bpmn:timeCycle>")
    [told] = check_files(files, domain=DOMAIN)
    assert (told.severity, told.element, told.rule) == ("warning", "too_late", "cycle-start")
    assert "counts from 9 March 2026" in told.message
