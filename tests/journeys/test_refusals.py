"""Input that nobody means well by: each is a clear refusal, none a fault, nothing is written."""

from __future__ import annotations

import io
import json

import pytest

from engine.people import people
from engine.storage import database
from tests.builders.world import ARRANGE, CASE, pack_files

CHANGE = {"changed_on": "2026-03-09", "what": "Placement ended"}


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800"])
class TestTextThatNoDatabaseKeeps:
    def test_in_answers_is_refused_at_its_field(self, council, text):
        facts = json.dumps({**CASE, "child_name": "?"}).replace("?", text)
        body = f'{{"pack": "dudley", "facts": {facts}}}'

        refused = council.call("POST", "/cases", data=body, status=422)

        assert list(refused["fields"]) == ["child_name"]

    def test_in_a_message_is_refused_at_its_field(self, council, text):
        council.open_case()
        body = json.dumps({"name": "significant_change", "payload": {**CHANGE, "what": "?"}})
        path = f"/cases/{council.ref}/messages"

        refused = council.call("POST", path, data=body.replace("?", text), status=422)

        assert list(refused["fields"]) == ["what"]
        assert council.case()["version"] == 1

    def test_in_a_correction_is_refused_at_its_field(self, council, text):
        council.open_case()
        body = json.dumps({"fact": "child_name", "value": "?", "reason": "?"})
        path = f"/cases/{council.ref}/corrections"

        refused = council.call("POST", path, data=body.replace("?", text), status=422)

        assert set(refused["fields"]) == {"value", "reason"}
        assert council.case()["version"] == 1

    def test_in_a_draft_is_refused(self, council, text):
        council.open_case()
        path = f"/work-items/{council.work('arrange_ppm')[0]['id']}/draft"

        council.call("PUT", path, data=f'{{"answers": {{"mode": "{text}"}}}}', status=422)


class TestAddresses:
    def test_a_zero_character_is_refused(self, council):
        council.call("GET", "/work-items?name=%00", status=400)
        council.call("GET", "/cases/a%00b", status=400)


class TestBodies:
    @pytest.mark.parametrize(
        "body", ['{"facts": ' * 900 + "1" + "}" * 900, '{"facts": NaN}', "[1]", "", "{"]
    )
    def test_that_are_no_plain_object_are_refused(self, council, body):
        council.call("POST", "/cases", data=body, status=400)

    def test_a_null_where_something_is_needed_is_missing(self, council):
        refused = council.call("POST", "/cases", json={"pack": None, "facts": None}, status=422)
        assert set(refused["fields"]) == {"pack", "facts"}


class TestCorrections:
    @pytest.mark.parametrize(
        ("fact", "value"),
        [
            ("came_into_care_on", "20260309"),
            ("came_into_care_on", "2026-W11-1"),
            ("came_into_care_on", 20260309),
            ("came_into_care_on", "1960-01-01"),
            ("next_review_on", "9999-12-31"),
            ("cause", []),
            ("legal_status", {}),
            ("placement_type", "x" * 20_001),
            ("in_proceedings", "true"),
        ],
    )
    def test_of_the_wrong_kind_are_refused(self, council, fact, value):
        council.open_case()
        body = {"fact": fact, "value": value, "reason": "Typing mistake"}

        refused = council.call("POST", f"/cases/{council.ref}/corrections", json=body, status=422)

        assert list(refused["fields"]) == ["value"]
        assert council.case()["version"] == 1


class TestDatesBeyondTheCalendar:
    def test_name_the_answer_that_leads_there(self, council):
        council.open_case()

        for day in ("2061-01-01", "9999-12-31"):
            answers = {"review_date": day}
            refused = council.complete("iro", "book_review", answers, status=422)
            assert list(refused["fields"]) == ["review_date"]
        refused = council.send("care_entry", entry_date="1960-01-01", legal_status="C1", status=422)
        assert list(refused["fields"]) == ["entry_date"]
        assert council.case()["version"] == 1


class TestPeopleOfAnotherPack:
    def test_are_not_given_a_child_they_could_not_see(self, council):
        with database.transaction(council.engine) as connection:
            people.add_person(
                connection,
                "wokingham.social_worker",
                display_name="Worker",
                roles=["social_worker"],
                pack="wokingham",
            )
        facts = {**CASE, "social_worker": "wokingham.social_worker"}

        body = {"pack": "dudley", "facts": facts}
        refused = council.call("POST", "/cases", json=body, status=422)

        assert list(refused["fields"]) == ["social_worker"]


class TestMessagesBetweenDiagrams:
    def test_cannot_be_feigned(self, council):
        council.open_case()

        council.send("limit_missed", duty="ppm", since="2026-03-09", status=409)
        council.send("limit_missed", status=409)

        assert council.work("explain_breach") == []


class TestIdempotencyKeys:
    def test_tell_uploads_apart_by_what_they_hold(self, council):
        def publish(amount: bytes, status: int) -> dict:
            table = pack_files()["timescales.dmn"].replace(b">10<", b">%s<" % amount)
            files = {"files": (io.BytesIO(table), "timescales.dmn"), "pack": "dudley"}
            headers = {"Idempotency-Key": "one"}
            return council.call(
                "POST",
                "/definitions",
                role="process_owner",
                data=files,
                headers=headers,
                status=status,
            )

        first = publish(b"8", 201)

        assert publish(b"8", 201) == first
        publish(b"9", 422)

    def test_answer_again_who_has_handed_the_case_over(self, council):
        council.open_case()
        body = {"name": "transfer", "payload": {"social_worker": "dudley.social_worker_2"}}
        path = f"/cases/{council.ref}/messages"
        headers = {"Idempotency-Key": "one"}

        first = council.call("POST", path, json=body, headers=headers)

        assert council.call("POST", path, json=body, headers=headers) == first
        council.call("POST", path, json=body, status=404)
        council.call("GET", f"/cases/{council.ref}", status=404)
        item = first["work_items"][0]["id"]
        answers = {"answers": ARRANGE}
        council.call("POST", f"/work-items/{item}/completion", json=answers, status=404)
