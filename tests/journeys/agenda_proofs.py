"""What the meeting must say, rule by rule: each question changed, and the journey that notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.journeys import test_actions as actions
from tests.journeys import test_dudley_meeting as meeting
from tests.journeys import test_weak_records as weak
from tests.journeys.changed_pack import (
    Change,
    amount,
    anchor,
    form,
    nobody_told,
    without_check,
    without_element,
    without_fact,
    without_question,
    without_row,
)
from tests.journeys.council import Council

Journey = Callable[[Council], object]
Plain = tuple[str, str, Change, Journey]
"""Rule, what is changed, the change, the journey."""


def asked(field: str, **answers: Any) -> Journey:
    """Return the journey in which the chair leaves something out and is asked for it."""

    def journey(council: Council) -> None:
        council.open_case()
        meeting.arrange(council)
        assert field in meeting.refused(council, **(answers or {field: None}))

    return journey


def kept(**answers: Any) -> Journey:
    """Return the journey in which the chair may say something besides."""

    def journey(council: Council) -> None:
        council.open_case()
        meeting.arrange(council)
        council.complete("team_manager", "chair_ppm", {**meeting.MEETING, **answers})

    return journey


def with_meeting(test: Callable[[Council], object]) -> Journey:
    """Return a journey that begins with a meeting arranged for today."""

    def journey(council: Council) -> None:
        council.open_case()
        meeting.arrange(council)
        test(council)

    return journey


def _required(rules: str, *questions: str) -> list[Plain]:
    return [
        (rule, f"{question} may be left out", _may_be_left_out(question), asked(question))
        for rule in rules.split()
        for question in questions
    ]


def _may_be_left_out(question: str) -> Change:
    """Return the change that lets a question go unanswered, whatever checks are upon it."""

    def edit(schema: dict[str, Any]) -> None:
        schema["required"].remove(question)
        schema["x-checks"] = [each for each in schema["x-checks"] if each["field"] != question]

    return form("chair_ppm", edit)


def _may_say(rules: str, **answers: Any) -> list[Plain]:
    [question] = answers
    change = without_question("chair_ppm", question)
    return [(rule, f"{question} is not asked", change, kept(**answers)) for rule in rules.split()]


def _row_may_lack(rule: str, question: str, column: str, row: dict[str, Any]) -> Plain:
    def edit(schema: dict[str, Any]) -> None:
        schema["properties"][question]["items"]["required"].remove(column)

    journey = asked(f"{question}.0.{column}", **{question: [row]})
    return rule, f"{question}.{column} may be left out", form("chair_ppm", edit), journey


def _invited(rules: str, row: str, journey: Journey) -> list[Plain]:
    change = without_row("invitations.dmn", row)
    return [(rule, f"{row} gone", change, journey) for rule in rules.split()]


def _no_method_offered(schema: dict[str, Any]) -> None:
    del schema["properties"]["views_method"]["oneOf"]


_SAYS_WHY = meeting.TestInvitations().test_each_says_why_and_whoever_is_always_invited_is_ticked
_BY_STAGE = meeting.TestInvitations().test_the_stage_of_the_plan_decides
_IRO = meeting.TestInvitations().test_the_iro_is_told_and_free_to_attend
_EACH_OPTION = with_meeting(meeting.TestEveryOption().test_the_form_opens_with_a_row_for_each)
_IN_PROCEEDINGS = meeting.TestEveryOption().test_in_proceedings_none_is_left_out
_GENOGRAM = meeting.TestGenogram().test_out_of_date_it_is_work_before_the_next_meeting
_SOONER = meeting.TestTheNextMeeting().test_a_sooner_date_binds_at_introductions_until_that_meeting
_MINUTES = (
    meeting.TestAfterTheMeeting().test_the_minutes_go_to_the_panel_and_adoption_is_told_of_once
)
_FEEDS = meeting.TestAfterTheMeeting().test_the_decision_feeds_the_care_plan
_LINKS = with_meeting(meeting.TestKept().test_every_form_leads_to_the_procedures)
_WEIGHED = with_meeting(
    meeting.TestWhatTheMeetingMustSay().test_fostering_needs_special_guardianship_to_be_weighed
)
_MEASURED = weak.TestY19TheFamilyInvolved().test_is_measured_and_whoever_is_not_is_named
_AGENDA = with_meeting(meeting.TestKept().test_the_sections_are_the_agenda)
_NO_PARALLEL = asked("parallel_plan", parallel_plan=None)

_ACTIONS, _OPEN = actions.TestEachAction(), actions.TestTheNextMeeting()
_OWN_WORK = _ACTIONS.test_is_work_of_its_own_due_on_its_own_date
_REVIEWED = _ACTIONS.test_is_told_of_at_its_review_point
_BECAME = _OPEN.test_reads_what_became_of_each
_EXPLORED = weak.TestY19FamilyNotYetExplored().test_is_the_social_workers_task_by_the_next_meeting
_PLANNED = weak.TestY19ProfileIntroductionsAndMove().test_are_tasks_on_the_days_that_are_planned

AGENDA: tuple[Plain, ...] = (
    *_required("D-01", "options"),
    *_required("D-03", "actions"),
    ("D-03", "nobody has them", without_element("ppm.bpmn", "actions_agreed"), _OWN_WORK),
    ("D-03", "nobody is told at the review", nobody_told("action_review_due"), _REVIEWED),
    ("D-23", "no date", without_row("timescales.dmn", "action_due"), _OWN_WORK),
    ("D-23", "forgotten", without_fact("complete_action", "standing"), _BECAME),
    (
        "D-04",
        "no assessment for an option that needs one",
        without_check("chair_ppm", "assessments"),
        asked("assessments", options=[{**meeting.PURSUED, "assessment_needed": True}]),
    ),
    *_required("D-07", "decision", "rationale"),
    *_required("D-09", "attendance"),
    *_invited("D-09", "invite_permanence_advisor", _SAYS_WHY),
    *_invited("D-10", "invite_virtual_school", _SAYS_WHY),
    *[
        (rule, "no parallel plan", without_check("chair_ppm", "parallel_plan"), _NO_PARALLEL)
        for rule in ("D-11", "D-92")
    ],
    *_required("D-12", "child_views", "views_date", "views_by"),
    *_required("D-13", "views_method", "seen_alone"),
    (
        "D-14",
        "any method",
        form("chair_ppm", _no_method_offered),
        asked("views_method", views_method="guessed"),
    ),
    *_may_say("D-15", communication_needs="Signs a little"),
    *_may_say("D-16", co_produced=True),
    (
        "D-16",
        "no reason why not",
        without_check("chair_ppm", "co_produced_how"),
        asked("co_produced_how", co_produced=False),
    ),
    *_may_say("D-17", network=[{"person": "Aunt", "standing": "support"}]),
    *_required("D-19", "genogram_reviewed"),
    ("D-19", "nobody explores", without_element("ppm.bpmn", "family_to_explore"), _EXPLORED),
    _row_may_lack("D-19", "network", "standing", {"person": "Aunt"}),
    *_may_say("D-20", chronology="In LCS, 2 March"),
    *_required("D-21", "genogram_current"),
    ("D-21", "one day more", amount("genogram_update"), _GENOGRAM),
    ("D-21", "from another day", anchor("genogram_update", "dob"), _GENOGRAM),
    *_required("D-22", "needs", "siblings", "family_time"),
    _row_may_lack("D-23", "assessments", "due_date", {"type": "Health"}),
    ("D-24", "no link", form("chair_ppm", lambda schema: schema.pop("x-links")), _LINKS),
    *_required("D-29 D-86", "record_ref"),
    *_invited("D-31", "invite_family_finder", _SAYS_WHY),
    *_invited("D-31", "invite_carer_always", _SAYS_WHY),
    *_invited("D-31", "invite_fostering_social_worker_always", _SAYS_WHY),
    *_may_say("D-51", permanence_checklist=["security"]),
    (
        "D-55",
        "the decision stays with the meeting",
        without_fact("chair_ppm", "decision"),
        _FEEDS,
    ),
    ("D-57", "one more", amount("ppm_sooner_by_stage"), _SOONER),
    ("D-57", "from another day", anchor("ppm_sooner_by_stage", "dob"), _SOONER),
    (
        "D-59",
        "options left out in proceedings",
        without_check("chair_ppm", "options"),
        _IN_PROCEEDINGS,
    ),
    *_may_say("D-61", support_needs=[{"need": "Speech therapy", "signposted_to": "Clinic"}]),
    _row_may_lack("D-61", "support_needs", "signposted_to", {"need": "Speech therapy"}),
    *_may_say("D-62", risks=[{"risk": "abduction", "mitigation": "Passport kept"}]),
    _row_may_lack("D-62", "risks", "mitigation", {"risk": "abduction"}),
    *_may_say("D-63", links=[{"family": "A and B"}]),
    *_may_say("D-64", introductions_on="2026-05-01"),
    ("D-64", "nobody's dates", without_element("ppm.bpmn", "plan_dates_agreed"), _PLANNED),
    *_invited("D-66", "invite_carer_by_stage", _BY_STAGE),
    ("D-67", "the IRO is not told", nobody_told("ppm_booked"), _IRO),
    ("D-69", "no agenda", form("chair_ppm", lambda schema: schema.pop("x-sections")), _AGENDA),
    ("D-70", "the panel is not told", nobody_told("minutes_published"), _MINUTES),
    ("D-79", "one option less", without_row("options.dmn", "option_reunification"), _EACH_OPTION),
    ("D-91", "not weighed", without_check("chair_ppm", "sgo_considered"), _WEIGHED),
    *_may_say("D-93", family_involved_on="2026-03-02"),
    ("D-93", "not measured", without_fact("chair_ppm", "family_involved_on"), _MEASURED),
    *_required("D-94", "rationale"),
)
