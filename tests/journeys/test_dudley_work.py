"""What a meeting sets in motion beside the flowchart: assessments, dissent, delay. Over HTTP."""

from __future__ import annotations

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
        assert told["2026-04-20"] == both  # 00:00 on 21 April in London
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
