"""How a form says what is wrong with an answer: one message that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema

from engine.packs.form_formats import WRONG


def missing(schema: Mapping[str, Any], title: str) -> str:
    """Return "Enter who is invited": with `x-name`, what the question asks for in a sentence."""
    items = schema.get("items")
    kinds = {**items, **schema} if isinstance(items, Mapping) else schema
    chooses = bool({"oneOf", "anyOf", "enum"} & kinds.keys()) or schema.get("type") == "boolean"
    if "x-name" in schema:
        return f"{'Select' if chooses else 'Enter'} {schema['x-name']}"
    if title.endswith("?"):
        return f"{'Select an answer to' if chooses else 'Answer'} “{title}”"
    return f"{'Select' if chooses else 'Enter'} “{title}”"


def asked(schema: Mapping[str, Any], title: str) -> str:
    """Return how a message begins that says what is wrong with an answer."""
    if "x-name" in schema:
        name = str(schema["x-name"])
        return name[:1].upper() + name[1:]
    return f"“{title}”" if title.endswith("?") else title


def wrong(error: jsonschema.ValidationError, asked: str) -> str:
    match error.validator:
        case "format":
            return WRONG[str(error.validator_value)].format(asked)
        case "type":
            kinds = {
                "string": "text",
                "boolean": "yes or no (true or false)",
                "integer": "a whole number",
                "number": "a number",
                "array": "a list",
                "object": "a group of answers",
            }
            return f"{asked} must be {kinds.get(str(error.validator_value), 'of another kind')}"
        case "oneOf" | "anyOf" | "enum" | "const":
            return f"{asked} must be one of the answers offered"
        case "maxLength":
            return f"{asked} must be {error.validator_value:,} characters or fewer"
        case "maxItems":
            return f"{asked} may have at most {error.validator_value} entries"
        case "additionalProperties":
            return f"{asked} holds something this form does not ask for."
        case _:
            return f"{asked} is not as this form needs it. Check it."
