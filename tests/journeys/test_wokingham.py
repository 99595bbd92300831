"""Wokingham's guidance over HTTP: the dated scenarios, each named after its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.builders.world import CHAIR as RECORDED
from tests.databases import Kind
from tests.journeys.wokingham import Wokingham, every_option, fill

NO_ADOPTION = every_option(long_term_fostering="pursued", family_arrangement="parallel")


@pytest.fixture
def council(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Wokingham]:
    council = Wokingham(new_database(database_kind, fill=fill))
    yield council
    council.close()


def test_s18_before_the_second_statutory_review(council):
    council.open_case(likely_permanent_from_onset=True)
    assert council.limit("cic_review") == "2026-06-29"

    council.review("2026-06-25")
    assert council.limit("cic_review") == "2026-09-25"
    council.book_review("2026-09-17")

    row = council.row("ppm")
    assert (row["limit_on"], row["act_by_on"]) == ("2026-09-16", "2026-09-16")
    assert row["rule_ids"] == ["W-05"]


def test_the_record_keeps_what_other_councils_record(council):
    """The document does not ask for it, and a family that moves here has it."""
    council.open_case(emergency=True)
    day = council.today()
    council.book(day, documents_supplied=["care_plan"])
    also = {
        name: RECORDED[name]
        for name in ("genogram_reviewed", "genogram_current", "stage", "views_method")
    }

    council.chair(
        day,
        **also,
        dissent=[{"person": "Mother", "view": "Home"}],
        risks=[{"risk": "distance", "mitigation": "A taxi"}],
        support_needs=[],
        communication_needs="Makaton",
    )

    assert council.work("answer_dissent_iro") == []


def test_s19_an_emergency(council):
    council.open_case(event_date="2026-04-04", emergency=True)

    row = council.row("ppm")
    assert (row["limit_on"], row["act_by_on"]) == ("2026-04-18", "2026-04-17")
    assert row["rule_ids"] == ["W-07"]


class TestS20:
    def test_no_prospect_of_reunification(self, council):
        council.open_case(likely_permanent_from_onset=True)

        council.review("2026-06-23", reunification_prospect=False)

        row = council.row("ppm")
        assert (row["limit_on"], row["rule_ids"]) == ("2026-07-07", ["W-08"])
        assert council.limits("ppm")["W-05"] == "2026-09-22"

    def test_a_prospect_and_no_possibility_of_adoption(self, council):
        council.open_case()

        council.review("2026-06-23")

        assert council.deadlines("ppm") == []

    def test_adoption_a_strong_possibility(self, council):
        council.open_case()

        council.review("2026-06-23", adoption_strong_possibility=True)

        assert council.limits("ppm") == {"W-08 W-09": "2026-07-07"}


@pytest.mark.parametrize(
    ("day", "ruled_out", "invited"),
    [("2026-06-09", False, True), ("2026-06-10", False, False), ("2026-06-09", True, False)],
)
def test_s23_adopt_thames_valley_is_invited_under_8(council, day, ruled_out, invited):
    council.open_case(event_date="2026-04-04", dob="2018-06-10", emergency=True)
    if ruled_out:
        council.meeting("2026-04-10", options=NO_ADOPTION, primary_plan="long_term_fostering")

    council.go("2026-06-01")
    if ruled_out:
        council.send("ppm_trigger", trigger="W-11", on="2026-06-01")
    council.book(day)

    assert ("atv" in council.case()["facts"]["invited"]) is invited


class TestS25:
    @pytest.mark.parametrize(
        ("day", "chair"), [("2026-07-07", "service_manager"), ("2026-07-08", "atv")]
    )
    def test_who_chairs_on_the_day_of_signing(self, council, day, chair):
        council.open_case(emergency=True)
        council.book(day)
        council.go("2026-07-08")
        council.send("adm_decision_signed", signed_on="2026-07-08", plan="adoption")

        [task] = council.work("chair_ppm")

        assert task["role"] == chair

    def test_a_service_manager_cannot_record_what_adopt_thames_valley_chairs(self, council):
        council.open_case(emergency=True)
        council.go("2026-07-08")
        council.send("adm_decision_signed", signed_on="2026-07-08", plan="adoption")
        council.book("2026-07-08")

        council.chair("2026-07-08", "service_manager", status=403)
        council.chair("2026-07-08", "atv")

        assert council.case()["facts"]["last_ppm_held_on"] == "2026-07-08"


def test_s32_three_months_or_the_day_before_the_review(council):
    council.open_case(emergency=True)
    council.review("2026-06-23")
    council.review("2026-09-22")
    council.meeting("2026-11-30")

    row = council.row("ppm")
    assert (row["limit_on"], row["act_by_on"]) == ("2027-02-28", "2027-02-26")

    council.book_review("2027-02-11")

    assert council.limit("ppm") == "2027-02-10"


class TestWS01:
    """A silence at the beginning (W-05)."""

    def silent(self, council: Wokingham) -> None:
        council.open_case(likely_permanent_from_onset=None)
        assert council.limit("onset_answer") == "2026-06-08"
        row = council.row("ppm")
        assert (row["limit_on"], row["assumption"]) == ("2026-09-28", True)
        council.go("2026-06-09")
        assert council.told("likely from the onset: not done by") == {
            ("2026-06-08", "team_manager"),
            ("2026-06-08", "service_manager"),
        }
        council.go("2026-06-15")

    def test_a_late_no_ends_the_date(self, council):
        self.silent(council)

        no = {"likely_permanent_from_onset": False, "reason": "Mother is engaging"}
        council.complete("team_manager", "answer_onset", no)

        assert council.deadlines("ppm") == []
        [kept] = council.deadlines("ppm", all=True)
        assert (kept["limit_on"], kept["status"]) == ("2026-09-28", "cancelled")
        [answer] = council.deadlines("onset_answer", all=True)
        assert (answer["status"], answer["met_on"]) == ("late", "2026-06-15")

    def test_a_late_yes_moves_nothing(self, council):
        self.silent(council)

        yes = {"likely_permanent_from_onset": True}
        council.complete("team_manager", "answer_onset", yes)

        row = council.row("ppm")
        assert (row["limit_on"], row["assumption"]) == ("2026-09-28", False)

    def test_a_no_needs_its_reason(self, council):
        council.open_case(likely_permanent_from_onset=None)

        no = {"likely_permanent_from_onset": False}
        refused = council.complete("team_manager", "answer_onset", no, status=422)

        assert list(refused["fields"]) == ["reason"]


class TestWS03:
    """“No prospect”, recorded late (W-08)."""

    def unrecorded(self, council: Wokingham) -> None:
        council.open_case()
        council.book_review("2026-06-23")
        assert council.limit("review_record") == "2026-06-30"

    def test_is_late_until_it_is_recorded(self, council):
        self.unrecorded(council)

        council.go("2026-07-01")

        assert [each["status"] for each in council.deadlines("review_record")] == ["breached"]
        assert ("2026-06-30", "iro") in council.told("Record of the statutory review: not done")

    def test_four_days_are_left(self, council):
        self.unrecorded(council)

        council.review("2026-06-23", recorded="2026-07-03", reunification_prospect=False)

        assert council.limits("ppm") == {"W-08": "2026-07-07"}
        told = council.told("to be held no later than 7 July 2026")
        assert told >= {("2026-07-03", "service_manager"), ("2026-07-03", "social_worker")}

    def test_opens_in_breach_and_is_still_to_be_held(self, council):
        self.unrecorded(council)

        council.review("2026-06-23", recorded="2026-07-09", reunification_prospect=False)

        [row] = council.deadlines("ppm")
        assert (row["limit_on"], row["status"]) == ("2026-07-07", "breached")
        assert council.work("explain_breach")[-1]["title"].endswith("Permanency Planning Meeting")
        council.meeting("2026-07-10")
        row = council.row("ppm")
        assert (row["limit_on"], row["act_by_on"]) == ("2026-10-10", "2026-10-09")


def test_ws05_a_meeting_just_before_a_review(council):
    council.open_case(event_date="2026-04-07", emergency=True)
    council.review("2026-04-28")
    council.review("2026-07-10")
    council.go("2026-08-24")
    council.meeting("2026-09-01")

    council.book_review("2026-09-10")
    assert council.limits("ppm") == {"W-06": "2026-12-01"}

    council.book_review("2026-10-08")
    assert council.limit("ppm") == "2026-10-07"
    told = council.told("is moved to Thursday 8 October 2026")
    assert {role for _, role in told} >= {"social_worker", "service_manager"}

    council.book_review("2026-09-10")
    assert council.limit("ppm") == "2026-12-01"
    kept = [each for each in council.deadlines("ppm", all=True) if each["status"] == "superseded"]
    assert "2026-10-07" in {each["limit_on"] for each in kept}


class TestWS07:
    """A Placement Order: unsure, late (W-15, W-16)."""

    def ordered(self, council: Wokingham) -> None:
        council.open_case(event_date="2026-04-07", emergency=True)
        council.review("2026-04-28")
        council.meeting("2026-06-01")
        council.review("2026-07-10")
        council.meeting("2026-08-31")
        council.go("2026-11-30")
        council.meeting("2026-11-30")
        council.send("placement_order_made", order_date="2026-11-30")
        points = council.deadlines("placement_order_review")
        assert [(each["limit_on"], each["act_by_on"]) for each in points] == [
            ("2027-02-28", "2027-02-26"),
            ("2027-05-30", "2027-05-28"),
        ]
        council.go("2027-01-04")
        council.book_review("2027-02-25")
        assert council.limit("viability") == "2027-02-11"
        council.go("2027-02-12")

    def test_silence_is_told_and_the_form_says_so(self, council):
        self.ordered(council)

        assert ("2027-02-12", "team_manager") in council.told("whether adoption is viable: not")
        asked = council.asked("conduct_placement_order_review", "iro")
        assert asked["values"]["viability"] == "Viability not answered"

    def test_unsure_calls_a_meeting_that_does_not_block_the_review(self, council):
        self.ordered(council)
        council.go("2027-02-23")

        council.complete("social_worker", "check_adoption_viability", {"adoption_viable": "unsure"})

        assert council.limits("ppm")["W-16"] == "2027-02-24"
        council.go("2027-02-25")
        assert "2027-02-24" in council.told_late("Permanency Planning Meeting")
        asked = council.asked("conduct_placement_order_review", "iro")
        assert asked["values"]["viability"] == (
            "Adoption may not be viable. The Permanency Planning Meeting before this review was not"
            " held"
        )
        refused = council.complete(
            "iro", "conduct_placement_order_review", {"held_date": "2027-02-25"}, status=422
        )
        assert list(refused["fields"]) == ["why_not_placed"]
        held = {"held_date": "2027-02-25", "why_not_placed": "No match was found"}
        council.complete("iro", "conduct_placement_order_review", held)
        assert council.limits("ppm")["W-16"] == "2027-02-24"
        assert council.limits("placement_order_review") == {"W-15": "2027-05-30"}

        council.go("2027-05-10")
        council.send("placed_for_adoption", placed_date="2027-05-10")

        assert council.deadlines("placement_order_review") == []
        assert council.deadlines("viability") == []
        assert council.work("conduct_placement_order_review") == []
        last = council.deadlines("placement_order_review", all=True)[-1]
        assert (last["limit_on"], last["status"]) == ("2027-05-30", "cancelled")


class TestWS09:
    """The chair changes late (W-29)."""

    def signed(self, council: Wokingham) -> None:
        council.open_case(event_date="2026-06-30", emergency=True)
        council.meeting("2026-07-10")
        council.go("2026-07-10")
        council.send("ppm_trigger", trigger="W-11", on="2026-07-10")
        council.complete("social_worker", "arrange_ppm", {"meeting_date": "2026-07-22"})
        council.go("2026-07-13")
        council.send("adm_decision_signed", signed_on="2026-07-08", plan="adoption")

    def test_the_meeting_held_stands_and_the_booked_one_passes_over(self, council):
        self.signed(council)

        facts = council.case()["facts"]
        assert facts["chaired_before_known_on"] == facts["last_ppm_held_on"] == "2026-07-10"
        [task] = council.work("chair_ppm")
        assert task["role"] == "atv"
        told = {role for _, role in council.told("is now chaired by: Adopt Thames Valley")}
        assert told >= {"service_manager", "atv"}
        assert council.limit("chair_named") == "2026-07-15"

    def test_a_service_manager_chairs_in_place_with_a_reason(self, council):
        self.signed(council)
        council.go("2026-07-16")
        assert ("2026-07-15", "service_manager") in council.told("chair named: not done")

        council.complete("service_manager", "chair_in_place", {"reason": "Nobody was named"})

        [task] = council.work("chair_ppm")
        assert (task["role"], council.booked()) == ("service_manager", "2026-07-22")
        council.go("2026-07-22")
        council.chair("2026-07-22")

    def test_the_team_manager_records_the_minutes_of_their_meeting(self, council):
        self.signed(council)
        council.complete("atv", "name_chair", {"chair_name": "J. Brook"})
        council.go("2026-07-22")
        council.chair("2026-07-22", "atv")

        assert council.work("record_minutes")[-1]["role"] == "team_manager"

    def test_the_next_chair_is_a_service_manager_when_the_plan_is_fostering(self, council):
        self.signed(council)
        council.go("2026-07-22")
        council.chair("2026-07-22", "atv", primary_plan="long_term_fostering", options=NO_ADOPTION)
        council.go("2026-07-23")
        council.send("placement_order_revoked", revoked_on="2026-07-23")
        council.send("ppm_trigger", trigger="W-12", on="2026-07-23")
        council.book("2026-08-05")

        assert council.work("chair_ppm")[0]["role"] == "service_manager"
