"""Complaints and requests for information, from opening to end: in time, late, not at all.

What is asked for stands in the Housing Ombudsman's Complaint Handling Code (its sections are named)
and in the Freedom of Information Act 2000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.databases import Kind
from tests.journeys.complaints import DEFINED, Office, fill


@pytest.fixture
def office(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Office]:
    office = Office(new_database(database_kind, fill=fill))
    yield office
    office.close()


class TestInTime:
    def test_a_complaint_goes_through_both_stages(self, office: Office) -> None:
        office.open()
        assert (office.work(), office.limit("acknowledgement")) == (
            ["acknowledge_complaint"],
            "2026-03-16",
        )

        office.acknowledge("2026-03-12")
        assert (office.work(), office.limit("stage_1_response")) == (
            ["respond_stage_1"],
            "2026-03-26",
        )

        office.respond(1, "2026-03-25")
        assert (office.work(), office.fact("stage_1_decision")) == ([], "upheld")

        office.go("2026-04-14")
        office.send("escalation_requested", requested_on="2026-04-14")
        assert (office.work(), office.limit("stage_2_acknowledgement")) == (
            ["acknowledge_stage_2"],
            "2026-04-21",
        )

        office.go("2026-04-20")
        reviewer = {"accepted": True, "stage_2_reviewer": "complaints.stage_2_reviewer"}
        said = {"acknowledged_on": "2026-04-20", "definition": "It fails again", **reviewer}
        office.complete("complaints_officer", "acknowledge_stage_2", said)
        # The first Monday of May is a bank holiday.
        assert (office.work(), office.limit("stage_2_response")) == (
            ["respond_stage_2"],
            "2026-05-19",
        )

        office.respond(2, "2026-05-19")
        case = office.case()
        assert (case["status"], office.fact("closed_reason")) == ("closed", "answered")
        states = {
            name: office.deadline(name)["status"]
            for name in ("acknowledgement", "stage_1_response", "stage_2_response")
        }
        assert set(states.values()) == {"met"}
        assert office.told("not done by the last date") == set()

    def test_a_satisfied_resident_ends_it(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")

        office.send("resident_satisfied", on="2026-03-25")

        assert office.case()["status"] == "closed"

    def test_somebody_else_reviews_than_investigated(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")
        office.send("escalation_requested", requested_on="2026-03-25")

        moved = office.send("transfer", stage_2_reviewer="complaints.stage_2_reviewer")
        assert moved["status"] == "open"
        office.correct("stage_1_investigator", "complaints.stage_2_reviewer", status=422)


class TestNotAccepted:
    def test_it_needs_its_reason_and_the_way_to_the_ombudsman(self, office: Office) -> None:
        office.open()
        said = {"acknowledged_on": "2026-03-09", **DEFINED, "accepted": False}

        refused = office.complete("complaints_officer", "acknowledge_complaint", said, status=422)
        assert office.refused(refused) == {"refused_because", "explained", "ombudsman_told"}
        why = {"refused_because": "court", "explained": "In the letter of today"}
        said |= {**why, "ombudsman_told": False}
        refused = office.complete("complaints_officer", "acknowledge_complaint", said, status=422)
        assert office.refused(refused) == {"ombudsman_told"}

        said["ombudsman_told"] = True
        office.complete("complaints_officer", "acknowledge_complaint", said)
        assert office.case()["status"] == "closed"
        assert office.fact("closed_reason") == "not_accepted"
        assert office.deadline("acknowledgement")["status"] == "met"

    def test_a_request_for_stage_2_that_is_refused_ends_it(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")
        office.send("escalation_requested", requested_on="2026-03-25")
        said = {"acknowledged_on": "2026-03-25", "definition": "Nothing new", "accepted": False}

        refused = office.complete("complaints_officer", "acknowledge_stage_2", said, status=422)
        assert office.refused(refused) == {"explained", "ombudsman_told"}

        said |= {"explained": "It was settled in court", "ombudsman_told": True}
        office.complete("complaints_officer", "acknowledge_stage_2", said)
        assert office.case()["status"] == "closed"

    def test_a_withdrawn_complaint_leaves_nothing_to_do(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")

        office.send("complaint_withdrawn", withdrawn_on="2026-03-12")

        assert (office.case()["status"], office.work()) == ("closed", [])
        assert office.deadline("stage_1_response")["status"] == "cancelled"


class TestNobodyDoesAnything:
    def test_the_head_of_service_is_told_and_the_officer_says_why(self, office: Office) -> None:
        office.open()

        office.go("2026-03-17")

        assert office.told("Acknowledgement of the complaint: not done") == {
            "complaints_officer",
            "service_head",
        }
        assert office.work() == ["acknowledge_complaint", "explain_breach"]
        assert office.item("explain_breach")["role"] == "complaints_officer"
        office.complete("complaints_officer", "explain_breach", {"reason": "Ill"}, status=422)
        why = {"reason": "The officer was ill", "told": "By telephone, each week"}
        refused = office.complete("complaints_officer", "explain_breach", why, status=422)
        assert office.refused(refused) == {"next_update"}
        why["next_update"] = "2026-03-24"
        office.complete("complaints_officer", "explain_breach", why)
        assert office.work() == ["acknowledge_complaint"]

    def test_the_resident_is_told_how_it_stands_until_the_answer_is_sent(
        self, office: Office
    ) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.go("2026-03-27")
        why = {"reason": "Ill", "told": "By telephone", "next_update": "2026-04-08"}
        office.complete("stage_1_investigator", "explain_breach", why)
        office.go("2026-04-01")
        assert office.work() == ["respond_stage_1"]

        # Two working days before it: Good Friday and Easter Monday lie between.
        office.go("2026-04-02")
        assert office.item("tell_resident")["limit_on"] == "2026-04-08"
        told = {"told_on": "2026-04-02", "said": "The surveyor comes", "next_update": "2026-04-20"}
        office.complete("complaints_officer", "tell_resident", told)
        assert office.limit("resident_update") == "2026-04-20"
        office.go("2026-04-21")
        assert office.told("Telling the resident how it stands: not done") == {
            "complaints_officer",
            "service_head",
        }
        assert office.work() == ["respond_stage_1", "tell_resident"]

        office.respond(1, "2026-04-21")
        assert office.work() == []

    def test_a_reason_that_nobody_gives_is_told_once(self, office: Office) -> None:
        office.open()

        office.go("2026-06-01")

        assert office.told("Reason why a date was missed: not done") == {"service_head"}
        assert office.work() == ["acknowledge_complaint", "explain_breach"]
        assert office.case()["status"] == "open"

    def test_a_response_that_is_not_sent_is_explained_by_its_investigator(
        self, office: Office
    ) -> None:
        office.open()
        office.acknowledge("2026-03-12")

        office.go("2026-03-27")

        assert office.told("Stage 1 response: not done") == {
            "stage_1_investigator",
            "complaints_officer",
            "service_head",
        }
        assert office.item("explain_breach")["role"] == "stage_1_investigator"
        office.respond(1, "2026-03-30")
        assert office.deadline("stage_1_response")["status"] == "late"
        # It was late all the same, and is explained.
        assert office.work() == ["explain_breach"]

    def test_an_answered_complaint_is_closed_after_twelve_months(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")

        office.go("2027-03-24")
        assert office.case()["status"] == "open"
        office.go("2027-03-26")
        assert office.case()["status"] == "closed"

    def test_stage_2_is_missed_like_stage_1(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")
        office.escalate("2026-04-14", "2026-04-22")
        assert "service_head" in office.told("Acknowledgement of the request for stage 2: not done")

        office.go("2026-06-01")

        assert "stage_2_reviewer" in office.told("Final response: not done")


MORE = {
    "reason": "The surveyor can come only then",
    "told_on": "2026-03-20",
    "ombudsman_told": True,
}


class TestExtension:
    def extend(
        self, office: Office, until: str, *, status: int = 200, **more: Any
    ) -> dict[str, Any]:
        payload = {"until": until, **MORE, **more}
        return dict(office.send("stage_1_extended", status=status, **payload))

    def test_ten_more_working_days_told_in_time(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.go("2026-03-20")

        self.extend(office, "2026-04-13")

        assert office.limit("stage_1_response") == "2026-04-13"
        assert office.told("has until 13 April 2026") == {"complaints_officer", "service_head"}
        office.go("2026-04-10")
        assert office.told("not done by") == set()
        office.respond(1, "2026-04-13")
        assert office.deadline("stage_1_response")["status"] == "met"

    def test_what_it_may_not_be(self, office: Office) -> None:
        office.open()
        self.extend(office, "2026-04-13", status=422)
        office.acknowledge("2026-03-12")
        office.go("2026-03-20")

        for until, field, more in (
            ("2026-04-14", "beyond", {}),
            ("2026-03-26", "until", {}),
            ("2026-04-13", "ombudsman_told", {"ombudsman_told": False}),
            ("2026-04-13", "told_on", {"told_on": "2026-03-23"}),
        ):
            refused = self.extend(office, until, status=422, **more)
            assert field in office.refused(refused), until
        self.extend(office, "2026-04-14", beyond="The resident is away until then")
        assert office.limit("stage_1_response") == "2026-04-14"
        self.extend(office, "2026-05-14", status=422, beyond="Again")

    def test_what_is_late_cannot_be_extended(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.go("2026-03-27")

        refused = self.extend(office, "2026-04-13", status=422, told_on="2026-03-27")

        assert office.refused(refused) == {"told_on"}

    def test_an_extended_response_can_be_missed_too(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.go("2026-03-20")
        self.extend(office, "2026-04-13")

        office.go("2026-04-14")

        assert "service_head" in office.told("by the last date, 13 April 2026")

    def test_stage_2_may_take_twenty_more(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25")
        office.escalate("2026-04-14", "2026-04-20")
        said = {**MORE, "told_on": "2026-04-20"}
        office.send("stage_2_extended", until="2026-06-18", status=422, **said)

        office.send("stage_2_extended", until="2026-06-17", **said)

        assert office.limit("stage_2_response") == "2026-06-17"


PROMISED = (
    {"text": "Replace the boiler", "owner": "repairs_team", "due": "2026-04-15"},
    {"text": "Pay the bill", "owner": "The insurer", "due": "2026-04-30"},
)


class TestPromises:
    def test_each_is_tracked_until_it_is_done(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-25", actions=list(PROMISED))
        office.send("resident_satisfied", on="2026-03-25")

        items = {each["title"]: each for each in office.case()["work_items"]}
        assert set(items) == {"Replace the boiler", "Pay the bill (to be done by The insurer)"}
        assert items["Replace the boiler"]["role"] == "repairs_team"
        assert office.case()["status"] == "open"

        path = f"/work-items/{items['Replace the boiler']['id']}"
        office.call("repairs_team", "POST", f"{path}/claim")
        later = {"standing": "later", "new_date": "2026-05-05"}
        office.call("repairs_team", "POST", f"{path}/completion", {"answers": later}, status=422)
        later["reason"] = "The part is ordered; the resident was told"
        office.call("repairs_team", "POST", f"{path}/completion", {"answers": later})
        moved = [each for each in office.case()["work_items"] if each["role"] == "repairs_team"]
        assert [each["limit_on"] for each in moved] == ["2026-05-05"]

        office.go("2026-05-06")
        assert office.told("Promised action: not done") >= {"complaints_officer", "service_head"}
        for each in office.case()["work_items"]:
            role = each["role"]
            path = f"/work-items/{each['id']}/completion"
            office.call(role, "POST", path, {"answers": {"standing": "done"}})
        assert (office.case()["status"], office.work()) == ("closed", [])


class TestInformation:
    def test_twenty_working_days_and_a_review_in_forty(self, office: Office) -> None:
        office.open("information_request")
        assert office.case()["policy"] == "FOIA-2000"
        # A bank holiday in any part of the United Kingdom counts: 17 March is one of them.
        assert (office.work(), office.limit("information_response")) == (
            ["respond_to_request"],
            "2026-04-09",
        )
        office.go("2026-04-09")
        said = {"responded_on": "2026-04-09", "outcome": "refused", "told_review": True}
        office.complete("information_officer", "respond_to_request", said, status=422)
        said["exemption"] = "Section 40: it names tenants"
        office.complete("information_officer", "respond_to_request", said)
        assert office.deadline("information_response")["status"] == "met"

        office.go("2026-04-20")
        asked = {"role": "information_officer", "requested_on": "2026-04-20"}
        office.send("review_requested", **asked)
        # And 15 June, in Scotland.
        assert office.limit("information_review") == "2026-06-18"
        assert office.told("A review was asked for") == {"information_reviewer", "service_head"}
        office.go("2026-06-18")
        result = {"reviewed_on": "2026-06-18", "result": "changed", "reasons": "None are named"}
        told = {"told_commissioner": True}
        office.complete("information_reviewer", "review_request", {**result, **told})
        assert (office.case()["status"], office.fact("closed_reason")) == ("closed", "reviewed")

    def test_a_question_stops_the_clock_and_its_answer_begins_it_anew(self, office: Office) -> None:
        office.open("information_request")
        office.go("2026-03-16")
        officer = {"role": "information_officer"}
        office.send(
            "clarification_asked", asked_on="2026-03-16", question="Which lifts?", **officer
        )
        assert office.deadline("information_response")["status"] == "cancelled"

        said = {"responded_on": "2026-03-16", "outcome": "given", "told_review": True}
        office.complete("information_officer", "respond_to_request", said, status=422)
        office.go("2026-04-10")
        office.send("clarification_given", given_on="2026-04-10", **officer)

        assert office.limit("information_response") == "2026-05-11"
        assert office.told("not done by") == set()

    def test_nobody_answers_the_question(self, office: Office) -> None:
        office.open("information_request")
        asked = {"role": "information_officer", "asked_on": "2026-03-09", "question": "Which?"}
        office.send("clarification_asked", **asked)

        office.go("2026-05-11")

        assert (office.case()["status"], office.fact("closed_reason")) == (
            "closed",
            "not_clarified",
        )

    def test_nobody_answers_the_request(self, office: Office) -> None:
        office.open("information_request")

        office.go("2026-04-10")

        assert office.told("Response to the request: not done") == {
            "information_officer",
            "service_head",
        }
        assert office.item("explain_breach")["role"] == "information_officer"

    def test_nobody_asks_for_a_review(self, office: Office) -> None:
        office.open("information_request")
        said = {"responded_on": "2026-03-09", "outcome": "given", "told_review": True}
        office.complete("information_officer", "respond_to_request", said)

        office.go("2026-05-08")

        assert (office.case()["status"], office.fact("closed_reason")) == ("closed", "answered")


class TestKinds:
    def test_each_kind_has_its_policy(self, office: Office) -> None:
        body = {"pack": "complaints", "kind": "information_request", "policy": "CHC-2024"}

        refused = office.call(
            "information_officer", "POST", "/cases", {**body, "facts": {}}, status=422
        )

        [error] = refused["errors"]
        assert (error["field"], "FOIA-2000" in error["message"]) == ("policy", True)

    def test_the_same_complaint_again_asks_why(self, office: Office) -> None:
        office.open()

        refused = office.open(status=409)

        assert refused["field"] == "again_because"

    def test_measures_and_flags_are_its_own(self, office: Office) -> None:
        office.open()
        office.acknowledge("2026-03-12")
        office.respond(1, "2026-03-30")
        office.open(complaint_ref="H-102", received_on="2026-03-24", about="charges")

        tracked = office.call("service_head", "GET", "/tracker")

        flags = {row["values"]["stage"]: row["rag"] for row in tracked["rows"]}
        assert flags == {"Answered at stage 1": "green", "To be acknowledged": "amber"}
        measured = {each["name"]: (each["among"], each["percent"]) for each in tracked["kpis"]}
        assert measured["acknowledged_in_time"] == (1, 100)
        assert measured["stage_1_in_time"] == (1, 0)
        assert measured["upheld"] == (1, 100)
