"""The key of a process that messages start: the same key means the same piece of work again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings, plain
from engine.domain import JsonValue

LONGEST = 200
"""Characters of a key that are kept as they are; of longer ones the SHA-256."""


def key_of(expression: str, payload: Mapping[str, JsonValue], reads: Surroundings) -> str | None:
    """Return the key that a start event's property `key` gives a message, None without one.

    Raises:
        ExpressionError: the key reads what the message does not carry.
    """
    if not expression:
        return None
    text = json.dumps(plain(runtime.evaluate(expression, payload, reads)))
    return text if len(text) <= LONGEST else hashlib.sha256(text.encode()).hexdigest()
