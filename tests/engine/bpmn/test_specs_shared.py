"""Diagrams are parsed once and shared: no run leaves a trace in them that another run sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings
from engine.storage.published_versions import Definition
from tests.builders.world import pack_files
from workflows.permanence.domain import DOMAIN

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions"'
    ' targetNamespace="http://example.org/shared">'
    '<bpmn:message id="message_moved" name="moved"/>'
    '<bpmn:process id="case" isExecutable="true"><bpmn:startEvent id="begun"/>'
)
FOOT = "</bpmn:process></bpmn:definitions>"

TWICE = """
<bpmn:userTask id="visit">{loop}</bpmn:userTask><bpmn:endEvent id="done"/>
<bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="visit"/>
<bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="done"/>"""

LOOPS = {
    "several at once": '<bpmn:multiInstanceLoopCharacteristics isSequential="false">'
    "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
    "several in turn": '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
    "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
    "repeated": '<bpmn:standardLoopCharacteristics loopMaximum="2"/>',
}

WAITS = (
    HEAD
    + """
<bpmn:eventBasedGateway id="whichever"/>
<bpmn:intermediateCatchEvent id="later"><bpmn:timerEventDefinition>
  <bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
</bpmn:intermediateCatchEvent>
<bpmn:intermediateCatchEvent id="moved">
  <bpmn:messageEventDefinition messageRef="message_moved"/></bpmn:intermediateCatchEvent>
<bpmn:userTask id="visit"/><bpmn:endEvent id="done"/><bpmn:endEvent id="gone"/>
<bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="whichever"/>
<bpmn:sequenceFlow id="f2" sourceRef="whichever" targetRef="later"/>
<bpmn:sequenceFlow id="f3" sourceRef="whichever" targetRef="moved"/>
<bpmn:sequenceFlow id="f4" sourceRef="later" targetRef="visit"/>
<bpmn:sequenceFlow id="f5" sourceRef="visit" targetRef="done"/>
<bpmn:sequenceFlow id="f6" sourceRef="moved" targetRef="gone"/>"""
    + FOOT
)

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def at(now: datetime) -> Surroundings:
    return Surroundings(now, {}, {}, DOMAIN.start_of, DOMAIN.later)


def specs_of(text: str):
    return Definition({"case.bpmn": text.encode()}).specs


@pytest.mark.parametrize("loop", LOOPS)
def test_work_done_several_times_goes_on_where_the_diagram_is_read_anew(loop):
    text = HEAD + TWICE.format(loop=LOOPS[loop]) + FOOT
    run = runtime.start(specs_of(text), "case", at(NOW))
    for _ in range(2):
        assert not run.completed
        run = runtime.complete_task(specs_of(text), run.text, run.open_tasks[0].task, at(NOW))
    assert run.completed


@pytest.mark.parametrize("prune", [True, False])
def test_an_event_gateway_goes_on_by_its_timer(prune):
    specs = specs_of(WAITS)
    run = runtime.start(specs, "case", at(NOW), prune=prune)
    later = at(NOW + timedelta(hours=1))
    run = runtime.look_again(specs, run.text, later, prune=prune)
    assert [task.element for task in run.open_tasks] == ["visit"]


BESIDE = (
    HEAD
    + """
<bpmn:userTask id="visit"/><bpmn:endEvent id="done"/>
<bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="visit"/>
<bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="done"/>
<bpmn:subProcess id="move" triggeredByEvent="true">
  <bpmn:startEvent id="moved" isInterrupting="false">
    <bpmn:messageEventDefinition messageRef="message_moved"/></bpmn:startEvent>
  <bpmn:userTask id="register"/><bpmn:endEvent id="registered"/>
  <bpmn:sequenceFlow id="f3" sourceRef="moved" targetRef="register"/>
  <bpmn:sequenceFlow id="f4" sourceRef="register" targetRef="registered"/>
</bpmn:subProcess>"""
    + FOOT
)


def wiring(specs):
    """What is connected with what, over all scopes."""
    return {
        (scope, name): (tuple(task._inputs), tuple(task._outputs))
        for scope, spec in specs.items()
        for name, task in spec.task_specs.items()
    }


def test_an_event_sub_process_that_began_begins_in_no_other_instance():
    specs = specs_of(BESIDE)
    before = wiring(specs)
    first = runtime.start(specs, "case", at(NOW))
    first = runtime.deliver(specs, first.text, "moved", {}, at(NOW))
    assert sorted(task.element for task in first.open_tasks) == ["register", "visit"]

    second = runtime.start(specs, "case", at(NOW))
    assert [task.element for task in second.open_tasks] == ["visit"]
    second = runtime.complete_task(specs, second.text, second.open_tasks[0].task, at(NOW))
    assert second.completed
    assert wiring(specs) == before


def version(path: str, old: str, new: str, like: Definition) -> Definition:
    """Dudley's pack with a text changed, read beside the version that it was changed from."""
    changed = like.files[path].replace(old.encode(), new.encode())
    assert changed != like.files[path]
    return Definition({**like.files, path: changed}, like=like)


def asked(definition: Definition) -> set[int]:
    """Return which tables the business rule tasks ask."""
    tasks = [task for spec in definition.specs.values() for task in spec.task_specs.values()]
    return {id(task.table) for task in tasks if hasattr(task, "table")}


@pytest.fixture(scope="module")
def whole() -> Definition:
    definition = Definition(pack_files())
    _ = definition.pack, definition.forms, definition.specs
    return definition


def test_a_version_shares_what_is_made_of_the_same_files(whole: Definition):
    form = version("forms/chair_ppm.json", '"decision"', '"decided"', whole)
    assert "decision" in whole.forms["chair_ppm"].schema["properties"]
    assert "decided" in form.forms["chair_ppm"].schema["properties"]
    assert form.forms["arrange_ppm"] is whole.forms["arrange_ppm"]
    assert form.specs is whole.specs
    assert form.hash != whole.hash


def test_a_version_with_another_table_asks_that(whole: Definition):
    table = version("panel_route.dmn", "adoption", "fostering", whole)
    assert table.specs is not whole.specs
    assert asked(table) < {id(each) for each in table.tables.values()}
    assert asked(whole) < {id(each) for each in whole.tables.values()}
    assert version("timescales.dmn", "working days", "days", whole).specs is whole.specs


def test_a_version_with_another_diagram_runs_that(whole: Definition):
    diagram = version("ppm.bpmn", "arrange_ppm", "prepare_ppm", whole)
    assert "prepare_ppm" in diagram.specs["ppm"].task_specs
    assert "prepare_ppm" not in whole.specs["ppm"].task_specs
