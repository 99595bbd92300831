"""What SpiffWorkflow 3.1 lacks of what the engine asks of 3.2, filled in: for a proof only.

3.1.2 has no `EventManager`, `EventSubprocess`, `bpmn_start_events`, `trigger_specs` and
`task_removed_event`, and its steps look at timers elsewhere. Everything else that runs (tasks,
splits, joins, boundary events, calls, loops, scripts, the parser of all but event sub-processes,
event gateways) is its own. To be imported before `engine`.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import subworkflow_task
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.bpmn.util import event as events
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.specs import defaults
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.util.event import Event
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow


class EventManager:
    """The tasks that wait for an event; `engine.bpmn.event_sub_processes` hands the events out."""

    def __init__(self, workflow: Any) -> None:
        self.workflow = workflow
        self.tasks: dict[Any, Any] = {}

    def add_task(self, task: Any) -> None:
        self.tasks[task.id] = task

    def remove_task(self, task: Any) -> None:
        self.tasks.pop(task.id, None)


class EventSubprocess(subworkflow_task.SubWorkflowTask):
    """A sub-process that an event begins."""


def fill_in() -> None:
    """Give SpiffWorkflow 3.1 what it lacks."""
    events.EventManager = EventManager
    subworkflow_task.EventSubprocess = EventSubprocess
    defaults.EventSubprocess = type("EventSubprocess", (EventSubprocess, SpiffBpmnTask), {})
    _add_scopes()
    _add_waiting()
    _add_running()


def _before(owner: Any, act: Any) -> None:
    """Let `act` run before a class's own `__init__`."""
    init = owner.__init__

    def __init__(self: Any, *args: Any, **more: Any) -> None:  # noqa: N807 - it becomes one
        act(self)
        init(self, *args, **more)

    owner.__init__ = __init__


def _add_scopes() -> None:
    """Scopes know their start events; their beginning knows which event sub-processes wait."""
    _before(BpmnProcessSpec, lambda spec: setattr(spec, "bpmn_start_events", []))
    _before(BpmnStartTask, lambda spec: setattr(spec, "trigger_specs", []))
    notify, parse = BpmnProcessSpec._add_notify, ProcessParser._parse

    def _add_notify(self: Any, task_spec: Any) -> None:
        notify(self, task_spec)
        if isinstance(task_spec, StartEvent):
            self.bpmn_start_events.append(task_spec)

    def _parse(self: Any) -> None:
        parse(self)
        for found in self.xpath("./bpmn:subProcess[@triggeredByEvent='true']"):
            task_spec = self.parse_node(found)
            inner = self.parser.process_parsers[task_spec.spec].get_spec()
            for start in inner.bpmn_start_events:
                at_once = (NoneEventDefinition, TimerEventDefinition)
                if isinstance(start.event_definition, at_once):
                    self.spec.start.connect(task_spec)
                    task_spec.connect(self.spec.end)
                else:
                    self.spec.task_specs[inner.name] = task_spec
                    self.spec.start.trigger_specs.append(inner.name)

    def trigger_wf(self: Any, my_task: Any, name: str) -> Any:
        child = my_task._add_child(self._wf_spec.task_specs[name], TaskState.FUTURE)
        child.triggered = True
        child.task_spec._update(child)
        return child.id

    BpmnProcessSpec._add_notify, ProcessParser._parse = _add_notify, _parse
    BpmnStartTask.trigger_wf = trigger_wf


def _add_waiting() -> None:
    """What waits for an event is entered with the event manager, and struck off."""
    update = CatchingEvent._update_hook

    def manager(my_task: Any) -> Any:
        return my_task.workflow.top_workflow.event_manager

    def _update_hook(self: Any, my_task: Any) -> Any:
        ready = update(self, my_task)
        if not ready:
            manager(my_task).add_task(my_task)
        return ready

    def _on_ready_hook(_self: Any, my_task: Any) -> None:
        manager(my_task).remove_task(my_task)

    def _on_cancel(self: Any, my_task: Any) -> None:
        for child in (*my_task, my_task):
            manager(child).remove_task(child)
        super(CatchingEvent, self)._on_cancel(my_task)

    CatchingEvent._update_hook, CatchingEvent._on_ready_hook = _update_hook, _on_ready_hook
    CatchingEvent._on_cancel = _on_cancel


def _add_running() -> None:
    """Steps end with a look at the timers; who listens hears of tasks that are removed."""
    _before(Workflow, lambda workflow: setattr(workflow, "task_removed_event", Event()))
    _before(BpmnWorkflow, lambda workflow: setattr(workflow, "event_manager", None))
    remove = Workflow._remove_task

    def _remove_task(self: Any, task_id: Any) -> None:
        task = self.tasks[task_id]
        remove(self, task_id)
        getattr(self, "top_workflow", self).task_removed_event(self, task)

    def do_engine_steps(self: Any, will_complete: Any = None, did_complete: Any = None) -> None:
        while self._do_engine_steps(will_complete, did_complete):
            pass
        for task in list(self.event_manager.tasks.values()):
            meaning = task.task_spec.event_definition
            if isinstance(meaning, TimerEventDefinition | MultipleEventDefinition):
                task.task_spec._update(task)

    def send_event(self: Any, event: Any) -> None:
        if not self.event_manager.catch(event, internal=False):
            name = event.event_definition.name
            raise WorkflowException(f"This process is not waiting for {name}")

    Workflow._remove_task, BpmnWorkflow.do_engine_steps = _remove_task, do_engine_steps
    BpmnWorkflow.send_event = send_event
    BpmnWorkflow.catch = lambda self, event: self.event_manager.catch(event)
