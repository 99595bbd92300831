"""How the API refuses: RFC 9457 problem details, as `web.request.errors` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from web.api.definitions import FindingSaid
from web.api.representations import Instant


class Problem(TypedDict):
    """What was refused, in words for a person."""

    type: str
    title: str
    status: int
    detail: str


class FieldError(TypedDict):
    """What is wrong with one field."""

    field: str
    message: str


class WrongFields(Problem):
    """A message for each field that is wrong; `errors` and `fields` say the same.

    `confirm` holds the answers that are only unlikely: sent again as `confirmed`, they are taken.
    """

    errors: list[FieldError]
    fields: dict[str, str]
    confirm: NotRequired[dict[str, Any]]


class WrongPack(Problem):
    """A pack that cannot be published, and why."""

    findings: list[FindingSaid]


class NoLongerOpen(Problem):
    """A work item that somebody completed, or that was withdrawn: then by nobody."""

    completed_by: str | None
    completed_at: Instant | None


class SameOpen(Problem):
    """Cases about the same that are open: those the caller sees, and how many others.

    `field` is where the reason for a second one is sent.
    """

    field: str
    cases: list[str]
    cases_hidden: int


class KeptAsDraft(Problem):
    """A process that could not go on; the answers are kept, an operator may know already."""

    kept_as_draft: bool
    reported: bool


PROBLEMS: Mapping[int, tuple[str, tuple[Any, ...]]] = {
    400: ("The request cannot be understood", (Problem,)),
    401: ("No valid bearer token came with it", (Problem,)),
    403: ("This is for somebody with another role", (Problem,)),
    404: ("There is no such thing, or it is not for the caller to see", (Problem,)),
    409: ("It does not fit what is there now", (Problem, NoLongerOpen, SameOpen)),
    413: ("What was sent is too large", (Problem,)),
    422: ("What was sent is not right", (Problem, WrongFields, WrongPack)),
    429: ("So many wrong tokens came that none is looked at for a while", (Problem,)),
    500: ("The process could not go on", (Problem, KeptAsDraft)),
}
"""Status -> what it means, and the shapes in which it is told. Nothing was changed by any of it."""
