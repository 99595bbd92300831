"""The order in which branches finish decides nothing but what two of them assign by one name.

Generated processes are run twice, their open tasks completed in two orders drawn at random. Where
no name is assigned by two branches, both end with the same values. Where branches may assign the
same, each run ends with what its scripts, in the order in which they ran, leave behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn import repetition, runtime, scopes
from engine.bpmn.elements import BPMN, read_elements
from engine.bpmn.scripting import Surroundings
from engine.bpmn.specs import parse_specs
from engine.rules.expressions import run_script
from tests.builders.drawn import NOON
from tests.proofs.scoped_processes import ROWS, drawings
from workflows.permanence.domain import DOMAIN

MOST_STEPS = 20_000
"""No drawn process takes as many: three turns, in three turns, seven deep at the most."""
RUNS_AT_ONCE = 200
READS = Surroundings(NOON, {"rows": ROWS}, {}, DOMAIN.start_of, DOMAIN.later)


class Difference(AssertionError):
    """Two orders led to different values, or a run's values are not what its scripts say."""


@dataclass
class Figures:
    """What a proof went through."""

    runs: int = 0
    steps: int = 0


def prove(*, runs: int, number: int, shrink: bool = True) -> Figures:
    """Hold `runs` generated processes, half of them with names of several branches.

    Raises:
        Difference: with the smallest process found that shows it.
    """
    figures = Figures()
    for shared, hold in ((False, _same_in_both), (True, _as_the_scripts_say)):
        _each(runs // 2, number, shared=shared, act=hold, figures=figures, shrink=shrink)
    return figures


def runs_until_found(plant: Callable[[], Any], *, most: int, number: int) -> int | None:
    """Return how many runs it took to find a planted bug, None if `most` did not."""
    figures = Figures()
    try:
        with plant():
            for shared, hold in ((False, _same_in_both), (True, _as_the_scripts_say)):
                _each(most // 2, number, shared=shared, act=hold, figures=figures, shrink=False)
    except Difference:
        return figures.runs
    return None


def _each(
    runs: int, number: int, *, shared: bool, act: Any, figures: Figures, shrink: bool
) -> None:
    orders = st.lists(st.integers(0, 20), min_size=12, max_size=12)

    @seed(number)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(xml=drawings(shared=shared), first=orders, second=orders)
    def run(xml: bytes, first: list[int], second: list[int]) -> None:
        figures.runs += 1
        act(xml, first, second, figures)

    run()


def _same_in_both(xml: bytes, first: list[int], second: list[int], figures: Figures) -> None:
    one, other = (_run(xml, order, figures)[0] for order in (first, second))
    if one != other:
        differing = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
        raise Difference(f"{differing} depend on the order: {one} or {other}")


def _as_the_scripts_say(xml: bytes, first: list[int], second: list[int], figures: Figures) -> None:
    scripts = {
        str(each.get("id")): str(each.findtext(f"{{{BPMN}}}script"))
        for each in etree.fromstring(xml).iter(f"{{{BPMN}}}scriptTask")
    }
    for order in (first, second):
        found, ran = _run(xml, order, figures)
        said: dict[str, object] = {}
        for element in ran:
            if element in scripts:
                said.update(run_script(scripts[element], said, {}))
        if found != said:
            raise Difference(f"scripts say {said}, the process holds {found}")


def _run(xml: bytes, order: list[int], figures: Figures) -> tuple[dict[str, Any], list[str]]:
    """Return the values at the end, and the elements that ran, in their order."""
    root = etree.fromstring(xml)
    specs = parse_specs({"case.bpmn": root}, {each.id: each for each in read_elements(root)}, {})
    run = runtime.start(specs, "case", READS)
    ran = list(run.ran)
    for step in range(MOST_STEPS):
        if run.completed:
            return json.loads(run.text)["process"]["values"], ran
        figures.steps += 1
        open_ = sorted(run.open_tasks, key=lambda each: (each.element, each.task))
        task = open_[order[step % len(order)] % len(open_)].task
        run = runtime.complete_task(specs, run.text, task, READS)
        ran += run.ran
    raise Difference(f"not over after {MOST_STEPS} steps")


@contextmanager
def _instead(place: Any, name: str, planted: Any) -> Iterator[None]:
    kept = getattr(place, name)
    setattr(place, name, planted)
    try:
        yield
    finally:
        setattr(place, name, kept)


@contextmanager
def _calls_by_copy() -> Iterator[None]:
    """Let a call be given all values, and pass all out again."""
    with (
        _instead(scopes.Call, "passed_in", lambda _self, my_task: dict(my_task.values)),
        _instead(
            scopes.Call,
            "update_data",
            lambda _self, my_task, inner: my_task.values.update(dict(inner.values)),
        ),
    ):
        yield


def _results_by_turn(self: Any, child: Any) -> bool:
    done = len(child.parent.internal_data["merged"])
    child.internal_data[repetition.PLACE] = done
    return bool(_MERGE(self, child))


def _all_of_a_turn(self: Any, child: Any) -> bool:
    over = bool(_MERGE(self, child))
    scopes.end_turn(child)
    return over


_MERGE = repetition._Several._merge

PLANTED: dict[str, Callable[[], Any]] = {
    "a call passes out what it was given": _calls_by_copy,
    "results stand in the order of their turns' ends": lambda: _instead(
        repetition._Several, "_merge", _results_by_turn
    ),
    "what a turn has for itself is assigned around it": lambda: _instead(
        repetition._Several, "_merge", _all_of_a_turn
    ),
}
