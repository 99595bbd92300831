"""The pack that is killed: visits that repeat, a bell a second after each, a date that passes.

Every visit rings: a `bell` waits a second and then counts itself in the fact `bells`, so a timer
that is lost or fires twice shows as a number. A visit whose date has passed opens `say_why` once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Connection

from engine.firing import queue, training_clock
from engine.packs.version import hash_of
from engine.people import people
from engine.storage import database, tables
from tests.builders.small_pack import BPMN_HEAD, FORMS, MISSED, PACK, table

PACK_ID = "kills"
WORKERS = ("wim", "ann")
MANAGER = "manager"
TOKEN = "token"
"""The field in which every request names itself, so that its effect can be found."""

_MORE = """
[facts.bells]
type = "number"
label = "Bells rung"

[messages.rung]
label = "A bell rang"
payload = { bells = "number" }
sets = { bells = "bells" }
notify = ["team_manager"]

[messages.moved]
label = "The child moved"
payload = { moved_on = "date", token = "text?" }
sets = { began_on = "moved_on" }
notify = ["team_manager"]
"""

_CASE = (
    BPMN_HEAD
    + """
<bpmn:process id="case" name="The case" isExecutable="true">
  <bpmn:laneSet id="lanes"><bpmn:lane id="lane_worker" name="Social worker">
    <bpmn:flowNodeRef>visit</bpmn:flowNodeRef>
  </bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="opened" name="Case opened" />
  <bpmn:userTask id="visit" name="Visit the child"><bpmn:extensionElements>
    <spiffworkflow:properties>
      <spiffworkflow:property name="form" value="visit" />
      <spiffworkflow:property name="deadline" value="visit" />
      <spiffworkflow:property name="rule_ids" value="D-01" />
    </spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="too_late" name="Date passed" attachedToRef="visit"
      cancelActivity="false"><bpmn:timerEventDefinition id="too_late_timer">
    <bpmn:timeDate xsi:type="bpmn:tFormalExpression">limit_passed("visit")</bpmn:timeDate>
  </bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:endEvent id="told" name="Told"><bpmn:extensionElements><spiffworkflow:properties>
      <spiffworkflow:property name="payload" value='{"duty": "visit", "since": began_on}' />
    </spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:messageEventDefinition id="told_message" messageRef="message_missed" /></bpmn:endEvent>
  <bpmn:intermediateThrowEvent id="ring" name="Ring in a second"><bpmn:extensionElements>
    <spiffworkflow:properties>
      <spiffworkflow:property name="payload" value='{"outcome": outcome}' />
    </spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:messageEventDefinition id="ring_message" messageRef="message_ring" />
  </bpmn:intermediateThrowEvent>
  <bpmn:exclusiveGateway id="again" name="Again?" default="enough" />
  <bpmn:endEvent id="closed" name="Closed" />
  <bpmn:sequenceFlow id="f1" sourceRef="opened" targetRef="visit" />
  <bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="ring" />
  <bpmn:sequenceFlow id="f3" sourceRef="too_late" targetRef="told" />
  <bpmn:sequenceFlow id="f4" sourceRef="ring" targetRef="again" />
  <bpmn:sequenceFlow id="more" name="Visit again" sourceRef="again" targetRef="visit">
    <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">answers.outcome == "again"
    </bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="enough" sourceRef="again" targetRef="closed" />
</bpmn:process>
<bpmn:message id="message_missed" name="missed" />
<bpmn:message id="message_ring" name="ring" />
</bpmn:definitions>
"""
)

_BELL = (
    BPMN_HEAD
    + """
<bpmn:process id="bell" name="A bell" isExecutable="true">
  <bpmn:startEvent id="wound_up" name="Wound up">
    <bpmn:messageEventDefinition id="wound_up_message" messageRef="bell_ring" />
  </bpmn:startEvent>
  <bpmn:intermediateCatchEvent id="a_second" name="A second"><bpmn:timerEventDefinition id="bell_t">
    <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1S</bpmn:timeDuration>
  </bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="rung" name="Rung"><bpmn:extensionElements><spiffworkflow:properties>
      <spiffworkflow:property name="payload"
        value='{"bells": bells + 1 if bells != null else 1}' />
    </spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:messageEventDefinition id="rung_message" messageRef="bell_rung" /></bpmn:endEvent>
  <bpmn:sequenceFlow id="g1" sourceRef="wound_up" targetRef="a_second" />
  <bpmn:sequenceFlow id="g2" sourceRef="a_second" targetRef="rung" />
</bpmn:process>
<bpmn:message id="bell_ring" name="ring" />
<bpmn:message id="bell_rung" name="rung" />
</bpmn:definitions>
"""
)


def _form(name: str) -> bytes:
    """Return a form of the small pack with a field for the request's own name."""
    form = json.loads(json.dumps(FORMS[name]))
    section = {"x-section": "main"} if "x-sections" in form else {}
    form["properties"][TOKEN] = {"type": "string", "maxLength": 100, "title": "Token", **section}
    return json.dumps(form).encode()


def pack_files() -> dict[str, bytes]:
    """Return the pack as path -> content."""
    toml = PACK.replace('id = "small"', f'id = "{PACK_ID}"').partition("\n[messages.moved]")[0]
    return {
        "pack.toml": (toml + _MORE).encode(),
        "case.bpmn": _CASE.encode(),
        "bell.bpmn": _BELL.encode(),
        "missed.bpmn": MISSED.encode(),
        "timescales.dmn": table().encode(),
        "forms/case.json": _form("case"),
        "forms/visit.json": _form("visit"),
        "forms/done_with_note.json": _form("done_with_note"),
    }


def fill(url: str) -> None:
    """Make a production database with the pack, two workers and their manager."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    if database.is_for_many_machines(engine):
        queue.install(engine)
    with database.transaction(engine) as connection:
        fill_tables(connection)
    engine.dispose()


def fill_tables(connection: Connection) -> None:
    """Add the mode, the people and the pack, which is not checked: that takes seconds."""
    training_clock.set_up(connection, mode="production", now=None)
    for name, role in ((MANAGER, "team_manager"), *((each, "social_worker") for each in WORKERS)):
        people.add_person(
            connection, name, display_name=name, roles=[role], pack=PACK_ID, manager=MANAGER
        )
    files = pack_files()
    definition = hash_of(files)
    connection.execute(
        tables.definition_file.insert(),
        [
            {"definition": definition, "path": path, "content": content}
            for path, content in files.items()
        ],
    )
    connection.execute(
        tables.publication.insert().values(
            pack=PACK_ID,
            number=1,
            definition=definition,
            title="Kills",
            published_at=datetime(2026, 1, 5, tzinfo=UTC),
            published_by="owner",
            reason="First version",
        )
    )
