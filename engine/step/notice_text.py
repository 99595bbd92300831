"""What those whom a message concerns are told, in words: a sentence of its own, or its values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.domain import FactType, JsonValue
from engine.packs.manifest import MessageType


def told(kind: MessageType, facts: Mapping[str, FactType], payload: Mapping[str, JsonValue]) -> str:
    """Return the text of a notice: `says` of the message, else its label with what it carries."""
    set_by = {source: facts[fact] for fact, source in kind.sets.items() if fact in facts}
    words = {
        name: _words(value, set_by.get(name))
        for name, value in payload.items()
        if value is not None
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
