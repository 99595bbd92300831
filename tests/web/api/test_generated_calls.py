"""The API against its description: schemathesis makes requests of it, right ones and wrong ones.

All its checks are on, of which these can fail here: no server error; status, content type and body
are as described; what is right by the description is understood (not 400); what is wrong by it is
refused; nothing is answered without a valid token.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.people import people
from engine.storage import database
from tests.apps import application
from tests.databases import SqliteDatabases
from tests.described import description
from tests.web.api.test_api import ARRANGED, CASE
from tests.web.conftest import NOW, fill_training
from web.api.requests import TEXT
from web.request.routes import ROUTES

pytestmark = pytest.mark.xdist_group("generated calls")

EXAMPLES = int(os.environ.get("GENERATED_CALLS", "6"))
"""Requests of each call; more take longer and find more."""
CALLS: dict[str, dict[str, Any]] = {
    call["operationId"]: call
    for path, calls in description()["paths"].items()
    for call in calls.values()
    if path != "/openapi.json"
}
"""What schemathesis calls: all but the description itself."""
WORKER = "dudley.social_worker"
THREE = ("dudley.social_worker", "dudley.team_manager", "auditor")
"""Who asks for everything, whether or not they may."""
PEOPLE = ("dudley.team_manager", "process_owner", "administrator", "auditor")
RIGHT = {
    "open_case": CASE,
    "complete_work_item": {"answers": ARRANGED},
    "correct_fact": {"fact": "came_into_care_on", "value": "2026-03-02"},
    "name_cover": {
        "person": WORKER,
        "covered_by": "dudley.social_worker_2",
        "from_on": "2026-03-09",
        "to_on": "2026-03-10",
    },
    "set_clock": {"now": "2026-03-10T09:00Z"},
}
"""Members that make a body more than well formed."""

NEVER_WRONG = ("check_definitions", "get_tracker")
"""By the contract a check has findings whatever is sent; and what schemathesis calls wrong for a
list of texts in an address, such as false, is a text there."""

CONFIG = {
    "generation": {"allow-extra-parameters": False, "with-security-parameters": False},
    # What is well formed may still be wrong in this case: 422 says so. 400 is not understood.
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "404", "409", "422"]}
    },
}


@dataclass(frozen=True)
class Tried:
    """The API with one case in it; `known` are arguments of paths that lead somewhere."""

    schema: Any
    operations: dict[str, Any]
    tokens: dict[str, str]
    known: dict[str, Any]

    def calls(self, name: str, mode: Any, *, known: bool) -> st.SearchStrategy[Any]:
        """Return generated calls, with paths that are `known` or not."""
        operation = self.operations[name]
        names = [each.name for each in operation.path_parameters if each.name in self.known]
        path = {each: self.known[each] for each in names} if known else {}
        found: st.SearchStrategy[Any] = operation.as_strategy(
            generation_mode=mode, path_parameters=path or None
        )
        return found

    def call(self, case: Any, name: str, *, by: str | None = None, off: Sequence[Any] = ()) -> None:
        """Call as somebody who may, or as `by`, and check the answer; some checks may be `off`."""
        from schemathesis.specs.openapi.checks import negative_data_rejection

        headers = bearer(self.tokens[by or caller(name)])
        excluded = [*off, *([negative_data_rejection] if name in NEVER_WRONG else [])]
        case.validate_response(
            case.call(headers=headers), headers=headers, excluded_checks=excluded
        )


@pytest.fixture(scope="module")
def tried(sqlite_databases: SqliteDatabases) -> Iterator[Tried]:
    # It takes seconds to load, and only this test needs it.
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    with application(sqlite_databases.create(fill_training)) as app:
        with database.transaction(app.extensions["permanence"].engine) as connection:
            tokens = {
                each: people.create_token(connection, each, now=NOW) for each in (WORKER, *PEOPLE)
            }
        case = app.test_client().post("/api/v1/cases", json=CASE, headers=bearer(tokens[WORKER]))
        [item] = [each for each in case.json["work_items"] if each["name"] == "arrange_ppm"]
        known = {"ref": case.json["ref"], "work_item_id": item["id"], "sequence": 1, "name": WORKER}
        config = SchemathesisConfig.from_dict(CONFIG)
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
        found = [each.ok() for each in schema.get_all_operations()]
        operations = {each.definition.raw["operationId"]: each for each in found}
        with from_everywhere(app):
            yield Tried(schema, operations, tokens, known)


@contextmanager
def from_everywhere(app: Flask) -> Iterator[None]:
    """Let each request come from an address of its own, so that wrong tokens slow none down."""
    answer, numbers = app.wsgi_app, count()

    def from_another(environ: dict[str, Any], start_response: Any) -> Any:
        return answer({**environ, "REMOTE_ADDR": f"2001:db8::{next(numbers):x}"}, start_response)

    app.wsgi_app = from_another  # type: ignore[method-assign]
    yield
    app.wsgi_app = answer  # type: ignore[method-assign]


def may_be_wrong(name: str) -> set[str]:
    """Return where something of a call may be wrong: path, query, header, body."""
    body = {"body"} if "requestBody" in CALLS[name] else set()
    return body | {each["in"] for each in CALLS[name]["parameters"] if each["schema"] != TEXT}


def members(name: str) -> set[str]:
    """Return what may stand in the body of a call."""
    [content] = CALLS[name]["requestBody"]["content"].values()
    *_, shape = content["schema"]["$ref"].split("/")
    return set(description()["components"]["schemas"][shape]["properties"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def caller(name: str) -> str:
    """Return somebody who may call this."""
    route = ROUTES[f"api.{name}"]
    # A power is the pack's to give: Dudley's team manager has every one.
    roles = (*route.roles, *(["team_manager"] if route.powers else []))
    return next((each for each in PEOPLE if each.split(".")[-1] in roles), WORKER)


def test_the_description_is_openapi(tried: Tried):
    tried.schema.validate()


@pytest.mark.parametrize("name", CALLS)
def test_right_requests_are_answered_as_described(tried: Tried, name: str):
    from schemathesis.generation import GenerationMode

    def check(case: Any, *, is_right: bool) -> None:
        if isinstance(case.body, dict):
            # Members that nobody reads would crowd out the others.
            read = {each: value for each, value in case.body.items() if each in members(name)}
            case.body = read | (RIGHT.get(name, {}) if is_right else {})
        tried.call(case, name)

    calls = tried.calls(name, GenerationMode.POSITIVE, known=True)
    run(given(case=calls, is_right=st.booleans())(check))


@pytest.mark.parametrize("name", [each for each in CALLS if may_be_wrong(each)])
def test_wrong_requests_are_refused_as_described(tried: Tried, name: str):
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import ignored_auth

    def check(case: Any) -> None:
        # Right requests are tried without a token already.
        tried.call(case, name, off=[ignored_auth])

    known = may_be_wrong(name) != {"path"}
    run(given(case=tried.calls(name, GenerationMode.NEGATIVE, known=known))(check))


@pytest.mark.parametrize("person", THREE)
@pytest.mark.parametrize("name", CALLS)
def test_whoever_asks_is_answered_as_described(tried: Tried, name: str, person: str):
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import ignored_auth

    def check(case: Any) -> None:
        if isinstance(case.body, dict):
            case.body = {each: value for each, value in case.body.items() if each in members(name)}
            case.body |= RIGHT.get(name, {})
        tried.call(case, name, by=person, off=[ignored_auth])

    run(given(case=tried.calls(name, GenerationMode.POSITIVE, known=True))(check))


def run(test: Callable[[], None]) -> None:
    """Run a test on the same few examples as ever."""
    few = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    few(test)()
