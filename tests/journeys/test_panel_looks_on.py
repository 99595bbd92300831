"""Y9, Y10, Y18: the Achieving Early Permanence Panel looks at every child, reads and escalates.

People do nothing, answer no, answer late; over HTTP on both databases.
"""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.packs.version import Definition
from engine.storage import database
from tests.builders.visitor import Visitor
from tests.builders.world import START, actor, pack_files
from tests.journeys.council import Council
from tests.journeys.test_between_cases import look
from tests.journeys.test_panels import considered
from tests.journeys.test_tracker import row
from tests.publishing import unchecked
from workflows.permanence.domain import DOMAIN

UNBORN: dict[str, Any] = {
    "cause": "pre_birth",
    "legal_status": "none",
    "dob": None,
    "edd": "2026-08-01",
}
NO_MEETING = "No Permanence Planning Meeting was held for this child yet."
WHY = {"no_meeting_reason": "Not yet born; the meeting is booked for May"}


def told(council: Council, of: str) -> list[tuple[str, str]]:
    """Return role and day of each notice that begins so."""
    return sorted(
        (notice["role"], event["at"][:10])
        for event in council.history()
        for notice in event["notices"]
        if notice["text"].startswith(of)
    )


class TestY9AChildWithoutAnyMeeting:
    """D-80: the panel monitors every child from the opening of the case."""

    @pytest.mark.parametrize("facts", [{}, UNBORN], ids=["in care", "not yet born"])
    def test_comes_to_the_panel_a_month_after_the_clock_started(self, council, facts):
        council.open_case(**facts)
        assert council.running("aepp_consideration") == 1
        assert council.limit("aepp_consideration") == "2026-04-09"
        council.go("2026-03-30")
        assert council.work("review_child_at_aepp") == []

        council.go("2026-03-31")

        [item] = council.work("review_child_at_aepp")
        assert (item["role"], item["limit_on"]) == ("aepp_chair", "2026-04-09")

    def test_is_shown_as_one_and_on_track_only_with_a_reason(self, council):
        council.open_case(**UNBORN)
        council.go("2026-03-31")
        [item] = council.work("review_child_at_aepp")
        chair = Visitor(council.app, "dudley.aepp_chair")
        assert NO_MEETING in chair.open(f"/work-items/{item['id']}").text

        refused = considered(council, "2026-03-31", status=422)

        assert list(refused["fields"]) == ["no_meeting_reason"]
        considered(council, "2026-03-31", **WHY)
        assert council.limit("aepp_consideration") == "2026-04-30"

    def test_is_asked_about_only_until_the_first_meeting(self, council):
        council.open_case()
        council.go("2026-03-31")
        council.meeting("2026-03-31")
        [item] = council.work("review_child_at_aepp")

        page = Visitor(council.app, "dudley.aepp_chair").open(f"/work-items/{item['id']}")

        assert NO_MEETING not in page.text
        considered(council, "2026-03-31")

    def test_that_the_panel_does_not_look_at_is_told_and_red(self, council):
        council.open_case(**UNBORN)

        council.go("2026-04-10")

        # At midnight in London, an hour earlier in UTC.
        assert told(council, "Achieving Early Permanence Panel: not done") == [
            ("aepp_chair", "2026-04-09"),
            ("service_manager", "2026-04-09"),
        ]
        assert len(council.work("review_child_at_aepp")) == 1
        assert row(council)["rag"] == "red"

    def test_looked_at_late_comes_again_a_month_after_that(self, council):
        council.open_case(**UNBORN)
        council.go("2026-04-20")

        considered(council, "2026-04-20", next_date="2026-06-30", **WHY)

        assert council.work("review_child_at_aepp") == []
        assert council.limit("aepp_consideration") == "2026-05-20"


ESCALATE = {"outcome": "escalate", "advice": "No family finder", "next_date": "2026-05-01"}
SAYS = "The Achieving Early Permanence Panel escalates a delay of the plan to"


def at_the_panel(council: Council) -> None:
    council.reader = "social_worker"
    council.open_case()
    council.meeting("2026-03-09")
    council.go("2026-04-01")


def panel_work(council: Council) -> list[dict[str, Any]]:
    path = "/work-items?name=consider_escalated_delay&role=pmp_chair"
    return list(council.call("GET", path, role="pmp_chair")["items"])


class TestY10WhatThePanelEscalates:
    """D-82: those it is escalated to are told, and have work."""

    def test_to_the_service_manager_is_their_task(self, council):
        at_the_panel(council)

        considered(council, "2026-04-01", **ESCALATE, escalate_to="service_manager")

        task = council.work("complete_action")[-1]
        # Good Friday and Easter Monday are left out.
        assert (task["assignee"], task["limit_on"]) == ("dudley.service_manager", "2026-04-17")
        assert task["title"] == "No family finder"
        said = f"{SAYS} Service Manager: No family finder"
        assert told(council, said) == [("service_manager", "2026-04-01")]
        assert len(council.work("reconsider_plan")) == 1

    def test_left_undone_is_told_and_amber(self, council):
        at_the_panel(council)
        by = {"escalate_to": "service_manager", "support_by": "2026-04-07"}
        considered(council, "2026-04-01", **ESCALATE, **by)

        council.go("2026-04-08")

        assert council.told_late("Agreed action")[-1] == "2026-04-07"
        assert row(council)["values"]["actions_late"] > 0

    def test_to_another_agency_is_written_and_watched_by_the_social_worker(self, council):
        at_the_panel(council)
        to = {"escalate_to": "agency", "support_what": "Offer a health assessment"}
        refused = considered(council, "2026-04-01", status=422, **ESCALATE, **to)
        assert list(refused["fields"]) == ["escalate_agency"]

        considered(council, "2026-04-01", **ESCALATE, **to, escalate_agency="Health Trust")

        task = council.work("complete_action")[-1]
        assert task["assignee"] == "dudley.social_worker"
        assert task["title"] == "Offer a health assessment (to be done by Health Trust)"
        said = f"{SAYS} Health Trust: No family finder. The social worker writes to them"
        assert {role for role, _ in told(council, said)} == {"social_worker", "team_manager"}

    def test_to_the_monitoring_panel_is_work_of_that_panel(self, council):
        panel = council.open_panel()["ref"]
        at_the_panel(council)
        council.call("GET", f"/cases/{council.ref}", role="pmp_chair", status=404)

        considered(council, "2026-04-01", **ESCALATE, escalate_to="monitoring_panel")

        [item] = panel_work(council)
        assert (item["case_ref"], item["limit_on"]) == (panel, "2026-04-17")
        assert item["title"] == f"Consider the delay escalated from {council.ref}"
        said = f"{SAYS} Permanence Monitoring Panel: No family finder"
        assert told(council, said) == [("pmp_chair", "2026-04-01")]
        child = council.call("GET", f"/cases/{council.ref}", role="pmp_chair")
        assert child["facts"]["aepp_advice"] == "No family finder"
        council.ref, council.reader = panel, "pmp_chair"
        assert "No family finder" not in str(council.history())
        answer = {"advice": "Adoption@heart is asked", "considered_on": "2026-04-01"}
        council.complete("pmp_chair", "consider_escalated_delay", answer)
        assert panel_work(council) == []

    def test_that_the_monitoring_panel_does_not_consider_is_told(self, council):
        panel = council.open_panel()["ref"]
        at_the_panel(council)
        considered(council, "2026-04-01", **ESCALATE, escalate_to="monitoring_panel")

        council.go("2026-04-18")

        council.ref, council.reader = panel, "pmp_chair"
        of = "The Permanence Monitoring Panel has not considered an escalated delay"
        assert {role for role, _ in told(council, of)} == {"pmp_chair", "service_manager"}
        assert len(panel_work(council)) == 1
        answer = {"advice": "Late", "considered_on": "2026-04-18"}
        council.complete("pmp_chair", "consider_escalated_delay", answer)

    def test_to_a_panel_of_an_older_version_is_not_lost(self, council):
        files = {name: data for name, data in pack_files().items() if "escalated_delay" not in name}
        publish(council, files)
        council.open_panel()
        publish(council, pack_files())
        at_the_panel(council)

        considered(council, "2026-04-01", **ESCALATE, escalate_to="monitoring_panel")

        assert panel_work(council) == []
        [(_, problem)] = look(council).problems
        assert "The message delay_escalated to the monitoring_panel" in problem
        assert problem.endswith("is not taken; tried so far: 1 (StepFailed).")


def publish(council: Council, files: dict[str, bytes]) -> None:
    with database.transaction(council.engine) as connection:
        owner = Context(connection, actor("process_owner", None), START, DOMAIN)
        unchecked(owner, Definition(files), reason="Another version")


class TestY18TheMinutes:
    """D-70, D-80: told of them, the panel's chair opens the case and reads them."""

    def test_are_read_from_the_day_they_are_told(self, council):
        council.open_case()
        path = f"/cases/{council.ref}"
        council.call("GET", path, role="aepp_chair", status=404)

        council.meeting("2026-03-09", decision="Adoption first")

        assert told(council, "The minutes of a Permanence Planning Meeting") == [
            ("aepp_chair", "2026-03-09")
        ]
        council.call("GET", path, role="aepp_chair")
        chair = Visitor(council.app, "dudley.aepp_chair")
        listed = chair.open("/your-cases").text
        assert "The minutes of a Permanence Planning Meeting are ready for the panel" in listed
        assert "Until Thursday 9 April 2026" in listed
        page = chair.open(path).text
        [minutes] = [
            each["sequence"]
            for each in council.history()
            if (each["work_item"] or {}).get("name") == "chair_ppm"
        ]
        paper = f"/cases/{council.ref}/recorded/{minutes}/paper"
        assert paper in page
        assert "Adoption first" in chair.open(paper).text

    def test_are_read_for_a_month(self, council):
        council.open_case()
        council.go("2026-03-20")
        council.meeting("2026-03-20")
        council.go("2026-03-31")
        considered(council, "2026-03-31", next_date="2026-06-01")
        path = f"/cases/{council.ref}"

        council.go("2026-04-20")
        council.call("GET", path, role="aepp_chair")
        council.go("2026-04-21")

        council.call("GET", path, role="aepp_chair", status=404)

    def test_are_read_and_not_answered(self, council):
        council.open_case()
        council.meeting("2026-03-09")
        [task] = council.work("book_review")
        path = f"/cases/{council.ref}"
        change = {
            "name": "significant_change",
            "payload": {"changed_on": "2026-03-09", "what": "x"},
        }
        correction = {"fact": "dob", "value": "2020-01-02", "reason": "x"}

        for method, address, body in (
            ("POST", f"{path}/messages", change),
            ("POST", f"{path}/corrections", correction),
            ("POST", f"{path}/comments", {"text": "x"}),
            ("POST", f"/work-items/{task['id']}/completion", {"answers": {}}),
        ):
            council.call(method, address, role="aepp_chair", json=body, status=403)
        page = Visitor(council.app, "dudley.aepp_chair").open(path).text
        assert "Add a comment" not in page
        assert "Report or correct" not in page
