"""The hash chain over a case's events, and the salted digests of personal content.

leaf = SHA-256(body); hash = SHA-256(previous hash + leaf), both as hexadecimal text. The body
names personal values only by digest: HMAC-SHA-256 of the value under a salt, the salt being
HMAC(the case's secret, "sequence:field"). Without the secret the chain still verifies, and the
digests say nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from engine.domain import JsonValue

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

GENESIS = "0" * 64
"""The hash before a case's first event."""


def canonical(value: object) -> str:
    """Return `value` as JSON text with sorted keys and no spaces: equal values, equal bytes."""
    return _ENCODER.encode(value)


def leaf_of(body: str) -> str:
    """Return the leaf hash of an event's canonical body."""
    return hashlib.sha256(body.encode()).hexdigest()


def chain(previous: str, leaf: str) -> str:
    """Return the hash of an event from the one before it and its leaf."""
    return hashlib.sha256(f"{previous}{leaf}".encode()).hexdigest()


def digest(secret: bytes, sequence: int, field: str, value: JsonValue) -> str:
    """Return the salted digest that stands for a personal value in event `sequence`."""
    salt = hmac.digest(secret, f"{sequence}:{field}".encode(), "sha256")
    return hmac.new(salt, canonical(value).encode(), "sha256").hexdigest()


def digests(
    secret: bytes, sequence: int, prefix: str, values: Mapping[str, JsonValue]
) -> dict[str, str]:
    """Return field -> digest for a group of values; `prefix` keeps groups apart."""
    return {
        name: digest(secret, sequence, f"{prefix}.{name}", value) for name, value in values.items()
    }
