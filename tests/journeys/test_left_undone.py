"""What is told when people leave something undone, and what is asked of them until they do it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.council import REVIEW, Council
from tests.journeys.test_dudley_work import RECONSIDERED
from tests.journeys.test_nobody_does_anything import REVISED, sent_back, told

SCHOOL = {"text": "Ask the school", "owner": "Team Manager", "due": "2026-03-20"}
HEALTH = {"type": "Health", "due_date": "2026-03-20"}
DISSENT = {"dissent_on": "2026-03-09", "dissent_person": "Mother", "dissent_view": "Home"}


def opened(council: Council) -> None:
    council.open_case()


def opened_in_2021(council: Council) -> None:
    council.open_case("D-2021")


def met_in_2021(council: Council) -> None:
    opened_in_2021(council)
    council.meeting("2026-03-09")


def met(**answers: Any) -> Callable[[Council], None]:
    """Return what opens a case and holds its first meeting the same day."""

    def before(council: Council) -> None:
        council.open_case()
        council.meeting("2026-03-09", **answers)

    return before


def reported(message: str, **payload: Any) -> Callable[[Council], None]:
    """Return what opens a case and reports something the same day."""

    def before(council: Council) -> None:
        council.open_case()
        council.send(message, **payload)

    return before


def review_booked(council: Council) -> None:
    council.open_case()
    council.complete("iro", "book_review", {"review_date": "2026-03-20"})


def revised(council: Council) -> None:
    sent_back(council)
    council.go("2026-04-02")
    council.complete("social_worker", "revise_care_plan", REVISED)


def agreed(council: Council) -> None:
    met()(council)
    council.review("2026-03-20")


def updated(council: Council) -> None:
    agreed(council)
    council.follow_up("2026-03-20")


def prepared(council: Council) -> None:
    agreed(council)
    given = {"consent": True, "financial_assessment": False}
    council.complete("social_worker", "prepare_panel", given)


WORKERS = frozenset({"social_worker", "team_manager"})
DELAYED = reported("delay_flagged", flagged_on="2026-03-09", reason="No match")


@dataclass(frozen=True)
class Duty:
    """What is to be done, what makes it due, the first day it is late, who is told by which row."""

    label: str
    before: Callable[[Council], None]
    late_on: str
    told: frozenset[str]
    row: str = "any_other"

    def left_undone(self, council: Council) -> None:
        """Make it due and let its day pass: those whom the row names are told, and nobody else."""
        self.before(council)

        council.go(self.late_on)

        heard = {
            each["role"]
            for event in council.history()
            for each in event["notices"]
            if each["text"].startswith(f"{self.label}: not done by the last date, ")
        }
        assert heard == self.told


DUTIES = (
    Duty("Draft care plan", opened, "2026-03-24", WORKERS),
    Duty(
        "Permanence Planning Meeting",
        opened,
        "2026-03-24",
        WORKERS | {"service_manager"},
        "ppm_agreed",
    ),
    Duty(
        "First Permanence Planning Meeting, missed before",
        opened,
        "2026-04-01",
        WORKERS | {"service_manager", "iro"},
        "first_ppm",
    ),
    Duty(
        "Permanence Planning Meeting",
        met(),
        "2026-04-21",
        WORKERS | {"service_manager"},
        "ppm_agreed",
    ),
    Duty(
        "Permanence Planning Meeting",
        opened_in_2021,
        "2026-04-21",
        WORKERS | {"service_manager"},
        "ppm_agreed",
    ),
    Duty(
        "Permanence Planning Meeting",
        met_in_2021,
        "2026-04-21",
        WORKERS | {"service_manager"},
        "ppm_agreed",
    ),
    Duty("Care plan update", met(), "2026-03-17", WORKERS, "care_plan"),
    Duty(
        "Child in care review", opened, "2026-04-09", WORKERS | {"iro", "service_manager"}, "review"
    ),
    Duty("Pre-meeting report", review_booked, "2026-03-20", WORKERS),
    Duty("Revision of the care plan", sent_back, "2026-04-09", WORKERS),
    Duty(
        "IRO's answer to the revised care plan",
        revised,
        "2026-04-14",
        frozenset({"iro", "team_manager"}),
        "revision_answer",
    ),
    Duty(
        "Plan ratified by the second review",
        sent_back,
        "2026-07-01",
        WORKERS | {"iro", "service_manager"},
        "plan_by_second_review",
    ),
    Duty(
        "Cultural genogram brought up to date",
        met(genogram_current=False),
        "2026-04-18",
        WORKERS,
        "genogram",
    ),
    Duty("Assessment", met(assessments=[HEALTH]), "2026-03-21", WORKERS, "assessment"),
    Duty("Agreed action", met(actions=[SCHOOL]), "2026-03-21", WORKERS, "action"),
    Duty(
        "Target date of the plan",
        met(plan_target_date="2026-03-20"),
        "2026-03-21",
        WORKERS,
        "plan_target",
    ),
    Duty(
        "Reconsidering the delayed plan",
        DELAYED,
        "2026-03-24",
        frozenset({"iro", "service_manager"}),
        "reconsideration",
    ),
    Duty(
        "Meeting about the delay",
        DELAYED,
        "2026-03-24",
        frozenset({"service_manager", "team_manager"}),
        "drift_meeting",
    ),
    Duty(
        "Panel's answer to a dissenting view",
        reported("dissent_recorded", **DISSENT),
        "2026-03-24",
        frozenset({"aepp_chair", "team_manager"}),
        "dissent_at_panel",
    ),
    Duty(
        "IRO's answer to a dissenting view",
        reported("dissent_recorded", **DISSENT),
        "2026-03-24",
        frozenset({"iro", "team_manager"}),
        "dissent_at_iro",
    ),
    Duty(
        "Answer whether an earlier review is required",
        updated,
        "2026-03-28",
        frozenset({"iro", "team_manager"}),
        "earlier_review",
    ),
    Duty(
        "Achieving Early Permanence Panel",
        opened,
        "2026-04-10",
        frozenset({"aepp_chair", "service_manager"}),
        "sitting_of_panel",
    ),
    Duty("Papers for the panel", agreed, "2026-03-28", WORKERS),
    Duty("Panel's outcome", prepared, "2026-04-08", WORKERS | {"panel_administrator"}, "panel"),
)


class TestWhatIsLeftUndone:
    @pytest.mark.parametrize(
        "duty", DUTIES, ids=[f"{each.label}, {each.before.__name__}" for each in DUTIES]
    )
    def test_is_told_to_those_concerned(self, council, duty):
        duty.left_undone(council)


class TestTheClock:
    """D-25, D-26, D-27."""

    def test_needs_its_day_and_its_cause(self, council):
        with pytest.raises(AssertionError) as refusal:
            council.open_case(cause=None, event_date=None)

        assert {"cause", "event_date"} <= set(_fields(refusal))

    def test_wants_the_legal_status_of_a_child_already_in_care(self, council):
        with pytest.raises(AssertionError) as refusal:
            council.open_case(cause="already_in_care", legal_status="none")

        assert _fields(refusal) == ["legal_status"]

    @pytest.mark.parametrize("cause", ["pre_birth", "younger_sibling", "pre_proceedings"])
    def test_starts_for_each_child_who_is_not_in_care(self, council, cause):
        council.open_case(cause=cause, legal_status="none")

        assert council.limit("ppm") == "2026-03-23"
        assert council.deadlines("cic_review") == []
        assert council.work("draft_care_plan") != []


class TestThePlan:
    """D-56, D-68."""

    def test_reached_under_the_terms_of_2021_ends_the_meetings(self, council):
        council.open_case("D-2021")
        council.meeting("2026-03-09")
        assert council.limit("ppm") == "2026-04-20"

        council.review("2026-03-30", permanence_confirmed=True)

        assert council.deadlines("ppm") == []
        assert council.work("arrange_ppm") == []


class TestAChange:
    """D-38, D-49, D-52."""

    def late(self, council: Council, day: str) -> set[str]:
        council.go(day)
        assert council.told_late("Permanence Planning Meeting") != []
        return told(council)

    def test_left_alone_is_told(self, council):
        met()(council)
        council.send("significant_change", changed_on="2026-03-09", what="Placement ended")

        assert WORKERS | {"service_manager"} <= self.late(council, "2026-03-24")

    def test_of_the_law_and_left_alone_is_told(self, council):
        met()(council)
        council.go("2026-03-11")
        council.send("plo_entry", entry_date="2026-03-11")

        assert WORKERS | {"service_manager"} <= self.late(council, "2026-03-26")

    def test_found_at_a_review_and_left_alone_is_told(self, council):
        met()(council)
        council.review("2026-03-20", permanence_confirmed=True)
        council.review("2026-06-05", permanence_confirmed=True, plan_changed=True, updated=True)

        assert WORKERS | {"service_manager"} <= self.late(council, "2026-06-20")


class TestAnEarlierReview:
    """D-41, D-74, D-75."""

    def test_not_required_needs_a_reason_and_moves_nothing(self, council):
        met()(council)
        council.review("2026-03-20")
        council.follow_up("2026-03-20")
        limit = council.limit("cic_review")
        no = {"bring_forward": False}

        refused = council.complete("iro", "consider_earlier_review", no, status=422)
        council.complete("iro", "consider_earlier_review", {**no, "reason": "Early enough"})

        assert list(refused["fields"]) == ["reason"]
        assert council.limit("cic_review") == limit
        assert council.work("consider_earlier_review") == []

    def test_convened_for_a_delay_and_not_held_is_told(self, council):
        DELAYED(council)
        early = {**RECONSIDERED, "early_review_date": "2026-03-20"}
        council.complete("iro", "reconsider_plan", early)
        assert council.limit("cic_review") == "2026-03-20"

        council.go("2026-03-21")

        assert council.told_late("Child in care review") == ["2026-03-20"]
        assert "iro" in told(council)

    def test_is_not_convened_without_saying_whether_the_plan_is_right(self, council):
        DELAYED(council)
        said = {**RECONSIDERED, "early_review_date": "2026-03-20"}
        del said["right_plan"]

        refused = council.complete("iro", "reconsider_plan", said, status=422)

        assert list(refused["fields"]) == ["right_plan"]

    def test_the_service_manager_says_what_was_discussed(self, council):
        DELAYED(council)
        council.meeting("2026-03-09")
        held = {"ppm_date": "2026-03-09"}

        refused = council.complete("service_manager", "hold_drift_ppm", held, status=422)
        found = {**held, "drift_or_family_finding": "family_finding"}
        council.complete("service_manager", "hold_drift_ppm", found)

        assert list(refused["fields"]) == ["drift_or_family_finding"]
        assert council.work("hold_drift_ppm") == []


class TestAReviewAfterTheFirst:
    """D-46."""

    def test_says_what_progress_was_made(self, council):
        met()(council)
        council.review("2026-03-20", progress=None)
        council.go("2026-06-05")
        held = {**REVIEW, "held_date": "2026-06-05", "next_review_date": "2026-09-01"}
        said = {key: value for key, value in held.items() if key != "progress"}

        refused = council.complete("iro", "conduct_review", said, status=422)

        assert list(refused["fields"]) == ["progress"]


class TestTheDecisionMaker:
    """D-71."""

    def test_who_declines_reconvenes_the_meeting(self, council):
        agreed(council)
        given = {"consent": False, "financial_assessment": False}
        council.complete("social_worker", "prepare_panel", given)

        declined = {"date": "2026-03-20", "outcome": "declined"}
        council.complete("adm", "record_adm_decision", declined)

        assert council.limit("ppm") == "2026-04-07"
        assert "iro" in told(council)
        assert council.case()["facts"]["adm_signed_on"] == "2026-03-20"


def _fields(refusal: pytest.ExceptionInfo[AssertionError]) -> list[str]:
    """Return the fields for which the API refused what was sent."""
    body = str(refusal.value).partition(" 422 ")[2]
    return sorted(json.loads(body)["fields"])
