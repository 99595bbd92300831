"""Y19, and what was answered no: records that are work, a measure, or somebody told.

People do nothing, answer no, answer late; over HTTP on both databases.
"""

from __future__ import annotations

from typing import Any

from tests.builders.world import CHAIR
from tests.journeys.council import Council
from tests.journeys.test_actions import SCHOOL, arrange, opened
from tests.journeys.test_tracker import row

FAMILY = [
    {"person": "Aunt May", "standing": "not_explored"},
    {"person": "Uncle Ben", "standing": "support"},
]
EXPLORE = "Explore Aunt May for support or alternative care"


def tasks(council: Council) -> dict[str, dict[str, Any]]:
    """Return the open actions by title."""
    return {each["title"]: each for each in council.work("complete_action")}


class TestY19FamilyNotYetExplored:
    """D-19: all friends and family have been explored."""

    def test_is_the_social_workers_task_by_the_next_meeting(self, council):
        council.open_case()

        council.meeting("2026-03-09", network=FAMILY, next_ppm_date="2026-04-13")

        found = tasks(council)[EXPLORE]
        assert (found["assignee"], found["limit_on"]) == ("dudley.social_worker", "2026-04-13")
        assert not any("Uncle Ben" in title for title in tasks(council))

    def test_left_undone_is_told_and_amber_and_listed_at_the_next_meeting(self, council):
        council.open_case()
        later = {**SCHOOL, "due": "2026-05-01"}
        council.meeting("2026-03-09", network=FAMILY, actions=[later], next_ppm_date="2026-03-30")
        council.follow_up("2026-03-09")

        council.go("2026-03-31")

        assert council.told_late("Agreed action") == ["2026-03-30"]
        found = row(council)
        assert (found["rag"], found["values"]["actions_late"]) == ("amber", 1)
        arrange(council, "2026-04-10")
        values = opened(council, "chair_ppm")
        assert EXPLORE in [each["text"] for each in values["actions"]]
        assert EXPLORE in [each["what"] for each in values["slippage"]]

    def test_still_not_explored_at_the_next_meeting_stays_one_task(self, council):
        council.open_case()
        council.meeting("2026-03-09", network=FAMILY, next_ppm_date="2026-04-13")
        council.go("2026-04-13")
        arrange(council, "2026-04-13")
        kept = [
            {**each, "due": "2026-05-04"}
            for each in opened(council, "chair_ppm")["actions"]
            if each["text"] == EXPLORE
        ]

        council.meeting("2026-04-13", network=FAMILY, actions=kept, next_ppm_date="2026-05-20")

        [found] = council.work("complete_action")
        assert (found["title"], found["limit_on"]) == (EXPLORE, "2026-05-04")

    def test_taken_out_but_not_explored_is_asked_for_again(self, council):
        council.open_case()
        council.meeting("2026-03-09", network=FAMILY, next_ppm_date="2026-04-13")
        council.go("2026-04-13")

        council.meeting("2026-04-13", network=FAMILY, actions=[SCHOOL], next_ppm_date="2026-05-20")

        assert {title: each["limit_on"] for title, each in tasks(council).items()} == {
            EXPLORE: "2026-05-20",
            SCHOOL["text"]: SCHOOL["due"],
        }

    def test_explored_is_work_no_more(self, council):
        council.open_case()
        council.meeting("2026-03-09", network=FAMILY)
        council.complete("social_worker", "complete_action", {"standing": "done"}, title="May")
        explored = [{**FAMILY[0], "standing": "neither"}]
        council.go("2026-04-13")

        council.meeting("2026-04-13", network=explored, actions=[SCHOOL])

        assert list(tasks(council)) == [SCHOOL["text"]]


PLANNED = {
    "profile_on": "2026-03-30",
    "introductions_on": "2026-04-20",
    "transition_on": "2026-05-11",
}


class TestY19ProfileIntroductionsAndMove:
    """D-64: to plan profiles, introductions and transitions to permanence."""

    def test_are_tasks_on_the_days_that_are_planned(self, council):
        council.open_case()

        council.meeting("2026-03-09", actions=[SCHOOL], **PLANNED)

        work = {
            title: (each["assignee"], each["limit_on"]) for title, each in tasks(council).items()
        }
        worker = "dudley.social_worker"
        assert work == {
            SCHOOL["text"]: ("dudley.iro", SCHOOL["due"]),
            "Profile of the child ready": (worker, "2026-03-30"),
            "Introductions begin": (worker, "2026-04-20"),
            "Move to the permanent home": (worker, "2026-05-11"),
        }

    def test_that_pass_are_told_and_amber(self, council):
        council.open_case()
        council.meeting("2026-03-09", actions=[SCHOOL], **PLANNED)
        council.follow_up("2026-03-09")

        council.go("2026-03-31")

        assert council.told_late("Agreed action") == ["2026-03-30"]
        assert row(council)["rag"] == "amber"

    def test_are_moved_among_the_actions_and_not_planned_twice(self, council):
        council.open_case()
        council.meeting("2026-03-09", actions=[SCHOOL], **PLANNED)
        council.go("2026-04-13")
        arrange(council, "2026-04-13")
        values = opened(council, "chair_ppm")
        assert PLANNED.keys().isdisjoint(values)
        later = [
            {**each, "due": "2026-05-04"}
            for each in values["actions"]
            if each["text"] == "Introductions begin"
        ]

        council.meeting("2026-04-13", actions=later)

        [found] = council.work("complete_action")
        assert (found["title"], found["limit_on"]) == ("Introductions begin", "2026-05-04")

    def test_planned_again_while_they_are_open_are_refused(self, council):
        council.open_case()
        council.meeting("2026-03-09", actions=[SCHOOL], **PLANNED)
        council.go("2026-04-13")
        arrange(council, "2026-04-13")

        answers = {**CHAIR, "held_date": "2026-04-13", "next_ppm_date": "2026-05-20"}
        again = {**answers, "introductions_on": "2026-05-11"}
        refused = council.complete("team_manager", "chair_ppm", again, status=422)

        assert list(refused["fields"]) == ["introductions_on"]
        assert refused["fields"]["introductions_on"].startswith("This is planned already")


class TestY19TheFamilyInvolved:
    """D-93: we can be better at involving families earlier."""

    def test_is_measured_and_whoever_is_not_is_named(self, council):
        council.open_case()
        council.go("2026-03-16")
        council.meeting("2026-03-16")
        assert measured(council)["listed"] == [council.ref]

        council.go("2026-04-20")
        council.meeting("2026-04-20", family_involved_on="2026-03-12")

        found = measured(council)
        assert (found["among"], found["median"], found["listed"]) == (1, 3, [])


def measured(council: Council) -> dict[str, Any]:
    found = council.call("GET", "/tracker", role="team_manager")["kpis"]
    [measure] = [each for each in found if each["name"] == "family_involved"]
    return dict(measure)


class TestTheIroIsNotified:
    """D-40, D-41: notified by the update itself, and answering has a day."""

    def updated(self, council: Council) -> None:
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        council.review("2026-03-30")
        council.go("2026-04-02")
        council.follow_up("2026-04-02")

    def test_when_the_care_plan_is_updated(self, council):
        self.updated(council)

        [notice] = council.history()[-1]["notices"]
        assert notice["person"] == "dudley.iro"
        assert notice["text"].startswith("The care plan was updated on 2 April 2026")
        [asked] = council.work("consider_earlier_review")
        # Good Friday and Easter Monday are left out.
        assert asked["limit_on"] == "2026-04-13"

    def test_before_the_initial_review_too_with_nothing_to_answer(self, council):
        council.open_case()
        council.meeting("2026-03-09")

        council.follow_up("2026-03-09")

        assert {each["role"] for each in council.history()[-1]["notices"]} == {"iro"}
        assert council.deadlines("earlier_review") == []

    def test_and_told_when_they_do_not_answer(self, council):
        self.updated(council)

        council.go("2026-04-14")

        label = "Answer whether an earlier review is required"
        assert council.told_late(label) == ["2026-04-13"]
        assert len(council.work("consider_earlier_review")) == 1
        no = {"bring_forward": False, "reason": "The plan is on its way"}
        council.complete("iro", "consider_earlier_review", no)
        [kept] = council.deadlines("earlier_review", all=True)
        assert kept["status"] == "late"

    def test_again_before_the_answer_leaves_the_first_day(self, council):
        self.updated(council)
        council.send("significant_change", changed_on="2026-04-02", what="Placement ended")
        council.go("2026-04-07")
        council.meeting("2026-04-07")

        council.follow_up("2026-04-07")

        assert council.limit("earlier_review") == "2026-04-13"
