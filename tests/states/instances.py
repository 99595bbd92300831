"""One running instance of a drawing, played through the runtime from moves kept as plain data."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.errors import StepFailed
from engine.storage.published_versions import Definition
from tests.proofs.pruning import Seen, failed_alike, ordered, seen_of
from workflows.permanence.domain import DOMAIN

Move = dict[str, Any]
"""`do`: start, complete (the `nth` open task of `element`), deliver or look; `names`: what
expressions read, of which `day` is a date; `now`: the instant."""


def move(do: str, now: datetime, names: dict[str, Any], **more: Any) -> Move:
    return {"do": do, "now": now.isoformat(), "names": names, **more}


def play(definition: Definition, text: str | None, move: Move) -> tuple[dict[str, Any], str | None]:
    """Do one move on the instance that `text` describes.

    Returns:
        What anybody can see of it as JSON data, and the new text; the old one if nothing was done.
    """
    try:
        run = _run(definition, text, move)
    except StepFailed as failed:
        return _data(failed_alike(failed)), text
    if run is None:
        return _data(Seen("", False, False, (), (), (), (), (), "")), text
    return _data(seen_of(run)), run.text


def _data(seen: Seen) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(seen).items()
    }


def _run(definition: Definition, text: str | None, move: Move) -> runtime.Run | None:
    specs, reads = definition.specs, surroundings(move)
    if text is None:
        return runtime.start(specs, "case", reads)
    if move["do"] == "complete":
        return runtime.complete_task(specs, text, _task(definition, text, move), reads)
    if move["do"] == "deliver":
        signal = move["signal"]
        return runtime.deliver(specs, text, move["name"], move["payload"], reads, signal=signal)
    return runtime.look_again(specs, text, reads)


def surroundings(move: Move) -> Surroundings:
    names = dict(move["names"])
    if names.get("day"):
        names["day"] = date.fromisoformat(names["day"])
    return Surroundings(
        datetime.fromisoformat(move["now"]), names, {}, DOMAIN.start_of, DOMAIN.later
    )


def _task(definition: Definition, text: str, move: Move) -> int:
    """Return the number of the task that a move completes; the order is that of what is seen."""
    run = runtime.view(definition.specs, text, surroundings(move))
    elements = {each.task: each.element for each in run.open_tasks}
    tasks = [task for _, task in ordered(run) if elements[task] == move["element"]]
    if move["nth"] >= len(tasks):
        raise StepFailed(move["element"], "nobody has to do this")
    return tasks[move["nth"]]


def definition_of(files: dict[str, str]) -> Definition:
    return Definition({path: content.encode() for path, content in files.items()})
