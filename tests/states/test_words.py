"""The words of SpiffWorkflow that stand in our texts are those that its formats were written with.

When this fails after an upgrade of SpiffWorkflow, texts of released formats would be misread: raise
`formats.FORMAT`, and put an upgrade that carries the change beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from SpiffWorkflow.util.task import TaskState

from tests.states.instances import definition_of, play
from tests.states.kept import Kept, kept

STATES = {
    "MAYBE": 1,
    "LIKELY": 2,
    "FUTURE": 4,
    "WAITING": 8,
    "READY": 16,
    "STARTED": 32,
    "COMPLETED": 64,
    "ERROR": 128,
    "CANCELLED": 256,
}
MADE_UP = re.compile(
    r"Start|End|(?P<id>.+)(\.EndJoin|\.BoundaryEventSplit|\.BoundaryEventJoin| \[child\])"
)
"""Names of task specs that are no ids of the diagram."""
THEIRS = {"event_fired", "iteration"}
OURS = {"armed_at", "turn", "items", "count", "merged", "results", "key_or_index"}
INSTANCES = kept("instances")


def test_states_have_the_numbers_that_they_had():
    assert {name: int(getattr(TaskState, name)) for name in STATES} == STATES


@pytest.mark.parametrize("instance", INSTANCES, ids=[each.id for each in INSTANCES])
def test_nothing_is_named_or_noted_otherwise(instance: Kept):
    files, text = instance.said["files"], None
    ids = set(re.findall(r' id="([^"]+)"', files["case.bpmn"]))
    messages = set(re.findall(r'<bpmn:message [^>]*name="([^"]+)"', files["case.bpmn"]))
    definition = definition_of(files)
    for move in instance.said["before"]:
        _, text = play(definition, text, move)
    assert text is not None

    for name, noted in tasks(text):
        found = MADE_UP.fullmatch(name)
        assert name in ids or (found and (found["id"] is None or found["id"] in ids)), name
        assert noted <= THEIRS | OURS | messages


def tasks(text: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the name and what is noted of each task."""
    state = json.loads(text)
    for scope in [state["process"], *(called for _, called in state["called"])]:
        for row in scope["tasks"]:
            yield row[2], set(row[6] if len(row) > 6 else ())
