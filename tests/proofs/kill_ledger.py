"""What clients were told, written down by a process that is never killed."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock


@dataclass(frozen=True)
class Told:
    """One request and its final answer.

    `token` stands in what was sent and nowhere else. `version` is the case's version in the
    answer, None for a draft and for what was refused. `differed` says that the same key was once
    answered otherwise.
    """

    token: str
    kind: str
    actor: str
    status: int
    tries: int
    ref: str | None = None
    version: int | None = None
    work_item: str | None = None
    differed: bool = False

    @property
    def acknowledged(self) -> bool:
        return self.status in (200, 201)


@dataclass
class Ledger:
    """Every answer in order, appended to `file` before the client goes on."""

    file: Path
    told: list[Told] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def write(self, told: Told) -> None:
        data = json.dumps(asdict(told)).encode() + b"\n"
        with self._lock:
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(handle, data)
            os.close(handle)
            self.told.append(told)

    def counts(self) -> dict[str, int]:
        """Return how many answers there were of each sort."""
        found: Counter[str] = Counter()
        for each in self.told:
            found["acknowledged" if each.acknowledged else "refused"] += 1
            found["asked again"] += each.tries - 1
        return dict(found)
