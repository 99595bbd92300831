"""The other of two SpiffWorkflows, in a process of its own: plays what it is sent, line by line.

`python -m tests.proofs.other_side`, with the other version first on PYTHONPATH. It first says which
it is, or what it lacks. A request holds a drawing's files and its moves; each move is played from a
text that is given, or from what the one before it left.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any


def main() -> None:
    found = version("SpiffWorkflow")
    if found.startswith("3.1.") and not _has_event_sub_processes():
        from tests.proofs import spiffworkflow_3_1

        spiffworkflow_3_1.fill_in()
    from tests.states.instances import definition_of, play

    _say({"version": found})
    for line in sys.stdin:
        asked = json.loads(line)
        definition, text, steps = definition_of(asked["files"]), None, []
        for move, given in zip(asked["moves"], asked["texts"], strict=True):
            try:
                seen, text = play(definition, text if given is None else given, move)
            except Exception as error:  # What it lacks shows in any way.
                seen = {"failed": f"{type(error).__name__}: {error}"}
            steps.append([seen, text])
        _say(steps)


def _has_event_sub_processes() -> bool:
    from SpiffWorkflow.bpmn.specs.mixins import subworkflow_task

    return hasattr(subworkflow_task, "EventSubprocess")


def _say(data: Any) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
