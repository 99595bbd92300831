"""Wokingham's guidance rule by rule: done, left undone, answered no, answered late."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.databases import Kind
from tests.journeys.wokingham import Wokingham, every_option, fill

RETURN_HOME = {
    "options": every_option(reunification="pursued", family_arrangement="parallel"),
    "primary_plan": "reunification",
    "parallel_plan": "family_arrangement",
}


@pytest.fixture
def council(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Wokingham]:
    council = Wokingham(new_database(database_kind, fill=fill))
    yield council
    council.close()


def met(council: Wokingham, **chair: object) -> None:
    """Open a case and hold its first meeting, of an emergency, on 10 June 2026."""
    council.open_case(emergency=True)
    council.meeting("2026-06-10", **chair)


NO = {"needed": False, "reason": "Going home next week"}
ACHIEVED = {
    "permanence_achieved": True,
    "permanence_achieved_date": "2026-06-10",
    "permanence_achieved_basis": "Lives with her aunt for good",
}


class TestScreening:
    """W-01: considered according to the circumstances."""

    def test_is_asked_at_entry_and_told_when_nobody_answers(self, council):
        council.open_case()
        assert council.limit("screening") == "2026-06-08"

        council.go("2026-06-09")

        told = council.told("Decision whether a Permanency Planning Meeting is needed: not done")
        assert told == {("2026-06-08", "team_manager"), ("2026-06-08", "service_manager")}
        assert len(council.work("screen_ppm")) == 1

    def test_no_needs_a_reason_and_is_asked_again_after_each_review(self, council):
        council.open_case()
        refused = council.complete("team_manager", "screen_ppm", {"needed": False}, status=422)
        assert list(refused["fields"]) == ["reason"]

        council.complete("team_manager", "screen_ppm", NO)

        assert council.work("screen_ppm") == []
        council.review("2026-06-23")
        assert council.limit("screening") == "2026-06-30"
        assert len(council.work("screen_ppm")) == 1

    def test_no_takes_back_no_meeting_that_the_guidance_asks_for(self, council):
        council.open_case(emergency=True)

        council.complete("team_manager", "screen_ppm", NO)

        assert council.limits("ppm") == {"W-07": "2026-06-15"}

    def test_yes_calls_a_meeting_within_14_days(self, council):
        council.open_case()
        yes = {"needed": True, "trigger": "W-11", "reason": "Nothing moves"}

        council.complete("team_manager", "screen_ppm", yes)

        row = council.row("ppm")
        assert (row["limit_on"], row["assumption"]) == ("2026-06-15", True)
        assert council.work("arrange_ppm")


class TestEmergency:
    """W-07: within 2 weeks."""

    def test_police_protection_is_presumed_to_be_one_until_it_is_answered(self, council):
        council.open_case(emergency=None, legal_status="L1")
        row = council.row("ppm")
        assert (row["limit_on"], row["assumption"]) == ("2026-06-15", True)

        no = {"needed": False, "reason": "Planned with the family", "entry_emergency": False}
        council.complete("team_manager", "screen_ppm", no)

        assert council.deadlines("ppm") == []
        assert council.work("arrange_ppm") == []

    def test_a_meeting_missed_is_told_and_stays(self, council):
        council.open_case(emergency=True)

        council.go("2026-06-16")

        told = {role for _, role in council.told("Permanency Planning Meeting: not done")}
        assert told == {"social_worker", "team_manager", "service_manager", "iro"}
        assert council.work("arrange_ppm")
        assert council.work("explain_breach")

    def test_it_does_not_answer_what_begins_after_it(self, council):
        """A meeting serves only clocks that began on or before its day (W-08)."""
        met(council)

        council.review("2026-06-23", reunification_prospect=False)

        assert council.limit("ppm") == "2026-07-07"
        assert council.limits("ppm")["W-08"] == "2026-07-07"


class TestOnset:
    """W-05: before the second statutory review."""

    def test_a_review_put_off_moves_nothing_past_its_lawful_day(self, council):
        council.open_case(likely_permanent_from_onset=True)
        council.review("2026-06-25")

        council.book_review("2026-10-15")

        assert council.limit("ppm") == "2026-09-24"

    def test_a_corrected_first_review_moves_the_date(self, council):
        council.open_case(likely_permanent_from_onset=True)
        council.review("2026-06-25")
        assert council.limit("ppm") == "2026-09-24"

        council.correct("first_review_held_on", "2026-06-24", "Typing error")

        assert council.limit("ppm") == "2026-09-23"
        kept = [each for each in council.deadlines("ppm", all=True) if each["superseded_by"]]
        assert [each["limit_on"] for each in kept][-1] == "2026-09-24"

    def test_an_answer_that_is_taken_back_is_asked_for_again(self, council):
        council.open_case()
        assert council.work("answer_onset") == []

        council.correct("likely_permanent_from_onset", None, "Not known", on="2026-06-01")

        assert (council.limit("onset_answer"), council.limit("ppm")) == ("2026-06-08", "2026-09-28")
        assert len(council.work("answer_onset")) == 1

    def test_a_review_held_without_it_leaves_it_late_and_due(self, council):
        council.open_case(likely_permanent_from_onset=True)
        council.review("2026-06-25")

        council.review("2026-09-17")

        [row] = [each for each in council.deadlines("ppm") if each["rule_ids"] == ["W-05"]]
        assert (row["limit_on"], row["status"]) == ("2026-09-16", "breached")
        assert ("2026-09-16", "iro") in council.told("Permanency Planning Meeting: not done")


class TestCriteria:
    """W-10 to W-14: each is a date of its own."""

    @pytest.mark.parametrize("trigger", ["W-10", "W-11", "W-12", "W-13", "W-14", "W-17"])
    def test_what_is_reported_calls_a_meeting_and_tells_who_chairs(self, council, trigger):
        council.open_case()

        council.send("ppm_trigger", trigger=trigger, on="2026-06-01")

        assert council.limit("ppm") == "2026-06-15"
        assert ("2026-06-01", "service_manager") in council.told("Meeting is needed")

    def test_an_option_marked_between_meetings_is_served_by_the_next(self, council):
        met(council)
        council.go("2026-06-29")

        council.send("option_considered", option="long_term_fostering", on="2026-06-29")

        assert council.limits("ppm")["W-12 W-14"] == "2026-07-13"
        council.meeting("2026-07-06")
        assert council.limits("ppm") == {"W-06": "2026-10-06"}

    def test_an_option_marked_in_a_meeting_calls_no_other(self, council):
        met(council)

        assert council.limits("ppm") == {"W-06": "2026-09-10"}

    def test_what_is_reported_after_the_meeting_counts_though_dated_before(self, council):
        met(council)

        council.send("stability_risk", reported_on="2026-06-10", what="Carers gave notice")

        assert council.limit("ppm") == "2026-06-24"
        council.meeting("2026-06-17", reported_discussed=True)
        assert council.limits("ppm") == {"W-06": "2026-09-17"}

    def test_a_risk_after_permanency_was_achieved_begins_the_meetings_again(self, council):
        met(council, **ACHIEVED)
        council.review("2026-06-23", permanence_confirmed=True)
        assert council.deadlines("ppm") == []
        council.go("2026-08-03")

        council.send("stability_risk", reported_on="2026-08-03", what="Carers gave notice")

        assert council.limits("ppm")["W-13"] == "2026-08-17"
        assert ("2026-08-03", "iro") in council.told("risk to the stability")

    def test_the_family_placement_social_worker_reports_a_risk(self, council):
        council.open_case()
        risk = {"reported_on": "2026-06-01", "what": "Carers gave notice"}
        body = {"name": "stability_risk", "payload": risk}

        council.call(
            "POST",
            f"/cases/{council.ref}/messages",
            role="family_placement_worker",
            json=body,
        )

        assert council.limits("ppm") == {"W-13": "2026-06-15"}

    def test_section_20_is_asked_every_3_months_and_silence_told(self, council):
        council.open_case()
        assert council.limit("section_20_answer") == "2026-09-01"
        council.go("2026-09-02")
        assert ("2026-09-01", "service_manager") in council.told("drift under Section 20: not done")

        yes = {"drift": True, "reason": "No plan"}
        council.complete("team_manager", "answer_section_20", yes)

        assert council.limits("ppm")["W-11"] == "2026-09-16"
        assert council.limit("section_20_answer") == "2026-12-02"


class TestObjectives:
    """W-10: failure to achieve the Care Plan objectives."""

    def test_no_at_a_review_calls_a_meeting(self, council):
        council.open_case()

        no = {"objectives_met": False, "objectives_which": "School"}
        council.review("2026-06-23", **no)

        assert council.limits("ppm") == {"W-10": "2026-07-07"}

    def test_left_open_the_iro_is_asked_and_told(self, council):
        council.open_case()
        council.review("2026-06-23", objectives_met=None)
        assert council.limit("objectives_answer") == "2026-06-30"
        council.go("2026-07-01")
        assert ("2026-06-30", "iro") in council.told("Care Plan objectives are achieved: not done")

        no = {"objectives_met": False, "which": "School"}
        council.complete("iro", "answer_objectives", no)

        assert council.limits("ppm") == {"W-10": "2026-07-07"}


class TestCycle:
    """W-06, W-32: 3-monthly until permanency has been achieved."""

    def test_meetings_go_on_until_the_iro_confirms(self, council):
        met(council, **ACHIEVED)
        assert council.limits("ppm") == {"W-06": "2026-09-10"}

        council.review("2026-06-23", permanence_confirmed=True)

        assert council.deadlines("ppm") == []
        facts = council.case()["facts"]
        assert facts["permanence_confirmed_on"] == "2026-06-23"
        assert facts["permanence_basis"] == "Lives with her aunt for good"

    def test_the_iro_confirms_nothing_that_was_not_proposed(self, council):
        met(council)
        council.book_review("2026-06-23")
        council.go("2026-06-23")

        answers = {
            "held_date": "2026-06-23",
            "reunification_prospect": True,
            "adoption_strong_possibility": False,
            "permanence_confirmed": True,
            "confirmed_reason": "It seems so",
        }
        refused = council.complete("iro", "conduct_review", answers, status=422)

        assert list(refused["fields"]) == ["permanence_confirmed"]


class TestPlans:
    """W-02, W-03, W-04: the options, independence, parallel planning."""

    def test_every_option_is_marked(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")
        council.go("2026-06-10")

        refused = council.chair("2026-06-10", options=every_option()[:3], status=422)

        assert list(refused["fields"]) == ["options"]

    @pytest.mark.parametrize(("dob", "offered"), [("2010-12-09", True), ("2010-12-10", False)])
    def test_independence_is_an_option_over_15_and_a_half(self, council, dob, offered):
        council.open_case(emergency=True, dob=dob)
        council.book("2026-06-10")
        council.go("2026-06-10")

        opens_with = council.asked("chair_ppm", "service_manager")["values"]["options"]

        assert ("independence" in {each["option"] for each in opens_with}) is offered

    def test_independence_without_a_pathway_plan_becomes_work(self, council):
        independence = {"option": "independence", "standing": "pursued", "reason": "Ready"}
        council.open_case(emergency=True, dob="2010-06-01")
        council.meeting(
            "2026-06-10",
            options=[*every_option(long_term_fostering="parallel"), independence],
            primary_plan="independence",
            parallel_plan="long_term_fostering",
        )

        [task] = council.work("complete_action")
        assert task["title"] == "Record the permanence plan as the pathway plan"
        assert council.limit("action") == "2026-06-24"

    def test_the_parallel_plan_becomes_the_plan_when_return_home_is_ruled_out(self, council):
        met(council, **RETURN_HOME)

        council.send("return_home_ruled_out", on="2026-06-10", reason="Mother left")

        assert council.case()["facts"]["primary_plan"] == "family_arrangement"
        assert ("2026-06-10", "iro") in council.told("Return home is no longer an option")

    def test_without_a_parallel_plan_it_is_drift(self, council):
        met(council, **{**RETURN_HOME, "parallel_plan": None, "no_parallel_reason": "Soon home"})
        council.go("2026-06-15")

        council.send("return_home_ruled_out", on="2026-06-15", reason="Mother left")

        assert council.limits("ppm")["W-04 W-11"] == "2026-06-29"

    def test_no_parallel_plan_needs_a_reason(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")
        council.go("2026-06-10")

        refused = council.chair("2026-06-10", parallel_plan=None, status=422)

        assert list(refused["fields"]) == ["parallel_plan"]

    def test_a_meeting_without_a_decision_calls_another_and_tells_the_iro(self, council):
        missing = {"plan_agreed": False, "plan_missing": "Assessment of the aunt, from the SW"}
        met(council, primary_plan=None, parallel_plan=None, rationale=None, **missing)

        assert council.limits("ppm")["W-26"] == "2026-06-24"
        assert ("2026-06-10", "iro") in council.told("Assessment of the aunt")
        assert "plan_agreed_on" not in council.case()["facts"]
        council.meeting("2026-06-17")
        assert "plan_missing" not in council.case()["facts"]

    def test_an_update_that_leaves_the_objectives_open_takes_nothing_back(self, council):
        met(council)
        council.send("ppm_trigger", trigger="W-10", on="2026-06-10")
        council.go("2026-06-11")

        done = {"updated_on": "2026-06-11", "permanence_section": "Adoption"}
        council.complete("social_worker", "update_care_plan", done)

        assert council.case()["facts"]["objectives_failed_on"] == "2026-06-10"


class TestInvitations:
    """W-18 to W-21."""

    def test_those_invited_are_told_when_it_is_booked(self, council):
        council.open_case(emergency=True)

        council.book("2026-06-10")

        told = {role for _, role in council.told("You are invited to a Permanency")}
        assert told >= {"here4you_manager", "iro", "family_placement_worker", "atv"}
        assert told >= {"family_placement_manager", "service_manager", "team_manager"}
        assert "advocate" not in told

    def test_adopt_thames_valley_is_withdrawn_when_moved_past_the_birthday(self, council):
        council.open_case(emergency=True, dob="2018-06-12")
        council.book("2026-06-10")

        council.book("2026-06-15")

        assert "atv" not in council.case()["facts"]["invited"]
        assert ("2026-06-01", "atv") in council.told("You are not invited any more")

    def test_the_advocate_is_invited_if_the_child_wants_one(self, council):
        council.open_case(emergency=True)

        council.book("2026-06-10", advocate_required=True)

        assert "advocate" in council.case()["facts"]["invited"]


class TestPapers:
    """W-22: the chair is provided with the papers."""

    def test_missing_papers_are_told_to_the_chair_and_the_meeting_goes_on(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")
        assert council.limit("papers") == "2026-06-08"

        council.go("2026-06-10")

        assert ("2026-06-08", "service_manager") in council.told("Papers for the chair: not done")
        council.chair("2026-06-10")
        assert council.deadlines("papers") == []
        assert council.work("supply_papers") == []

    def test_none_yet_is_an_answer_before_the_first_review(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")

        none = {"review_recommendations": "none_yet", "care_plan": "none_yet"}
        council.complete("social_worker", "supply_papers", none)

        assert council.deadlines("papers") == []


class TestAgenda:
    """W-24, W-25: in the order of the guidance."""

    def test_the_form_is_in_its_order(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")

        sections = council.asked("chair_ppm", "service_manager")["sections"]

        # What the document does not ask for stands after it.
        order = ["reports", "views", "options", "decisions", "also"]
        assert [each["id"] for each in sections] == order

    def test_views_that_were_not_obtained_become_work(self, council):
        council.open_case(emergency=True)
        council.book("2026-06-10")
        council.go("2026-06-10")
        refused = council.chair("2026-06-10", child_views=None, status=422)
        assert list(refused["fields"]) == ["views_asked_by"]

        who = {"views_asked_by": "Advocate", "views_asked_due": "2026-06-19"}
        council.chair("2026-06-10", child_views=None, **who)

        assert council.limit("action") == "2026-06-19"


class TestMinutes:
    """W-27, W-28: on Mosaic, and a copy to Adopt Thames Valley."""

    def test_are_recorded_within_10_working_days(self, council):
        met(council)
        assert council.limit("minutes") == council.limit("minutes_copy") == "2026-06-24"

        council.go("2026-06-25")

        assert ("2026-06-24", "team_manager") in council.told("Minutes on Mosaic: not done")
        assert ("2026-06-24", "team_manager") in council.told("Copy of the minutes")

    def test_a_review_booked_before_brings_them_forward(self, council):
        met(council)

        council.book_review("2026-06-23")

        assert council.limit("minutes") == "2026-06-22"

    def test_the_copy_is_watched_by_itself(self, council):
        met(council)

        council.complete("service_manager", "record_minutes", {"mosaic_ref": "M-7"})

        assert council.deadlines("minutes") == []
        assert council.limit("minutes_copy") == "2026-06-24"
        council.complete("service_manager", "send_minutes", {"copied_on": "2026-06-10"})
        assert council.deadlines("minutes_copy") == []

    def test_not_to_send_a_copy_needs_a_reason(self, council):
        met(council)
        council.complete("service_manager", "record_minutes", {"mosaic_ref": "M-7"})

        refused = council.complete("service_manager", "send_minutes", {}, status=422)

        assert list(refused["fields"]) == ["copied_on"]
        why = {"not_sent_reason": "The plan is return home"}
        council.complete("service_manager", "send_minutes", why)
        [copy] = council.deadlines("minutes_copy", all=True)
        assert copy["status"] == "cancelled"


class TestCarePlanning:
    """W-31: which will feed into the care planning."""

    def test_the_decision_goes_into_the_care_plan(self, council):
        met(council)
        assert council.limit("care_plan_update") == "2026-06-24"

        done = {"updated_on": "2026-06-10", "permanence_section": "Adoption"}
        council.complete("social_worker", "update_care_plan", done)

        assert council.deadlines("care_plan_update") == []

    def test_a_review_that_finds_it_not_followed_calls_a_meeting(self, council):
        met(council)

        no = {"decision_followed": False, "decision_followed_reason": "The aunt moved away"}
        council.review("2026-06-23", **no)

        assert council.limits("ppm")["W-10"] == "2026-07-07"


class TestProgress:
    """W-23: agreed but not yet implemented."""

    def test_is_reviewed_every_3_months_until_it_is_implemented(self, council):
        met(council)
        assert council.limit("high_level_review") == "2026-09-10"
        council.go("2026-09-11")
        assert ("2026-09-10", "iro") in council.told("High level review of progress: not done")

        steps = [{"step": "Placement Order", "standing": "not"}]
        found = {"held_date": "2026-09-11", "implemented": False, "steps": steps}
        council.complete("service_manager", "review_progress", found)

        assert council.limit("high_level_review") == "2026-12-11"
        assert ("2026-09-11", "iro") in council.told("not on track: Placement Order")

    def test_ends_when_it_is_implemented_with_date_and_basis(self, council):
        met(council)
        council.go("2026-08-20")
        done = {"held_date": "2026-08-20", "implemented": True, "implemented_date": "2026-08-14"}
        refused = council.complete("service_manager", "review_progress", done, status=422)
        assert list(refused["fields"]) == ["implemented_basis"]

        council.complete(
            "service_manager", "review_progress", {**done, "implemented_basis": "Order made"}
        )

        assert council.deadlines("high_level_review") == []


class TestPlacementOrder:
    """W-15, W-16: what does not follow WS-07."""

    def ordered(self, council: Wokingham) -> None:
        council.open_case(event_date="2026-04-07", emergency=True)
        council.review("2026-04-28")
        council.send("placement_order_made", order_date="2026-04-28")

    def test_a_statutory_review_that_asks_why_serves(self, council):
        self.ordered(council)

        council.review("2026-07-20", why_not_placed="No match yet")

        assert council.limits("placement_order_review") == {"W-15": "2026-10-28"}
        assert council.work("conduct_placement_order_review") == []

    def test_revoked_nothing_more_is_reviewed(self, council):
        self.ordered(council)

        council.send("placement_order_revoked", revoked_on="2026-04-28")

        assert council.deadlines("placement_order_review") == []

    def test_a_placement_that_ends_revives_the_reviews(self, council):
        self.ordered(council)
        council.go("2026-05-11")
        council.send("placed_for_adoption", placed_date="2026-05-11")
        council.go("2026-06-15")
        assert council.deadlines("placement_order_review") == []

        council.send("adoption_placement_ended", ended_on="2026-06-15")

        days = [each["limit_on"] for each in council.deadlines("placement_order_review")]
        assert days == ["2026-07-28", "2026-10-28"]
        assert council.limits("ppm")["W-13"] == "2026-06-29"

    def test_unheld_it_is_late(self, council):
        self.ordered(council)

        council.go("2026-07-29")

        told = {role for _, role in council.told("after the Placement Order: not done")}
        assert told == {"iro", "social_worker", "team_manager", "service_manager"}


class TestLeavingCare:
    """W-17: before the final Review."""

    def test_the_meeting_is_held_before_the_final_review(self, council):
        council.open_case(dob="2009-01-15")
        council.send("leave_date_set", leave_date="2026-12-15")
        assert council.limit("ppm") == "2026-12-14"

        council.review("2026-06-23")
        council.book_review("2026-09-22")

        assert council.limit("ppm") == "2026-09-21"

    def test_the_dates_are_asked_before_18(self, council):
        council.open_case(dob="2009-01-15")
        assert council.limit("leaving_dates") == "2026-10-15"

        council.go("2026-10-16")

        assert ("2026-10-15", "service_manager") in council.told("Dates of leaving care")
        council.complete("social_worker", "set_leaving_dates", {"leave_date": "2027-01-15"})
        assert council.limits("ppm")["W-17"] == "2027-01-14"


def test_closing_leaves_no_date_and_no_task(council):
    met(council)
    council.review("2026-06-23")

    council.send("case_closed", closed_on="2026-06-23", reason="E4A")

    case = council.case()
    assert (case["status"], case["work_items"], case["deadlines"]) == ("closed", [], [])
