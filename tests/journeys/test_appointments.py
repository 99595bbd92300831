"""Appointments beside their limits: booked, moved, called off, and what serves them, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.packs.version import Definition
from engine.storage import database
from tests.builders.world import ARRANGE, START, actor, pack_files
from tests.journeys.changed_pack import text
from tests.journeys.council import REVIEW, Council
from tests.publishing import unchecked
from workflows.permanence.domain import DOMAIN

AT_TEN = {"time": "10:00", "place": "Council House", "link": "https://meet.example.org/1"}
REPORT = {"permanence_section": "Return home"}


def book(council: Council, day: str = "2026-03-18", **more: Any) -> None:
    council.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": day, **more})


def told(council: Council) -> dict[str, str]:
    """Return role -> what it was told by the newest event."""
    return {each["role"]: each["text"] for each in council.history()[-1]["notices"]}


def only(council: Council, name: str) -> dict[str, Any]:
    [item] = council.work(name)
    return item


class TestABookedMeeting:
    """appointments: day, time, place or link and people, beside the limit."""

    def test_stands_beside_the_limit(self, council):
        council.open_case()

        book(council, **AT_TEN)

        chair = only(council, "chair_ppm")
        assert (chair["booked_on"], chair["booked_time"]) == ("2026-03-18", "10:00")
        assert (chair["act_by_on"], chair["limit_on"]) == ("2026-03-23", "2026-03-23")
        assert council.limit("ppm") == "2026-03-23"

    def test_needs_a_day_and_nothing_else(self, council):
        council.open_case()

        book(council)

        chair = only(council, "chair_ppm")
        assert (chair["booked_on"], chair["booked_time"]) == ("2026-03-18", None)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"time": "10 o'clock"}, "hours and minutes"),
            ({"time": "25:00"}, "hours and minutes"),
            ({"link": "javascript:alert(1)"}, "https://"),
            ({"link": "meet.example.org"}, "https://"),
        ],
    )
    def test_says_what_a_time_and_a_link_look_like(self, council, given, said):
        council.open_case()
        answers = {**ARRANGE, "meeting_date": "2026-03-18", **given}

        problem = council.complete("social_worker", "arrange_ppm", answers, status=422)

        assert list(problem["fields"]) == list(given)
        assert said in next(iter(problem["fields"].values()))

    def test_is_listed_by_what_comes_first(self, council):
        council.open_case()
        book(council)

        items = council.call("GET", f"/work-items?case={council.ref}", role="team_manager")["items"]

        order = [each["name"] for each in items]
        assert order.index("chair_ppm") < order.index("book_review")
        assert items[order.index("chair_ppm")]["booked_on"] < items[-1]["act_by_on"]

    def test_is_over_when_it_was_held(self, council):
        council.open_case()

        council.meeting("2026-03-09", next_ppm_date="2026-04-20")

        facts = council.case()["facts"]
        assert "next_ppm_on" not in facts
        assert facts["ppm_agreed_on"] == "2026-04-20"


class TestTheInvited:
    """Y11: all who are invited are told; a letter goes to whom nobody here can tell."""

    def test_hear_when_and_where(self, council):
        council.open_case()

        book(council, **AT_TEN)

        heard = told(council)
        when = "Wednesday 18 March 2026 at 10:00, Council House, https://meet.example.org/1"
        invited = f"You are invited to a Permanence Planning Meeting on {when}"
        for role in ("team_manager", "permanence_coordinator", "adoption_at_heart"):
            assert heard[role] == invited
        others = "Fostering, Foster carer or provider, Fostering social worker"
        assert heard["social_worker"] == f"Write to {others}, who cannot be told here: {invited}"
        assert "iro" in heard

    def test_hear_that_it_is_moved(self, council):
        council.open_case()
        book(council, **AT_TEN)

        book(council, "2026-03-19", time="11:00", change_reason="The carer is away")

        was, now = "Wednesday 18 March 2026 at 10:00", "Thursday 19 March 2026 at 11:00"
        said = f"booked for {was} is moved to {now}: The carer is away"
        assert said in told(council)["team_manager"]
        chair = only(council, "chair_ppm")
        assert (chair["booked_on"], chair["booked_time"]) == ("2026-03-19", "11:00")
        facts = council.case()["facts"]
        assert {"next_ppm_place", "next_ppm_link"}.isdisjoint(facts)

    def test_hear_that_it_is_called_off_and_it_is_booked_anew(self, council):
        council.open_case()
        book(council, **AT_TEN)
        off = {"called_off": True}
        problem = council.complete("social_worker", "arrange_ppm", off, status=422)
        assert list(problem["fields"]) == ["change_reason"]

        off |= {"change_reason": "Mother is ill"}
        council.complete("social_worker", "arrange_ppm", off)

        heard = told(council)
        assert heard["team_manager"].endswith("at 10:00 is called off: Mother is ill")
        assert "called off" in heard["iro"]
        assert only(council, "chair_ppm")["booked_on"] is None
        anew = only(council, "arrange_ppm")
        assert (anew["optional"], anew["limit_on"]) == (False, "2026-03-23")
        book(council, "2026-03-20")
        assert only(council, "chair_ppm")["booked_on"] == "2026-03-20"
        assert only(council, "arrange_ppm")["optional"] is True

    def test_what_was_booked_before_stays_in_the_history(self, council):
        council.open_case()
        book(council, **AT_TEN)

        council.complete(
            "social_worker", "arrange_ppm", {"called_off": True, "change_reason": "Ill"}
        )

        [change] = [
            each for each in council.history()[-1]["facts_changed"] if each["name"] == "next_ppm_on"
        ]
        assert (change["value"], change["old"]) == (None, "2026-03-18")
        events = council.history()
        path = f"/cases/{council.ref}/history/{events[-2]['sequence']}"
        then = council.call("GET", path, role="auditor")
        assert then["facts"]["next_ppm_on"] == "2026-03-18"


class TestInTime:
    """Y12: an agreed date opens the work that serves it; booking falls due in time to book."""

    def test_booking_is_due_before_the_last_day(self, council):
        council.open_case()

        arrange, review = only(council, "arrange_ppm"), only(council, "book_review")

        assert (arrange["act_by_on"], arrange["limit_on"]) == ("2026-03-16", "2026-03-23")
        assert (review["act_by_on"], review["limit_on"]) == ("2026-03-23", "2026-04-08")
        assert "Due 5 working days before Monday 23 March 2026" in arrange["reason"]

    def test_a_meeting_agreed_for_soon_is_arranged_at_once(self, council):
        council.open_case()

        council.meeting("2026-03-09", next_ppm_date="2026-03-21")

        arrange = only(council, "arrange_ppm")
        assert (arrange["act_by_on"], arrange["limit_on"]) == ("2026-03-16", "2026-04-20")
        path = f"/work-items/{arrange['id']}"
        assert council.call("GET", path)["form"]["values"]["meeting_date"] == "2026-03-21"

    def test_a_meeting_agreed_for_later_opens_ten_working_days_before(self, council):
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-04-08")

        council.go("2026-03-22")
        assert council.work("arrange_ppm") == []
        council.go("2026-03-23")

        assert only(council, "arrange_ppm")["limit_on"] == "2026-04-20"

    def test_an_agreed_date_moves_no_limit(self, council):
        council.open_case()
        council.meeting("2026-03-09", next_ppm_date="2026-05-20")

        council.go("2026-03-25")

        assert council.work("arrange_ppm") == []
        council.go("2026-03-26")
        assert only(council, "arrange_ppm")["limit_on"] == "2026-04-20"


class TestWhatServesIt:
    """appointments: work that serves a meeting is due before it."""

    def test_is_due_the_working_day_before(self, council):
        # The draft care plan goes by the meeting itself, as in a pack that gives it no date.
        old, new = 'value="draft_care_plan" />', 'value="ppm" />'
        files = text("case.bpmn", f'"deadline" {old}', f'"deadline" {new}')(pack_files())
        with database.transaction(council.engine) as connection:
            owner = Context(connection, actor("process_owner", None), START, DOMAIN)
            unchecked(owner, Definition(files), reason="No date of its own")
        council.open_case()
        assert only(council, "draft_care_plan")["act_by_on"] == "2026-03-23"

        book(council)

        plan = only(council, "draft_care_plan")
        assert (plan["act_by_on"], plan["limit_on"]) == ("2026-03-17", "2026-03-23")
        assert plan["booked_on"] is None
        book(council, "2026-03-20")
        assert only(council, "draft_care_plan")["act_by_on"] == "2026-03-19"


class TestAPanelSitting:
    """appointments: the sitting has its day and time, beside the time for the outcome."""

    def test_stands_beside_the_limit_and_moves_when_deferred(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        council.review("2026-03-20", next_review_date="2026-06-15")
        prepared = {"consent": True, "financial_assessment": False, "sits_on": "2026-03-27"}

        council.complete("social_worker", "prepare_panel", {**prepared, "time": "13:00"})

        assert told(council)["team_manager"] == "The panel sits on Friday 27 March 2026 at 13:00"
        sitting = only(council, "record_panel_outcome")
        assert (sitting["booked_on"], sitting["booked_time"]) == ("2026-03-27", "13:00")
        council.go("2026-03-27")
        deferred = {"date": "2026-03-27", "outcome": "deferred", "sits_on": "2026-04-01"}
        council.complete("panel_administrator", "record_panel_outcome", deferred)
        assert "sits on Wednesday 1 April 2026" in told(council)["social_worker"]
        sitting = only(council, "record_panel_outcome")
        assert (sitting["booked_on"], sitting["booked_time"]) == ("2026-04-01", None)


class TestTheReview:
    """appointments: a date given in one form satisfies the task that would ask for it again."""

    def test_is_booked_by_the_last_one(self, council):
        council.open_case()
        council.review("2026-03-20", next_review_date="2026-06-15", next_review_time="14:00")

        held = only(council, "conduct_review")

        assert (held["booked_on"], held["booked_time"]) == ("2026-06-15", "14:00")
        assert only(council, "book_review")["optional"] is True
        council.complete("iro", "book_review", {"review_date": "2026-06-10"})
        assert only(council, "conduct_review")["booked_on"] == "2026-06-10"
        assert "is moved to Wednesday 10 June 2026" in told(council)["team_manager"]

    def test_is_to_be_booked_when_the_date_given_is_too_late(self, council):
        council.open_case()

        council.review("2026-03-20", next_review_date="2026-07-20")

        assert council.limit("cic_review") == "2026-06-20"
        assert only(council, "book_review")["optional"] is False
        assert council.work("conduct_review") == []

    def test_called_off_is_to_be_booked_anew(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-20"})

        off = {"called_off": True, "change_reason": "The child is on a school trip"}
        council.complete("iro", "book_review", off)

        assert "is called off: The child is on a school trip" in told(council)["social_worker"]
        assert only(council, "book_review")["optional"] is False
        assert only(council, "conduct_review")["booked_on"] is None
        assert only(council, "write_pre_meeting_report")["act_by_on"] is None
        council.complete("iro", "book_review", {"review_date": "2026-03-25"})
        assert only(council, "write_pre_meeting_report")["act_by_on"] == "2026-03-24"

    def test_moved_by_the_clock_of_another_form_tells_too(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-20", "time": "14:00"})

        council.correct("next_review_on", "2026-03-24", "Typed wrongly")

        assert "Friday 20 March 2026 at 14:00 is moved" in told(council)["iro"]
        assert only(council, "conduct_review")["booked_time"] == "14:00"


class TestThePreMeetingReport:
    """Y13: due before the review that it serves, with content, and missed with a reason."""

    def test_is_due_before_the_booked_review(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-20"})

        report = only(council, "write_pre_meeting_report")
        assert (report["deadline"], report["limit_on"]) == ("pre_meeting_report", "2026-03-19")
        council.complete("iro", "book_review", {"review_date": "2026-03-25"})

        assert only(council, "write_pre_meeting_report")["limit_on"] == "2026-03-24"
        [row] = council.deadlines("pre_meeting_report")
        assert row["assumption"] is True

    def test_has_content(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-20"})

        for given in ({}, {"permanence_section": "  "}):
            problem = council.complete(
                "social_worker", "write_pre_meeting_report", given, status=422
            )
            assert list(problem["fields"]) == ["permanence_section"]
        council.complete("social_worker", "write_pre_meeting_report", REPORT)

        assert council.deadlines("pre_meeting_report") == []
        [was] = council.deadlines("pre_meeting_report", all=True)
        assert was["status"] == "met"

    def test_missing_at_a_continuing_review_needs_a_reason(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        confirmed = {"permanence_confirmed": True, "confirmed_reason": "The order is made"}
        council.review("2026-03-20", next_review_date="2026-06-15", **confirmed)
        council.go("2026-06-15")
        held = {**REVIEW, "held_date": "2026-06-15", "next_review_date": "2026-11-30"}

        problem = council.complete("iro", "conduct_review", held, status=422)

        assert list(problem["fields"]) == ["report_missing_reason"]
        reason = {"report_missing_reason": "The social worker was away"}
        council.complete("iro", "conduct_review", {**held, **reason})

    def test_is_written_anew_for_the_review_after_one_that_sent_the_plan_back(self, council):
        council.open_case()

        refused = {"plan_ratified": False, "plan_ratified_reason": "An assessment is missing"}
        council.review("2026-03-20", next_review_date="2026-04-15", **refused)

        assert council.limit("pre_meeting_report") == "2026-04-14"

    def test_missing_at_an_ordinary_review_asks_nothing(self, council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-20"})
        council.go("2026-03-20")

        council.complete(
            "iro",
            "conduct_review",
            {**REVIEW, "held_date": "2026-03-20", "next_review_date": "2026-06-15"},
        )

        assert council.deadlines("pre_meeting_report")[0]["limit_on"] == "2026-06-12"
