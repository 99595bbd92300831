"""The API: the same commands, JSON, bearer tokens, problem details."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import pack_files

FACTS = {
    "child_ref": "LCS-1",
    "child_name": "Robin Example",
    "dob": "2019-06-01",
    "cause": "care_entry",
    "event_date": "2026-03-09",
    "legal_status": "C1",
    "in_proceedings": True,
    "emergency": False,
    "likely_permanent_from_onset": False,
}
AGAIN = "Another child of the tests"
CASE = {"pack": "dudley", "policy": "D-PG", "again_because": AGAIN, "facts": FACTS}
ARRANGED = {"meeting_date": "2026-03-18", "mode": "in_person", "invitees": ["team_manager"]}


class Caller:
    """A client with a bearer token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(
        self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str
    ) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(
            f"/api/v1{path}", method=method, json=body, headers={**self.headers, **named}
        )
        assert answer.status_code == status, answer.text
        kind = "application/json" if status < 400 else "application/problem+json"
        assert answer.content_type == kind
        return answer.json

    def work_item(self, name: str) -> str:
        [item] = self.call("GET", f"/work-items?name={name}")["items"]
        return f"/work-items/{item['id']}"


@pytest.fixture
def caller(app: Flask, token: Callable[[str], str]) -> Caller:
    return Caller(app, token("dudley.social_worker"))


class TestCases:
    def test_open_with_the_demo_people_and_their_deadlines(self, caller: Caller):
        case = caller.call("POST", "/cases", CASE, status=201)

        assert case["facts"]["iro"] == "dudley.iro"
        assert {each["name"]: each["limit_on"] for each in case["deadlines"]} == {
            "ppm": "2026-03-23",
            "draft_care_plan": "2026-03-23",
            "cic_review": "2026-04-08",
            "aepp_consideration": "2026-04-09",
        }
        assert caller.call("GET", f"/cases/{case['ref']}") == case

    def test_tell_their_history_and_each_picture(self, caller: Caller):
        ref = caller.call("POST", "/cases", CASE, status=201)["ref"]
        item = caller.work_item("arrange_ppm")
        caller.call("POST", f"{item}/completion", {"answers": ARRANGED})

        events = caller.call("GET", f"/cases/{ref}/history")
        assert [each["kind"] for each in events] == ["case_opened", "work_item_completed"]
        assert "next_ppm_on" not in caller.call("GET", f"/cases/{ref}/history/1")["facts"]
        then = caller.call("GET", f"/cases/{ref}/history/2")
        assert then["facts"]["next_ppm_on"] == "2026-03-18"

    def test_explain_a_superseded_deadline(self, caller: Caller):
        ref = caller.call("POST", "/cases", CASE, status=201)["ref"]
        correction = {
            "fact": "came_into_care_on",
            "value": "2026-03-02",
            "effective_on": None,
            "reason": "The order was made a week before",
        }
        caller.call("POST", f"/cases/{ref}/corrections", correction)

        rows = caller.call("GET", f"/cases/{ref}/deadlines?all=1")
        [old] = [each for each in rows if each["name"] == "ppm" and each["status"] == "superseded"]
        [new] = [each for each in rows if each["id"] == old["superseded_by"]]
        assert new["limit_on"] == "2026-03-16"
        assert len(caller.call("GET", f"/cases/{ref}/deadlines")) < len(rows)

    def test_take_messages_and_say_when_nothing_waits(self, caller: Caller):
        ref = caller.call("POST", "/cases", CASE, status=201)["ref"]
        change = {
            "name": "significant_change",
            "payload": {"changed_on": "2026-03-09", "what": "Carers gave notice"},
        }
        case = caller.call("POST", f"/cases/{ref}/messages", change)
        assert case["facts"]["significant_change_on"] == "2026-03-09"

        nothing = caller.call("POST", f"/cases/{ref}/messages", {"name": "tea"}, status=409)
        assert "waits" in nothing["detail"]


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"pack": "nowhere"}, "pack"),
            ({"pack": 7}, "pack"),
            ({"policy": "D-0"}, "policy"),
            ({"facts": []}, "facts"),
            ({"facts": {**FACTS, "event_date": "2026-03-10"}}, "event_date"),
            ({"facts": {**FACTS, "event_date": 7}}, "event_date"),
            ({"facts": {**FACTS, "in_proceedings": "maybe"}}, "in_proceedings"),
            ({"facts": {**FACTS, "iro": "nobody"}}, "iro"),
            ({"facts": {**FACTS, "surprise": 1}}, "surprise"),
        ],
    )
    def test_is_refused_naming_the_field(self, caller: Caller, changes, field):
        problem = caller.call("POST", "/cases", {**CASE, **changes}, status=422)

        assert field in problem["fields"]
        assert caller.call("GET", "/work-items")["items"] == []

    def test_that_is_no_json_object_is_refused(self, caller: Caller):
        caller.call("POST", "/cases", [1], status=400)
        for data in (b"{", b"\xff", b"[" * 100_000, b""):
            answer = caller.client.post("/api/v1/cases", data=data, headers=caller.headers)
            assert answer.status_code in (400, 422), answer.text

    def test_of_five_megabytes_is_too_large(self, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201)
        item = caller.work_item("arrange_ppm")
        body = {"answers": {**ARRANGED, "late_reason": "x" * 5_000_000}}
        problem = caller.call("POST", f"{item}/completion", body, status=413)
        assert "too large" in problem["title"]
        caller.call("GET", item)

    def test_in_a_query_is_refused(self, caller: Caller):
        caller.call("GET", "/work-items?due_before=soon", status=422)
        caller.call("GET", "/work-items?after=nonsense", status=422)
        caller.call("GET", "/work-items?case=P-AAAAA-AAAAA", status=404)
        caller.call("GET", "/cases/P-AAAAA-AAAAA", status=404)
        caller.call("GET", "/nowhere", status=404)
        caller.call("DELETE", "/cases", status=405)


class TestWorkItems:
    def test_are_completed_once(self, app: Flask, token, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201)
        item = caller.work_item("arrange_ppm")
        assert caller.call("GET", item)["form"]["sections"]
        caller.call("POST", f"{item}/completion", {"answers": ARRANGED})

        again = caller.call("POST", f"{item}/completion", {"answers": ARRANGED}, status=409)
        assert again["completed_by"] == "dudley.social_worker"

        manager = Caller(app, token("dudley.team_manager"))
        assert manager.work_item("chair_ppm")

    def test_of_others_are_refused(self, app: Flask, token, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201)
        item = caller.work_item("arrange_ppm")
        manager = Caller(app, token("dudley.team_manager"))
        manager.call("POST", f"{item}/completion", {"answers": ARRANGED}, status=403)
        stranger = Caller(app, token("dudley.social_worker_2"))
        stranger.call("POST", f"{item}/completion", {"answers": ARRANGED}, status=404)
        assert stranger.call("GET", "/work-items")["items"] == []

    def test_keep_drafts(self, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201)
        item = caller.work_item("arrange_ppm")
        caller.call("PUT", f"{item}/draft", {"answers": {"mode": "online"}})
        assert caller.call("GET", item)["form"]["values"]["mode"] == "online"


class TestIdempotencyKey:
    def test_gives_the_same_answer_and_one_effect(self, caller: Caller):
        first = caller.call("POST", "/cases", CASE, status=201, Idempotency_Key="k1")
        second = caller.call("POST", "/cases", CASE, status=201, Idempotency_Key="k1")

        assert first == second
        assert caller.call("POST", "/cases", CASE, status=201, Idempotency_Key="k2") != first

    def test_is_bound_to_body_route_and_actor(self, app: Flask, token, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201, Idempotency_Key="k1")
        item = caller.work_item("arrange_ppm")
        caller.call(
            "POST", f"{item}/completion", {"answers": ARRANGED}, status=200, Idempotency_Key="k1"
        )
        other = {**CASE, "facts": {**FACTS, "child_ref": "LCS-2"}}
        caller.call("POST", "/cases", other, status=422, Idempotency_Key="k1")
        someone = Caller(app, token("dudley.team_manager"))
        someone.call("POST", "/cases", other, status=201, Idempotency_Key="k1")

    def test_keeps_nothing_of_a_refused_call(self, caller: Caller):
        caller.call("POST", "/cases", {**CASE, "facts": {}}, status=422, Idempotency_Key="k1")
        caller.call("POST", "/cases", CASE, status=201, Idempotency_Key="k1")


class TestDefinitions:
    def test_are_checked_and_published(self, app: Flask, token):
        owner = Caller(app, token("process_owner"))

        def send(path: str, files: dict[str, bytes]) -> Any:
            data = {"files": [(io.BytesIO(each), name) for name, each in files.items()]}
            return owner.client.post(f"/api/v1{path}", data=data, headers=owner.headers)

        assert send("/definitions/check", pack_files()).json == []
        for broken in (b"", b"<x", b"\x00\xff", b"<?xml version='1.0'?><a/>"):
            answer = send("/definitions/check", {"case.bpmn": broken})
            assert answer.status_code == 200
            assert answer.json[0]["severity"] == "error"
        assert send("/definitions", {"case.bpmn": b"<x"}).status_code == 422
        renamed = pack_files()["ppm.bpmn"].replace(b'name="Arrange', b'name="Set up', 1)
        answer = send("/definitions", {**pack_files(), "ppm.bpmn": renamed})
        assert answer.status_code == 201, answer.text

    def test_that_cannot_be_read_are_findings_too(self, app: Flask, token):
        owner = Caller(app, token("process_owner"))

        def check(**sent: Any) -> Any:
            path = "/api/v1/definitions/check"
            answer = owner.client.post(path, headers=owner.headers, **sent)
            assert answer.status_code == 200, answer.text
            assert {each["severity"] for each in answer.json} == {"error"}
            return {each["rule"] for each in answer.json}

        def file(name: str, content: bytes) -> dict[str, Any]:
            return {"files": [(io.BytesIO(content), name)]}

        assert check() == {"no-files"}
        assert check(json={"files": []}) == {"no-files"}
        assert check(data=b"--x", content_type="multipart/form-data") == {"no-files"}
        assert check(data=file("pack.zip", b"PK\x03\x04 and no more")) == {"upload"}
        kind = "multipart/form-data; boundary=x"
        assert check(data=b"x" * 5_100_000, content_type=kind) == {"size"}

    def test_are_for_process_owners(self, caller: Caller):
        caller.call("POST", "/definitions", {}, status=403)


class TestClock:
    def test_moves_on_and_never_back(self, caller: Caller):
        caller.call("POST", "/cases", CASE, status=201)
        moved = caller.call("POST", "/clock", {"now": "2026-03-24T09:00Z"})
        assert moved["fired"] >= 1
        assert caller.call("GET", "/clock")["now"] == "2026-03-24T09:00:00+00:00"
        caller.call("POST", "/clock", {"now": "2026-03-23T09:00Z"}, status=409)
        caller.call("POST", "/clock", {"now": "2026-03-25T09:00"}, status=422)
