"""An event: what one step did, without anything personal, how it is sealed, who is told in words.

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
from datetime import date
from typing import Any

from engine.context import Context
from engine.domain import FactType, JsonValue
from engine.packs.manifest import MessageType
from engine.step.model import DeadlineWrite, KeptWorkItem, LoadedCase, NewWorkItem, Step


def event_body(
    ctx: Context, case: LoadedCase, step: Step, *, kind: str, work_item: KeptWorkItem | None
) -> dict[str, Any]:
    """Return what the hash chain covers: who did what, and every effect, as JSON values.

    Personal values stand here by their salted digests only.
    """
    sequence = case.version + 1
    return {
        "case": case.ref,
        "sequence": sequence,
        "at": ctx.now.isoformat(),
        "actor": ctx.actor.name,
        "acting_for": ctx.acting_for,
        "kind": kind,
        "definition": case.definition.hash,
        "work_item": work_item and {"id": str(work_item.id), "name": work_item.name},
        "answers": digests(case.secret, sequence, "answer", step.answers),
        "facts": [
            {
                "name": each.name,
                "digest": digest(case.secret, sequence, f"fact.{each.name}", each.value),
                "effective_on": each.effective_on.isoformat(),
                "corrects": each.corrects,
            }
            for each in step.facts
            if each.value is not None
        ],
        **_unset(step),
        "deadlines": [_deadline_body(each) for each in step.deadlines],
        "steps": [
            {
                "instance": str(each.id),
                "process": each.process,
                "definition": case.definition.hash,
                "status": each.status,
                "ran": list(each.ran),
                "waiting": list(each.waiting),
            }
            for each in step.instances
        ],
        "opened": [_opened_body(each) for each in step.opened],
        "closed": {str(id): how for id, how in sorted(step.closed.items())},
        "decisions": [dict(each) for each in step.decisions],
        "messages": [dict(each) for each in step.messages],
        "notices": [{"id": str(n.id), "role": n.role, "person": n.person} for n in step.notices],
        **_looking_on(step),
    }


def _looking_on(step: Step) -> dict[str, list[dict[str, str]]]:
    """Return whose people see the case from now on and until when, nothing when that is as before.

    Events from before anybody could look on have no such entry.
    """
    found = [
        {"role": each.role, "about": each.about, "until_on": each.until_on.isoformat()}
        for each in step.onlookers
    ]
    return {"onlookers": found} if found else {}


def _unset(step: Step) -> dict[str, list[str]]:
    """Return which facts were taken back, and which ended with their work; nothing for none."""
    names = [each.name for each in step.facts if each.value is None and not each.ended]
    ended = sorted(each.name for each in step.facts if each.ended)
    return {**({"unset": names} if names else {}), **({"ended": ended} if ended else {})}


def _opened_body(item: NewWorkItem) -> dict[str, str]:
    """Return what is said of work that began; whose it is, where another role has it meanwhile."""
    own_role = {"own_role": item.own_role} if item.own_role else {}
    return {"id": str(item.id), "name": item.name, "role": item.role, **own_role}


def _deadline_body(write: DeadlineWrite) -> dict[str, Any]:
    return {
        "id": str(write.id),
        "name": write.name,
        "change": write.closed_as or "opened",
        "key": write.derived.key if write.derived else None,
        "limit_on": _iso(write.limit_on),
        "met_on": _iso(write.met_on),
        "superseded_by": str(write.superseded_by) if write.superseded_by else None,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


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


def told(kind: MessageType, facts: Mapping[str, FactType], payload: Mapping[str, JsonValue]) -> str:
    """Return the text of a notice: `says` of the message, else its label with what it carries."""
    set_by = {source: facts[fact] for fact, source in kind.sets.items() if fact in facts}
    words = {
        name: _words(value, set_by.get(name))
        for name, value in payload.items()
        if value is not None and f"={name}" not in kind.notify
    }
    if kind.says:
        text = kind.says
        for name, said in words.items():
            text = text.replace(f"{{{name}}}", said)
        return text
    said = ", ".join(words.values())
    return f"{kind.label}: {said}" if said else kind.label


def filled(text: str, values: Mapping[str, object]) -> str:
    """Return a sentence with `{name}` replaced by the value of that name, in words."""
    for name, value in values.items():
        if value is not None and f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", _words(value, None))
    return text


def _words(value: object, fact: FactType | None) -> str:
    """Return one value as people say it: a code by its label, a day as "9 March 2026"."""
    if fact is not None and fact.values:
        return fact.values.get(str(value), str(value))
    text = str(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B} {day.year}" if day.isoformat() == text else text
