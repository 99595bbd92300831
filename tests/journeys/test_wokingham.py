"""Wokingham's guidance over HTTP: the dated scenarios, each named after its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

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
