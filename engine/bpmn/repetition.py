"""Activities done several times: once for each of a list, or a number of times.

SpiffWorkflow reads lists from a task's own data only, stops for ever at a null in a list or at a
number that is not whole, fails at the second of a sequence whose items are named, and answers
wrong values with whatever Python error they lead to. A list is any expression here, read once when
the activity begins, so that what happens meanwhile moves nothing; an unset one is done no time, as
an empty one. Results stand in its order.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import (
    LoopTask,
    MultiInstanceTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)
from SpiffWorkflow.spiff.specs import defaults
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.conditions import holds
from engine.bpmn.scopes import begin_turn, end_turn
from engine.bpmn.scripting import plain
from engine.errors import StepFailed

MAX_TIMES = 9_999
"""How often one activity may be done."""


PLACE = "key_or_index"
"""What a turn notes: its place in the list, counted from 0."""


class _Several:
    """Mixed in before SpiffWorkflow's multi-instance task.

    Kept on the task: `items` the list or null, `count`, `merged` the turns done, `results`.
    """

    @property
    def item_names(self) -> frozenset[str]:
        """Return the names that each turn has for itself."""
        spec: Any = self
        items = (spec.input_item, spec.output_item)
        return frozenset(each.bpmn_id for each in items if each is not None)

    def _begin(self, my_task: Any) -> int:
        """Read how often it is done; return that."""
        if my_task.has_state(TaskState.PREDICTED_MASK):
            # Led to by a boundary event, which looks one task ahead only; turns need it reached.
            my_task._set_state(TaskState.FUTURE)
        LoopTask._update_hook(self, my_task)
        spec: Any = self
        engine = my_task.workflow.script_engine
        my_task.internal_data["merged"] = []
        if spec.data_input is not None:
            items = engine.evaluate(my_task, spec.data_input.bpmn_id)
            items = [] if items is None else items
            if not isinstance(items, list | tuple):
                raise self._wrong(spec.data_input.bpmn_id, "is no list")
            count = len(items)
            my_task.internal_data["items"] = plain(items)
        else:
            count = engine.evaluate(my_task, spec.cardinality)
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise self._wrong(spec.cardinality, f"gives {count!r}, no number of times")
        if count > MAX_TIMES:
            what = spec.cardinality or spec.data_input.bpmn_id
            raise self._wrong(what, f"is more than {MAX_TIMES} times")
        my_task.internal_data["count"] = count
        if spec.data_output is not None:
            my_task.internal_data["results"] = [None] * count
            my_task.values[spec.data_output.bpmn_id] = [None] * count
        return count

    def _wrong(self, what: str, why: str) -> StepFailed:
        return StepFailed(str(self.bpmn_id), f"{what!r} {why}")  # type: ignore[attr-defined]

    def _add(self, my_task: Any, place: int) -> None:
        """Begin one turn, `place` counted from 0."""
        spec: Any = self
        items = my_task.internal_data.get("items")
        child = my_task._add_child(
            my_task.workflow.spec.task_specs[spec.task_spec], TaskState.WAITING
        )
        child.triggered = True
        child.internal_data[PLACE] = place
        begin_turn(child, self.item_names)
        if spec.input_item is not None:
            item = place if items is None else items[place]
            child.values.declare({spec.input_item.bpmn_id: item})
        child.task_spec._update(child)

    def _merge(self, child: Any) -> bool:
        """Take over what a turn has set; return whether that was the last."""
        spec: Any = self
        my_task = child.parent
        kept = my_task.internal_data
        if spec.data_output is not None:
            result = spec.output_item.bpmn_id
            if result not in child.values.own:
                raise self._wrong(result, "was not set by the activity")
            results = list(kept["results"])
            results[child.internal_data[PLACE]] = child.values.own[result]
            kept["results"] = results
            my_task.values[spec.data_output.bpmn_id] = results
        else:
            end_turn(child)
        kept["merged"].append(str(child.id))
        enough = spec.condition is not None and holds(child, spec.condition, str(self.bpmn_id))  # type: ignore[attr-defined]
        return enough or len(kept["merged"]) >= kept["count"]


class OneByOne(_Several, defaults.SequentialMultiInstanceTask):  # type: ignore[misc]
    """Done one turn after another."""

    def _update_hook(self, my_task: Any) -> bool | None:
        if self._begin(my_task) == 0:
            return True
        self._add(my_task, 0)
        my_task._set_state(TaskState.STARTED)
        return None

    def merge_child(self, _workflow: Any, child: Any) -> None:
        my_task = child.parent
        if self._merge(child):
            my_task._set_state(TaskState.READY)
        else:
            self._add(my_task, len(my_task.internal_data["merged"]))


class AtOnce(_Several, defaults.ParallelMultiInstanceTask):  # type: ignore[misc]
    """Done in all turns at once."""

    def _update_hook(self, my_task: Any) -> bool | None:
        count = self._begin(my_task)
        for place in range(count):
            self._add(my_task, place)
        if count == 0:
            return True
        my_task._set_state(TaskState.STARTED)
        return None

    def merge_child(self, _workflow: Any, child: Any) -> None:
        my_task = child.parent
        if self._merge(child):
            for each in self._instances(my_task):
                each.cancel()
            my_task._set_state(TaskState.READY)


class WhileIt(defaults.StandardLoopTask):  # type: ignore[misc]
    """Done again as long as its condition holds: each time on the same values."""

    def loop_complete(self, my_task: Any) -> bool:
        done = len(my_task.internal_data.get("merged", []))
        if self.maximum is not None and done >= self.maximum:
            return True
        again = self.condition is None or holds(my_task, self.condition, str(self.bpmn_id))
        return not again

    def merge_child(self, _workflow: Any, child: Any) -> None:
        my_task = child.parent
        my_task.internal_data["merged"].append(str(child.id))
        if self.loop_complete(my_task):
            my_task._set_state(TaskState.READY)
        else:
            self.create_child(my_task)


def replace_repetitions(spec: Any) -> None:
    """Let the repeated activities of one parsed scope be ours."""
    for task_spec in spec.task_specs.values():
        # SpiffWorkflow names these classes in each of its parsers; this is the one place.
        if isinstance(task_spec, StandardLoopTask):
            task_spec.__class__ = WhileIt
        elif isinstance(task_spec, MultiInstanceTask):
            one_by_one = isinstance(task_spec, SequentialMultiInstanceTask)
            task_spec.__class__ = OneByOne if one_by_one else AtOnce
            if task_spec.data_output is None or task_spec.output_item is None:
                task_spec.data_output = task_spec.output_item = None
