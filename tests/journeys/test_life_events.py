"""What happens in a child's life: birth, other people, another authority, death. Over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.visitor import Visitor, date_fields
from tests.journeys.council import Council

UNBORN = {"cause": "pre_birth", "legal_status": "none", "dob": None, "edd": "2026-06-01"}


def everybody(council: Council) -> list[Visitor]:
    names = ("social_worker", "team_manager", "service_manager", "iro")
    return [Visitor(council.app, f"dudley.{each}") for each in names]


def notices(council: Council) -> list[tuple[str, str]]:
    """Return (role, text) of the newest event."""
    return sorted((each["role"], each["text"]) for each in council.history()[-1]["notices"])


class TestDeath:
    """A child died: nothing goes on, nothing is asked, and it is said quietly."""

    def test_ends_every_date_and_task_without_anybody_to_blame(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        assert council.work("explain_breach")

        council.send("child_died", died_on="2026-03-22")

        case = council.case()
        assert (case["status"], case["facts"]["died_on"]) == ("closed", "2026-03-22")
        assert (case["work_items"], case["deadlines"], case["instances"]) == ([], [], [])
        ended = council.call("GET", f"/cases/{council.ref}/deadlines?all=1")
        assert {each["status"] for each in ended} == {"cancelled"}
        before = len(council.history())
        council.go("2027-06-01")
        assert len(council.history()) == before
        for each in everybody(council):
            assert council.ref not in each.open("/work").text
            assert council.ref not in each.open("/your-cases").text

    @pytest.mark.parametrize("reason", ["E2", "died"])
    def test_reported_as_the_end_of_care_it_is_the_same(self, council: Council, reason: str):
        council.open_case()
        council.go("2026-05-15")
        council.send("case_closed", closed_on="2026-05-15", reason="E4A")
        assert council.work("approve_ceasing")

        council.send("case_closed", closed_on="2026-05-14", reason=reason)

        facts = council.case()["facts"]
        assert (facts["died_on"], facts["case_closed_reason"]) == ("2026-05-14", "E2")
        assert council.case()["work_items"] == []

    def test_the_people_of_the_case_are_told_once_in_quiet_words(self, council: Council):
        council.open_case()
        council.go("2026-03-12")

        council.send("child_died", died_on="2026-03-11")

        said = (
            "The child died on 11 March 2026. Planning has ended, and nothing more is asked of you"
        )
        told = ("iro", "service_manager", "social_worker", "team_manager")
        assert notices(council) == [(role, said) for role in told]

    def test_pages_say_it_without_a_date_an_age_or_applause(self, council: Council):
        council.open_case()
        worker = Visitor(council.app, "dudley.social_worker")
        task = worker.work("Arrange the Permanence Planning Meeting")
        address = f"/cases/{council.ref}/messages/child_died"
        worker.open(address)
        recorded = worker.send(address, date_fields("died_on", "2026-03-08"))
        page = worker.follow(recorded)
        assert "The child died on 8 March 2026." in page.text
        assert "govuk-panel--confirmation" not in page.text
        assert "set in motion" not in page.text
        assert "Next date" not in page.text

        child = worker.open(f"/cases/{council.ref}").text

        assert "born 1 January 2020" in child
        assert "6 years" not in child
        assert "Nothing is running" not in child
        assert "This case is closed" not in child
        assert "days late" not in child
        closed = worker.open(task).text
        assert "is not asked for any more. The child died on 8 March 2026." in closed

    def test_what_somebody_was_typing_is_given_back_not_lost(self, council: Council):
        council.open_case()
        worker = Visitor(council.app, "dudley.social_worker")
        task = worker.work("Complete a draft care plan")
        worker.open(task)
        council.send("child_died", died_on="2026-03-09")

        page = worker.send(task, {"text": "Her grandmother visits"}, status=409)

        assert "Someone completed this" not in page.text
        assert "Her grandmother visits" in page.text
        assert "The child died on 9 March 2026." in page.text

    def test_counts_in_no_measure_and_no_flag(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        council.send("child_died", died_on="2026-03-23")

        found = council.call("GET", "/tracker", role="team_manager")

        assert (found["rows"], found["kpis"]) == ([], [])

    def test_is_not_before_birth_nor_in_the_future(self, council: Council):
        council.open_case()

        council.send("child_died", died_on="2019-12-31", status=422)
        council.send("child_died", died_on="2026-03-10", status=422)

        assert council.case()["status"] == "open"


class TestTransfer:
    """The case goes to other people, or to another authority."""

    def test_tasks_go_along_with_their_dates_and_the_new_people_are_told(self, council: Council):
        council.open_case()
        council.go("2026-03-11")

        council.send("transfer", social_worker="dudley.social_worker_2", **{"from": "2026-03-11"})

        [arrange] = [
            each
            for each in council.case("team_manager")["work_items"]
            if each["name"] == "arrange_ppm"
        ]
        assert (arrange["assignee"], arrange["limit_on"]) == (
            "dudley.social_worker_2",
            "2026-03-23",
        )
        told = council.history()[-1]["notices"]
        assert "dudley.social_worker_2" in {each["person"] for each in told}
        assert council.case("team_manager")["facts"]["with_workers_from"] == "2026-03-11"
        council.call("GET", f"/cases/{council.ref}", status=404)

    def test_whoever_gave_it_away_is_led_to_their_own_work(self, council: Council):
        council.open_case()
        worker = Visitor(council.app, "dudley.social_worker")
        address = f"/cases/{council.ref}/messages/transfer"
        worker.open(address)

        answer = worker.send(address, {"social_worker": "dudley.social_worker_2"})

        assert answer.headers["Location"] == "/work"
        assert "not among your cases any more" in worker.follow(answer).text

    def test_is_recorded_on_its_day_and_names_somebody(self, council: Council):
        council.open_case()
        someone = {"social_worker": "dudley.social_worker_2"}

        refused = council.send("transfer", **someone, **{"from": "2026-03-10"}, status=422)

        assert "on the day it takes effect" in str(refused)
        council.send("transfer", **{"from": "2026-03-09"}, status=422)

    @pytest.mark.parametrize("reason", ["E3", "transferred"])
    def test_to_another_authority_ends_planning_here_at_once(self, council: Council, reason: str):
        council.open_case()
        council.go("2026-05-15")

        council.send("case_closed", closed_on="2026-05-15", reason=reason)

        assert council.case()["status"] == "closed"
        assert notices(council)[0][1].startswith("Planning ended on 15 May 2026: ")
        page = Visitor(council.app, "dudley.social_worker").open(f"/cases/{council.ref}").text
        assert "Planning ended on 15 May 2026." in page
        assert "taken over by another authority" in page


class TestArrival:
    """A child comes mid-way, from another authority, with reviews held there."""

    def arrive(self, council: Council, **more: Any) -> None:
        council.open_case(cause="already_in_care", event_date="2026-03-09", legal_status="C2")
        answers = {
            "care_entry_date": "2024-05-01",
            "legal_status": "C2",
            "first_review_held_on": "2024-05-28",
            "last_review_held_on": "2026-01-20",
            **more,
        }
        council.complete("social_worker", "record_care_entry", answers)

    def test_is_not_late_for_what_was_done_before(self, council: Council):
        self.arrive(council, second_review_ratified=True)

        assert council.limit("ppm") == "2026-03-23"
        assert council.limit("cic_review") == "2026-07-20"
        assert council.deadlines("second_review_plan") == []
        council.go("2026-03-10")
        assert council.work("explain_breach") == []

    def test_whose_plan_was_never_ratified_shows_it(self, council: Council):
        self.arrive(council, second_review_ratified=False)

        assert council.limit("second_review_plan") == "2026-01-20"

    def test_says_whether_it_was(self, council: Council):
        council.open_case(cause="already_in_care", event_date="2026-03-09", legal_status="C2")
        answers = {
            "care_entry_date": "2024-05-01",
            "legal_status": "C2",
            "first_review_held_on": "2024-05-28",
            "last_review_held_on": "2026-01-20",
        }

        council.complete("social_worker", "record_care_entry", answers, status=422)


class TestBirth:
    """A child planned for before birth is born, and perhaps comes into care."""

    def test_is_recorded_once_with_the_name_given(self, council: Council):
        council.open_case(**UNBORN, child_name="Baby Example")
        worker = Visitor(council.app, "dudley.social_worker")
        page = worker.open(f"/cases/{council.ref}").text
        assert "Not born yet, expected on 1 June 2026" in page
        assert "The child was born" in page
        council.go("2026-05-29")
        before = council.deadlines("ppm")

        council.send("child_born", born_on="2026-05-28", child_name="Ada Example")

        facts = council.case()["facts"]
        assert (facts["dob"], facts["child_name"]) == ("2026-05-28", "Ada Example")
        assert council.deadlines("ppm") == before
        assert council.deadlines("cic_review") == []
        page = worker.open(f"/cases/{council.ref}").text
        assert "0 months" in page
        assert "The child was born" not in page.partition("What happened")[0]
        council.send("child_born", born_on="2026-05-27", status=422)

    def test_care_entry_at_birth_takes_the_date_of_birth_too(self, council: Council):
        council.open_case(**UNBORN)
        council.go("2026-06-03")

        entry = {"care_entry_date": "2026-06-02", "legal_status": "C1", "born_on": "2026-06-03"}
        council.complete("social_worker", "record_care_entry", entry, status=422)
        entry["born_on"] = "2026-06-01"
        council.complete("social_worker", "record_care_entry", entry)

        assert council.case()["facts"]["dob"] == "2026-06-01"
        assert council.limit("cic_review") == "2026-06-30"

    def test_overdue_and_not_recorded_is_flagged(self, council: Council):
        council.open_case(**UNBORN)
        council.go("2026-03-10")
        council.meeting("2026-03-10", parallel_plan="special_guardianship")
        council.follow_up("2026-03-10")
        council.correct("edd", "2026-03-12", "The scan says so")
        council.go("2026-03-13")

        [row] = council.call("GET", "/tracker", role="team_manager")["rows"]

        assert (row["rag"], row["reason"]) == (
            "amber",
            "The birth was expected, and it is not recorded",
        )
        page = Visitor(council.app, "dudley.social_worker").open(f"/cases/{council.ref}").text
        assert "Birth expected on 12 March 2026, not yet recorded" in page


def test_the_nominated_officer_sees_that_it_was_recorded(council: Council):
    """Their only task of the case is done, so the case is out of their sight."""
    council.open_case()
    council.go("2026-05-15")
    council.send("case_closed", closed_on="2026-05-15", reason="E4A")
    officer = Visitor(council.app, "dudley.nominated_officer")
    page = officer.open("/work?show=claim").text
    [task] = set(officer.links(r"/work-items/[0-9a-f-]+"))
    assert "looked after no longer" in page

    answer = officer.send(task, {"approved": "true"})

    assert f"Recorded for {council.ref}" in officer.follow(answer).text
