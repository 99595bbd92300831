"""Holds the API to its description: whatever a test asks of it, the answer must fit.

An answer is held to what is described for its call, status and type; JSON that was accepted must
have been right by the description too.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from web import api
from web.api import openapi

PREFIX = "/api/v1/"
PROBLEM = {"$ref": "#/components/schemas/Problem"}


class Contradicted(AssertionError):
    """The API did what its description denies."""


class DescribedClient(FlaskClient):
    """A test client that holds each answer of the API to the description."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if answer.request.path.startswith(PREFIX) and answer.request.method != "HEAD":
            check(answer, sent=kwargs.get("json"))
        return answer


def check(answer: TestResponse, *, sent: Any = None) -> None:
    """Hold an answer to the description, and the JSON that was sent if it was accepted.

    Raises:
        Contradicted: another status or type than described, or JSON of another shape.
    """
    method, path, status = answer.request.method, answer.request.path, answer.status_code
    where = f"{method} {path} {status}"
    call = _call(path, method)
    if call is None:
        _hold(PROBLEM, answer.json, where)
        return
    if str(status) not in call["responses"]:
        raise Contradicted(f"{where} is not described: {answer.text[:500]}")
    content = _resolved(call["responses"][str(status)])["content"]
    if answer.mimetype not in content:
        raise Contradicted(f"{where} is {answer.mimetype}, described is {', '.join(content)}")
    if answer.is_json:
        _hold(content[answer.mimetype]["schema"], answer.json, where)
    body = call.get("requestBody", {}).get("content", {}).get("application/json")
    if sent is not None and body is not None and status < 300:
        _hold(body["schema"], sent, f"what was sent to {where}")


@cache
def description() -> dict[str, Any]:
    """Return the description of the API."""
    said: dict[str, Any] = openapi.describe(_routes().url_map.iter_rules())
    return said


@cache
def _routes() -> Flask:
    app = Flask(__name__)
    api.add_to(app)
    return app


@cache
def _calls() -> dict[str, Any]:
    paths = description()["paths"].values()
    return {call["operationId"]: call for path in paths for call in path.values()}


def _call(path: str, method: str) -> Any:
    """Return what is described of a call, or None where no route leads."""
    try:
        endpoint, _ = _routes().url_map.bind("").match(path, method)
    except HTTPException:
        return None
    return _calls()[endpoint.removeprefix("api.")]


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    *_, name = response.get("$ref", "").split("/")
    found: dict[str, Any] = description()["components"]["responses"].get(name, response)
    return found


def _hold(schema: dict[str, Any], value: Any, where: str) -> None:
    error = next(_validator(json.dumps(schema)).iter_errors(value), None)
    if error is not None:
        at = "/".join(map(str, error.instance_path))
        raise Contradicted(f"{where} contradicts the description at /{at}: {error.message[:500]}")


@cache
def _validator(schema: str) -> Any:
    whole = {**json.loads(schema), "components": description()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
