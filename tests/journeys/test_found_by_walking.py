"""What random walks found and nobody had thought of, each as a journey."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.builders.world import ARRANGE
from tests.journeys.council import Council, Refused

IN_CARE = {"cause": "already_in_care", "legal_status": "C2"}
PPM = "Permanence Planning Meeting"
NOT_EARLIER = {"bring_forward": False, "reason": "Early enough"}
ENTERED = {"care_entry_date": "2026-03-02", "legal_status": "C2"}
DRAFT = {"text": "In LCS", "completed_on": "2026-03-09"}


def asked(council: Council, of: str = "") -> list[dict[str, Any]]:
    """Return the open questions why a date was missed, of the duties whose label begins so."""
    questions = council.work("explain_breach")
    return [each for each in questions if each["title"].partition(": ")[2].startswith(of)]


def required(council: Council, name: str) -> list[dict[str, Any]]:
    """Return the open tasks of that name that are not only offered."""
    return [each for each in council.work(name) if not each["optional"]]


class TestTheDraftCarePlanOfAChildAlreadyInCare:
    """D-26, D-28."""

    def test_is_nobodys_duty(self, council):
        council.open_case(**IN_CARE)

        assert council.work("draft_care_plan") == []
        assert council.deadlines("draft_care_plan") == []

    def test_is_asked_for_when_the_child_was_not_in_care_after_all(self, council):
        council.open_case(**IN_CARE)

        council.correct("cause", "care_entry", "Mixed up with a brother", on="2026-03-09")

        [task] = council.work("draft_care_plan")
        assert task["limit_on"] == council.limit("draft_care_plan")

    def test_is_asked_for_again_when_it_is_taken_back(self, council):
        council.open_case()
        council.complete("social_worker", "draft_care_plan", DRAFT)
        assert council.work("draft_care_plan") == []

        council.correct("draft_care_plan_on", None, "Of a brother")

        [task] = council.work("draft_care_plan")
        assert task["limit_on"] == council.limit("draft_care_plan")

    def test_is_asked_for_once_however_often_that_is_corrected(self, council):
        council.open_case(**IN_CARE)

        for cause in ("care_entry", "already_in_care", "younger_sibling"):
            council.correct("cause", cause, "Read again", on="2026-03-09")

        assert len(council.work("draft_care_plan")) == 1


class TestTheDayOfComingIntoCare:
    """D-26, D-27."""

    @pytest.mark.parametrize("when", ["taken back", "taken back when only identified"])
    def test_is_asked_for_again_of_a_child_already_in_care(self, council, when: str):
        council.open_case(cause="younger_sibling" if "identified" in when else "already_in_care")
        council.complete("social_worker", "record_care_entry", ENTERED)
        assert council.work("record_care_entry") == []

        council.correct("came_into_care_on", None, "Of a brother", on="2026-03-09")
        council.correct("cause", "already_in_care", "Read again", on="2026-03-09")

        [task] = council.work("record_care_entry")
        assert task["limit_on"] == council.limit("care_entry_record")
        council.complete("social_worker", "record_care_entry", ENTERED)
        assert council.work("record_care_entry") == council.deadlines("care_entry_record") == []
        assert len(council.work("book_review")) == 1

    def test_reported_twice_is_asked_for_once(self, council):
        council.open_case(cause="younger_sibling")
        for _ in range(2):
            entry = {"entry_date": "2026-03-09", "legal_status": "C2"}
            council.send("care_entry", **entry)
            assert council.work("record_care_entry") == []
            council.correct("came_into_care_on", None, "Went home the same day", on="2026-03-09")
            assert len(council.work("record_care_entry")) == 1


class TestThePreMeetingReport:
    """D-34, D-48."""

    def test_is_asked_for_when_another_form_gives_the_day(self, council):
        council.open_case()
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")
        assert council.work("write_pre_meeting_report") == []
        assert len(required(council, "book_review")) == 1

        early = {"reconsidered": "Adoption", "right_plan": True, "early_review_date": "2026-03-30"}
        council.complete("iro", "reconsider_plan", early)

        [report] = council.work("write_pre_meeting_report")
        assert report["limit_on"] == "2026-03-27"
        assert required(council, "book_review") == []
        assert council.limit("cic_review") == "2026-03-30"

    def test_is_asked_for_though_the_day_is_later_than_policy_allows(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.review("2026-03-30", next_review_date="2026-08-01")

        assert council.limit("cic_review") == "2026-06-30"
        assert len(required(council, "book_review")) == 1
        assert len(council.work("write_pre_meeting_report")) == 1

    def test_is_asked_for_again_when_it_is_taken_back(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.complete("iro", "book_review", {"review_date": "2026-03-30"})
        report = {"permanence_section": "Adoption"}
        council.complete("social_worker", "write_pre_meeting_report", report)
        assert council.work("write_pre_meeting_report") == []

        council.correct("pre_meeting_report_on", None, "Of a brother")

        [task] = council.work("write_pre_meeting_report")
        assert task["limit_on"] == council.limit("pre_meeting_report") == "2026-03-27"

    def test_is_written_once_for_each_review(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.review("2026-03-30")

        [task] = council.work("write_pre_meeting_report")
        assert task["limit_on"] == council.limit("pre_meeting_report")


class TestAChildNotInCareWhosePlanIsDelayed:
    """D-74."""

    def test_has_no_child_in_care_review_to_bring_forward(self, council):
        council.open_case(cause="edge_of_care", legal_status="none")
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")

        answers = {"reconsidered": "Staying at home", "right_plan": True}
        answers |= {"early_review_date": "2026-03-30"}
        council.complete("iro", "reconsider_plan", answers)

        assert "next_review_on" not in council.case()["facts"]
        assert council.deadlines("cic_review") == []
        assert len(council.work("record_care_entry")) == 1


class TestTheCarePlanAfterAMeeting:
    """D-35."""

    def test_is_not_updated_by_what_was_written_before_it(self, council):
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-03-20")
        council.follow_up("2026-03-09")
        council.go("2026-03-20")
        council.meeting("2026-03-20")

        with pytest.raises(Refused, match="after the last Permanence Planning Meeting"):
            council.follow_up("2026-03-12")

        council.follow_up("2026-03-20")
        assert council.deadlines("care_plan_update") == []

    def test_can_be_recorded_late_with_the_day_that_is_true(self, council):
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-04-02")
        council.go("2026-04-02")
        council.meeting("2026-04-02")
        assert council.limit("care_plan_update") == "2026-03-16"

        council.follow_up("2026-03-12")

        assert council.limit("care_plan_update") == "2026-04-13"
        assert len(council.work("update_care_plan")) == 1

    def updated(self, council: Council) -> None:
        """A meeting on 9 March, and the care plan updated on 11 March."""
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-03-20")
        council.go("2026-03-20")
        council.follow_up("2026-03-11")
        assert council.work("update_care_plan") == []

    def asked(self, council: Council) -> None:
        [task] = council.work("update_care_plan")
        assert task["limit_on"] == council.limit("care_plan_update")

    def test_is_asked_for_again_when_the_meeting_was_later(self, council):
        self.updated(council)

        council.correct("last_ppm_held_on", "2026-03-13", "Typing mistake")

        self.asked(council)
        council.follow_up("2026-03-16")
        assert council.work("update_care_plan") == []
        assert council.deadlines("care_plan_update") == []

    def test_is_asked_for_again_when_the_update_was_earlier(self, council):
        self.updated(council)

        council.correct("care_plan_updated_on", "2026-03-06", "Typing mistake")

        self.asked(council)

    def test_is_asked_for_again_when_the_update_is_taken_back(self, council):
        self.updated(council)

        council.correct("care_plan_updated_on", None, "Of a brother")

        self.asked(council)

    def test_is_asked_for_again_after_a_later_one_too(self, council):
        self.updated(council)
        council.meeting("2026-03-20")
        council.follow_up("2026-03-20")
        council.go("2026-04-01")

        council.correct("last_ppm_held_on", "2026-03-24", "Typing mistake")

        self.asked(council)

    def test_is_asked_for_once_after_two_meetings(self, council):
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-04-02")
        council.go("2026-04-02")
        council.meeting("2026-04-02")
        self.asked(council)

        council.follow_up("2026-04-02")

        assert council.work("update_care_plan") == []
        assert council.deadlines("care_plan_update") == []


class TestAnEarlierReview:
    """D-41."""

    def considered(self, council: Council) -> None:
        """The IRO is notified of the care plan on 30 March, and answers."""
        council.open_case()
        council.meeting("2026-03-09")
        council.review("2026-03-30")
        council.follow_up("2026-03-30")
        council.complete("iro", "consider_earlier_review", NOT_EARLIER)
        assert council.work("consider_earlier_review") == []

    def asked(self, council: Council) -> None:
        [task] = council.work("consider_earlier_review")
        assert task["limit_on"] == council.limit("earlier_review")

    @pytest.mark.parametrize("answered", ["2026-03-29", None])
    def test_is_considered_again_when_the_answer_is_corrected(self, council, answered):
        self.considered(council)

        council.correct("earlier_review_considered_on", answered, "Of another child")

        self.asked(council)
        council.complete("iro", "consider_earlier_review", NOT_EARLIER)
        assert council.deadlines("earlier_review") == []

    def test_is_considered_again_when_the_iro_was_notified_later(self, council):
        self.considered(council)

        council.correct("earlier_review_asked_on", "2026-03-31", "Typing mistake")

        self.asked(council)

    def test_is_considered_once_when_the_care_plan_is_updated_twice(self, council):
        self.considered(council)
        council.go("2026-03-31")
        for day in ("2026-04-01", "2026-04-02"):
            council.send("significant_change", changed_on="2026-03-31", what="Placement ended")
            council.go(day)
            council.meeting(day)
            council.follow_up(day)

        self.asked(council)


class TestWhatWasDoneInAPieceOfWork:
    """D-74: a piece of work asks once, so what was done in it is corrected and never taken back."""

    def test_is_not_taken_back(self, council):
        council.open_case()
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")
        early = {"reconsidered": "Adoption", "right_plan": True, "early_review_date": "2026-03-30"}
        council.complete("iro", "reconsider_plan", early)
        [drift] = [each for each in council.case()["instances"] if each["process"] == "drift"]
        wrong = {"fact": "reconsidered_on", "reason": "Of a brother", "work": drift["id"]}
        path = f"/cases/{council.ref}/corrections"

        refused = council.call("POST", path, json={**wrong, "value": None}, status=422)
        council.call("POST", path, json={**wrong, "value": "2026-03-08"})

        assert "must be known" in refused["fields"]["value"]
        assert council.deadlines("iro_reconsideration") == []


class TestTheCulturalGenogram:
    """D-21."""

    def test_is_asked_for_again_after_a_meeting_on_the_day_it_was_updated(self, council):
        council.open_case()
        council.meeting("2026-03-09", genogram_current=False, next_ppm_date="2026-03-20")
        council.go("2026-03-20")
        council.complete("social_worker", "update_genogram", {"updated_on": "2026-03-20"})
        council.meeting("2026-03-20", genogram_current=False)
        assert council.work("update_genogram") == []

        council.go("2026-04-24")
        council.meeting("2026-04-24", genogram_current=False)

        assert len(council.work("update_genogram")) == 1
        assert len(council.deadlines("genogram")) == 1


class TestAMissedDateThatIsCorrected:
    def missed(self, council: Council) -> None:
        """A first meeting in time, and a second one that is missed on 1 May."""
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        council.follow_up("2026-03-20")
        council.go("2026-05-02")
        assert council.told_late(PPM) == ["2026-05-01"]
        assert len(asked(council, PPM)) == 1

    def test_to_another_that_is_missed_is_not_told_or_asked_about_again(self, council):
        self.missed(council)

        council.correct("last_ppm_held_on", "2026-03-19", "Typing mistake")

        assert council.limit("ppm") == "2026-04-30"
        assert council.told_late(PPM) == ["2026-05-01"]
        assert len(asked(council, PPM)) == 1

    def test_to_one_to_come_is_asked_about_no_more(self, council):
        self.missed(council)
        council.correct("last_ppm_held_on", "2026-03-19", "Typing mistake")

        council.correct("last_ppm_held_on", "2026-04-20", "It was held later")

        assert council.limit("ppm") == "2026-06-01"
        assert asked(council, PPM) == []

    def test_away_and_back_again_is_told_and_asked_about_again(self, council):
        self.missed(council)
        council.correct("last_ppm_held_on", "2026-04-20", "Mistaken")
        assert asked(council, PPM) == []

        council.correct("last_ppm_held_on", "2026-03-20", "It was right")

        assert len(asked(council, PPM)) == 1

    def test_with_others_takes_all_their_questions_back(self, council):
        council.open_case("D-2021")
        council.go("2026-04-21")
        assert {each["title"].partition(": ")[2] for each in asked(council)} == {
            PPM,
            "Child in care review",
        }

        council.correct("came_into_care_on", "2026-04-20", "Mixed up with a brother")

        assert asked(council) == []


class TestAMissedDateThatNoDocumentGives:
    """D-06, D-38."""

    def test_is_told_and_then_that_of_policy_is_told_and_asked_about(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.follow_up("2026-03-09")
        council.send("significant_change", changed_on="2026-03-09", what="Placement ended")
        council.go("2026-03-24")
        assert council.told_late(PPM) == ["2026-03-23"]
        assert asked(council, PPM) == []

        after_six_weeks = date(2026, 3, 9) + timedelta(weeks=6, days=1)
        council.go(after_six_weeks.isoformat())

        assert council.told_late(PPM) == ["2026-03-23", "2026-04-20"]
        assert len(asked(council, PPM)) == 1


class TestAnEndingThatWaitsForApproval:
    """Care Planning Regulations 2010, regulation 39."""

    def reported(self, council: Council, *reasons: str) -> None:
        council.open_case()
        council.go("2026-05-01")
        for reason in reasons:
            council.send("case_closed", closed_on="2026-05-01", reason=reason)

    def test_is_asked_about_once_however_often_it_is_reported(self, council):
        self.reported(council, "E4A", "E4A", "E4B")

        [asked_about] = council.work("approve_ceasing")
        council.complete("nominated_officer", "approve_ceasing", {"approved": True})

        assert asked_about["role"] == "nominated_officer"
        assert council.case()["status"] == "closed"
        assert council.case()["facts"]["case_closed_reason"] == "E4B"

    def test_is_asked_about_again_when_it_was_refused(self, council):
        self.reported(council, "E4A")
        no = {"approved": False, "reason": "The assessment is not complete"}
        council.complete("nominated_officer", "approve_ceasing", no)
        assert council.work("approve_ceasing") == []

        council.send("case_closed", closed_on="2026-05-01", reason="E4A")

        assert len(council.work("approve_ceasing")) == 1

    @pytest.mark.parametrize("reports", [1, 2])
    def test_becomes_a_death_that_is_told_once(self, council, reports: int):
        self.reported(council, *["E4A"] * reports)

        council.send("case_closed", closed_on="2026-05-01", reason="E2")

        told = [each["role"] for each in council.history()[-1]["notices"]]
        assert sorted(told) == ["iro", "service_manager", "social_worker", "team_manager"]
        assert council.case()["status"] == "closed"

    def test_is_corrected_to_a_death_that_is_told_once(self, council):
        self.reported(council, "E4A", "E4A")

        council.correct("ceasing_reason", "E2", "Misunderstood", on="2026-05-01")

        told = [each["role"] for each in council.history()[-1]["notices"]]
        assert sorted(told) == ["iro", "service_manager", "social_worker", "team_manager"]
        assert council.case()["status"] == "closed"

    def test_becomes_one_that_needs_none(self, council):
        self.reported(council, "E4A", "E11")

        told = [each["role"] for each in council.history()[-1]["notices"]]
        assert sorted(told) == ["iro", "social_worker", "team_manager"]
        assert council.case()["status"] == "closed"


class TestWorkThatWasGiven:
    def test_opens_like_any_other(self, council):
        council.open_case()
        council.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": "2026-03-09"})
        [item] = council.work("chair_ppm")
        path = f"/work-items/{item['id']}"
        given = {"to": "dudley.team_manager"}
        council.call("POST", f"{path}/assignment", role="team_manager", json=given)

        opened = council.call("GET", path, role="team_manager")

        assert opened["assignee"] == "dudley.team_manager"
