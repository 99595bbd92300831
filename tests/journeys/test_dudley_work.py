"""What meetings and reviews set in motion beside the flowchart, over HTTP on both databases."""

from __future__ import annotations

import pytest

from engine.integrity import verification
from engine.storage import database, loading

PARENTING = {
    "type": "Parenting assessment",
    "subject": "Aunt",
    "assessor": "Social worker",
    "review_date": "2026-04-01",
    "due_date": "2026-04-20",
}
HEALTH = {"type": "Health assessment", "due_date": "2026-05-01"}
ANSWER = {"view": "The plan fits the child best", "outcome": "resolved"}
RECONSIDERED = {
    "reconsidered": "The placement order",
    "right_plan": True,
    "early_review_date": "2026-07-20",
}


class TestAssessments:
    def test_each_row_becomes_work_due_on_its_own_date(self, council):
        council.open_case()

        council.meeting("2026-03-09", assessments=[PARENTING, HEALTH])

        work = {each["title"]: each for each in council.work("complete_assessment")}
        assert {title: each["limit_on"] for title, each in work.items()} == {
            "Complete the assessment: Parenting assessment of Aunt": "2026-04-20",
            "Complete the assessment: Health assessment": "2026-05-01",
        }
        assert [each["governing"] for each in council.deadlines("assessment")] == [True, True]

    def test_one_completed_leaves_the_other_open(self, council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[PARENTING, HEALTH])
        council.go("2026-04-15")

        first = {"outcome": "completed", "viable": "yes", "date": "2026-04-15"}
        council.complete("social_worker", "complete_assessment", first, title="Parenting")

        rows = council.deadlines("assessment", all=True)
        assert {(each["limit_on"], each["status"], each["met_on"]) for each in rows} == {
            ("2026-04-20", "met", "2026-04-15"),
            ("2026-05-01", "open", None),
        }
        [left] = council.work("complete_assessment")
        assert left["limit_on"] == "2026-05-01"

    def test_what_was_known_of_one_that_is_over_stays_in_its_history(self, council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[PARENTING])
        done = {"outcome": "completed", "viable": "yes", "date": "2026-03-09"}

        council.complete("social_worker", "complete_assessment", done)

        with database.reading(council.engine) as connection:
            case_id = loading.find_case(connection, council.ref)
            known = loading.current_facts(connection, case_id)
            left = [name for name in known if name.startswith("assess") and "@" in name]
            assert left == []
            assert verification.verify_case(connection, case_id) is None

    def test_the_same_row_with_another_date_moves_the_work(self, council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[PARENTING])
        council.go("2026-04-20")

        later = {**PARENTING, "due_date": "2026-05-11"}
        council.meeting("2026-04-20", assessments=[later])

        [work] = council.work("complete_assessment")
        assert work["limit_on"] == "2026-05-11"
        rows = council.deadlines("assessment", all=True)
        assert [(each["limit_on"], each["status"]) for each in rows] == [
            ("2026-04-20", "superseded"),
            ("2026-05-11", "open"),
        ]

    def test_the_review_date_and_the_date_missed_are_told(self, council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[PARENTING])

        council.go("2026-04-21")

        told = {
            each["at"][:10]: {notice["person"] for notice in each["notices"]}
            for each in council.history()
            if each["kind"] == "timer_fired" and each["notices"]
        }
        both = {"dudley.social_worker", "dudley.team_manager"}
        assert told["2026-03-31"] == both  # 00:00 on 1 April in London
        assert told["2026-04-20"] >= both  # 00:00 on 21 April in London
        assert council.deadlines("assessment")[0]["status"] == "breached"


class TestS14:
    def test_dissent_stays_open_until_the_panel_and_the_iro_have_answered(self, council):
        council.open_case()
        dissent = [{"person": "Mother", "view": "Wants the child to come home"}]

        council.meeting("2026-03-09", dissent=dissent)

        assert council.limit("dissent_aepp") == council.limit("dissent_iro") == "2026-03-23"
        assert council.limit("ppm") == "2026-04-20"
        council.complete("iro", "answer_dissent_iro", ANSWER)
        assert council.running("dissent") == 1
        assert council.deadlines("dissent_iro") == []
        council.complete("aepp_chair", "answer_dissent_aepp", {**ANSWER, "outcome": "upheld"})
        assert council.running("dissent") == 0

    def test_two_dissenting_views_are_answered_apart(self, council):
        council.open_case()
        rows = [{"person": "Mother", "view": "Home"}, {"person": "Carer", "view": "Stay"}]

        council.meeting("2026-03-09", dissent=rows)
        council.complete("iro", "answer_dissent_iro", ANSWER, title="Mother")

        assert [each["title"] for each in council.work("answer_dissent_iro")] == [
            "Answer the dissenting view of Carer"
        ]

    def test_an_unresolved_view_goes_to_the_monitoring_panel(self, council):
        council.open_case()
        council.meeting("2026-03-09", dissent=[{"person": "Mother", "view": "Home"}])
        council.complete("iro", "answer_dissent_iro", {**ANSWER, "outcome": "escalated"})

        council.complete("aepp_chair", "answer_dissent_aepp", ANSWER)

        assert [each["role"] for each in council.history()[-1]["notices"]] == ["pmp_chair"]


class TestS13:
    def test_a_missed_target_date_asks_the_iro_and_the_service_manager(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.go("2026-06-10")
        council.meeting("2026-06-10", plan_target_date="2026-06-30")

        council.go("2026-06-30", "22:59")
        assert council.work("reconsider_plan") == []
        council.go("2026-06-30", "23:00")

        assert council.limit("iro_reconsideration") == council.limit("drift_ppm") == "2026-07-15"
        council.go("2026-07-06")
        without = {**RECONSIDERED, "early_review_date": ""}
        council.complete("iro", "reconsider_plan", without, status=422)
        council.complete("iro", "reconsider_plan", RECONSIDERED)
        assert council.running("drift") == 1
        assert council.case()["facts"]["next_review_on"] == "2026-07-20"

    def test_the_service_manager_is_done_when_the_meeting_was_held(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.go("2026-06-10")
        council.meeting("2026-06-10", plan_target_date="2026-06-30")
        council.go("2026-07-06")
        council.complete("iro", "reconsider_plan", RECONSIDERED)
        held = {"ppm_date": "2026-07-06", "drift_or_family_finding": "drift"}

        refused = council.complete("service_manager", "hold_drift_ppm", held, status=422)

        assert "Hold and record it first" in str(refused)
        council.meeting("2026-07-06")
        council.complete("service_manager", "hold_drift_ppm", held)
        assert council.running("drift") == 0
        council.go("2026-12-01")
        assert council.running("drift") == 0

    def test_drift_recorded_at_a_meeting_asks_for_another(self, council):
        council.open_case()

        council.meeting("2026-03-09", drift=True, drift_reason="No family found")

        assert council.limit("ppm") == council.limit("drift_ppm") == "2026-03-23"
        held = {"ppm_date": "2026-03-09", "drift_or_family_finding": "drift"}
        council.complete("service_manager", "hold_drift_ppm", held, status=422)
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        council.complete("service_manager", "hold_drift_ppm", {**held, "ppm_date": "2026-03-20"})
        assert council.deadlines("drift_ppm") == []


class TestS15:
    @pytest.mark.parametrize(
        ("plan", "consent", "finance", "panel"),
        [
            ("adoption", True, False, "Record the outcome of the Adoption Panel"),
            ("adoption", False, False, "Record the decision of the Agency Decision Maker"),
            ("long_term_fostering", False, False, "Record the outcome of the Fostering Panel"),
            ("special_guardianship", False, True, "Record the outcome of the Area Resource Panel"),
            ("special_guardianship", False, False, None),
        ],
    )
    def test_the_agreed_plan_goes_to_its_panel(self, council, plan, consent, finance, panel):
        council.open_case()
        council.meeting("2026-03-09", primary_plan=plan, parallel_plan="residential")
        council.review("2026-03-09")

        answers = {"consent": consent, "financial_assessment": finance}
        council.complete("social_worker", "prepare_panel", answers)

        items = [*council.work("record_panel_outcome"), *council.work("record_adm_decision")]
        assert [each["title"] for each in items] == ([panel] if panel else [])
        assert [each["limit_on"] for each in items] == (["2026-03-23"] if panel else [])

    def test_a_plan_that_no_panel_considers_asks_for_nothing(self, council):
        council.open_case()
        council.meeting("2026-03-09", primary_plan="reunification")

        council.review("2026-03-09")

        assert council.work("prepare_panel") == []

    def test_a_deferred_plan_is_heard_again_and_a_declined_one_reconvenes(self, council):
        council.open_case()
        council.meeting("2026-03-09", primary_plan="long_term_fostering")
        council.review("2026-03-09")
        neither = {"consent": False, "financial_assessment": False}
        council.complete("social_worker", "prepare_panel", neither)
        council.go("2026-03-20")
        outcome = {"date": "2026-03-20", "outcome": "deferred"}

        council.complete("panel_administrator", "record_panel_outcome", outcome)
        assert council.limit("panel_outcome") == "2026-03-23"
        declined = {**outcome, "outcome": "declined"}
        council.complete("panel_administrator", "record_panel_outcome", declined)

        assert council.deadlines("panel_outcome") == []
        assert council.limit("ppm") == "2026-04-07"  # 10 working days over Easter


class TestS16:
    def test_a_second_review_that_does_not_ratify_is_delay(self, council):
        council.open_case()
        council.go("2026-03-23")
        council.meeting("2026-03-23")
        council.review("2026-04-08")
        assert council.limit("second_review_plan") == "2026-07-08"
        council.go("2026-07-06")
        council.meeting("2026-07-06")

        no = {"plan_ratified": False, "plan_ratified_reason": "No carers found"}
        council.review("2026-07-07", **no)

        assert council.limit("second_review_plan") == "2026-07-07"
        assert council.limit("iro_reconsideration") == council.limit("drift_ppm") == "2026-07-21"
        council.go("2026-07-08")
        assert council.deadlines("second_review_plan")[0]["status"] == "breached"


class TestContinuingReview:
    def test_a_changed_plan_restarts_the_meetings(self, council):
        council.open_case()
        council.go("2026-03-23")
        council.meeting("2026-03-23")
        council.review("2026-04-08", permanence_confirmed=True)
        assert council.deadlines("ppm") == []
        assert council.work("arrange_ppm") == []
        council.go("2026-07-06")

        council.review("2026-07-06", permanence_confirmed=True, plan_changed=True, updated=True)

        assert council.limit("ppm") == "2026-07-20"
        council.go("2026-07-13")
        council.meeting("2026-07-13")
        assert council.limit("ppm") == "2026-08-24"

    def test_permanence_found_not_achieved_after_all_restarts_the_six_weeks(self, council):
        council.open_case()
        council.go("2026-03-23")
        council.meeting("2026-03-23")
        council.review("2026-04-08", permanence_confirmed=True)
        council.go("2026-07-06")

        council.review("2026-07-06", permanence_confirmed=False, updated=True)

        assert council.limit("ppm") == "2026-08-17"

    def test_the_report_needs_an_updated_assessment(self, council):
        council.open_case()
        council.go("2026-03-23")
        council.meeting("2026-03-23")
        council.review("2026-04-08", permanence_confirmed=True)
        council.go("2026-07-06")
        council.complete("iro", "book_review", {"review_date": "2026-07-06"})

        said = {"permanence_section": "Adoption"}
        refused = council.complete("social_worker", "write_pre_meeting_report", said, status=422)

        assert list(refused["fields"]) == ["assessment_updated_on"]


class TestS31:
    def test_six_weeks_then_two_weeks_after_the_review(self, council):
        council.go("2026-06-01")
        council.open_case(event_date="2026-06-01", policy="D-2021")
        assert council.limit("ppm") == "2026-07-13"
        council.go("2026-06-24")

        council.review("2026-06-24")

        rows = {each["limit_on"]: each["governing"] for each in council.deadlines("ppm")}
        assert rows["2026-07-13"] is False
        assert rows["2026-07-08"] is True

    def test_meetings_then_go_on_every_six_weeks(self, council):
        council.open_case(policy="D-2021")
        council.go("2026-03-10")

        council.meeting("2026-03-10")

        [row] = council.deadlines("ppm")
        assert (row["limit_on"], row["rule_ids"]) == ("2026-04-21", ["D-56"])

    def test_entering_the_public_law_outline_counts_too(self, council):
        council.open_case(policy="D-2021", cause="pre_proceedings", legal_status="none")

        council.send("plo_entry", entry_date="2026-03-09")

        assert council.limit("ppm") == "2026-03-23"


class TestS04:
    def test_weekend_and_bank_holidays_are_not_counted(self, council):
        council.go("2026-05-05")

        council.open_case(event_date="2026-05-02")

        assert council.limit("ppm") == "2026-05-18"
        assert council.limit("cic_review") == "2026-06-02"


class TestS10:
    def test_after_approval_nothing_is_left_and_nothing_stirs(self, council):
        council.open_case()
        council.go("2026-05-15")

        council.send("case_closed", closed_on="2026-05-15", reason="E4A")
        assert council.case()["status"] == "open"
        [asked] = council.work("approve_ceasing")
        assert asked["role"] == "nominated_officer"
        council.complete("nominated_officer", "approve_ceasing", {"approved": True})

        case = council.case()
        assert case["status"] == "closed"
        assert (case["work_items"], case["deadlines"], case["instances"]) == ([], [], [])
        before = len(council.history())
        council.go("2027-05-15")
        assert len(council.history()) == before

    def test_not_approved_planning_goes_on_and_can_end_later(self, council):
        council.open_case()
        council.go("2026-05-15")
        council.send("case_closed", closed_on="2026-05-15", reason="E4A")

        no = {"approved": False, "reason": "The assessment is not complete"}
        council.complete("nominated_officer", "approve_ceasing", no)
        assert council.case()["status"] == "open"
        assert council.limit("ppm")
        council.send("case_closed", closed_on="2026-05-15", reason="E4B")
        council.complete("nominated_officer", "approve_ceasing", {"approved": True})

        assert council.case()["status"] == "closed"

    @pytest.mark.parametrize("reason", ["E2", "E11"])
    def test_a_death_or_an_adoption_needs_no_approval(self, council, reason):
        council.open_case()
        council.go("2026-05-15")

        council.send("case_closed", closed_on="2026-05-15", reason=reason)

        assert council.case()["status"] == "closed"
