"""The formats of an instance's text: what a text says of itself, how an older one becomes today's.

A case lives 18 years, and every release reads what any earlier one wrote. The format is ours and
has a number, which rises when something stands in a text that was not there, or means something
else. A text begins with the number, the release and the SpiffWorkflow that wrote it, in every
format, so that `head_of` needs its beginning only. SpiffWorkflow's version is noted and not
demanded: it may change without the format, as long as its words in the text stay the same.

These words are SpiffWorkflow's, and `tests/states/test_words.py` fails when a version changes one:

- the numbers of a task's state, `TaskState` (8 waiting, 16 ready, …);
- the names of the task specs: the diagram's ids, and those that its parser makes up beside them
  (`Start`, `End`, `x.EndJoin`, `x.BoundaryEventSplit`, `x.BoundaryEventJoin`, `x [child]`);
- which tasks stand between two elements, and in which states: the shape of its tree;
- what it notes on a task: `event_fired`, `iteration` of a loop, a message's name with its payload.

Ours are the numbers of the tasks and the ranks of their changes, and what our own specs note:
`armed_at` and `turn` of timers, `items`, `count`, `merged`, `results`, `key_or_index` of repeated
activities. A name of either side that changes is carried by a new format whose upgrade renames it;
a tree of another shape by one that adds or drops the tasks, for which it is given the specs. What
an upgrade cannot make up is refused by the code that would run it, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from engine.bpmn import copied_values
from engine.bpmn.specs import Specs
from engine.errors import StateUnreadable

State = dict[str, Any]
"""A text as JSON data."""

Upgrade = Callable[[State, Specs], State]
"""Makes the next format of one, for the specs that the instance runs on; may change it in place."""

FORMAT = 2
UPGRADES: dict[int, Upgrade] = {1: copied_values.into_scopes}
"""Format -> what makes the next one of it. Whoever raises FORMAT to 3 puts `2: …` here, and has
`python -m tests.states.write_states` keep what format 2 looks like first."""

RELEASE = version("permanence")
SPIFFWORKFLOW = version("SpiffWorkflow")

HEAD_LENGTH = 200
"""Characters at the beginning of a text within which its head ends."""

_HEAD = re.compile(r'\{"format":(\d+),(?:"release":"([^"]*)",)?"spiffworkflow":"([^"]*)"')


@dataclass(frozen=True, order=True)
class Head:
    """What a text says of itself. `release` is "" in texts from before it was noted."""

    format: int
    release: str
    spiffworkflow: str

    @property
    def is_readable(self) -> bool:
        """Return whether this release reads the format."""
        return self.format == FORMAT or self.format in UPGRADES

    @property
    def is_written_today(self) -> bool:
        """Return whether this release would write the same format by the same SpiffWorkflow."""
        return (self.format, self.spiffworkflow) == (FORMAT, SPIFFWORKFLOW)


def head_of(beginning: str) -> Head | None:
    """Return what the first HEAD_LENGTH characters of a text say of it; None: it is no state."""
    found = _HEAD.match(beginning)
    return None if found is None else Head(int(found[1]), found[2] or "", found[3])


def without_head(text: str) -> str:
    """Return a text without what it says of itself."""
    found = _HEAD.match(text)
    return text if found is None else text[found.end() :]


def read(text: str, specs: Specs) -> State:
    """Return a text of any format that there ever was as data of today's.

    Raises:
        StateUnreadable: it is of a format that this release does not know, or no state at all.
    """
    try:
        state: State = json.loads(text)
        found = state["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnreadable("it is no state of an instance; restore a backup") from error
    while found != FORMAT:
        upgrade = UPGRADES.get(found)
        if upgrade is None:
            raise _unknown(state)
        state = upgrade(state, specs)
        found += 1
    return state


def does_not_fit(text: str, missing: str) -> StateUnreadable:
    """Return what to raise for a text that names what its specs lack, or lacks a part itself."""
    head = head_of(text)
    by = "" if head is None else f" (written with SpiffWorkflow {head.spiffworkflow})"
    return StateUnreadable(
        f"it does not fit its diagrams as SpiffWorkflow {SPIFFWORKFLOW} reads them: "
        f"{missing} is missing{by}"
    )


def _unknown(state: State) -> StateUnreadable:
    release = state.get("release")
    by = f"permanence {release}" if release else "another release"
    first = min(UPGRADES, default=FORMAT)
    known = f"format {FORMAT}" if first == FORMAT else f"formats {first} to {FORMAT}"
    return StateUnreadable(
        f"it is in format {state['format']}, which {by} wrote with SpiffWorkflow "
        f"{state.get('spiffworkflow')}; this is permanence {RELEASE}, which reads {known}. "
        f"Install {by if release else 'the release that wrote it'} or a newer one"
    )
