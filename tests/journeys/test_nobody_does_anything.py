"""What becomes of a child's plan when people do nothing, answer no, or answer late.

Classes are named for what the documents ask, with the number under which it was read: Y1 to Y17.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.visitor import Visitor
from tests.builders.world import CHAIR, every_option
from tests.journeys.council import REVIEW, Council, Refused

NO: dict[str, Any] = {"plan_ratified": False, "plan_ratified_reason": "No parallel plan"}
REVISED = {
    "updated_on": "2026-04-02",
    "permanence_section": "Adoption, special guardianship beside it",
    "pre_meeting_report_ref": "R-2",
}


def told(council: Council) -> set[str]:
    """Return the roles that the newest event told of something."""
    return {each["role"] for each in council.history()[-1]["notices"]}


def sent_back(council: Council, day: str = "2026-03-30") -> None:
    """A first meeting in time, and a review on `day` that does not ratify the plan."""
    council.open_case()
    council.go("2026-03-20")
    council.meeting("2026-03-20")
    council.follow_up("2026-03-20")
    council.review(day, **NO)


class TestY1APlanThatAReviewSendsBack:
    """D-37, D-54."""

    def test_is_revised_and_looked_at_again_without_the_next_review(self, council):
        sent_back(council)
        assert {"team_manager", "social_worker"} <= told(council)
        [revise] = council.work("revise_care_plan")
        assert (revise["role"], revise["limit_on"]) == ("social_worker", "2026-04-08")
        assert council.limit("cic_review") == "2026-06-30"

        council.go("2026-04-02")
        council.complete("social_worker", "revise_care_plan", REVISED)
        [again] = council.work("ratify_revision")
        assert (again["role"], again["limit_on"]) == ("iro", "2026-04-13")
        council.complete("iro", "ratify_revision", {**NO, "answered_on": "2026-04-02"})
        council.complete("social_worker", "revise_care_plan", REVISED)
        yes = {"plan_ratified": True, "answered_on": "2026-04-02"}
        council.complete("iro", "ratify_revision", yes)

        assert council.case()["facts"]["care_plan_ratified"] is True
        assert council.running("plan_revision") == 0
        assert council.limit("cic_review") == "2026-06-30"

    def test_left_alone_is_told_and_the_next_review_is_still_watched(self, council):
        sent_back(council)

        council.go("2026-04-09")
        assert council.told_late("Revision of the care plan") == ["2026-04-08"]
        council.go("2026-07-01")

        assert council.told_late("Child in care review") == ["2026-06-30"]
        assert council.told_late("Plan ratified by the second review") == ["2026-06-30"]
        assert council.work("reconsider_plan") != []

    def test_lets_the_manager_reconvene_the_meeting(self, council):
        sent_back(council)

        council.complete("team_manager", "offer_ppm", {"reason": "Options were left out"})

        assert council.limit("ppm") == "2026-04-15"
        assert council.work("revise_care_plan") != []

    def test_is_over_when_a_review_ratifies_meanwhile(self, council):
        sent_back(council)
        council.go("2026-04-20")

        council.review("2026-04-20")

        assert council.running("plan_revision") == 0


class TestY2PermanenceIsNotConfirmed:
    """D-44."""

    def refused(self, council: Council, **answers: Any) -> set[str]:
        given = {"permanence_confirmed": True, "confirmed_reason": "", **answers}
        with pytest.raises(Refused) as refusal:
            council.review("2026-03-30", **given)
        said = str(refusal.value)
        names = ("permanence_confirmed", "confirmed_reason")
        return {each for each in names if f'"field": "{each}"' in said}

    def test_before_the_manager_answered(self, council):
        council.open_case()
        assert self.refused(council) == {"permanence_confirmed"}

    def test_with_a_plan_that_is_refused(self, council):
        council.open_case()
        done = {"permanence_achieved_date": "2026-03-09", "permanence_achieved_basis": "Home"}
        council.meeting("2026-03-09", permanence_achieved=True, **done)
        assert self.refused(council, **NO) == {"permanence_confirmed"}

    def test_against_the_manager_without_a_reason(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        assert self.refused(council) == {"confirmed_reason"}

        answers = {**REVIEW, "held_date": "2026-03-30", "next_review_date": "2026-06-20"}
        why = {"permanence_confirmed": True, "confirmed_reason": "The order was made"}
        council.complete("iro", "conduct_review", {**answers, **why})
        assert council.case()["facts"]["permanence_confirmed"] is True


IN_CARE = {"cause": "already_in_care", "legal_status": "C2"}


class TestY3AChildAlreadyInCare:
    """D-26."""

    def test_goes_on_from_the_last_review(self, council):
        council.open_case(
            **IN_CARE, came_into_care_on="2025-03-03", last_review_held_on="2026-01-12"
        )
        assert council.limit("cic_review") == "2026-04-12"
        assert council.work("record_care_entry") == []
        assert council.limit("ppm") == "2026-03-23"

    def test_without_its_entry_is_asked_for_within_a_week(self, council):
        council.open_case(**IN_CARE)

        [asked] = council.work("record_care_entry")
        assert asked["limit_on"] == "2026-03-16"
        council.go("2026-03-17")

        assert council.told_late("Record of when the child came into care") == ["2026-03-16"]

    def test_reviews_need_the_entry(self, council):
        with pytest.raises(Refused, match="came_into_care_on"):
            council.open_case(**IN_CARE, last_review_held_on="2026-01-12")


class TestY4AChangeReportedAfterTheMeeting:
    """D-38."""

    @pytest.mark.parametrize("changed_on", ["2026-03-20", "2026-03-02"])
    def test_reconvenes_whatever_day_it_is_dated(self, council, changed_on):
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        assert council.limit("ppm") == "2026-05-01"

        council.send("significant_change", changed_on=changed_on, what="Placement ended")

        assert council.limit("ppm") == "2026-04-07"
        assert "iro" in told(council)
        council.go("2026-03-27")
        council.meeting("2026-03-27")
        assert council.limit("ppm") == "2026-05-08"

    def test_is_convened_again_if_the_chair_says_it_was_not_discussed(self, council):
        council.open_case()
        council.go("2026-03-16")
        council.meeting("2026-03-16")
        council.send("significant_change", changed_on="2026-03-16", what="Placement ended")

        council.go("2026-03-18")
        council.meeting("2026-03-18", change_discussed=False)

        assert council.limit("ppm") == "2026-03-30"

    def test_the_page_asks_the_chair_about_it_only_then(self, council):
        council.open_case()
        council.complete(
            "social_worker", "arrange_ppm", {"invitees": ["x"], "meeting_date": "2026-03-12"}
        )
        [chair] = council.work("chair_ppm")
        address = f"/work-items/{chair['id']}/sections/meeting"
        manager = Visitor(council.app, "dudley.team_manager")
        asks = "Was the significant change that was reported since the last meeting discussed?"
        assert asks not in manager.open(address).text

        council.send("significant_change", changed_on="2026-03-09", what="Placement ended")

        assert asks in manager.open(address).text


class TestY5AReviewBroughtForward:
    """D-41, D-74."""

    def test_that_is_not_held_is_late(self, council):
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        council.review("2026-03-30")
        council.follow_up("2026-03-30")
        council.complete(
            "iro", "consider_earlier_review", {"bring_forward": True, "new_date": "2026-04-20"}
        )
        assert council.limit("cic_review") == "2026-04-20"

        council.go("2026-04-21")

        assert council.told_late("Child in care review") == ["2026-04-20"]


class TestY6AReviewThatFinds:
    """D-46, D-47, D-74."""

    @pytest.mark.parametrize("found", [{"plan_valid": False}, {"progress": "none"}])
    def test_the_plan_not_valid_or_not_moving_flags_the_delay(self, council, found):
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")

        council.review("2026-03-30", **found)

        assert council.work("reconsider_plan") != []
        assert council.limit("ppm") == "2026-04-15"

    def test_it_not_the_right_plan_reconvenes_the_meeting(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")
        council.go("2026-03-12")
        council.meeting("2026-03-12")
        wrong = {"reconsidered": "Adoption", "right_plan": False, "early_review_date": "2026-03-30"}

        council.complete("iro", "reconsider_plan", wrong)

        assert council.limit("ppm") == "2026-03-26"


class TestY7Panels:
    """D-71, D-72."""

    def test_papers_have_a_date_that_is_told_when_it_passes(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.review("2026-03-30")

        [papers] = council.work("prepare_panel")
        assert papers["limit_on"] == "2026-04-08"
        council.go("2026-04-09")

        assert council.told_late("Papers for the panel") == ["2026-04-08"]

    def test_a_plan_declined_goes_again_when_it_is_ratified_again(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.review("2026-03-30")
        council.complete("social_worker", "prepare_panel", {**PREPARED})
        declined = {"date": "2026-03-30", "outcome": "declined"}
        council.complete("panel_administrator", "record_panel_outcome", declined)
        assert council.work("prepare_panel") == []

        council.review("2026-06-10")

        assert len(council.work("prepare_panel")) == 1

    def test_a_plan_approved_does_not_go_at_every_review(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.review("2026-03-30")
        council.complete("social_worker", "prepare_panel", {**PREPARED})
        approved = {"date": "2026-03-30", "outcome": "approved"}
        council.complete("panel_administrator", "record_panel_outcome", approved)

        council.review("2026-06-10")

        assert council.work("prepare_panel") == []

    def test_friends_as_foster_carers_go_to_the_fostering_panel(self, council):
        council.open_case()
        council.meeting(
            "2026-03-09", primary_plan="kinship_care", options=every_option(kinship_care="pursued")
        )
        council.review("2026-03-30")

        council.complete("social_worker", "prepare_panel", {**PREPARED, "consent": False})

        [item] = council.work("record_panel_outcome")
        assert "Fostering Panel" in item["title"]


PREPARED = {"consent": True, "financial_assessment": False}


class TestY8ThePublicLawOutline:
    """D-52."""

    @pytest.mark.parametrize("policy", ["D-PG", "D-2021"])
    def test_convenes_before_any_meeting(self, council, policy):
        council.open_case(policy, cause="pre_proceedings", legal_status="none")

        assert council.limit("ppm") == "2026-03-23"

    @pytest.mark.parametrize("policy", ["D-PG", "D-2021"])
    def test_convenes_after_a_meeting(self, council, policy):
        council.open_case(policy)
        council.meeting("2026-03-09")
        council.go("2026-03-12")

        council.send("plo_entry", entry_date="2026-03-11")

        assert council.limit("ppm") == "2026-03-25"


class TestY9AChildWhoseFirstMeetingNeverHappens:
    """D-05, D-74."""

    def test_is_a_delay_and_goes_on_being_told(self, council):
        council.open_case()
        council.go("2026-03-24")
        assert council.told_late("Permanence Planning Meeting") == ["2026-03-23"]
        assert council.work("reconsider_plan") == []

        council.go("2026-04-01")

        assert council.work("reconsider_plan") != []
        assert council.work("hold_drift_ppm") != []


class TestY14ADissentingView:
    """D-76."""

    def test_can_be_recorded_by_anybody_at_any_time(self, council):
        council.open_case()

        council.send(
            "dissent_recorded",
            dissent_on="2026-03-09",
            dissent_person="Grandmother",
            dissent_view="She would care for the child",
        )

        assert len(council.work("answer_dissent_iro")) == 1
        assert len(council.work("answer_dissent_aepp")) == 1

    def test_can_be_recorded_at_a_review(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.review("2026-03-30", dissent=[{"person": "Mother", "view": "Home"}])

        assert [each["title"] for each in council.work("answer_dissent_iro")] == [
            "Answer the dissenting view of Mother"
        ]


class TestY15EveryOptionIsMarked:
    """D-01, D-04."""

    @pytest.mark.parametrize("left_out", ["options", "assessment_needed"])
    def test_outside_proceedings_too(self, council, left_out):
        council.open_case()
        answer = {"options": CHAIR["options"][:1], "assessment_needed": None}[left_out]

        with pytest.raises(Refused, match=left_out):
            council.meeting("2026-03-09", **{left_out: answer})


class TestY17TheDraftCarePlan:
    """D-28."""

    def test_is_late_when_the_meeting_was_held_without_it(self, council):
        council.open_case()
        council.complete(
            "social_worker", "arrange_ppm", {"invitees": ["x"], "meeting_date": "2026-03-12"}
        )
        [draft] = council.work("draft_care_plan")
        assert draft["limit_on"] == "2026-03-12"
        council.go("2026-03-12")
        held = {**CHAIR, "held_date": "2026-03-12", "next_ppm_date": "2026-04-20"}
        council.complete("team_manager", "chair_ppm", held)

        council.go("2026-03-13")

        assert council.told_late("Draft care plan") == ["2026-03-12"]


class TestMissedDatesWithoutNoise:
    def test_one_question_for_one_missed_duty_due_after_it_was_born(self, council):
        council.open_case()
        council.go("2026-03-24")

        [asked] = council.work("explain_breach")

        assert asked["title"] == "Say why it was missed: Permanence Planning Meeting"
        assert asked["limit_on"] == "2026-03-31"

    def test_one_reason_answers_several(self, council):
        council.open_case()
        council.go("2026-04-09")
        questions = council.work("explain_breach")
        assert {each["title"].partition(": ")[2] for each in questions} == {
            "Permanence Planning Meeting",
            "Child in care review",
        }
        [other] = [
            each["facts"]["missed_id"]
            for each in council.case()["instances"]
            if each["process"] == "breach" and each["facts"]["missed_name"] == "cic_review"
        ]

        answers = {"reason": "The worker was ill", "together": [other]}
        council.complete("team_manager", "explain_breach", answers, title="Permanence")

        assert council.work("explain_breach") == []

    def test_a_question_left_alone_is_told_and_not_asked_about(self, council):
        council.open_case()
        council.go("2026-03-24")

        council.go("2026-04-01")

        assert council.told_late("Reason why a date was missed") == ["2026-03-31"]
        assert len(council.work("explain_breach")) == 1
