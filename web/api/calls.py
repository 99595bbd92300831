"""A call of the API: what it reads, answers and refuses stands in the signature of its view.

A view takes its JSON as `body` and the parameters of its address as `query`, each of a typed
dictionary; the type that it returns says what it answers. `web.api.openapi` describes that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from flask import Response

from web.api.answers import Created, Once
from web.api.requests import read_body, read_query

OF_A_BODY = (413, 422)
OF_A_COMMAND = (403, 409, 413, 422)
"""What any command may be refused with; a key that was used before is 422."""

View = Callable[..., Response]


@dataclass(frozen=True)
class Answer:
    """One way of answering: its class, and what it holds."""

    kind: type[Response]
    holds: Any


@dataclass(frozen=True)
class Call:
    """What a view says of itself; its body, query and upload are typed dictionaries, or None.

    `arguments` are those of its path.
    """

    words: str
    arguments: Mapping[str, Any]
    body: Any
    query: Any
    upload: Any
    answers: tuple[Answer, ...]
    refusals: frozenset[int]

    @property
    def has_key(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return any(issubclass(each.kind, Once | Created) for each in self.answers)


CALLS: dict[str, Call] = {}
"""Name of the view -> its call."""


def described(*refusals: int, upload: type | None = None) -> Callable[[View], View]:
    """Give a view the `body` and `query` that it asks for, and keep what it says of itself.

    Args:
        refusals: statuses that it refuses with, besides those of every call of its kind.
        upload: the parts of its multipart body, which the view reads itself.
    """

    def describe(view: View) -> View:
        asked = get_type_hints(view, include_extras=True)
        answers, body, query = (asked.pop(name, None) for name in ("return", "body", "query"))
        CALLS[view.__name__] = Call(
            words=view.__doc__ or "",
            arguments=asked,
            body=body,
            query=query,
            upload=upload,
            answers=_answers(answers),
            refusals=frozenset(refusals),
        )

        @wraps(view)
        def called(**arguments: Any) -> Response:
            if body is not None:
                arguments["body"] = read_body(body)
            if query is not None:
                arguments["query"] = read_query(query)
            return view(**arguments)

        return called

    return describe


def _answers(returned: Any) -> tuple[Answer, ...]:
    """Return what the type says that a view returns: `Said[Case]`, or one of several."""
    several = get_origin(returned) in (Union, UnionType)
    return tuple(
        Answer(get_origin(each) or each, next(iter(get_args(each)), str))
        for each in (get_args(returned) if several else (returned,))
    )
