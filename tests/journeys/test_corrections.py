"""Corrections of one piece of work, and of dates that turn out not to have been missed."""

from __future__ import annotations

from typing import Any

from tests.builders.visitor import Visitor, date_fields
from tests.builders.world import ARRANGE, CHAIR
from tests.journeys.council import Council

AUNT: dict[str, Any] = {
    "type": "Special guardianship",
    "subject": "Ant Jo",
    "assessor": "Worker",
    "review_date": "2026-03-16",
    "due_date": "2026-03-30",
}
UNCLE = {**AUNT, "subject": "Uncle Ed", "due_date": "2026-04-10"}


def pieces(council: Council, process: str) -> dict[str, str]:
    """Return the subject of each running instance of a process, with its id."""
    running = [each for each in council.case()["instances"] if each["process"] == process]
    return {str(each["facts"].get("assessment_subject")): each["id"] for each in running}


def correct(council: Council, fact: str, value: str, *, status: int = 200, **more: Any) -> Any:
    body = {"fact": fact, "value": value, "reason": "Misheard", **more}
    return council.call("POST", f"/cases/{council.ref}/corrections", json=body, status=status)


def missed(council: Council) -> list[str]:
    """Return the LIMITs of the dates that somebody is to explain."""
    asked = [each for each in council.case()["instances"] if each["process"] == "breach"]
    return sorted(each["facts"]["missed_limit_on"] for each in asked)


def due(council: Council) -> list[str]:
    return sorted(each["limit_on"] for each in council.deadlines("assessment"))


class TestOneOfSeveral:
    """Two assessments are open; what is wrong with one is put right there alone."""

    def test_its_date_moves_and_the_other_stays(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[AUNT, UNCLE])
        aunt = pieces(council, "assessment")["Ant Jo"]

        correct(council, "assessment_due_on", "2026-04-02", work=aunt)

        assert due(council) == ["2026-04-02", "2026-04-10"]
        [was] = [
            each
            for each in council.deadlines("assessment", all=True)
            if each["limit_on"] == "2026-03-30"
        ]
        assert was["status"] == "superseded"
        items = {each["limit_on"] for each in council.work("complete_assessment")}
        assert items == {"2026-04-02", "2026-04-10"}

    def test_a_name_put_right_is_the_same_work_at_the_next_meeting(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[AUNT])
        aunt = pieces(council, "assessment")["Ant Jo"]

        correct(council, "assessment_subject", "Aunt Jo", work=aunt)
        council.go("2026-04-01")
        council.meeting(
            "2026-04-01", assessments=[{**AUNT, "subject": "Aunt Jo", "due_date": "2026-04-17"}]
        )

        assert pieces(council, "assessment") == {"Aunt Jo": aunt}
        assert due(council) == ["2026-04-17"]

    def test_says_which(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[AUNT])
        aunt = pieces(council, "assessment")["Ant Jo"]

        refused = correct(council, "assessment_due_on", "2026-04-02", status=422)
        assert "Say which open piece of work" in refused["fields"]["work"]
        correct(council, "assessment_due_on", "2026-04-02", work="aunt", status=422)
        correct(council, "flagged_on", "2026-03-02", work=aunt, status=422)
        correct(council, "edd", "2026-03-02", work=aunt, status=422)

    def test_the_page_offers_each_by_name(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", assessments=[AUNT, UNCLE])
        aunt = pieces(council, "assessment")["Ant Jo"]
        worker = Visitor(council.app, "dudley.social_worker")
        address = f"/cases/{council.ref}/corrections"
        page = worker.open(address)
        assert "Ant Jo" in page.text
        assert "Uncle Ed" in page.text

        page = worker.open(f"{address}?fact=assessment_due_on&work={aunt}")
        assert "Ant Jo" in page.text
        fields = {"fact": "assessment_due_on", "work": aunt, "reason": "Misheard"}
        again = worker.send(address, {**fields, **date_fields("value", "2026-13-01")}, status=422)
        assert "real date" in again.text
        worker.send(address, {**fields, **date_fields("value", "2026-04-02")})

        assert due(council) == ["2026-04-02", "2026-04-10"]


class TestNotMissedAfterAll:
    """A correction shows that a date was not missed: nobody has to say why."""

    def test_the_explanation_is_withdrawn_with_its_reason(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        [asked] = council.work("explain_breach")

        council.correct("came_into_care_on", "2026-03-11", "The form said 11 March")

        assert council.work("explain_breach") == []
        manager = Visitor(council.app, "dudley.team_manager")
        page = manager.open(f"/work-items/{asked['id']}").text
        assert "because “Came into care” was corrected: The form said 11 March" in page

    def test_missed_again_it_is_asked_for_again(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        council.correct("came_into_care_on", "2026-03-11", "The form said 11 March")

        council.go("2026-03-26")

        assert missed(council) == ["2026-03-25"]
        council.complete("team_manager", "explain_breach", {"reason": "The room was taken"})
        assert council.running("breach") == 0

    def test_held_in_time_then_nothing_is_left_of_it(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        council.correct("came_into_care_on", "2026-03-11", "The form said 11 March")

        council.meeting("2026-03-24")

        assert council.running("breach") == 0
        council.go("2026-05-06")
        assert missed(council).count("2026-05-05") == 1

    def test_still_missed_it_stays(self, council: Council):
        council.open_case()
        council.go("2026-03-26")

        council.correct("came_into_care_on", "2026-03-11", "The form said 11 March")

        assert len(council.work("explain_breach")) == 1

    def test_what_was_met_late_is_explained_whatever_moves_next(self, council: Council):
        council.open_case()
        council.go("2026-03-24")
        council.meeting("2026-03-24")
        council.go("2026-05-06")
        assert {"2026-03-23", "2026-05-05"} <= set(missed(council))

        council.correct("last_ppm_held_on", "2026-03-25", "It was the Wednesday")

        assert "2026-03-23" in missed(council)
        assert "2026-05-05" not in missed(council)
        council.go("2026-05-07")
        assert {"2026-03-23", "2026-05-06"} <= set(missed(council))

    def test_a_review_put_off_after_its_meeting_was_missed_excuses_nobody(self, council: Council):
        council.open_case()
        council.complete("iro", "book_review", {"review_date": "2026-03-19"})
        council.go("2026-03-19")
        assert len(missed(council)) == 1

        council.complete("iro", "book_review", {"review_date": "2026-03-27"})

        assert len(missed(council)) == 1

    def test_of_one_piece_of_work(self, council: Council):
        council.open_case()
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")
        council.go("2026-03-24")
        assert council.told_late("Meeting about the delay") == ["2026-03-23"]
        drift = next(
            each["id"] for each in council.case()["instances"] if each["process"] == "drift"
        )

        correct(council, "flagged_on", "2026-03-12", work=drift)

        assert council.limit("drift_ppm") == "2026-03-26"
        council.go("2026-03-27")
        assert council.told_late("Meeting about the delay") == ["2026-03-23", "2026-03-26"]

    def test_a_dissent_left_unanswered_is_told_with_its_own_date(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", dissent=[{"person": "Aunt Jo", "view": "It is too soon"}])
        council.go("2026-03-24")

        assert council.told_late().count("2026-03-23") == 2


class TestR4:
    """Why a date ended is the condition that stopped holding, not whatever was recorded with it."""

    def test_confirmed_permanence_is_why_the_meetings_stop(self, council: Council):
        council.open_case()
        done = {"permanence_achieved_date": "2026-03-09", "permanence_achieved_basis": "Home"}
        council.meeting("2026-03-09", permanence_achieved=True, **done)
        council.follow_up("2026-03-09")

        council.review("2026-04-01", permanence_confirmed=True)

        [ended] = [
            each for each in council.deadlines("ppm", all=True) if each["status"] == "cancelled"
        ]
        label = "IRO confirmed that permanence is achieved"
        assert ended["reason"] == f"No longer applies: “{label}” was recorded."

    def test_a_row_that_gives_way_to_another_says_to_what(self, council: Council):
        council.open_case()
        council.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": "2026-03-09"})
        council.complete(
            "team_manager",
            "chair_ppm",
            {**CHAIR, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"},
        )

        reasons = {each["reason"] for each in council.deadlines("draft_care_plan", all=True)}
        assert not any("table of timescales" in reason for reason in reasons), reasons
