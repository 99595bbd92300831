"""A small whole pack, as files, and ways to break it."""

from __future__ import annotations

import json

PACK = """
id = "small"
title = "A small pack"

[kinds.child]
title = "A child's case"
one = "child"
many = "children"
record = "Plan"
process = "case"
form = "case"
roles = ["social_worker", "team_manager"]

[policies.P-1]
title = "The policy"
default = true

[roles.social_worker]
label = "Social worker"
work_goes_to = "case"
unallocated_goes_to = "team_manager"

[roles.team_manager]
label = "Team Manager"

[deadlines]
visit = "Visit"

[facts.social_worker]
type = "user"
label = "Social worker"

[facts.began_on]
type = "date"
label = "Began"
day_phrase = "the day it began"

[facts.visited_on]
type = "date"
label = "Visited"
latest = true

[facts.first_known_on]
type = "date"
label = "First known"
earliest_of = ["began_on", "visited_on"]

[facts.outcome]
type = "code"
label = "Outcome"
values = "outcome"

[values.outcome]
well = "All is well"
again = "Visit again"

[messages.moved]
label = "The child moved"
payload = { moved_on = "date", where = "text?" }
sets = { began_on = "moved_on" }
notify = ["team_manager"]
checks = [{ field = "moved_on", check = "moved_on <= today()", message = "Not in the future" }]
"""

BPMN_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.org/small">\n'
)

CASE = (
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
  <bpmn:exclusiveGateway id="again" name="Again?" default="enough" />
  <bpmn:scriptTask id="count_up"><bpmn:script>visits = 1</bpmn:script></bpmn:scriptTask>
  <bpmn:callActivity id="follow" name="Follow up" calledElement="followup" />
  <bpmn:endEvent id="closed" name="Closed" />
  <bpmn:sequenceFlow id="f1" sourceRef="opened" targetRef="visit" />
  <bpmn:sequenceFlow id="f2" sourceRef="visit" targetRef="again" />
  <bpmn:sequenceFlow id="f3" sourceRef="too_late" targetRef="told" />
  <bpmn:sequenceFlow id="more" name="Within 10 working days" sourceRef="again" targetRef="visit">
    <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">answers.outcome == "again"
    </bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="enough" sourceRef="again" targetRef="count_up" />
  <bpmn:sequenceFlow id="f4" sourceRef="count_up" targetRef="follow" />
  <bpmn:sequenceFlow id="f5" sourceRef="follow" targetRef="closed" />
</bpmn:process>
<bpmn:message id="message_missed" name="missed" />
</bpmn:definitions>
"""
)

FOLLOWUP = (
    BPMN_HEAD
    + """
<bpmn:process id="followup" name="Follow-up" isExecutable="true">
  <bpmn:startEvent id="followup_begins" name="Begins" />
  <bpmn:intermediateCatchEvent id="a_week" name="A week"><bpmn:timerEventDefinition id="week_timer">
    <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P1W</bpmn:timeDuration>
  </bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="followup_over" name="Over" />
  <bpmn:sequenceFlow id="g1" sourceRef="followup_begins" targetRef="a_week" />
  <bpmn:sequenceFlow id="g2" sourceRef="a_week" targetRef="followup_over" />
</bpmn:process>
</bpmn:definitions>
"""
)

MISSED = (
    BPMN_HEAD
    + """
<bpmn:process id="missed" name="A date was missed" isExecutable="true">
  <bpmn:startEvent id="date_missed" name="A date was missed"><bpmn:extensionElements>
    <spiffworkflow:properties>
      <spiffworkflow:property name="key" value="[duty, since]" />
    </spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:messageEventDefinition id="date_missed_message" messageRef="missed_message" />
  </bpmn:startEvent>
  <bpmn:task id="say_why" name="Say why"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="role" value="team_manager" />
    <spiffworkflow:property name="deadline" value="=duty" />
  </spiffworkflow:properties></bpmn:extensionElements></bpmn:task>
  <bpmn:endEvent id="said" name="Said" />
  <bpmn:sequenceFlow id="h1" sourceRef="date_missed" targetRef="say_why" />
  <bpmn:sequenceFlow id="h2" sourceRef="say_why" targetRef="said" />
</bpmn:process>
<bpmn:message id="missed_message" name="missed" />
</bpmn:definitions>
"""
)

_ROW = {
    "deadline": '"visit"',
    "count_from": '"began_on"',
    "amount": "10",
    "unit": '"working days"',
    "direction": '"after"',
    "kind": '"limit"',
    "met_by": '"visited_on"',
    "opens_before": '"at once"',
    "rule": '"D-01"',
    "source_sentence": '"Visit within 10 working days"',
    "source_ref": '"p1"',
    "assumption": "false",
}


def table(**cells: str) -> str:
    """Return timescales.dmn with one row; `cells` replace its outputs."""
    row = {**_ROW, **cells}
    outputs = "".join(f'<output id="out_{name}" name="{name}" />' for name in row)
    entries = "".join(
        f'<outputEntry id="cell_{name}"><text>{cell}</text></outputEntry>'
        for name, cell in row.items()
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
        ' namespace="http://example.org/d"><decision id="timescales" name="Timescales">'
        '<decisionTable id="t" hitPolicy="COLLECT">'
        '<input id="in_policy" label="Policy"><inputExpression id="in_policy_text">'
        "<text>policy</text></inputExpression></input>"
        f'{outputs}<rule id="first_visit"><inputEntry id="cell_policy"><text>"P-1"</text>'
        f"</inputEntry>{entries}</rule></decisionTable></decision></definitions>"
    )


FORMS = {
    "case": {
        "type": "object",
        "title": "Open a case",
        "properties": {
            "began": {
                "type": "string", "format": "date", "title": "When?", "x-fact": "began_on",
                "x-effective": "began",
            },
            "worker": {
                "type": "string", "maxLength": 100, "title": "Who?", "x-fact": "social_worker",
                "x-widget": "user", "x-role": "social_worker",
            },
        },
        "required": ["began"],
    },
    "visit": {
        "type": "object",
        "title": "Visit",
        "x-sections": [{"id": "main", "title": "The visit"}],
        "properties": {
            "visited": {
                "type": "string", "format": "date", "title": "When?", "x-section": "main",
                "x-fact": [{"fact": "visited_on", "when": "outcome != 'again'"}],
            },
            "outcome": {
                "type": "string", "title": "How was it?", "x-section": "main",
                "oneOf": [{"const": "well", "title": "Well"}, {"const": "again", "title": "Again"}],
                "x-fact": "outcome",
            },
            "why": {
                "type": "string", "maxLength": 400, "title": "Why?", "pattern": "^[A-Z].*$",
                "x-show-when": "outcome == 'again'",
            },
        },
        "required": ["visited", "outcome"],
        "x-checks": [
            {"field": "visited", "check": "visited >= began_on", "message": "Not before it began"}
        ],
    },
    "done_with_note": {"type": "object", "title": "Done", "properties": {}},
}  # fmt: skip


def small_pack() -> dict[str, bytes]:
    """Return the files of a pack in which nothing is wrong."""
    texts = {
        "pack.toml": PACK,
        "case.bpmn": CASE,
        "followup.bpmn": FOLLOWUP,
        "missed.bpmn": MISSED,
        "timescales.dmn": table(),
    }
    forms = {f"forms/{name}.json": json.dumps(form, indent=1) for name, form in FORMS.items()}
    return {path: text.encode() for path, text in {**texts, **forms}.items()}


def with_change(path: str, old: str, new: str) -> dict[str, bytes]:
    """Return the small pack with one text in one file replaced, wherever it stands."""
    files = small_pack()
    text = files[path].decode()
    assert old in text, f"{old!r} does not stand in {path}"
    files[path] = text.replace(old, new).encode()
    return files
