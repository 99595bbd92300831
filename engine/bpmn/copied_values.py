"""Format 1 carried over: each task held a copy of all values, and no scope held any.

What a task has that its parent has not is what was assigned between them. Put in the order in which
the tasks changed, these assignments are made again in the scopes of today: of two branches that
assigned one name, the later stands. A branch that assigned nothing holds what its parent holds, so
the old value that it would have brought back is not taken for a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.repetition import PLACE
from engine.bpmn.scopes import Call, OnEvent, Scope
from engine.bpmn.specs import Specs

State = dict[str, Any]


@dataclass
class _Carried:
    """What has been found of an instance: tasks by number, assignments with their rank."""

    specs: Specs
    standing: dict[int, Scope] = field(default_factory=dict)
    copies: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    drawn: dict[int, Any] = field(default_factory=dict)
    assigned: list[tuple[int, Scope, str, Any]] = field(default_factory=list)

    def take(self, scope: State, values: Scope, begun_with: Mapping[str, Any]) -> None:
        """Read the tasks of one process, called process or sub-process."""
        task_specs = self.specs[scope["spec"]].task_specs
        for number, parent, name, _, rank, _, noted, copy in scope["tasks"]:
            self.drawn[number] = task_specs[name]
            here = values if parent is None else self.standing[parent]
            before = begun_with if parent is None else self.copies[parent]
            if PLACE in noted:
                here = Scope(around=here)
                here.own_names = getattr(self.drawn[parent], "item_names", frozenset())
            self.standing[number] = here
            # A task that was not reached yet held nothing.
            self.copies[number] = copy or before
            self.assigned += [
                (rank, here, name, value)
                for name, value in copy.items()
                if name not in before or before[name] != value
            ]

    def assign(self) -> None:
        for _, scope, name, value in sorted(self.assigned, key=lambda each: each[0]):
            scope[name] = value


def into_scopes(state: State, specs: Specs) -> State:
    """Make format 2 of a state of format 1, for the specs that its instance runs on."""
    found, held = _Carried(specs), Scope()
    found.take(state["process"], held, {})
    own: list[tuple[State, Scope]] = [(state["process"], held)]
    for owner, called in state["called"]:
        values, before = found.standing[owner], found.copies[owner]
        if isinstance(found.drawn[owner], Call | OnEvent):
            # What stood around an event sub-process was a copy too, and stays as it was.
            values = Scope(given=before)
            own.append((called, values))
        found.take(called, values, before)
    found.assign()
    for scope, values in own:
        scope["values"] = values.own
    for owner, called in state["called"]:
        if isinstance(found.drawn[owner], Call):
            called["given"] = dict(found.copies[owner])
    for scope in (state["process"], *(called for _, called in state["called"])):
        for gone in ("data", "last", "success"):
            del scope[gone]
        scope["tasks"] = [_row(row, found.standing) for row in scope["tasks"]]
    return {**state, "format": 2}


def _row(row: list[Any], standing: Mapping[int, Scope]) -> list[Any]:
    *kept, _ = row
    return [*kept, standing[row[0]].own] if PLACE in row[6] else kept
