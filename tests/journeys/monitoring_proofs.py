"""The rules of the Permanence Monitoring Panel, what carries them, the journeys that show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.journeys.changed_pack import (
    Change,
    amount,
    anchor,
    form,
    nobody_told,
    not_required,
    text,
    without_element,
    without_row,
)
from tests.journeys.council import Council
from tests.journeys.test_between_cases import TestBetweenCases
from tests.journeys.test_monitoring_panel import TestMonitoringPanel

Plain = tuple[str, str, Change, Callable[[Council], object]]
PANEL, BETWEEN = TestMonitoringPanel(), TestBetweenCases()

QUARTERLY = PANEL.test_is_due_three_months_after_the_last
ACCOUNT = PANEL.test_agencies_are_held_to_account
OWN_ANSWER = PANEL.test_each_delay_of_an_agency_waits_for_its_own_answer
LEADERS = PANEL.test_senior_leaders_are_asked_to_intervene
RECORDED = "record_monitoring_panel"


def _optional(question: str, column: str) -> Change:
    """Return the change that lets a column of a repeating question stay empty."""

    def edit(schema: dict[str, Any]) -> None:
        schema["properties"][question]["items"]["required"].remove(column)

    return form(RECORDED, edit)


MONITORING: tuple[Plain, ...] = (
    *(
        ("D-83", f"{each} left out", not_required(RECORDED, each), PANEL.test_says_what_it_found)
        for each in ("themes", "learning", "achievements", "gaps")
    ),
    ("D-83", "every four months", amount("monitoring_panel_quarterly"), QUARTERLY),
    (
        "D-83",
        "from the beginning",
        anchor("monitoring_panel_quarterly", "panel_since_on"),
        QUARTERLY,
    ),
    ("D-83", "no panels", without_row("timescales.dmn", "monitoring_panel_quarterly"), QUARTERLY),
    (
        "D-83",
        "nobody told",
        nobody_told("panel_overdue"),
        PANEL.test_its_people_are_told_when_it_does_not_sit,
    ),
    (
        "D-84",
        "nobody held to account",
        without_element("monitoring_panel.bpmn", "agencies_held_to_account"),
        ACCOUNT,
    ),
    ("D-84", "11 working days", amount("agency_account"), ACCOUNT),
    ("D-84", "from the beginning", anchor("agency_account", "panel_since_on"), ACCOUNT),
    ("D-84", "no answer awaited", without_row("timescales.dmn", "agency_account"), OWN_ANSWER),
    ("D-84", "nobody told", nobody_told("agency_answer_overdue"), ACCOUNT),
    *(
        (
            "D-84",
            f"no {each}",
            _optional("held_to_account", each),
            PANEL.test_an_agency_and_its_delay_are_both_named,
        )
        for each in ("agency", "delay")
    ),
    (
        "D-85",
        "no leader asked",
        without_element("monitoring_panel.bpmn", "leaders_asked_to_intervene"),
        LEADERS,
    ),
    ("D-85", "a day later", amount("leadership_intervention"), LEADERS),
    (
        "D-85",
        "from the sitting",
        anchor("leadership_intervention", "intervention_asked_on"),
        LEADERS,
    ),
    ("D-85", "nobody told", nobody_told("leadership_overdue"), LEADERS),
    *(
        (
            "D-85",
            f"no {each}",
            _optional("leadership_interventions", each),
            PANEL.test_leader_service_and_day_are_all_named,
        )
        for each in ("service", "due")
    ),
    (
        "D-76",
        "the monitoring panel does not hear",
        text("pack.toml", 'to = "monitoring_panel"', ""),
        BETWEEN.test_an_escalated_view_becomes_work_of_the_panel,
    ),
)
