"""Made-up facts, answers and messages of the declared types: what a dry run fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.domain import JsonValue
from engine.packs.form_formats import SAMPLES
from engine.packs.forms import Form
from engine.packs.manifest import MessageType, Pack

PERSON = "sample.person"
TEXT = "Sample"
MAX_VARIANTS = 16
"""Ways in which one form is answered; each choice is taken at least once while there is room."""

_BY_TYPE: dict[str, JsonValue] = {
    "text": TEXT,
    "string": TEXT,
    "boolean": True,
    "user": PERSON,
    "number": 1,
    "integer": 1,
    "list": [],
    "roles": [],
}


def sample_facts(pack: Pack, today: date) -> dict[str, JsonValue]:
    """Return every fact that is not worked out from others, set to a value of its type."""
    facts: dict[str, JsonValue] = {}
    for name, kind in pack.facts.items():
        if kind.derived:
            continue
        if kind.type == "date":
            facts[name] = today.isoformat()
        elif kind.type == "code":
            facts[name] = next(iter(kind.values), TEXT)
        else:
            facts[name] = _BY_TYPE[kind.type]
    return facts


def sample_payload(kind: MessageType | None, today: date) -> dict[str, JsonValue]:
    """Return what a declared message carries; nothing for one that only diagrams tell."""
    if kind is None:
        return {}
    return {
        each.name: today.isoformat() if each.type == "date" else _BY_TYPE.get(each.type, TEXT)
        for each in kind.payload
    }


def sample_answers(form: Form | None, today: date) -> list[dict[str, JsonValue]]:
    """Return sets of answers: everything filled in, only what must be, and each choice once."""
    if form is None:
        return [{}]
    properties: Mapping[str, Any] = form.schema.get("properties", {})
    full = {name: _value(schema, today) for name, schema in properties.items()}
    required = set(form.schema.get("required", ()))
    variants = [full, {name: value for name, value in full.items() if name in required}]
    for name, schema in properties.items():
        variants += [{**full, name: choice} for choice in _choices(schema)]
    return _distinct(variants)[:MAX_VARIANTS]


def _value(schema: Mapping[str, Any], today: date) -> JsonValue:
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items", {})
        return [_value(items, today)] if isinstance(items, Mapping) else []
    if kind == "object":
        inner = schema.get("properties", {})
        return {name: _value(each, today) for name, each in inner.items()}
    for choice in _choices(schema):
        return choice
    if schema.get("format") == "date":
        return today.isoformat()
    if schema.get("format") in SAMPLES:
        return SAMPLES[schema["format"]]
    if schema.get("x-widget") == "user":
        return PERSON
    if kind in ("integer", "number"):
        least: JsonValue = schema.get("minimum", 1)
        return least
    return _BY_TYPE.get(str(kind), TEXT)


def _choices(schema: Mapping[str, Any]) -> Iterator[JsonValue]:
    if schema.get("type") == "boolean":
        yield True
        yield False
    for key in ("oneOf", "anyOf"):
        for each in schema.get(key, ()):
            if isinstance(each, Mapping) and "const" in each:
                yield each["const"]
    yield from schema.get("enum", ())


def _distinct(variants: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    return [each for place, each in enumerate(variants) if each not in variants[:place]]
