"""The catalogue of rules found in the councils' documents: what each says and how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True)
class SourceRule:
    """One rule. `phrase` quotes `document` verbatim ("…" joins fragments); `reading` is ours."""

    id: str
    kind: str
    phrase: str
    source: str
    document: str
    reading: str


@lru_cache(maxsize=1)
def rule_catalogue() -> Mapping[str, SourceRule]:
    """Return every rule by its id, in the catalogue's order."""
    text = files("workflows.permanence").joinpath("rules.json").read_text(encoding="utf-8")
    return MappingProxyType({entry["id"]: SourceRule(**entry) for entry in json.loads(text)})
