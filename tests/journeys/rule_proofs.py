"""For each of Dudley's rules, what in the pack carries it and the journey that shows it.

Each proof changes the pack in one place and names a journey that must then fail by its outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.journeys import test_dudley as dudley
from tests.journeys import test_dudley_flow as flow
from tests.journeys import test_dudley_work as work
from tests.journeys import test_weak_records as weak
from tests.journeys.agenda_proofs import AGENDA
from tests.journeys.changed_pack import (
    Change,
    amount,
    anchor,
    both,
    form,
    lane,
    nobody_told,
    not_required,
    text,
    without_check,
    without_element,
    without_fact,
    without_question,
    without_row,
)
from tests.journeys.council import Council
from tests.journeys.monitoring_proofs import MONITORING
from tests.journeys.panel_proofs import PANELS as OF_PANELS
from tests.journeys.tracker_proofs import TRACKER
from tests.journeys.undone_proofs import UNDONE

Journey = Callable[[Council], object]

STARTS, MEETINGS, FOLLOW_UP = flow.TestStarts(), flow.TestMeetings(), flow.TestFollowUp()
REVIEWS, DISSENT, DELAY = flow.TestReviews(), work.TestS14(), work.TestS13()
ASSESSMENTS, PANELS = work.TestAssessments(), work.TestS15()
CONTINUING, OF_2021, SECOND = work.TestContinuingReview(), work.TestS31(), work.TestS16()

FIRST = dudley.TestS01().test_care_entry_sets_the_first_meeting_and_the_first_review
IDENTIFIED = STARTS.test_a_child_already_in_care_counts_from_the_day_identified
UNBORN = STARTS.test_an_unborn_child_has_no_review_until_care_entry
DRAFT = STARTS.test_a_draft_care_plan_is_asked_for_at_once
WHO_MEETS = MEETINGS.test_the_worker_arranges_and_the_manager_chairs
SIX_WEEKS = MEETINGS.test_they_go_on_every_six_weeks
TOLD_ONCE = MEETINGS.test_adoption_is_told_to_the_agency_once
GOOD_FRIDAY = dudley.TestS05().test_a_limit_on_good_friday_stays_and_is_acted_on_the_day_before
CARE_PLAN = dudley.TestS02().test_the_care_plan_is_due_five_working_days_after_the_meeting
EARLY_REVIEW = dudley.TestS08().test_a_review_booked_early_brings_the_meeting_forward
CHANGE = dudley.TestS06().test_a_significant_change_reconvenes_and_the_cycle_rolls_on
EARLIER = FOLLOW_UP.test_the_iro_considers_an_earlier_review_once_the_first_was_held
SETS_OUT = FOLLOW_UP.test_the_care_plan_sets_out_the_permanence_plan
NOTIFIED = weak.TestTheIroIsNotified().test_when_the_care_plan_is_updated
UNANSWERED = weak.TestTheIroIsNotified().test_and_told_when_they_do_not_answer
CYCLE = REVIEWS.test_the_second_is_three_months_after_the_first_and_then_every_six
BEFORE_EACH = REVIEWS.test_each_needs_a_meeting_before_it
NOT_RATIFIED = REVIEWS.test_a_plan_not_ratified_is_revised_and_looked_at_again
HOW_IT_STANDS = REVIEWS.test_the_iro_says_how_the_plan_stands
NOT_THE_WORKER = REVIEWS.test_the_worker_cannot_hold_the_review
CONFIRMED = REVIEWS.test_confirmed_permanence_ends_the_meetings_but_not_the_reviews
PLAN_CHANGED = CONTINUING.test_a_changed_plan_restarts_the_meetings
ROWS_DATED = ASSESSMENTS.test_each_row_becomes_work_due_on_its_own_date
TARGET = DELAY.test_a_missed_target_date_asks_the_iro_and_the_service_manager
UNTIL_HELD = DELAY.test_the_service_manager_is_done_when_the_meeting_was_held
AT_A_MEETING = DELAY.test_drift_recorded_at_a_meeting_asks_for_another
BOTH_ANSWER = DISSENT.test_dissent_stays_open_until_the_panel_and_the_iro_have_answered
UNRATIFIED = SECOND.test_a_second_review_that_does_not_ratify_is_delay
IN_2021 = OF_2021.test_six_weeks_then_two_weeks_after_the_review
FOREVER_HOME = OF_2021.test_meetings_then_go_on_every_six_weeks
PLO = OF_2021.test_entering_the_public_law_outline_counts_too


def panel(plan: str, consent: bool, finance: bool, title: str | None) -> Journey:
    """Return the journey of an agreed plan to its panel."""

    def journey(council: Council) -> None:
        PANELS.test_the_agreed_plan_goes_to_its_panel(council, plan, consent, finance, title)

    return journey


ADOPTION = panel("adoption", True, False, "Record the outcome of the Adoption Panel")
NO_CONSENT = panel("adoption", False, False, "Record the decision of the Agency Decision Maker")
FOSTERING = panel("long_term_fostering", False, False, "Record the outcome of the Fostering Panel")
FINANCE = panel(
    "special_guardianship", False, True, "Record the outcome of the Area Resource Panel"
)


CHAIRED_BY_WORKER = ('"team_manager"', '"social_worker"')


@dataclass(frozen=True)
class Proof:
    """`rule` carried by what `change` changes, shown by `journey`."""

    rule: str
    what: str
    change: Change
    journey: Journey


def _row(rules: str, row: str, other: str, journey: Journey) -> list[Proof]:
    """Return the proofs of rules that a timescale row carries: amount, anchor, the row itself."""
    return [
        Proof(rule, what, change, journey)
        for rule in rules.split()
        for what, change in (
            (f"{row}: one more", amount(row)),
            (f"{row}: from {other}", anchor(row, other)),
            (f"{row}: gone", without_row("timescales.dmn", row)),
        )
    ]


PROOFS: tuple[Proof, ...] = (
    Proof("D-02", "drift is not asked", without_question("chair_ppm", "drift"), AT_A_MEETING),
    *_row("D-02", "plan_target", "clock_started_on", TARGET),
    *_row("D-05 D-33", "ppm_first", "next_ppm_on", FIRST),
    *_row("D-06 D-39 D-45", "ppm_six_weekly", "clock_started_on", SIX_WEEKS),
    Proof("D-08", "the worker chairs", text("chair.dmn", *CHAIRED_BY_WORKER), WHO_MEETS),
    Proof(
        "D-18",
        "assessments are not passed on",
        without_element("ppm.bpmn", "assessments_commissioned"),
        ROWS_DATED,
    ),
    *_row("D-23", "assessment_due", "dissent_on", ROWS_DATED),
    Proof(
        "D-25",
        "the care entry is not kept",
        without_fact("case", "event_date"),
        FIRST,
    ),
    *_row("D-26", "ppm_first_already_in_care", "came_into_care_on", IDENTIFIED),
    Proof(
        "D-27",
        "care entry is not recorded",
        without_element("care_entry.bpmn", "record_care_entry"),
        UNBORN,
    ),
    Proof("D-28", "no draft plan", without_element("case.bpmn", "draft_care_plan"), DRAFT),
    Proof(
        "D-29",
        "the manager arranges",
        lane("ppm.bpmn", "arrange_ppm", "ppm_team_manager"),
        WHO_MEETS,
    ),
    *_row("D-30", "ppm_before_first_review", "clock_started_on", EARLY_REVIEW),
    *_row("D-30", "ppm_before_next_review", "last_review_held_on", BEFORE_EACH),
    Proof(
        "D-34", "no plan in it", not_required("update_care_plan", "permanence_section"), SETS_OUT
    ),
    *_row("D-34 D-35", "care_plan_never_updated", "clock_started_on", CARE_PLAN),
    *_row("D-36", "review_initial", "next_review_on", FIRST),
    Proof(
        "D-37",
        "nothing is ratified",
        text("cic_review.bpmn", ">care_plan_ratified<", ">true<"),
        NOT_RATIFIED,
    ),
    *_row("D-38", "ppm_significant_change", "clock_started_on", CHANGE),
    Proof("D-38", "the IRO is not told", nobody_told("significant_change"), CHANGE),
    Proof(
        "D-40", "no care plan", without_element("ppm_followup.bpmn", "update_care_plan"), EARLIER
    ),
    Proof(
        "D-40",
        "the IRO is not notified",
        without_element("ppm_followup.bpmn", "iro_told_of_update"),
        NOTIFIED,
    ),
    Proof("D-40", "nobody is told", nobody_told("care_plan_updated"), NOTIFIED),
    Proof(
        "D-41",
        "nobody considers",
        without_element("earlier_review.bpmn", "consider_earlier_review"),
        EARLIER,
    ),
    *_row("D-41", "earlier_review_answer", "dob", UNANSWERED),
    *_row("D-42", "review_second", "came_into_care_on", CYCLE),
    *_row("D-42", "review_later", "came_into_care_on", CYCLE),
    Proof(
        "D-43",
        "the worker ratifies",
        lane("cic_review.bpmn", "conduct_review", "cic_review_social_worker"),
        NOT_THE_WORKER,
    ),
    Proof(
        "D-44",
        "nobody confirms",
        without_fact("conduct_review", "permanence_confirmed"),
        CONFIRMED,
    ),
    Proof("D-46", "validity", not_required("conduct_review", "plan_valid"), HOW_IT_STANDS),
    Proof("D-47", "change", not_required("conduct_review", "plan_changed"), HOW_IT_STANDS),
    Proof(
        "D-48",
        "no updated assessment",
        without_check("write_pre_meeting_report", "assessment_updated_on"),
        CONTINUING.test_the_report_needs_an_updated_assessment,
    ),
    *_row("D-49", "ppm_plan_changed", "clock_started_on", PLAN_CHANGED),
    Proof(
        "D-50",
        "always changed",
        text("timescales.dmn", "if plan_changed and not", "if not"),
        CONFIRMED,
    ),
    *_row("D-52", "ppm_2021_six_weeks", "next_review_on", IN_2021),
    *_row("D-52", "ppm_plo", "came_into_care_on", PLO),
    *_row("D-53", "ppm_2021_after_review", "came_into_care_on", IN_2021),
    *_row("D-54", "second_review_plan", "came_into_care_on", UNRATIFIED),
    *_row("D-54", "second_review_plan_not_ratified", "first_review_held_on", UNRATIFIED),
    *_row("D-56", "ppm_2021_six_weekly", "clock_started_on", FOREVER_HOME),
    Proof("D-60", "nobody is told", nobody_told("adoption_considered"), TOLD_ONCE),
    Proof(
        "D-65",
        "the manager arranges",
        lane("ppm.bpmn", "arrange_ppm", "ppm_team_manager"),
        WHO_MEETS,
    ),
    Proof("D-68", "the worker chairs", text("chair.dmn", *CHAIRED_BY_WORKER), WHO_MEETS),
    Proof("D-71", "no panel", without_row("panel_route.dmn", "panel_adoption_consent"), ADOPTION),
    Proof(
        "D-71", "no ADM", without_row("panel_route.dmn", "panel_adoption_no_consent"), NO_CONSENT
    ),
    Proof("D-72", "no panel", without_row("panel_route.dmn", "panel_fostering"), FOSTERING),
    Proof("D-73", "no panel", without_row("panel_route.dmn", "panel_orders_finance"), FINANCE),
    *_row("D-71 D-72", "panel_outcome", "dob", FOSTERING),
    *_row("D-74", "iro_reconsideration", "plan_target_on", TARGET),
    Proof(
        "D-74",
        "no early review",
        without_check("reconsider_plan", "early_review_date"),
        TARGET,
    ),
    *_row("D-75", "drift_ppm", "plan_target_on", TARGET),
    *_row("D-75", "ppm_drift", "dob", AT_A_MEETING),
    Proof(
        "D-75",
        "closed without a meeting",
        both(
            without_check("hold_drift_ppm", "ppm_date", "last_ppm_held_on"),
            form("hold_drift_ppm", lambda schema: schema.pop("x-waits-for")),
        ),
        UNTIL_HELD,
    ),
    *_row("D-76", "dissent_aepp", "dob", BOTH_ANSWER),
    *_row("D-76", "dissent_iro", "dob", BOTH_ANSWER),
    Proof(
        "D-76",
        "the panel is not asked",
        without_element("dissent.bpmn", "answer_dissent_aepp"),
        BOTH_ANSWER,
    ),
    *(Proof(*each) for each in (*AGENDA, *OF_PANELS, *MONITORING, *TRACKER, *UNDONE)),
)
