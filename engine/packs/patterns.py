"""Patterns that a form's questions ask answers to match, on an engine that no pattern can hold up.

Python's `re` tries ways again and again: `(a?){45}a{45}` and 45 letters kept a server busy for two
minutes. RE2 reads a text once, whatever the pattern; what it cannot do in that time (to look back
at a group, to look ahead) is refused when a pack is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema
import re2  # type: ignore[import-untyped]

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20
"""Bytes for a compiled pattern; one that would need more repeats too often to be meant."""


class PatternRefused(ValueError):
    """A pattern that cannot be used; the message says why, for people."""


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Any:
    """Return a compiled pattern.

    Raises:
        PatternRefused: it cannot be read, or RE2 cannot match it in linear time.
    """
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        why = error.args[0] if error.args else "it is no pattern"
        said = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise PatternRefused(said) from error


def _pattern(
    _validator: Any, pattern: str, instance: object, _schema: Mapping[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and compile_pattern(pattern).search(instance) is None:
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


FormValidator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)
"""JSON Schema 2020-12 with patterns of this module."""
