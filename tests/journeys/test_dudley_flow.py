"""Dudley's flowchart box by box: who gets what, and what follows. Over HTTP on both databases."""

from __future__ import annotations

from tests.builders.world import ARRANGE, CHAIR, every_option


class TestStarts:
    def test_a_child_already_in_care_counts_from_the_day_identified(self, council):
        council.open_case(cause="already_in_care", event_date="2026-03-02", legal_status="C2")

        [row] = council.deadlines("ppm")
        assert row["limit_on"] == "2026-03-16"
        assert row["rule_ids"] == ["D-05", "D-26", "D-33"]
        assert council.work("draft_care_plan") == []

    def test_an_unborn_child_has_no_review_until_care_entry(self, council):
        council.open_case(cause="pre_birth", legal_status="none", dob=None, edd="2026-06-01")
        assert council.deadlines("cic_review") == []
        council.go("2026-06-03")

        entry = {"care_entry_date": "2026-06-02", "legal_status": "C1"}
        council.complete("social_worker", "record_care_entry", entry)

        assert council.limit("cic_review") == "2026-06-30"
        assert council.case()["facts"]["legal_status"] == "C1"

    def test_the_clock_starts_on_the_earlier_day(self, council):
        council.open_case(
            cause="edge_of_care", legal_status="none", event_date="2026-03-02", dob="2020-01-01"
        )

        council.send("care_entry", entry_date="2026-03-09", legal_status="V2")

        assert council.limit("ppm") == "2026-03-16"
        assert council.limit("cic_review") == "2026-04-08"

    def test_a_draft_care_plan_is_asked_for_at_once(self, council):
        council.open_case()

        [draft] = council.work("draft_care_plan")
        assert (draft["role"], draft["limit_on"]) == ("social_worker", "2026-03-23")
        done = {"text": "Stay near school", "completed_on": "2026-03-09"}
        council.complete("social_worker", "draft_care_plan", done)
        assert council.case()["facts"]["draft_care_plan_on"] == "2026-03-09"


class TestMeetings:
    def test_the_worker_arranges_and_the_manager_chairs(self, council):
        council.open_case()
        arranged = {**ARRANGE, "meeting_date": "2026-03-09"}

        council.complete("team_manager", "arrange_ppm", arranged, status=403)
        council.complete("social_worker", "arrange_ppm", arranged)

        [chair] = council.work("chair_ppm")
        assert (chair["role"], chair["assignee"]) == ("team_manager", "dudley.team_manager")
        answers = {**CHAIR, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"}
        council.complete("social_worker", "chair_ppm", answers, status=403)
        council.complete("service_manager", "chair_ppm", answers, status=403)
        council.complete("team_manager", "chair_ppm", answers)
        assert council.limit("ppm") == "2026-04-20"

    def test_they_go_on_every_six_weeks(self, council):
        council.open_case()
        for day, following in (("2026-03-09", "2026-04-20"), ("2026-04-20", "2026-06-01")):
            council.go(day)
            council.meeting(day)
            assert council.limit("ppm") == following
        assert council.work("arrange_ppm") == []
        council.go("2026-05-11")
        assert len(council.work("arrange_ppm")) == 1

    def test_a_proposal_alone_ends_nothing(self, council):
        council.open_case()
        proposed = {
            "permanence_achieved": True,
            "permanence_achieved_date": "2026-03-09",
            "permanence_achieved_basis": "Order made",
        }

        council.meeting("2026-03-09", **proposed)

        assert council.case()["facts"]["permanence_proposed"] is True
        assert council.limit("ppm") == "2026-04-20"

    def test_adoption_is_told_to_the_agency_once(self, council):
        council.open_case()
        parallel = every_option(adoption="parallel", reunification="pursued")

        council.meeting("2026-03-09", options=parallel, primary_plan="reunification")
        assert "adoption_at_heart" in self.told(council)
        council.go("2026-04-20")
        council.meeting("2026-04-20")

        assert "adoption_at_heart" not in self.told(council)

    def test_adoption_ruled_out_is_told_to_nobody(self, council):
        council.open_case()
        out = every_option(reunification="pursued")

        council.meeting("2026-03-09", options=out, primary_plan="reunification")

        assert "adoption_at_heart" not in self.told(council)

    def told(self, council):
        """Return the roles that the newest event told of something."""
        return {each["role"] for each in council.history()[-1]["notices"]}


class TestFollowUp:
    def test_the_iro_considers_an_earlier_review_once_the_first_was_held(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.follow_up("2026-03-09")
        assert council.work("consider_earlier_review") == []
        council.review("2026-03-30")
        council.go("2026-04-20")
        council.meeting("2026-04-20")
        council.follow_up("2026-04-20")

        [asked] = council.work("consider_earlier_review")
        assert asked["role"] == "iro"
        sooner = {"bring_forward": True, "new_date": "2026-05-11"}
        council.complete("iro", "consider_earlier_review", sooner)
        assert council.case()["facts"]["next_review_on"] == "2026-05-11"
        assert council.limit("ppm") == "2026-06-01"

    def test_the_care_plan_sets_out_the_permanence_plan(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        answers = {
            "updated_on": "2026-03-09",
            "pre_meeting_report_ref": "R-1",
        }

        refused = council.complete("social_worker", "update_care_plan", answers, status=422)

        assert list(refused["fields"]) == ["permanence_section"]
        council.follow_up("2026-03-09")
        assert council.deadlines("care_plan_update") == []


class TestReviews:
    def test_the_second_is_three_months_after_the_first_and_then_every_six(self, council):
        council.open_case()
        council.go("2026-03-23")
        council.meeting("2026-03-23")

        council.review("2026-04-08")
        assert council.limit("cic_review") == "2026-07-08"
        council.go("2026-07-06")
        council.meeting("2026-07-06")
        council.review("2026-07-07")
        assert council.limit("cic_review") == "2027-01-07"

    def test_each_needs_a_meeting_before_it(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.review("2026-03-30", next_review_date="2026-04-15")

        assert council.limit("ppm") == "2026-04-14"

    def test_a_plan_not_ratified_is_revised_and_looked_at_again(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        no = {"plan_ratified": False, "plan_ratified_reason": "No parallel plan"}

        council.review("2026-03-30", **no)

        [revise] = council.work("revise_care_plan")
        assert revise["role"] == "social_worker"
        assert council.case()["facts"]["care_plan_ratified"] is False
        assert council.limit("cic_review") == "2026-06-30"

    def test_the_iro_says_how_the_plan_stands(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.go("2026-03-30")
        council.complete("iro", "book_review", {"review_date": "2026-03-30"})

        refused = council.complete("iro", "conduct_review", {}, status=422)

        assert set(refused["fields"]) == {
            "held_date",
            "plan_ratified",
            "plan_valid",
            "plan_changed",
            "permanence_confirmed",
            "next_review_date",
        }

    def test_the_worker_cannot_hold_the_review(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-30"})

        council.complete("social_worker", "conduct_review", {}, status=403)

    def test_confirmed_permanence_ends_the_meetings_but_not_the_reviews(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.review("2026-03-30", permanence_confirmed=True)

        assert council.deadlines("ppm") == []
        assert council.limit("cic_review") == "2026-06-30"
        council.go("2026-06-29")
        council.review("2026-06-29", permanence_confirmed=True, updated=True)
        assert council.deadlines("ppm") == []
        assert council.limit("cic_review") == "2026-12-29"
