"""The values of a process: one a name in a scope, read by every task that stands in it.

SpiffWorkflow copies all values into each task and merges the copies where branches meet: a branch
that assigned nothing brings back what stood before, a list that was replaced is merged with what
it replaced, and whoever is last decides. Here a task holds none: it stands in a scope.

A process and a called process are scopes; a call's begins with what is passed in, and what it has
assigned is passed out at its end. Each turn of repeated work and each occurrence of an event
sub-process is a scope inside that of the activity: its item, what its event brought and names that
are new are its own; every other name is read and assigned around it. An embedded sub-process has
the values of what it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.spiff.parser.task_spec import CallActivityParser, SubWorkflowParser
from SpiffWorkflow.spiff.specs.defaults import CallActivity, EventSubprocess, SubWorkflowTask

from engine.bpmn.elements import BPMN, passed_names
from engine.errors import StepFailed


class Scope(MutableMapping[str, Any]):
    """The values of a scope by name, over those around it.

    `own` is what was assigned here, `given` what was passed in; `own_names` are its own before
    they have a value.
    """

    __slots__ = ("around", "given", "own", "own_names")

    def __init__(
        self, *, around: Scope | None = None, given: Mapping[str, Any] | None = None
    ) -> None:
        self.own: dict[str, Any] = {}
        self.given = given or {}
        self.around = around
        self.own_names: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        if name in self.own:
            return self.own[name]
        if name in self.given:
            return self.given[name]
        if self.around is None or name in self.own_names:
            raise KeyError(name)
        return self.around[name]

    def __setitem__(self, name: str, value: Any) -> None:
        (self._holder(name) or self).own[name] = value

    def __delitem__(self, name: str) -> None:
        del self.own[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def declare(self, values: Mapping[str, Any]) -> None:
        """Give this scope values of its own, whatever stands around it by these names."""
        self.own.update(values)

    def _holder(self, name: str) -> Scope | None:
        """Return the nearest scope from here outwards that has the name."""
        if name in self.own or name in self.given or name in self.own_names:
            return self
        return None if self.around is None else self.around._holder(name)

    def _names(self) -> dict[str, None]:
        around = {} if self.around is None else self.around._names()
        return {**around, **dict.fromkeys(self.given), **dict.fromkeys(self.own)}


def begin_turn(turn: Any, own_names: frozenset[str]) -> None:
    """Let one turn of repeated work, just made, be a scope."""
    turn.values = Scope(around=turn.values)
    turn.values.own_names = own_names


def end_turn(turn: Any) -> None:
    """Assign around a turn what it has assigned, without what it was begun with."""
    own_names, around = turn.values.own_names, turn.values.around
    around.update({name: value for name, value in turn.values.own.items() if name not in own_names})


def scope_in(owner: Any, given: Mapping[str, Any] | None = None) -> Scope:
    """Return the values that what runs in a task begins with.

    Args:
        given: what a call was begun with, when it goes on; None when it begins.
    """
    if isinstance(owner.task_spec, Call):
        return Scope(given=owner.task_spec.passed_in(owner) if given is None else given)
    if isinstance(owner.task_spec, OnEvent):
        return Scope(around=owner.values)
    shared: Scope = owner.values
    return shared


class _WithoutCopies:
    """Mixed in before SpiffWorkflow's: what runs in a task has its values by its scope."""

    def copy_data(self, _my_task: Any, _inner: Any) -> None:
        """Nothing: `scope_in` has said what it begins with."""

    def update_data(self, my_task: Any, inner: Any) -> None:
        """Nothing: what it assigned stands where it belongs."""


class Embedded(_WithoutCopies, SubWorkflowTask):  # type: ignore[misc]
    """An embedded sub-process."""


class OnEvent(_WithoutCopies, EventSubprocess):  # type: ignore[misc]
    """An event sub-process."""


class Call(_WithoutCopies, CallActivity):  # type: ignore[misc]
    """A call activity: values are passed in at its beginning and out at its end.

    Those that the called process names as its data inputs and outputs; if it names none, all that
    it could read, and all that it has assigned.
    """

    def passed_in(self, my_task: Any) -> dict[str, Any]:
        """Return what a called process begins with.

        Raises:
            StepFailed: it asks for a value that is not there.
        """
        wanted = self._called(my_task).passed_in
        if not wanted:
            mentioned = self._called(my_task).mentions
            return {name: value for name, value in my_task.values.items() if name in mentioned}
        return {name: self._value(my_task.values, name, "in") for name in wanted}

    def update_data(self, my_task: Any, inner: Any) -> None:
        wanted = inner.spec.passed_out
        if wanted:
            passed = {name: self._value(inner.values, name, "out") for name in wanted}
        else:
            passed = inner.values.own
        my_task.values.update(passed)

    def _called(self, my_task: Any) -> Any:
        return my_task.workflow.top_workflow.subprocess_specs[self.spec]

    def _value(self, values: Scope, name: str, way: str) -> Any:
        if name not in values:
            raise StepFailed(str(self.bpmn_id), f"{name!r} is to be passed {way} and has no value")
        return values[name]


class ScopeParser(SubWorkflowParser):  # type: ignore[misc]
    """Tells event sub-processes apart; SpiffWorkflow looks for the attribute in a namespace."""

    def create_task(self) -> Any:
        if self.node.get("triggeredByEvent") == "true":
            self.spec_class = OnEvent
        return super().create_task()


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def find_mentions(
    specs: Mapping[str, Any],
    diagrams: Iterable[etree._Element],
    tables: Mapping[str, Iterable[str]],
) -> None:
    """Let each parsed process know every word that stands in it, or in what it calls or asks.

    A value of another name is read by nothing in it, so no state needs to hold it.

    Args:
        tables: decision table id -> the names that it reads.
    """
    words: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for root in diagrams:
        for process in root.iterfind(f"{{{BPMN}}}process"):
            id = str(process.get("id"))
            words[id] = set(_WORD.findall(etree.tostring(process, encoding=str)))
            for table in words[id] & tables.keys():
                words[id] |= set(tables[table])
            called = process.iter(f"{{{BPMN}}}callActivity")
            calls[id] = {str(each.get("calledElement")) for each in called}
    for id in words:
        reached, todo = {id}, [id]
        while todo:
            new = calls.get(todo.pop(), set()) - reached
            reached |= new
            todo += new
        if id in specs:
            specs[id].mentions = frozenset().union(*(words.get(each, ()) for each in reached))


def name_passed(spec: Any, diagrams: Iterable[etree._Element]) -> None:
    """Let a parsed process know the names of its data inputs and outputs."""
    # SpiffWorkflow knows them by ids, which modellers make up, and only if a set lists them.
    spec.io_specification = None
    spec.passed_in = spec.passed_out = ()
    for root in diagrams:
        for process in root.iterfind(f"{{{BPMN}}}process[@id='{spec.name}']"):
            spec.passed_in, spec.passed_out = passed_names(process)


PARSERS = {
    full_tag("subProcess"): (ScopeParser, Embedded),
    full_tag("callActivity"): (CallActivityParser, Call),
}
