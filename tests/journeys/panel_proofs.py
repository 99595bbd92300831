"""Dudley's rules of the panel and of which policy is in force, and the journeys that show them."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.changed_pack import (
    Change,
    amount,
    anchor,
    nobody_told,
    text,
    without_check,
    without_element,
    without_row,
)
from tests.journeys.council import Council
from tests.journeys.test_actions import TestSupportThatThePanelAsksFor
from tests.journeys.test_panel_looks_on import (
    TestY9AChildWithoutAnyMeeting,
    TestY10WhatThePanelEscalates,
    TestY18TheMinutes,
)
from tests.journeys.test_panels import TestEarlyPermanencePanel
from tests.journeys.test_policies import TestD2021

Plain = tuple[str, str, Change, Callable[[Council], object]]
PANEL, POLICY = TestEarlyPermanencePanel(), TestD2021()
WITHOUT, ESCALATES = TestY9AChildWithoutAnyMeeting(), TestY10WhatThePanelEscalates()

ARRIVES = PANEL.test_every_child_comes_to_the_monthly_sitting
MINUTES = TestY18TheMinutes().test_are_read_from_the_day_they_are_told


def without_meeting(council: Council) -> None:
    WITHOUT.test_comes_to_the_panel_a_month_after_the_clock_started(council, {})


EACH = PANEL.test_each_sitting_leads_to_the_next
ESCALATED = PANEL.test_escalating_flags_a_delay
SUPPORT = TestSupportThatThePanelAsksFor().test_is_work_with_a_person_and_a_date
IN_FORCE = POLICY.test_is_taken_from_8_february_2021
OVERDUE = POLICY.test_says_that_its_review_is_overdue_from_the_day_after

PANELS: tuple[Plain, ...] = (
    (
        "D-70",
        "the minutes go nowhere",
        without_element("ppm.bpmn", "minutes_to_panel"),
        MINUTES,
    ),
    ("D-70", "the panel cannot read them", text("pack.toml", 'seen_for = "1 month"', ""), MINUTES),
    ("D-77", "reviewed a day later", text("pack.toml", "2022-01-04", "2022-01-05"), OVERDUE),
    ("D-77", "reviewed a day sooner", text("pack.toml", "2022-01-04", "2022-01-03"), OVERDUE),
    ("D-78", "in force a day later", text("pack.toml", "2021-02-08", "2021-02-09"), IN_FORCE),
    ("D-78", "in force a day sooner", text("pack.toml", "2021-02-08", "2021-02-07"), IN_FORCE),
    ("D-80", "every two months", amount("aepp_monthly"), ARRIVES),
    ("D-80", "from the first meeting", anchor("aepp_monthly", "first_ppm_held_on"), ARRIVES),
    (
        "D-80",
        "not from the opening",
        text("pack.toml", '"missed_dates", "aepp_consideration"', '"missed_dates"'),
        without_meeting,
    ),
    (
        "D-80",
        "no meeting is no matter",
        without_check("review_child_at_aepp", "no_meeting_reason"),
        WITHOUT.test_is_shown_as_one_and_on_track_only_with_a_reason,
    ),
    (
        "D-80",
        "a sitting missed is nobody's",
        without_row("missed_dates.dmn", "missed_dates_sitting_of_panel"),
        WITHOUT.test_that_the_panel_does_not_look_at_is_told_and_red,
    ),
    ("D-80", "no sittings", without_row("timescales.dmn", "aepp_monthly"), ARRIVES),
    ("D-80", "its own date is no date", without_row("timescales.dmn", "aepp_date_set"), EACH),
    (
        "D-81",
        "a form for the worker",
        without_element("aepp_consideration.bpmn", "review_child_at_aepp"),
        PANEL.test_nobody_does_paperwork_for_it,
    ),
    (
        "D-82",
        "nothing escalated",
        without_element("aepp_consideration.bpmn", "aepp_escalated"),
        ESCALATED,
    ),
    ("D-82", "nobody told", nobody_told("delay_flagged"), ESCALATED),
    ("D-82", "to nobody", without_check("review_child_at_aepp", "escalate_to"), ESCALATED),
    *(
        ("D-82", f"{element} is not there", without_element("aepp_consideration.bpmn", element), to)
        for element, to in (
            (
                "aepp_escalation_told",
                ESCALATES.test_to_the_service_manager_is_their_task,
            ),
            (
                "aepp_escalation_is_work",
                ESCALATES.test_to_another_agency_is_written_and_watched_by_the_social_worker,
            ),
            (
                "aepp_to_monitoring_panel",
                ESCALATES.test_to_the_monitoring_panel_is_work_of_that_panel,
            ),
        )
    ),
    (
        "D-82",
        "the panel has a day more",
        amount("escalated_delay"),
        ESCALATES.test_to_the_monitoring_panel_is_work_of_that_panel,
    ),
    (
        "D-82",
        "nobody told of silence",
        nobody_told("escalated_delay_overdue"),
        ESCALATES.test_that_the_monitoring_panel_does_not_consider_is_told,
    ),
    (
        "D-82",
        "support is nobody's",
        without_element("aepp_consideration.bpmn", "support_agreed"),
        SUPPORT,
    ),
    ("D-82", "support unsaid", without_check("review_child_at_aepp", "advice"), ESCALATED),
)
