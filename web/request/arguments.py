"""What the address of a request asks for, as values."""

from __future__ import annotations

import re

from web.request.errors import BadRequest


def count(text: str | None, name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number of the address; more than `most` counts as `most`.

    Raises:
        BadRequest: it is no whole number, or less than `least`.
    """
    if text in (None, ""):
        return default
    if not re.fullmatch(r"\d{1,18}", str(text), re.ASCII) or int(str(text)) < least:
        raise BadRequest(f"{name} must be a whole number, {least} or more.")
    return min(int(str(text)), most)
