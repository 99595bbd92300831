"""The Permanence Monitoring Panel is a case of its own: it sits, asks, and waits for answers."""

from __future__ import annotations

import re
from typing import Any

from tests.builders.visitor import Visitor
from tests.builders.world import CASE
from tests.journeys.council import Council

RECORD: dict[str, Any] = {
    "held_date": "2026-06-08",
    "themes": "Matching takes long",
    "learning": "Start family finding sooner",
    "achievements": "Twelve children settled",
    "gaps": "Therapeutic support",
}
ASKED = {"agency": "Health", "delay": "Medicals take four months"}
LEADER = {"leader": "Director", "service": "Therapeutic support", "due": "2026-07-01"}


def sat(council: Council, *, status: int = 200, **answers: Any) -> Any:
    """Open the panel, and record its first sitting on Monday 8 June 2026."""
    council.open_panel()
    council.go("2026-06-08")
    return council.complete(
        "pmp_chair", "record_monitoring_panel", {**RECORD, **answers}, status=status
    )


def told(council: Council) -> list[str]:
    """Return the roles that the newest event told."""
    return sorted(each["role"] for each in council.history()[-1]["notices"])


class TestMonitoringPanel:
    def test_is_due_three_months_after_the_last(self, council: Council):
        council.open_panel()
        [row] = council.deadlines("monitoring_panel")
        assert (row["limit_on"], row["assumption"]) == ("2026-06-09", True)
        council.go("2026-05-10")
        assert council.case()["work_items"] == []
        council.go("2026-05-11")
        [item] = council.work("record_monitoring_panel")
        assert (item["role"], item["limit_on"]) == ("pmp_chair", "2026-06-09")

        council.go("2026-06-04")
        council.complete(
            "pmp_chair", "record_monitoring_panel", {**RECORD, "held_date": "2026-06-03"}
        )

        assert council.limit("monitoring_panel") == "2026-09-03"
        assert council.case()["work_items"] == []

    def test_its_people_are_told_when_it_does_not_sit(self, council: Council):
        council.open_panel()
        council.go("2026-06-09", "22:59")
        assert council.running("monitoring_panel") == 1
        assert "panel_overdue" not in str(council.history()[-1])

        council.go("2026-06-09", "23:00")

        assert told(council) == ["pmp_chair", "service_manager"]
        assert len(council.work("record_monitoring_panel")) == 1

    def test_says_what_it_found(self, council: Council):
        asked = ("themes", "learning", "achievements", "gaps")

        refused = sat(council, status=422, **dict.fromkeys(asked, ""))

        assert sorted(refused["fields"]) == sorted(asked)

    def test_agencies_are_held_to_account(self, council: Council):
        rows = [
            {**ASKED, "account_requested": "When will it be eight weeks?"},
            {"agency": "Courts", "delay": "Hearings move", "response": "New lists in June"},
        ]
        sat(council, held_to_account=rows)
        [item] = council.work("record_agency_answer")
        assert item["title"] == "Record the answer of Health"
        assert (item["role"], item["limit_on"]) == ("pmp_chair", "2026-06-22")
        council.go("2026-06-23")
        assert told(council) == ["pmp_chair", "service_manager"]

        answer = {"response": "From July", "answered_on": "2026-06-23"}
        council.complete("pmp_chair", "record_agency_answer", answer)

        assert council.case()["work_items"] == []
        [row] = council.deadlines("agency_account", all=True)
        assert (row["status"], row["met_on"]) == ("late", "2026-06-23")

    def test_each_delay_of_an_agency_waits_for_its_own_answer(self, council: Council):
        sat(council, held_to_account=[ASKED, {**ASKED, "delay": "Reports are late"}])
        assert len(council.work("record_agency_answer")) == 2

        answer = {"response": "Mended", "answered_on": "2026-06-08"}
        council.complete("pmp_chair", "record_agency_answer", answer)

        assert len(council.work("record_agency_answer")) == 1
        assert council.limit("agency_account") == "2026-06-22"

    def test_an_agency_and_its_delay_are_both_named(self, council: Council):
        refused = sat(council, status=422, held_to_account=[{"account_requested": "When?"}])
        assert sorted(refused["fields"]) == [
            "held_to_account.0.agency",
            "held_to_account.0.delay",
        ]

    def test_senior_leaders_are_asked_to_intervene(self, council: Council):
        sat(council, leadership_interventions=[LEADER])
        [item] = council.work("record_leadership_intervention")
        assert item["title"] == "Record what Director did: Therapeutic support"
        assert item["limit_on"] == "2026-07-01"
        council.go("2026-07-02")
        assert told(council) == ["pmp_chair", "service_manager"]

        done = {"what": "Two posts agreed", "done_on": "2026-07-02"}
        council.complete("pmp_chair", "record_leadership_intervention", done)

        assert council.case()["work_items"] == []
        assert council.deadlines("leadership_intervention") == []

    def test_leader_service_and_day_are_all_named(self, council: Council):
        refused = sat(council, status=422, leadership_interventions=[{"leader": "Director"}])
        assert sorted(refused["fields"]) == [
            "leadership_interventions.0.due",
            "leadership_interventions.0.service",
        ]

    def test_ends_when_nobody_is_left_to_answer(self, council: Council):
        sat(council, held_to_account=[ASKED])
        council.go("2026-09-07")
        last = {**RECORD, "held_date": "2026-09-07", "last_panel": True}
        refused = council.complete("pmp_chair", "record_monitoring_panel", last, status=422)
        assert list(refused["fields"]) == ["last_panel"]
        answer = {"response": "From July", "answered_on": "2026-07-01"}
        council.complete("pmp_chair", "record_agency_answer", answer)

        case = council.complete("pmp_chair", "record_monitoring_panel", last)

        assert (case["status"], case["work_items"], case["deadlines"]) == ("closed", [], [])
        council.open_panel(panel_since_on="2026-09-07")


class TestItsCase:
    def test_is_opened_by_its_people_one_at_a_time(self, council: Council):
        council.open_panel(role="social_worker", status=403)
        case = council.open_panel(role="service_manager")
        assert (case["kind"], case["facts"]["panel_since_on"]) == (
            "monitoring_panel",
            "2026-03-09",
        )

        refused = council.open_panel(status=409)

        assert refused["detail"].startswith("Permanence Monitoring Panel is open already")
        council.call(
            "POST",
            "/cases",
            role="pmp_chair",
            json={"pack": "dudley", "facts": CASE},
            status=403,
        )
        body = {"pack": "dudley", "kind": "other", "facts": CASE}
        assert "kind" in council.call("POST", "/cases", json=body, status=422)["fields"]

    def test_is_seen_by_its_people_alone(self, council: Council):
        council.open_panel()
        path = f"/cases/{council.ref}"
        for role in ("pmp_chair", "service_manager", "auditor"):
            council.call("GET", path, role=role)
        for role in ("social_worker", "team_manager", "iro", "aepp_chair"):
            council.call("GET", path, role=role, status=404)

    def test_is_no_child(self, council: Council):
        council.open_panel()
        panel = council.ref
        seen = council.call("GET", "/tracker", role="service_manager")
        assert (seen["rows"], seen["kpis"]) == ([], [])
        manager = Visitor(council.app, "dudley.service_manager")
        assert manager.open("/your-cases").text.count(panel) == 2  # its link, and its reference
        assert "No open case names you" in manager.open("/your-cases").text
        found = manager.send("/search", {"term": "monitoring"}, status=200).text
        assert panel in found
        body = {
            "name": "care_entry",
            "payload": {"entry_date": "2026-03-09", "legal_status": "V2"},
        }
        council.call("POST", f"/cases/{panel}/messages", role="pmp_chair", json=body, status=409)

    def test_has_pages_of_its_own(self, council: Council):
        sat(council, held_to_account=[ASKED], leadership_interventions=[LEADER])
        chair = Visitor(council.app, "dudley.pmp_chair")
        newest = len(council.history())

        pages = [chair.open(f"/cases/{council.ref}").text]
        pages += [chair.open(f"/cases/{council.ref}/history/{newest}").text]
        pages += [chair.open(f"/cases/{council.ref}/recorded/{newest}").text]
        pages += [chair.open(f"/cases/{council.ref}/recorded/{newest}/paper").text]
        pages += [chair.open("/work?show=claim").text]
        pages += [chair.open(chair.links("/work-items/[^/?#]+")[0]).text]

        for page in pages:
            words = re.sub("<[^>]+>", " ", page)
            assert "Permanence Monitoring Panel" in words
            assert "Name not recorded" not in words
            assert "child\u2019s" not in words

    def test_is_opened_on_a_page(self, council: Council):
        chair = Visitor(council.app, "dudley.pmp_chair")
        chair.open("/cases/open", status=303)
        chair.open("/cases/open/dudley/monitoring_panel")
        page = chair.page.text if chair.page else ""
        case_id = re.findall(r'name="case_id" value="([^"]+)"', page)[0]
        fields = {
            "case_id": case_id,
            "pmp_chair": "dudley.pmp_chair",
            "service_manager": "dudley.service_manager",
            "panel_since_on-day": "9",
            "panel_since_on-month": "3",
            "panel_since_on-year": "2026",
        }

        done = chair.send("/cases/open/dudley/monitoring_panel", fields)

        assert "No new task opened now." in chair.follow(done).text
        Visitor(council.app, "dudley.social_worker").open(
            "/cases/open/dudley/monitoring_panel", status=403
        )


class TestMeasures:
    def test_are_those_of_the_day_on_which_it_is_recorded(self, council: Council):
        council.open_case()
        council.go("2026-03-17")
        council.meeting("2026-03-17")
        council.open_panel()
        council.go("2026-06-08")
        [item] = council.work("record_monitoring_panel")
        path = f"/work-items/{item['id']}"
        shown = council.call("GET", path, role="pmp_chair")["form"]["values"]["measures"]
        first = {
            "measure": "First Permanence Planning Meeting held in time",
            "among": 1,
            "count": 1,
            "percent": 100,
            "listed": 0,
        }
        assert shown[0] == first
        another = {**CASE, "child_ref": "X-2", "child_name": "B", "event_date": "2026-04-01"}
        council.call("POST", "/cases", json={"pack": "dudley", "facts": another}, status=201)
        forged = [{"measure": "All is well", "percent": 100}]

        council.complete("pmp_chair", "record_monitoring_panel", {**RECORD, "measures": forged})

        chair = Visitor(council.app, "dudley.pmp_chair")
        newest = len(council.history())
        paper = chair.open(f"/cases/{council.ref}/recorded/{newest}/paper").text
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", paper)
        assert "All is well" not in cells
        assert cells[:5] == [first["measure"], "50", "1", "2", "1"]
