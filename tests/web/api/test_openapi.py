"""The API's description: of every call, with schemas that an answer can contradict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from engine import errors
from tests.described import Contradicted, check, description
from tests.web.api.test_api import CASE, Caller
from web.api import representations
from web.request.errors import ANSWERS
from web.request.routes import ROUTES


@pytest.fixture
def caller(sqlite_app: Flask, token: Callable[[str], str]) -> Caller:
    return Caller(sqlite_app, token("dudley.social_worker"))


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


def calls() -> Iterator[dict[str, Any]]:
    for path in description()["paths"].values():
        yield from path.values()


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is described of each body: of requests, answers and refusals."""
    responses = description()["components"]["responses"]
    for call in calls():
        for content in call.get("requestBody", {}).get("content", {}).values():
            yield f"{call['operationId']} request", content
        for status, response in call["responses"].items():
            *_, name = response.get("$ref", "").split("/")
            for content in responses.get(name, response)["content"].values():
                yield f"{call['operationId']} {status}", content


class TestDescription:
    def test_is_told_to_anybody(self, sqlite_app: Flask):
        said = sqlite_app.test_client().get("/api/v1/openapi.json").json

        assert said == description()
        assert said["openapi"].startswith("3.1")

    def test_is_of_every_call_and_no_other(self):
        described = [call["operationId"] for call in calls()]

        assert sorted(described) == sorted(
            name.removeprefix("api.") for name in ROUTES if name.startswith("api.")
        )

    def test_has_a_schema_for_every_body(self):
        assert [where for where, content in contents() if not content.get("schema")] == []
        assert all("200" in call["responses"] or "201" in call["responses"] for call in calls())

    def test_has_schemas_that_are_some(self):
        for schema in description()["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)

    def test_leaves_no_room_in_what_is_told(self):
        schemas = description()["components"]["schemas"]
        sent = {
            content["schema"]["$ref"].rsplit("/", 1)[1]
            for where, content in contents()
            if where.endswith(" request")
        }

        assert sent == {
            name for name, schema in schemas.items() if schema.get("additionalProperties", True)
        }

    def test_says_who_needs_a_token(self):
        free = [call["operationId"] for call in calls() if call.get("security") == []]

        assert free == ["openapi"]
        assert all("401" in call["responses"] for call in calls() if "security" not in call)


class TestAnswersThatContradictIt:
    """The client of all tests finds them: what is planted here fails wherever it is asked for."""

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            (lambda told: told.pop("assumption"), '"assumption" is a required property'),
            (lambda told: told.update(day_1="2026-03-10"), "'day_1' was unexpected"),
            (lambda told: told.update(governing="yes"), '"yes" is not of type "boolean"'),
            (lambda told: told.update(limit_on="23 March 2026"), 'is not a "date"'),
            (lambda told: told.update(status="forgotten"), '"forgotten" is not one of'),
        ],
        ids=["a dropped key", "a new key", "another type", "another form", "another word"],
    )
    def test_in_what_they_hold(self, caller: Caller, monkeypatch, change, what):
        ref = caller.call("POST", "/cases", CASE, status=201)["ref"]
        deadline = representations.deadline

        def planted(row: Any) -> Any:
            told = dict(deadline(row))
            change(told)
            return told

        monkeypatch.setattr(representations, "deadline", planted)
        for path in ("", "/deadlines", "/history/1"):
            with pytest.raises(Contradicted, match=what):
                caller.call("GET", f"/cases/{ref}{path}")

    def test_in_their_status(self, caller: Caller, monkeypatch):
        gone = replace(ANSWERS[errors.CaseNotFound], status=410)
        monkeypatch.setitem(ANSWERS, errors.CaseNotFound, gone)

        with pytest.raises(Contradicted, match="410 is not described"):
            caller.call("GET", "/cases/P-AAAAA-AAAAA", status=410)

    def test_in_what_was_accepted(self, caller: Caller):
        answer = caller.client.post("/api/v1/cases", json=CASE, headers=caller.headers)

        with pytest.raises(Contradicted, match=r'what was sent.*"facts" is a required property'):
            check(answer, sent={"pack": "dudley"})
