"""A pack's BPMN files as SpiffWorkflow specs: parsed once, with our timers and payloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

from engine.bpmn import (
    business_rule_tasks,
    catching_events,
    event_gateways,
    joins,
    passing_tasks,
    payloads,
    scopes,
)
from engine.bpmn.conditions import name_flows
from engine.bpmn.elements import Element
from engine.bpmn.link_events import drawn_out
from engine.bpmn.repetition import replace_repetitions
from engine.bpmn.timers import replace_timers
from engine.errors import Finding, PackRefused
from engine.rules.decision_tables import DecisionTable

Specs = dict[str, Any]
"""Process or sub-process id -> SpiffWorkflow's BpmnProcessSpec."""


def _forking(parser: type) -> type:
    """Return a parser that lets several flows leave its element: a token goes along each."""
    return type(parser.__name__, (parser,), {"handles_multiple_outgoing": lambda _self: True})


class _Parser(SpiffBpmnParser):  # type: ignore[misc]
    """SpiffWorkflow's parser with our gateways, events, decisions and plain tasks."""

    OVERRIDE_PARSER_CLASSES: ClassVar = {
        tag: (_forking(parser), spec)
        for tag, (parser, spec) in (
            SpiffBpmnParser.OVERRIDE_PARSER_CLASSES
            | catching_events.PARSERS
            | joins.PARSERS
            | business_rule_tasks.PARSERS
            | event_gateways.PARSERS
            | passing_tasks.PARSERS
            | scopes.PARSERS
        ).items()
    }


def parse_specs(
    diagrams: Mapping[str, etree._Element],
    elements: Mapping[str, Element],
    tables: Mapping[str, DecisionTable],
) -> Specs:
    """Return every process and embedded sub-process of a pack as a spec.

    Args:
        diagrams: file name -> its parsed root element.
        elements: the pack's elements, for the payloads of thrown messages.
        tables: the pack's decision tables, by id.

    Raises:
        PackRefused: SpiffWorkflow cannot run a file; the finding names file and element.
    """
    parser = _Parser()
    file = ""
    try:
        for file, root in diagrams.items():
            parser.add_bpmn_xml(drawn_out(root), filename=file)
        specs: Specs = parser.find_all_specs()
    except ValidationException as error:
        raise PackRefused([_finding(error, file)]) from error
    except (KeyError, AttributeError, ValueError, IndexError, TypeError, RecursionError) as error:
        # The parser answers broken structure with whatever it stumbled on.
        message = f"The diagram cannot be run: {type(error).__name__} {error}."
        raise PackRefused([Finding("error", file, "", "structure", message)]) from error
    for spec in specs.values():
        replace_timers(spec)
        replace_repetitions(spec)
        name_flows(spec, diagrams.values())
        scopes.name_passed(spec, diagrams.values())
        _connect(spec)
        catching_events.watch_end(spec)
        payloads.set_payloads(spec, elements)
        business_rule_tasks.set_tables(spec, tables)
    reads = {id: table.names for id, table in tables.items()}
    scopes.find_mentions(specs, diagrams.values(), reads)
    return specs


def ask_only(specs: Specs, tables: Mapping[str, DecisionTable]) -> bool:
    """Return whether the decision tables that these specs ask are all among `tables`."""
    asking = (task for spec in specs.values() for task in spec.task_specs.values())
    return all(
        task.table is tables.get(task.decision)
        for task in asking
        if isinstance(task, business_rule_tasks.DecisionTask)
    )


def _connect(spec: Any) -> None:
    """Connect now what SpiffWorkflow connects while an instance runs.

    Specs are shared by all instances and read anew by each server. Left to SpiffWorkflow, the
    first event sub-process that begins would begin in every later instance of its own accord, and
    a loop that one server entered would never be over on another.
    """
    for name in spec.start.trigger_specs:
        triggered = spec.task_specs[name]
        triggered.connect(spec.end)
        triggered._inputs.append(spec.start.name)
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, LoopTask):
            repeated = spec.task_specs[task_spec.task_spec]
            repeated.completed_event.connect(task_spec.merge_child)


def _finding(error: Any, file: str) -> Finding:
    element = str(getattr(error, "tag", "") or "")
    where = str(getattr(error, "id", "") or element)
    text = str(error).splitlines()[0]
    named = str(getattr(error, "file_name", None) or file)
    return Finding("error", named, where, "structure", f"The diagram cannot be run: {text}")
