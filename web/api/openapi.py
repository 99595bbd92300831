"""The description of the API, OpenAPI 3.1: made from the signatures of its views.

`web.api.calls` knows what each view reads, answers and refuses, msgspec makes schemas of those
types, and the access table says who may call.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
from flask import current_app
from werkzeug.routing import Rule

from web.api.answers import LONGEST_KEY, Said, say
from web.api.blueprint import api
from web.api.calls import CALLS, OF_A_BODY, OF_A_COMMAND, Call, described
from web.api.problems import PROBLEMS
from web.api.requests import TEXT
from web.request.errors import PROBLEM_JSON
from web.request.routes import ROUTES

JSON = "application/json"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body has one effect and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}

Schemas = dict[Any, dict[str, Any]]
"""Type -> its schema."""


@api.get("/openapi.json")
@described()
def openapi() -> Said[dict[str, Any]]:
    """This description."""
    return say(describe(current_app.url_map.iter_rules()))


def describe(rules: Iterable[Rule]) -> dict[str, Any]:
    """Return the description of those of `rules` that are the API's."""
    schemas, components = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for rule in rules:
        if rule.endpoint.startswith("api."):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                paths.setdefault(path, {})[method.lower()] = _operation(rule, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "permanence", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": components,
            "responses": {f"Refused{each}": _refusal(each, schemas) for each in PROBLEMS},
        },
    }


@cache
def _schemas() -> tuple[Schemas, dict[str, Any]]:
    """Return the schema of every type that is sent or told, and the named ones that these use."""
    calls = CALLS.values()
    sent = [each for call in calls for each in (call.body, call.upload) if each is not None]
    named = [each for call in calls for each in call.arguments.values()]
    told = [each.holds for call in calls for each in call.answers]
    problems = [each for _, shapes in PROBLEMS.values() for each in shapes]
    types = [*sent, *named, *told, *problems]
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    # Whoever calls may send more than is read; what is told holds what it says and no more.
    for name in components.keys() - {each.__name__ for each in sent}:
        components[name]["additionalProperties"] = False
    return dict(zip(types, schemas, strict=True)), components


def _operation(rule: Rule, schemas: Schemas) -> dict[str, Any]:
    name = rule.endpoint.removeprefix("api.")
    call = CALLS[name]
    summary, _, more = inspect.cleandoc(call.words).partition("\n")
    said: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": list(_parameters(call, schemas)),
        "responses": _responses(rule, call, schemas),
    }
    if more:
        said["description"] = more.strip()
    if ROUTES[rule.endpoint].who == "anyone":
        said["security"] = []
    if call.body is not None:
        said["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas[call.body]}}}
    if call.upload is not None:
        parts = {"schema": schemas[call.upload]}
        said["requestBody"] = {"required": True, "content": {"multipart/form-data": parts}}
    return said


def _parameters(call: Call, schemas: Schemas) -> Iterator[dict[str, Any]]:
    for name, kind in call.arguments.items():
        schema = TEXT if kind is str else schemas[kind]
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    asked = get_type_hints(call.query, include_extras=True) if call.query else {}
    for name, kind in asked.items():
        _, *said = get_args(kind) or (kind,)
        yield {"name": name, "in": "query", "schema": said[0] if said else TEXT}
    if call.has_key:
        yield KEY


def _responses(rule: Rule, call: Call, schemas: Schemas) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for each in call.answers:
        answer = answers.setdefault(
            str(each.kind.default_status), {"description": "Done", "content": {}}
        )
        answer["content"][each.kind.default_mimetype] = {"schema": schemas[each.holds]}
    refusals = {
        str(each): {"$ref": f"#/components/responses/Refused{each}"}
        for each in sorted(_refusals(rule, call))
    }
    return answers | refusals


def _refusals(rule: Rule, call: Call) -> Iterator[int]:
    """Yield the statuses with which a call may be refused."""
    yield 400
    yield from call.refusals
    access = ROUTES[rule.endpoint]
    if access.who != "anyone":
        yield from (401, 429)
    if access.roles or access.powers:
        yield 403
    if call.arguments or access.training_only:
        yield 404
    if call.body is not None:
        yield from OF_A_BODY
    if call.has_key:
        yield from OF_A_COMMAND


def _refusal(status: int, schemas: Schemas) -> dict[str, Any]:
    words, shapes = PROBLEMS[status]
    schema = {"anyOf": [schemas[each] for each in shapes]}
    return {"description": words, "content": {PROBLEM_JSON: {"schema": schema}}}
