"""Boundary events and event sub-processes: who catches what, and what it interrupts.

SpiffWorkflow ends the activity of an interrupting boundary event when the event's own turn comes,
after all that was ready deeper inside: what follows an inner sub-process runs although an error
has come out of it. Of several that interrupt it lets each go on. And it lets one that does not
interrupt happen once. Here each that has happened is followed by another that waits, as long as
the activity lasts: for messages, signals and escalations always, for timers while their cycle has
turns left.

It begins event sub-processes of the outermost process only, never interrupts, keeps a scope open
for a timer that has not come, and hands an error to any boundary event that knows its code, also
one on another sub-process. A scope here is a running process, called process or embedded
sub-process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import (
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    TIMER_EVENT_XPATH,
)
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EndEvent, StartEvent
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    CodeEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.bpmn.util.event import EventManager
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffEndEventParser,
    SpiffStartEventParser,
)
from SpiffWorkflow.util.task import TaskIterator, TaskState

from engine.bpmn.running_tasks import Running, is_in_tree
from engine.bpmn.scopes import OnEvent
from engine.bpmn.timers import DeadlineTimer


class WatchingEvent(BoundaryEvent):  # type: ignore[misc]
    """A boundary event; one that does not interrupt waits again after it has happened."""

    def connect(self, task_spec: Any) -> None:
        """Lead to what follows; one that does not interrupt has no part in the activity's end."""
        if self.cancel_activity or not isinstance(task_spec, BoundaryEventJoin):
            super().connect(task_spec)

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)
        if self.cancel_activity:
            my_task.workflow.top_workflow.interruptions.append(my_task)
        # At once: what it waits for may be thrown again before this one has run.
        if not (self.cancel_activity or isinstance(self.event_definition, DeadlineTimer)):
            self._wait_again(my_task, {})

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        if not self.cancel_activity and isinstance(self.event_definition, DeadlineTimer):
            kept = self.event_definition.next_turn(my_task)
            if kept is not None:
                self._wait_again(my_task, kept)

    def _wait_again(self, my_task: Any, kept: dict[str, Any]) -> None:
        if not any(is_host(task) and is_open(task) for task in my_task.parent.children):
            return
        again = my_task.parent._add_child(self, TaskState.WAITING)
        again.internal_data.update(kept)
        self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
        self._update(again)


def end_activity(event: Any) -> None:
    """End the activity that a boundary event interrupts, with all that watches it.

    One that does not interrupt and has happened in the same step still leads on.
    """
    if event.state == TaskState.CANCELLED or not is_in_tree(event):
        return
    for task in event.parent.children:
        if task is event:
            continue
        interrupts = task.state == TaskState.READY and getattr(
            task.task_spec, "cancel_activity", False
        )
        if interrupts or task.state == TaskState.WAITING or (is_host(task) and is_open(task)):
            task.cancel()


def is_host(task: Any) -> bool:
    """Return whether a task, of those begun with an activity, is the activity itself."""
    return not isinstance(task.task_spec, WatchingEvent)


def is_open(task: Any) -> bool:
    """Return whether a task is not over."""
    return bool(task.has_state(TaskState.NOT_FINISHED_MASK))


class ScopeStart(StartEvent):  # type: ignore[misc]
    """A start event; that of an interrupting event sub-process ends all else in its scope."""

    interrupting = True

    def _on_ready_hook(self, my_task: Any) -> None:
        owner = _owner(my_task.workflow)
        if owner is not None and _is_by_event(owner):
            my_task.values.own_names = self._brought()
        super()._on_ready_hook(my_task)
        if self.interrupting and owner is not None and _is_by_event(owner):
            my_task.workflow.top_workflow.interruptions.append(owner)

    def _brought(self) -> frozenset[str]:
        """Return the name, if it has one, by which its event's payload is read."""
        names = (getattr(self.event_definition, each, None) for each in _PAYLOAD_NAMES)
        return frozenset(name for name in names if name)


_PAYLOAD_NAMES = ("message_var", "variable")
"""SpiffWorkflow's words for the extension elements messageVariable and variableName."""


class ScopeStartParser(SpiffStartEventParser):  # type: ignore[misc]
    """Reads `isInterrupting`, and errors and escalations, which SpiffWorkflow leaves out here."""

    def create_task(self) -> Any:
        definition = self.get_event_definition(
            [
                MESSAGE_EVENT_XPATH,
                SIGNAL_EVENT_XPATH,
                TIMER_EVENT_XPATH,
                ERROR_EVENT_XPATH,
                ESCALATION_EVENT_XPATH,
            ]
        )
        task = self._create_task(definition)
        task.interrupting = self.node.get("isInterrupting", "true") != "false"
        self.spec.start.connect(task)
        return task


class EndParser(SpiffEndEventParser):  # type: ignore[misc]
    """Reads signals too, which SpiffWorkflow leaves out at an end."""

    def create_task(self) -> Any:
        definition = self.get_event_definition(
            [
                MESSAGE_EVENT_XPATH,
                SIGNAL_EVENT_XPATH,
                ERROR_EVENT_XPATH,
                ESCALATION_EVENT_XPATH,
                TERMINATION_EVENT_XPATH,
            ]
        )
        task = self._create_task(definition)
        task.connect(self.spec.end)
        return task


PARSERS = {
    full_tag("boundaryEvent"): (SpiffBoundaryEventParser, WatchingEvent),
    full_tag("startEvent"): (ScopeStartParser, ScopeStart),
    full_tag("endEvent"): (EndParser, EndEvent),
}


class ScopeEnd(_EndJoin):  # type: ignore[misc]
    """The end of a scope; it does not wait for timers of event sub-processes that never began."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        unfinished = TaskIterator(
            my_task.workflow.task_tree, state=TaskState.NOT_FINISHED_MASK, end_at_spec=self.name
        )
        return all(
            task is my_task or is_armed(task) or is_armed(task.parent) for task in unfinished
        )

    def _run_hook(self, my_task: Any) -> bool:
        for task in list(my_task.workflow.tasks.values()):
            if is_armed(task):
                task.cancel()
        return True


def watch_end(spec: Any) -> None:
    """Let the end of one parsed scope be a `ScopeEnd`."""
    # SpiffWorkflow makes the end with the scope and offers no place to name its class.
    spec.end.__class__ = ScopeEnd


class Instance(Running):
    """A running process whose events go through `Events`.

    `interruptions` holds the boundary events that are about to end their activities and the event
    sub-processes that are about to end all else in their scopes;
    `running` is the task that runs: an error or escalation is thrown where it stands.
    """

    @property
    def event_manager(self) -> Any:
        return self._events

    @event_manager.setter
    def event_manager(self, _: Any) -> None:
        self._events = Events(self)
        self.interruptions: list[Any] = []
        self.running: Any = None

    def interrupt(self) -> None:
        """End what boundary events and event sub-processes interrupt; no task may be running."""
        while self.interruptions:
            owner = self.interruptions.pop(0)
            if isinstance(owner.task_spec, BoundaryEvent):
                end_activity(owner)
                continue
            scope, stays = owner.workflow, {task.id for task in owner}
            for task in list(scope.tasks.values()):
                unfinished = task.has_state(TaskState.NOT_FINISHED_MASK)
                if unfinished and is_in_tree(task) and task.id not in stays:
                    task.cancel()


class Events(EventManager):  # type: ignore[misc]
    """Hands events to what waits for them, and begins event sub-processes in every scope."""

    def catch(self, event: Any, internal: bool = True) -> int:
        """Return how many took the event; one thrown inside that leaves the instance is kept."""
        definition = event.event_definition
        if isinstance(definition, TerminateEventDefinition):
            return 0
        if isinstance(definition, CodeEventDefinition):
            return self._catch_upwards(event)
        if isinstance(definition, SignalEventDefinition):
            event.payload = {}
        for scope in self._scopes():
            self._begin(scope, event)
        tasks = [task for task in self.tasks.values() if task.task_spec.catches(task, event)]
        if internal and (not tasks or isinstance(definition, SignalEventDefinition)):
            self.workflow.bpmn_events.append(event)
        return _hand_over(tasks, event)

    def _catch_upwards(self, event: Any) -> int:
        """Hand an error or escalation to the nearest catcher outside where it was thrown."""
        scope, inner = self.workflow.running.workflow, None
        while scope is not None:
            if inner is None or not _is_by_event(inner):
                self._begin(scope, event)
            tasks = [
                task
                for task in self.tasks.values()
                if task.task_spec.catches(task, event) and _is_near(task, scope, inner)
            ]
            if tasks:
                return _hand_over(tasks, event)
            inner = _owner(scope)
            scope = None if inner is None else inner.workflow
        return 0

    def _scopes(self) -> Iterator[Any]:
        running = [self.workflow, *self.workflow.subprocesses.values()]
        return (scope for scope in running if not scope.completed)

    def _begin(self, scope: Any, event: Any) -> None:
        if any(_interrupts(task) for task in scope.tasks.values()):
            return
        for name in scope.spec.start.trigger_specs:
            inner = self.workflow.subprocess_specs[name]
            if any(
                start.event_definition == event.event_definition
                for start in inner.bpmn_start_events
            ):
                child = scope.tasks[scope.spec.start.trigger_wf(scope.task_tree, name)]
                # Without what follows it, nobody would notice its end.
                child.task_spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)


def _hand_over(tasks: list[Any], event: Any) -> int:
    for task in tasks:
        task.task_spec.catch(task, event)
        task.task_spec._update(task)
    return len(tasks)


def is_armed(task: Any) -> bool:
    """Return whether a task is an event sub-process, or its start, that still waits to begin."""
    if task is None:
        return False
    if isinstance(task.task_spec, ScopeStart):
        owner = _owner(task.workflow)
        return owner is not None and _is_by_event(owner) and task.state == TaskState.WAITING
    return _is_by_event(task) and task.state == TaskState.STARTED and _waits_to_begin(task)


def _waits_to_begin(owner: Any) -> bool:
    inner = owner.workflow.top_workflow.subprocesses.get(owner.id)
    return inner is not None and any(
        isinstance(task.task_spec, ScopeStart) and task.state == TaskState.WAITING
        for task in inner.tasks.values()
    )


def _interrupts(task: Any) -> bool:
    """Return whether a task is an interrupting event sub-process that has begun."""
    if not (_is_by_event(task) and task.state == TaskState.STARTED) or _waits_to_begin(task):
        return False
    inner = task.workflow.top_workflow.subprocess_specs[task.task_spec.spec]
    return any(start.interrupting for start in inner.bpmn_start_events)


def _is_by_event(owner: Any) -> bool:
    return isinstance(owner.task_spec, OnEvent)


def _owner(scope: Any) -> Any:
    """Return the task that holds a scope, None for the outermost."""
    if scope.parent_task_id is None:
        return None
    return scope.top_workflow.get_task_from_id(scope.parent_task_id)


def _is_near(task: Any, scope: Any, inner: Any) -> bool:
    """Return whether a catcher hears what comes out of `inner`, a task of `scope`.

    A boundary event hears its own sub-process only; the start of an event sub-process, its scope.
    """
    if isinstance(task.task_spec, BoundaryEvent):
        beside = set(task.parent._children)
        while inner is not None and inner.id not in beside:
            inner = inner.parent
        return task.workflow is scope and inner is not None
    owner = _owner(task.workflow)
    return owner is not None and _is_by_event(owner) and owner.workflow is scope
