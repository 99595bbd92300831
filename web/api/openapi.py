"""The description of the API, made from its routes, their docstrings and the access table."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, current_app
from werkzeug.routing import Rule

from web.api.blueprint import api
from web.api.requests import say
from web.request.routes import ROUTES

JSON = "application/json"
PARTS: dict[str, dict[str, Any]] = {
    "pack": {"type": "string"},
    "kind": {"type": "string"},
    "policy": {"type": "string"},
    "facts": {"type": "object"},
    "answers": {"type": "object"},
    "name": {"type": "string"},
    "payload": {"type": "object"},
    "fact": {"type": "string"},
    "value": {},
    "effective_on": {"type": "string", "format": "date"},
    "reason": {"type": "string"},
    "to": {"type": "string"},
    "now": {"type": "string", "format": "date-time"},
    "after": {"type": "string"},
    "text": {"type": "string"},
    "term": {"type": "string"},
    "person": {"type": "string"},
    "covered_by": {"type": "string"},
    "from_on": {"type": "string", "format": "date"},
    "to_on": {"type": "string", "format": "date"},
    "successors": {"type": "object", "additionalProperties": {"type": "string"}},
}
BODIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "open_case": (("pack", "facts"), ("kind", "policy")),
    "send_message": (("name",), ("payload",)),
    "correct_fact": (("fact", "value", "reason"), ("effective_on",)),
    "complete_work_item": (("answers",), ()),
    "save_draft": (("answers",), ()),
    "assign": (("to",), ()),
    "set_clock": (("now",), ()),
    "add_comment": (("text",), ()),
    "find_cases": (("term",), ()),
    "name_cover": (("person", "covered_by", "from_on", "to_on"), ()),
    "hand_over": (("successors",), ("after",)),
    "skip_incident": (("reason",), ()),
}
QUERIES: dict[str, tuple[str, ...]] = {
    "list_deadlines": ("all",),
    "list_history": ("after", "limit"),
    "get_tracker": ("person", "filter", "rag", "limit", "start", "format"),
    "list_work_items": (
        "case",
        "name",
        "role",
        "assignee",
        "status",
        "due_before",
        "limit",
        "after",
    ),
}
UPLOADS = ("check_definitions", "publish_definitions")


@api.get("/openapi.json")
def openapi() -> Response:
    """This description."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                paths.setdefault(path, {})[method.lower()] = _operation(rule)
    return say(
        {
            "openapi": "3.1.0",
            "info": {"title": "permanence", "version": "1"},
            "servers": [{"url": "/api/v1"}],
            "security": [{"bearer": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "schemas": {"Problem": _problem()},
            },
        }
    )


def _operation(rule: Rule) -> dict[str, Any]:
    name = rule.endpoint.removeprefix("api.")
    view = current_app.view_functions[rule.endpoint]
    said: dict[str, Any] = {
        "operationId": name,
        "summary": (view.__doc__ or "").strip().splitlines()[0],
        "parameters": [*_path_parameters(rule), *_query_parameters(name)],
        "responses": {
            "2XX": {"description": "Done", "content": {JSON: {}}},
            "4XX": {"description": "Refused; nothing was written", "content": _refusal()},
        },
    }
    if ROUTES[rule.endpoint].who == "anyone":
        said["security"] = []
    if name == "check_definitions":
        said["responses"]["2XX"] = {
            "description": "Findings, none when all is well; what cannot be read is one too",
            "content": {JSON: {"schema": {"type": "array", "items": _finding()}}},
        }
    if name in BODIES:
        said["requestBody"] = {"required": True, "content": {JSON: {"schema": _body(name)}}}
    if name in UPLOADS:
        files = {"type": "object", "properties": {"files": {"type": "array", "items": {}}}}
        said["requestBody"] = {"content": {"multipart/form-data": {"schema": files}}}
    return said


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    kinds = {"work_item_id": {"type": "string", "format": "uuid"}, "sequence": {"type": "integer"}}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": kinds.get(name, {"type": "string"}),
        }
        for name in sorted(rule.arguments)
    ]


def _query_parameters(name: str) -> list[dict[str, Any]]:
    return [
        {"name": each, "in": "query", "schema": {"type": "string"}}
        for each in QUERIES.get(name, ())
    ]


def _body(name: str) -> dict[str, Any]:
    required, optional = BODIES[name]
    return {
        "type": "object",
        "required": list(required),
        "properties": {each: PARTS[each] for each in (*required, *optional)},
    }


def _refusal() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _finding() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("file", "element", "rule", "message")}
    severity = {"type": "string", "enum": ["error", "warning"]}
    return {"type": "object", "properties": {"severity": severity, **texts}}


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
