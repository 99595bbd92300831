"""F6: where a code decides, people choose it from a list, and nothing else is taken."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask

from engine.errors import Finding
from engine.publishing.check import check_files
from tests.builders.small_pack import FORMS, small_pack, with_change
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import open_child
from workflows.permanence.domain import DOMAIN

Token = Callable[[str], str]


def free_texts(files: dict[str, bytes]) -> list[Finding]:
    return [each for each in check_files(files, domain=DOMAIN) if each.rule == "free-text"]


class TestTheReasonForLeavingCare:
    def test_f6_is_chosen_in_words_and_nothing_else_is_taken(self, sqlite_app: Flask) -> None:
        worker = Visitor(sqlite_app, "dudley.social_worker")
        ref = open_child(worker)
        at = f"/cases/{ref}/messages/case_closed"
        page = worker.open(at).text
        assert '<option value="E12">Adopted, consent dispensed with</option>' in page
        sent = {**date_fields("closed_on", "2026-03-09"), "reason": "E12 adopted"}

        page = worker.send(at, sent, status=422).text

        assert "must be one of: E11, E12" in page
        assert "E12 adopted" in page
        worker.send(at, {**sent, "reason": "E12"})

    def test_f6_over_the_api_alike(self, app: Flask, worker: Visitor, token: Token) -> None:
        ref = open_child(worker)
        headers = {"Authorization": f"Bearer {token('dudley.social_worker')}"}
        payload = {"closed_on": "2026-03-09", "reason": "e12"}

        answer = app.test_client().post(
            f"/api/v1/cases/{ref}/messages",
            json={"name": "case_closed", "payload": payload},
            headers=headers,
        )

        assert answer.status_code == 422
        assert "must be one of: E11, E12" in answer.get_json()["fields"]["reason"]


class TestCheck:
    def test_f6_finds_nothing_where_codes_are_chosen(self) -> None:
        assert free_texts(small_pack()) == []

    def test_f6_warns_of_a_text_that_a_flow_compares_with_a_code(self) -> None:
        free = json.loads(json.dumps(FORMS["visit"]))
        del free["properties"]["outcome"]["oneOf"]
        free["properties"]["outcome"]["maxLength"] = 20
        files = {**small_pack(), "forms/visit.json": json.dumps(free).encode()}

        found = free_texts(files)

        flow = [each for each in found if each.element == "more"]
        assert flow
        assert flow[0].severity == "warning"
        assert "compares 'answers.outcome' with 'again'" in flow[0].message
        shown = [each for each in found if each.file == "forms/visit.json"]
        assert "compares 'outcome' with 'again'" in shown[0].message

    def test_f6_warns_of_a_message_that_sets_such_a_text(self) -> None:
        where = '[facts.place]\ntype = "text"\nlabel = "Place"\n\n[facts.outcome]'
        files = with_change("pack.toml", "[facts.outcome]", where)
        pack = files["pack.toml"].decode()
        sets = pack.replace(
            '{ began_on = "moved_on" }', '{ began_on = "moved_on", place = "where" }'
        )
        case = files["case.bpmn"].decode()
        flow = case.replace('answers.outcome == "again"', 'place in ["home", "away"]')
        files |= {"pack.toml": sets.encode(), "case.bpmn": flow.encode()}

        assert [each.element for each in free_texts(files)] == ["more"]
