"""What a call of the API was sent: its JSON by the type of the body, and words of its address."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import msgspec.inspect as shapes
from flask import request
from msgspec import Meta

from engine.errors import AnswersRefused
from web.request import context
from web.request.errors import BadRequest

T = TypeVar("T")

TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}
"""Text of an address: the access check lets no zero character pass."""
_DAY = {"type": "string", "format": "date"}
_ABSENT = {"const": "", "description": "As if it were absent."}


def _whole(least: int) -> dict[str, Any]:
    return {"anyOf": [{"type": "integer", "minimum": least, "maximum": 10**18 - 1}, _ABSENT]}


# In a body: what the view reads itself.
Day: TypeAlias = Annotated[object, Meta(extra_json_schema=_DAY)]
DayOrNone: TypeAlias = Annotated[
    object, Meta(extra_json_schema={"anyOf": [_DAY, _ABSENT, {"type": "null"}]})
]
Moment: TypeAlias = Annotated[
    object, Meta(extra_json_schema={"type": "string"}, examples=["2026-01-05T09:00Z"])
]
Anything: TypeAlias = Annotated[
    Any,
    Meta(
        extra_json_schema={"type": ["array", "boolean", "null", "number", "object", "string"]},
        extra={"null": True},
    ),
]
"""A member that must be there; null says that there is nothing."""
UserName: TypeAlias = Annotated[str, Meta(extra={"words": "a user name"})]
File: TypeAlias = Annotated[object, Meta(extra_json_schema={"type": "string", "format": "binary"})]

# In an address, where all is text: the schema of what it says.
FromZero: TypeAlias = Annotated[str, _whole(0)]
FromOne: TypeAlias = Annotated[str, _whole(1)]
DayText: TypeAlias = Annotated[str, {"anyOf": [_DAY, _ABSENT]}]

DEEPEST = 20
"""Levels of groups and lists in a body; a form's answers have three."""

CHECKED: dict[type[shapes.Type], tuple[type, str]] = {
    shapes.StrType: (str, "text"),
    shapes.DictType: (dict, "an object"),
}
"""What a member may be held to here, with the words for it; views look at all others."""


@dataclass(frozen=True)
class _Member:
    """A member of a body; `words` say what it must be. `null`: null is one of its values."""

    name: str
    required: bool
    kind: type
    words: str
    null: bool = False


def read_body(kind: type[T]) -> T:
    """Return the request's JSON object as a `kind`, a typed dictionary.

    What is null is left out, but where null says something (`Anything`).

    What `kind` does not name is passed over; what it calls an object of any type was not looked at.

    Raises:
        BadRequest: not JSON, or no object.
        AnswersRefused: a required member is missing, or one is of another type.
    """
    members = _members(cast(Any, kind))
    body = read_object()
    _require(
        each.name
        for each in members
        if each.required and (each.name not in body if each.null else body.get(each.name) is None)
    )
    read = {each: _checked(body.get(each.name), each) for each in members if each.name in body}
    kept = {each.name: value for each, value in read.items() if value is not None or each.null}
    if "confirmed" in kept:
        context.confirm(cast("dict[str, Any]", kept["confirmed"]))
    return cast(T, kept)


@cache
def _members(kind: Any) -> tuple[_Member, ...]:
    shape = shapes.type_info(kind)
    assert isinstance(shape, shapes.TypedDictType)
    fields = {each.name: each for each in shape.fields}
    return tuple(_member(fields[name]) for name in kind.__annotations__)


def _member(field: shapes.Field) -> _Member:
    words, null, shape = "", False, field.type
    while isinstance(shape, shapes.Metadata | shapes.UnionType):
        if isinstance(shape, shapes.Metadata):
            extra = shape.extra or {}
            words, null = extra.get("words", words), extra.get("null", null)
            shape = shape.type
        else:
            [shape] = [each for each in shape.types if not isinstance(each, shapes.NoneType)]
    kind, usual = CHECKED.get(type(shape), (object, ""))
    return _Member(field.name, field.required, kind, words or usual, null)


def _checked(value: object, member: _Member) -> object:
    if value is not None and not isinstance(value, member.kind):
        raise AnswersRefused({member.name: f"{member.name} must be {member.words}."})
    return value


def read_query(kind: type[T]) -> T:
    """Return the parameters of the address that `kind`, a typed dictionary of texts, names."""
    return cast(
        T, {name: request.args[name] for name in kind.__annotations__ if name in request.args}
    )


def read_object(*required: str) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        BadRequest: not JSON, or no object.
        AnswersRefused: a required member is missing.
    """
    try:
        # The header is not insisted on: what counts is what was sent.
        text = request.get_data().decode("utf-8")
        body = json.loads(text or "null", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body must be JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    _require_shallow(body)
    _require(name for name in required if body.get(name) is None)
    return body


def _require(missing: Iterable[str]) -> None:
    problems = {name: f"{name} is missing. Add it." for name in missing}
    if problems:
        raise AnswersRefused(problems)


def _refuse_constant(name: str) -> None:
    # Python reads NaN and Infinity, which are no JSON and cannot be kept as such.
    raise ValueError(f"{name} is no JSON")


def _require_shallow(body: object) -> None:
    """Refuse what is nested so deeply that reading it would exhaust the stack."""
    level = [body]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise BadRequest(f"The body is nested more than {DEEPEST} levels deep.")


def day(text: Any, name: str) -> date | None:
    """Return an ISO date. Raises AnswersRefused when it is none."""
    if text in (None, ""):
        return None
    try:
        found = date.fromisoformat(text if isinstance(text, str) else "")
        # Python reads other ISO spellings too, such as weeks; the contract knows one.
        if found.isoformat() != text:
            raise ValueError
        return found
    except ValueError:
        message = f"{name} must be a real date, like 2026-03-27."
        raise AnswersRefused({name: message}) from None
