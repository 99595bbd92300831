"""Forms that no pack file holds: a message's payload, a correction of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain import FactType
from engine.packs.forms import Form
from engine.packs.manifest import MessageType, Pack, PayloadField
from web.request import filters

LONGEST = 4_000
NAME = 200


def message_form(pack: Pack, message: MessageType) -> Form:
    """Return the form of a message; a payload field that sets a coded fact offers its codes."""
    set_by = {payload: fact for fact, payload in message.sets.items()}
    properties = {
        each.name: _payload_schema(each, pack.facts.get(set_by.get(each.name, "")))
        for each in message.payload
    }
    required = [each.name for each in message.payload if each.required]
    return _form(f"message:{message.name}", message.label, properties, required)


def correction_form(fact: FactType, *, may_be_nothing: bool) -> Form:
    """Return the form that corrects one fact: the new value, or none; since when, and why."""
    value = {**_value_schema(fact.type, fact), "title": f"{fact.label}: the right value"}
    nothing = {
        "type": "boolean",
        "title": "Is there none?",
        "x-hint": "Yes takes back what is recorded now.",
    }
    properties = {
        **({"nothing": nothing} if may_be_nothing else {}),
        "value": {**value, **({"x-show-when": "nothing != true"} if may_be_nothing else {})},
        "effective_on": {
            "type": "string",
            "format": "date",
            "title": "True since",
            "x-hint": "Leave empty if this was never otherwise.",
        },
        "reason": {
            "type": "string",
            "maxLength": LONGEST,
            "minLength": 1,
            "x-widget": "textarea",
            "title": "Why is this corrected?",
            "x-hint": "The old value, the new one and this reason stay in the history.",
        },
    }
    return _form("correction", f"Correct: {fact.label}", properties, ["reason"])


def _form(form_id: str, title: str, properties: Mapping[str, Any], required: list[str]) -> Form:
    return Form(
        form_id,
        {
            "title": title,
            "type": "object",
            "properties": dict(properties),
            "required": required,
            "additionalProperties": False,
        },
    )


def _payload_schema(each: PayloadField, fact: FactType | None) -> dict[str, Any]:
    same_kind = fact is not None and (fact.type == each.type or bool(fact.values))
    title = each.title or (fact.label if fact is not None else "")
    schema = _value_schema(each.type, fact if same_kind else None)
    if schema.get("maxLength"):
        schema["maxLength"] = min(schema["maxLength"], each.longest)
    if each.lines and "oneOf" not in schema:
        schema["x-widget"] = "textarea"
    if each.hint:
        schema["x-hint"] = each.hint
    return {**schema, "title": title or filters.humanise(each.name)}


def _value_schema(kind: str, fact: FactType | None) -> dict[str, Any]:
    if fact is not None and fact.values:
        options = [{"const": code, "title": label} for code, label in fact.values.items()]
        return {"type": "string", "oneOf": options, "x-widget": "select"}
    if kind == "date":
        return {"type": "string", "format": "date"}
    if kind == "boolean":
        return {"type": "boolean"}
    if kind == "number":
        return {"type": "number"}
    if kind == "user":
        if fact is not None and fact.outsiders:
            other = {"x-other": "Somebody else", "maxLength": NAME}
            return {"type": "string", "x-widget": "user", **other}
        role = fact.name if fact is not None else ""
        return {"type": "string", "x-widget": "user", "x-role": role}
    if kind == "list":
        return {"type": "array", "items": {"type": "string"}, "x-widget": "textarea"}
    return {"type": "string", "maxLength": LONGEST}
