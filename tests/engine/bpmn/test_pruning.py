"""A pruned instance does what an unpruned one does: random walks over Dudley's own diagrams.

Each walk completes waiting tasks, lets deadlines open and pass, and sends messages, in the same
order on both; state goes through text at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.domain import DaysOff
from engine.storage.published_versions import Definition
from tests.builders.world import pack_files
from workflows.permanence.domain import DOMAIN

DUDLEY = Definition(pack_files())
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
SOON, PAST = NOON + timedelta(days=1), NOON - timedelta(days=1)

facts = st.fixed_dictionaries(
    {
        "cause": st.sampled_from(["care_entry", "already_in_care", "pre_birth"]),
        "came_into_care_on": st.sampled_from([None, date(2026, 3, 9)]),
        "last_review_held_on": st.sampled_from([None, date(2026, 3, 9)]),
        "care_plan_ratified": st.booleans(),
        "permanence_confirmed": st.booleans(),
        "opens": st.sampled_from([None, PAST, SOON]),
        "limit_passed": st.sampled_from([None, PAST, SOON]),
    }
)


@dataclass
class Side:
    """One of the two runs, pruned or not."""

    prune: bool
    run: runtime.Run

    def waiting(self) -> list[str]:
        return sorted(self.run.waiting)

    def open_tasks(self) -> list[str]:
        return sorted(each.element for each in self.run.open_tasks)


def surroundings(known: dict[str, object]) -> Surroundings:
    names = dict.fromkeys(DUDLEY.pack.facts) | {"policy": "D-PG"} | known
    functions = {
        **DOMAIN.functions(today=date(2026, 3, 9), days_off=DaysOff(), born=None),
        "opens": lambda _name: known["opens"],
        "limit_passed": lambda _name: known["limit_passed"],
        "limit_on": lambda _name: known["opens"] and date(2026, 3, 23),
        "earlier": lambda first, _second: first,
        "next_miss": lambda _noted: known["limit_passed"],
        "missed": lambda _noted: [],
        "still_missed": lambda _noted: [],
        "taken_back": lambda _noted: [],
        "own_facts": lambda _name: [],
    }
    return Surroundings(NOON, names, functions, DOMAIN.start_of, DOMAIN.later)


def step(side: Side, action: str, element: str, reads: Surroundings) -> list[str]:
    """Do one thing on one side; return what ran and was thrown, in a comparable order."""
    if action == "complete":
        # The same element may wait twice; the one that came first is completed on both sides.
        task = min(each.task for each in side.run.open_tasks if each.element == element)
        side.run = runtime.complete_task(DUDLEY.specs, side.run.text, task, reads, prune=side.prune)
    elif action == "look":
        side.run = runtime.look_again(DUDLEY.specs, side.run.text, reads, prune=side.prune)
    else:
        taken = runtime.deliver(
            DUDLEY.specs, side.run.text, "case_closed", {}, reads, prune=side.prune
        )
        side.run = taken or side.run
    return [*sorted(side.run.ran), *(each.name for each in side.run.thrown)]


moves = st.lists(
    st.tuples(
        st.sampled_from(["complete"] * 12 + ["look"] * 6 + ["close"]),
        st.integers(0, 30),
        facts,
    ),
    min_size=10,
    max_size=60,
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(first=facts, moves=moves)
def test_pruned_and_unpruned_do_the_same(first, moves):
    walk(first, moves)


def walk(first: dict[str, object], moves: list[tuple[str, int, dict[str, object]]]) -> None:
    """Run both sides through the same moves; fail at the first difference."""
    reads = surroundings(first)
    sides = [
        Side(prune, runtime.start(DUDLEY.specs, "case", reads, prune=prune))
        for prune in (True, False)
    ]
    for action, choice, known in moves:
        pruned, whole = sides
        assert pruned.waiting() == whole.waiting()
        assert pruned.open_tasks() == whole.open_tasks()
        if pruned.run.completed or not pruned.open_tasks():
            break
        element = pruned.open_tasks()[choice % len(pruned.open_tasks())]
        reads = surroundings(known)
        did = [step(side, action, element, reads) for side in sides]
        assert did[0] == did[1]
        assert pruned.run.completed == whole.run.completed
    assert sides[0].waiting() == sides[1].waiting()
