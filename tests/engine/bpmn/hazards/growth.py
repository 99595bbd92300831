"""Growth: state and steps stay the same however old a case is."""

from __future__ import annotations

import json
from typing import Any

from engine.bpmn import joins, pruning, state
from tests.builders.drawn import Drawn, event, flows, node, process
from tests.engine.bpmn.hazards.hazard import Hazard, instead, nothing
from tests.engine.bpmn.support.rows import line, script, work

AGAIN = (
    '<bpmn:sequenceFlow id="again" sourceRef="g" targetRef="{0}"><bpmn:conditionExpression>true'
    "</bpmn:conditionExpression></bpmn:sequenceFlow>"
)


def tasks_in(drawn: Drawn) -> int:
    text = json.loads(drawn.run.text)
    return sum(len(each["tasks"]) for each in [text["process"], *(c for _, c in text["called"])])


def round_and_round() -> Drawn:
    return Drawn(process(
        node("startEvent", "s") + work() + node("exclusiveGateway", "g", default="g_e")
        + node("endEvent", "e") + flows("s", "work", "g", "e") + AGAIN.format("work")
    ))  # fmt: skip


def stays_flat() -> None:
    drawn = round_and_round()
    sizes = [tasks_in(drawn.done("work")) for _ in range(30)]
    assert len(set(sizes[2:])) == 1


def forks_round_and_round() -> None:
    """Each round forks to a follow-up that ends by itself; one of them stays open throughout."""
    drawn = Drawn(process(
        node("startEvent", "s") + work() + node("parallelGateway", "both") + work(id="follow")
        + node("endEvent", "done") + node("exclusiveGateway", "g", default="g_e")
        + node("endEvent", "e") + flows("s", "work", "both", "follow", "done")
        + flows("both", "g", "e") + AGAIN.format("work")
    ))  # fmt: skip
    drawn.done("work")
    sizes = []
    for _ in range(25):
        drawn.done("work")
        drawn.complete(max(each.task for each in drawn.run.open_tasks if each.element == "follow"))
        sizes.append(tasks_in(drawn))
    assert len(set(sizes[3:])) == 1


def holds_no_specs() -> None:
    text = Drawn(process(line(work(), script("later", "never_reached = 1")))).run.text
    assert "never_reached" not in text


def blocks(count: int) -> str:
    inner, last = node("startEvent", "s"), "s"
    for n in range(count):
        fork, join, one, other = (f"{each}{n}" for each in ("fork", "join", "one", "other"))
        inner += node("parallelGateway", fork) + node("parallelGateway", join)
        inner += work(id=one) + work(id=other) + flows(last, fork, one, join)
        inner += flows(fork, other, join)
        last = join
    return process(inner + node("endEvent", "e") + flows(last, "e"))


def forks_in_series_stay_small() -> None:
    assert tasks_in(Drawn(blocks(8))) < 40


def boundary_events_know_their_activity() -> None:
    watched = (
        node("startEvent", "s") + work() + work(id="chase") + work(id="after")
        + node("boundaryEvent", "w", event("message", "go"), attachedToRef="work",
               cancelActivity="false")
        + node("endEvent", "e") + node("endEvent", "e2")
        + flows("s", "work", "after", "e") + flows("w", "chase", "e2")
    )  # fmt: skip
    drawn = Drawn(process(watched))
    for _ in range(3):
        assert drawn.send("go")
    assert drawn.open == ["chase", "chase", "chase", "work"]
    assert drawn.done("work").open == ["after", "chase", "chase", "chase"]


def _with_specs(workflow: Any, *given: Any) -> str:
    specs = {name: vars(spec).get("script") for name, spec in workflow.spec.task_specs.items()}
    return json.dumps(json.loads(_dump(workflow, *given)) | {"specs": specs})


_dump = state.dump


def _predicts_past_itself(self: Any, *arguments: Any, **named: Any) -> None:
    super(joins._Join, self)._predict(*arguments, **named)  # type: ignore[misc]


GROWTH = [
    Hazard("finished tasks stay for ever, so a loop slows down and dies", stays_flat,
        lambda: instead(pruning, "prune", nothing), "eighteen_years in make prove"),
    Hazard("every branch that ends leaves a task, so a fork inside a loop grows",
        forks_round_and_round, lambda: instead(pruning, "prune", nothing), "test_pruning.py"),
    Hazard("a saved state holds every spec", holds_no_specs,
        lambda: instead(state, "dump", _with_specs)),
    Hazard("fork and join blocks in series double what is predicted", forks_in_series_stay_small,
        lambda: instead(joins._Join, "_predict", _predicts_past_itself), "test_check_corpus.py"),
    Hazard("a later step reads finished tasks: parents, what has reached a join, what has ended,"
        " the owners of sub-processes", elsewhere="test_pruning_generated.py plants each"),
]  # fmt: skip
