"""Which values of a case's rows are sealed: an event says by digest what each row held it wrote.

The body of an event names under "rows" groups of columns, and of each row that the step wrote one
digest: HMAC-SHA-256, as of answers and facts, over the group's values. Columns that are written
together stand in one group, so that the newest digest of a row's group is that of the row as it
should stand now. A row that no event seals, or a sealed one that is gone, is found by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import formats
from engine.domain import JsonValue
from engine.step import event
from engine.storage import tables
from engine.storage.compiled_sql import Values

LENGTH = 24
"""Hexadecimal digits of a row's digest: 96 bits, as nobody can try values without the secret."""

Key = tuple[str, ...]
Seals = dict[str, dict[str, str]]
"""Group -> key of a row -> its digest, as it stands in the body."""


@dataclass(frozen=True)
class Group:
    """Columns of a table that are written together. `key` names its rows within a case.

    `born`: the column that says which event wrote the row, "" where rows do not begin with this
    group. `unwritten`: what the columns hold until an event writes them.
    """

    name: str
    table: sa.Table
    key: Key
    columns: tuple[str, ...]
    born: str = ""
    unwritten: tuple[object, ...] | None = None

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return a row's key as it stands in the body; of ids the beginning."""
        return " ".join(_short(row[name]) for name in self.key)

    def digest(self, secret: bytes, sequence: int, row: Mapping[str, Any]) -> str:
        values: list[JsonValue] = [_plain(name, row.get(name)) for name in self.columns]
        whole = " ".join(str(row[name]) for name in self.key)
        about = f"row.{self.name}.{whole}"
        return event.digest(secret, sequence, about, values)[:LENGTH]


def _group(name: str, table: sa.Table, key: str, columns: str, **more: Any) -> Group:
    return Group(name, table, tuple(key.split()), tuple(columns.split()), **more)


_t = tables
CASE = _group("case", _t.case, "", "ref pack policy definition opened_at kind sole")
CASE_END = _group("case.end", _t.case, "", "status closed_at", unwritten=("open", None))
CASE_TEAM = _group("case.team", _t.case, "", "manager", unwritten=(None,))
CASE_LINK = _group("case.link", _t.case, "", "linked_to", unwritten=(None,))
SUBMISSION = _group(
    "submission", _t.submission, "sequence", "work_item_id element drafted_by", born="sequence"
)
FACT = _group(
    "fact", _t.fact, "name from_sequence", "value effective_on corrects reason",
    born="from_sequence",
)  # fmt: skip
DEADLINE = _group(
    "deadline", _t.deadline, "id",
    "key name rule_ids day_0 day_0_fact amount unit direction met_by limit_on act_by_on opens_on"
    " assumption source_sentence calendar_version explanation opened_sequence",
    born="opened_sequence",
)  # fmt: skip
DEADLINE_END = _group(
    "deadline.end", _t.deadline, "id", "status met_on superseded_by reason closed_sequence"
)
INSTANCE = _group(
    "instance", _t.instance, "id", "process definition correlation started_sequence",
    born="started_sequence",
)  # fmt: skip
INSTANCE_STATE = _group("instance.state", _t.instance, "id", "status state waiting ended_sequence")
STEP = _group("step", _t.step, "instance_id sequence", "ran waiting", born="sequence")
WORK = _group(
    "work", _t.work_item, "id",
    "instance_id task name element process pack title form deadline optional opened_at"
    " opened_sequence",
    born="opened_sequence",
)  # fmt: skip
MOVED = (
    "assignee", "manager", "needs_allocating", "follows_deadline", "act_by_on", "limit_on",
    "reason", "booked_on", "booked_time", "role",
)  # fmt: skip
"""What a step may change of open work."""
WORK_HELD = Group("work.held", _t.work_item, ("id",), MOVED)
WORK_OWN = _group("work.own", _t.work_item, "id", "own_role", unwritten=(None,))
WORK_END = _group(
    "work.end", _t.work_item, "id", "status closed_at closed_sequence completed_by",
    unwritten=("open", None, None, None),
)  # fmt: skip
HOLDER = _group("holder", _t.holder, "work_item_id from_sequence", "assignee", born="from_sequence")
NOTICE = _group("notice", _t.notice, "id", "sequence at role person text", born="sequence")
MESSAGE = _group(
    "message", _t.message, "id", "sequence pack to_kind name payload sent_at", born="sequence"
)
ONLOOKER = _group(
    "onlooker", _t.onlooker, "role about from_sequence", "until_on", born="from_sequence"
)

BESIDE = _group("beside", _t.event, "sequence", "recorded_at engine_version")
"""Sealed by the column `beside` of the event itself."""

GROUPS = (
    CASE, CASE_END, CASE_TEAM, CASE_LINK, SUBMISSION, FACT, DEADLINE, DEADLINE_END, INSTANCE,
    INSTANCE_STATE, STEP, WORK, WORK_HELD, WORK_OWN, WORK_END, HOLDER, NOTICE, MESSAGE, ONLOOKER,
)  # fmt: skip


@dataclass
class Sealing:
    """The seals of one event, as its step is written."""

    secret: bytes
    sequence: int
    seals: Seals = field(default_factory=dict)

    def add(self, groups: Sequence[Group], rows: Iterable[Values]) -> list[Values]:
        """Seal `rows`, each of which writes all columns of `groups`; return them."""
        written = list(rows)
        for group in groups if written else ():
            found = self.seals.setdefault(group.name, {})
            for row in written:
                found[group.key_of(row)] = group.digest(self.secret, self.sequence, row)
        return written


def sealed_beside(secret: bytes, row: Mapping[str, Any]) -> str:
    """Return the seal of what stands beside an event's body: it differs from server to server."""
    return BESIDE.digest(secret, row["sequence"], row)


def _short(value: object) -> str:
    return value.hex[:12] if isinstance(value, UUID) else str(value)


def _plain(name: str, value: object) -> JsonValue:
    """Return a column's value as JSON, the same from every database and before it is written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if name == "state" and isinstance(value, str):
        # Which release wrote a state is noted in it, and stands beside what is sealed.
        return formats.without_head(value)
    return value  # type: ignore[return-value]
