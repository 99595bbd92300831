"""A case as loaded for a step, and what a step changes: plain data between run and store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid5

from engine.bpmn.timers import Hold
from engine.domain import DerivedDeadline, JsonValue
from engine.packs.version import Definition


@dataclass(frozen=True)
class KeptDeadline:
    """An open deadline with its id."""

    id: UUID
    derived: DerivedDeadline


@dataclass(frozen=True)
class KeptInstance:
    """A running instance; `has_timers` says whether a change of facts can wake it."""

    id: UUID
    process: str
    text: str
    has_timers: bool


@dataclass(frozen=True)
class KeptWorkItem:
    """An open work item as far as a step may change it.

    `follows_deadline` until its own deadline is met or cancelled: then it keeps its dates, and
    does not take over those of the next deadline of that name. `booked_on` and `booked_time`
    ("14:30") are those of its deadline's appointment, in London. `own_role`: whose work it is,
    while `role` only stands in for them.
    """

    id: UUID
    instance_id: UUID
    task: int
    name: str
    element: str
    role: str
    deadline: str | None
    follows_deadline: bool
    assignee: str | None
    manager: str | None
    needs_allocating: bool
    act_by_on: date | None
    limit_on: date | None
    reason: str | None
    booked_on: date | None
    booked_time: str | None
    opened_at: datetime
    own_role: str | None = None

    @property
    def done_by(self) -> str:
        """The role whose people may do it, whoever has it to allocate."""
        return self.own_role or self.role


@dataclass(frozen=True)
class KeptTimer:
    """An armed (or, with `due_at` None, waiting) timer; `hold` while an incident keeps it."""

    instance_id: UUID
    task: int
    element: str
    due_at: datetime | None
    hold: Hold | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[UUID, int]:
        return self.instance_id, self.task


@dataclass(frozen=True)
class LoadedCase:
    """Everything of a case that a step can touch; its size does not depend on its age."""

    id: UUID
    ref: str
    policy: str
    version: int
    status: str
    secret: bytes
    last_hash: str
    definition: Definition
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    deadlines: tuple[KeptDeadline, ...] = ()
    instances: tuple[KeptInstance, ...] = ()
    work_items: tuple[KeptWorkItem, ...] = ()
    timers: tuple[KeptTimer, ...] = ()
    kind: str = ""
    linked_to: UUID | None = None

    @property
    def managed_by(self) -> str:
        """The role whose person manages the case, "" for none."""
        kind = self.definition.pack.kinds.get(self.kind)
        return kind.managed_by if kind else ""

    def new_id(self, kind: str, ordinal: int) -> UUID:
        """Return the id of the nth new thing of a kind in the step now being made."""
        return uuid5(self.id, f"{self.version + 1}:{kind}:{ordinal}")


@dataclass(frozen=True)
class FactWrite:
    """A fact's new value. `old` is None when it was unset.

    `ended` says that the piece of work whose own fact it is ends with this step; `value` is None
    when the step does not also set it.
    """

    name: str
    old: JsonValue
    value: JsonValue
    effective_on: date
    corrects: bool
    reason: str
    ended: bool = False


@dataclass(frozen=True)
class DeadlineWrite:
    """A deadline opened (`derived`) or closed (`closed_as`), never both.

    `owner` is the instance whose own deadline it is, None for the case's.
    """

    id: UUID
    derived: DerivedDeadline | None
    name: str
    closed_as: str | None = None
    met_on: date | None = None
    superseded_by: UUID | None = None
    reason: str = ""
    limit_on: date | None = None
    owner: UUID | None = None


@dataclass(frozen=True)
class InstanceWrite:
    """An instance that ran in the step; `status` running, completed or cancelled."""

    id: UUID
    process: str
    correlation: str
    started: bool
    status: str
    text: str | None
    ran: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class NewWorkItem:
    """A work item that the step opened."""

    id: UUID
    instance_id: UUID
    task: int
    name: str
    element: str
    process: str
    title: str
    role: str
    form: str
    deadline: str | None
    optional: bool
    assignee: str | None
    manager: str | None
    needs_allocating: bool
    act_by_on: date | None
    limit_on: date | None
    reason: str | None
    booked_on: date | None
    booked_time: str | None
    own_role: str | None = None


@dataclass(frozen=True)
class Notice:
    """Somebody who is told. `person` None: everybody with the role."""

    id: UUID
    role: str
    person: str | None
    text: str


@dataclass(frozen=True)
class Onlooker:
    """A role whose people see the case up to `until_on`, a London day that counts.

    `about`: the message or appointment that they were told of; a later word about the same takes
    the place of this.
    """

    role: str
    about: str
    until_on: date


@dataclass(frozen=True)
class SentMessage:
    """A message to the open case of another kind of the same pack; delivered later."""

    id: UUID
    name: str
    to_kind: str
    payload: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Step:
    """Everything one command changes in a case: written together, as one event."""

    facts: tuple[FactWrite, ...]
    deadlines: tuple[DeadlineWrite, ...]
    instances: tuple[InstanceWrite, ...]
    opened: tuple[NewWorkItem, ...]
    moved: tuple[KeptWorkItem, ...]
    closed: Mapping[UUID, str]
    timers: tuple[KeptTimer, ...]
    timers_gone: tuple[tuple[UUID, int], ...]
    notices: tuple[Notice, ...]
    decisions: tuple[Mapping[str, JsonValue], ...]
    messages: tuple[Mapping[str, JsonValue], ...]
    case_closed: bool
    manager: str | None
    answers: Mapping[str, JsonValue] = field(default_factory=dict)
    sent: tuple[SentMessage, ...] = ()
    onlookers: tuple[Onlooker, ...] = ()
