"""Every rule of a diagram, broken once in a small pack, is told with its file and element."""

import pytest

from engine.errors import Finding
from engine.publishing.check import check_files
from tests.builders.small_pack import small_pack, with_change
from workflows.permanence.domain import DOMAIN

ENOUGH = '<bpmn:sequenceFlow id="enough" sourceRef="again" targetRef="count_up" />'
CLOSED = '<bpmn:endEvent id="closed" name="Closed" />'
VISIT_LANE = "<bpmn:flowNodeRef>visit</bpmn:flowNodeRef>"
COUNT = "<bpmn:script>visits = 1</bpmn:script>"
SCRIPT_TASK = f'<bpmn:scriptTask id="count_up">{COUNT}</bpmn:scriptTask>'
WEEK = '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P1W</bpmn:timeDuration>'
LIMIT = 'limit_passed("visit")'
PASSES = '<spiffworkflow:property name="passes" value="true" />'
FORM = '<spiffworkflow:property name="form" value="visit" />'
EXTRA = '<bpmn:endEvent id="extra_end" name="Extra" />'


def instead(kind: str, inner: str = "", more: str = "") -> str:
    """Another element in the place of the script task."""
    return f'<bpmn:{kind} id="count_up" name="Count" {more}>{inner}</bpmn:{kind}>'


def sub_process(inner: str, more: str = "") -> str:
    return instead("subProcess", inner, more)


def flow(source: str, target: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="{source}_to_{target}" sourceRef="{source}" targetRef="{target}" />'
    )


INSIDE = (
    '<bpmn:startEvent id="s" name="S" /><bpmn:endEvent id="e" name="E" />'
    '<bpmn:sequenceFlow id="se" sourceRef="s" targetRef="e" />'
)


def in_properties(inner: str) -> str:
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{inner}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def person(name):
    return f'<spiffworkflow:property name="person" value="{name}" />'


STRUCTURE = {
    "not executable": ("case.bpmn", ' isExecutable="true"', "", "case", "not-executable",
        "not marked as executable"),
    "no start": ("followup.bpmn", '<bpmn:startEvent id="followup_begins" name="Begins" />', "",
        "followup", "no-start", "no start event"),
    "no end": ("followup.bpmn", '<bpmn:endEvent id="followup_over" name="Over" />', "",
        "followup", "no-end", "no end event"),
    "two starts": ("followup.bpmn", '<bpmn:startEvent id="followup_begins" name="Begins" />',
        '<bpmn:startEvent id="followup_begins" name="Begins" /><bpmn:startEvent id="b2" />',
        "followup", "several-starts", "Keep one"),
    "flow into the start": ("followup.bpmn", 'sourceRef="a_week" targetRef="followup_over"',
        'sourceRef="a_week" targetRef="followup_begins"', "followup_begins", "incoming-at-start",
        "nothing leads into"),
    "flow out of the end": ("followup.bpmn", 'sourceRef="followup_begins" targetRef="a_week"',
        'sourceRef="followup_over" targetRef="a_week"', "followup_over", "outgoing-at-end",
        "nothing follows it"),
    "unreachable": ("case.bpmn", CLOSED, CLOSED + EXTRA, "extra_end", "unreachable",
        "Nothing leads from the start"),
    "flow to nowhere": ("case.bpmn", 'id="f5" sourceRef="follow" targetRef="closed"',
        'id="f5" sourceRef="follow" targetRef="gone"', "f5", "dangling-flow", "no 'gone'"),
    "flow from nowhere": ("case.bpmn", 'id="f5" sourceRef="follow"', 'id="f5"', "f5",
        "dangling-flow", "begins nowhere"),
    "flow across a border": ("case.bpmn", SCRIPT_TASK, sub_process(
        INSIDE + '<bpmn:sequenceFlow id="out" sourceRef="s" targetRef="closed" />'), "out",
        "flow-across-border", "other side of a sub-process"),
    "gateway without a way out": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:parallelGateway id="fork" name="Fork" />' + flow("count_up", "fork"), "fork",
        "gateway-no-way-out", "No flow leaves the gateway 'Fork'"),
    "events after an event gateway": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:eventBasedGateway id="either" name="Either" />' + flow("count_up", "either")
        + flow("either", "closed"), "either", "event-gateway-target", "is none"),
    "no condition": ("case.bpmn", ' default="enough"', "", "enough", "no-condition",
        "without a condition"),
    "default elsewhere": ("case.bpmn", 'default="enough"', 'default="f1"', "again",
        "default-flow", "does not leave it"),
    "condition on a task's flow": ("case.bpmn", '<bpmn:sequenceFlow id="f5" '
        'sourceRef="follow" targetRef="closed" />', '<bpmn:sequenceFlow id="f5" '
        'sourceRef="follow" targetRef="closed"><bpmn:conditionExpression>true'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>", "f5", "condition-ignored",
        "conditions are not looked at"),
    "boundary on nothing": ("case.bpmn", 'attachedToRef="visit"', 'attachedToRef="again"',
        "too_late", "unattached", "Drag it onto the border"),
    "boundary leads nowhere": ("case.bpmn", '<bpmn:sequenceFlow id="f3" sourceRef="too_late"'
        ' targetRef="told" />', "", "too_late", "dead-end", "what happens then"),
    "circle for ever": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:exclusiveGateway id="here" name="Here" />' + flow("count_up", "here")
        + '<bpmn:exclusiveGateway id="there" name="There" />' + flow("here", "there")
        + flow("there", "here"), "here", "endless-circle", "go round for ever"),
}  # fmt: skip

ELEMENTS = {
    "no lane": ("case.bpmn", VISIT_LANE, "", "visit", "no-lane",
        "The task 'Visit the child' has no lane, so nobody would get it. Put it in a lane."),
    "unknown lane": ("case.bpmn", 'name="Social worker">', 'name="Social wroker">',
        "lane_worker", "unknown-lane", "Did you mean 'Social worker'?"),
    "unknown role": ("missed.bpmn", 'value="team_manager"', 'value="team_manger"', "say_why",
        "unknown-role", "Did you mean 'team_manager'?"),
    "unknown form": ("case.bpmn", FORM, FORM.replace('"visit"', '"visti"'), "visit",
        "unknown-form", "no forms/visti.json"),
    "lead of no amount": ("case.bpmn", 'name="deadline" value="visit" />',
        'name="deadline" value="visit" /><spiffworkflow:property name="lead" value="soon" />',
        "visit", "lead", "Write an amount such as '5 working days'"),
    "unknown deadline": ("case.bpmn", 'name="deadline" value="visit"',
        'name="deadline" value="visits"', "visit", "unknown-deadline", "no row of timescales.dmn"),
    "id of the engine": ("case.bpmn", '"closed"', '"End"', "End", "reserved-id", "engine itself"),
    "id with a dot": ("case.bpmn", '"closed"', '"visit.BoundaryEventSplit"',
        "visit.BoundaryEventSplit", "id", "letters, digits, _ and -"),
    "start quantity": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT, 'startQuantity="2"'),
        "count_up", "ignored-attribute", "startQuantity"),
    "completion quantity": ("case.bpmn", SCRIPT_TASK,
        instead("scriptTask", COUNT, 'completionQuantity="2"'), "count_up", "ignored-attribute",
        "completionQuantity"),
    "compensation": ("case.bpmn", SCRIPT_TASK,
        instead("scriptTask", COUNT, 'isForCompensation="true"'), "count_up", "unsupported",
        "compensation"),
    "behaviour of several": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + '<bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopCardinality>2'
        "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"), "count_up",
        "ignored-attribute", "multi-instance behaviour"),
    "several, how often unsaid": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + "<bpmn:multiInstanceLoopCharacteristics />"), "count_up", "loop", "Say how often"),
    "negative loop": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + '<bpmn:standardLoopCharacteristics loopMaximum="-1" />'), "count_up", "loop",
        "from 1 to 9999"),
    "loop without end": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + "<bpmn:standardLoopCharacteristics />"), "count_up", "loop", "without end"),
    "document": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + '<bpmn:dataInputAssociation id="d1"><bpmn:sourceRef>x</bpmn:sourceRef>'
        "</bpmn:dataInputAssociation>"), "count_up", "data-object", "document or data object"),
    "service task": ("case.bpmn", SCRIPT_TASK, instead("serviceTask"), "count_up", "unsupported",
        "is a service task"),
    "business rule task": ("case.bpmn", SCRIPT_TASK, instead("businessRuleTask"), "count_up",
        "unknown-decision", "names no decision table"),
    "complex gateway": ("case.bpmn", SCRIPT_TASK, instead("complexGateway"), "count_up",
        "unsupported", "is a complex gateway"),
    "ad-hoc": ("case.bpmn", SCRIPT_TASK, instead("adHocSubProcess", INSIDE), "count_up",
        "unsupported", "is an ad-hoc sub-process"),
    "transaction": ("case.bpmn", SCRIPT_TASK, instead("transaction", INSIDE), "count_up",
        "unsupported", "is a transaction"),
    "choreography": ("case.bpmn", CLOSED, CLOSED + '<bpmn:choreographyTask id="c" name="C" />',
        "c", "unsupported", "is a choreography task"),
    "invented element": ("case.bpmn", CLOSED, CLOSED + '<bpmn:teaBreak id="tea" />', "tea",
        "unsupported", "<teaBreak>"),
    "send task without a message": ("case.bpmn", SCRIPT_TASK, instead("sendTask"), "count_up",
        "message-reference", "names no message"),
    "person's task that passes": ("case.bpmn", FORM, FORM + PASSES, "visit", "misplaced-property",
        "which only a plain task reads"),
    "passes perhaps": ("case.bpmn", SCRIPT_TASK, instead("task", in_properties(
        PASSES.replace("true", "perhaps"))), "count_up", "unknown-property",
        "Write true or false"),
    "circle of boxes": ("case.bpmn", SCRIPT_TASK, instead("task", in_properties(PASSES))
        + '<bpmn:task id="box" name="Box">' + in_properties(PASSES) + "</bpmn:task>"
        + flow("count_up", "box") + flow("box", "count_up"), "box", "endless-circle",
        "Put a task or timer into the circle"),
    "no script": ("case.bpmn", COUNT, "", "count_up", "no-script", "has no script"),
}  # fmt: skip

EVENTS = {
    "waits for nothing": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:intermediateCatchEvent id="wait" name="Wait" />' + flow("count_up", "wait")
        + flow("wait", "closed"), "wait", "event-definition", "does not say what it waits for"),
    "link to nowhere": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:intermediateThrowEvent id="jump" name="Jump"><bpmn:linkEventDefinition id="l"'
        ' name="x" /></bpmn:intermediateThrowEvent>' + flow("count_up", "jump"), "jump",
        "link", "which 0 events"),
    "timer without a time": ("followup.bpmn", WEEK, "", "a_week", "timer", "without a time"),
    "cycle": ("followup.bpmn", WEEK, WEEK.replace("timeDuration", "timeCycle"), "a_week",
        "unsupported", "timeCycle"),
    "timer at the end": ("followup.bpmn", '<bpmn:endEvent id="followup_over" name="Over" />',
        '<bpmn:endEvent id="followup_over" name="Over"><bpmn:timerEventDefinition id="x">'
        f"{WEEK}</bpmn:timerEventDefinition></bpmn:endEvent>", "followup_over", "event-place",
        "cannot stand here"),
    "two meanings": ("followup.bpmn", "</bpmn:timerEventDefinition>",
        '</bpmn:timerEventDefinition><bpmn:messageEventDefinition id="m" />', "a_week",
        "event-definition", "one event for each"),
    "conditional": ("followup.bpmn", "bpmn:timerEventDefinition", "bpmn:conditionalEventDefinition",
        "a_week", "unsupported", "waits for a condition"),
    "cancel": ("followup.bpmn", '<bpmn:endEvent id="followup_over" name="Over" />',
        '<bpmn:endEvent id="followup_over" name="Over"><bpmn:cancelEventDefinition id="x" />'
        "</bpmn:endEvent>", "followup_over", "unsupported", "cancels a transaction"),
    "unknown message": ("missed.bpmn", 'messageRef="missed_message"', 'messageRef="lost"',
        "date_missed", "message-reference", "the message 'lost'"),
    "event sub-process without event": ("case.bpmn", CLOSED, CLOSED
        + '<bpmn:subProcess id="on_move" name="On a move" triggeredByEvent="true">' + INSIDE
        + "</bpmn:subProcess>", "on_move", "event-sub-process", "which event begins it"),
}  # fmt: skip

LINKS = {
    "id used in two files": ("missed.bpmn", '"say_why"', '"visit"', "visit", "duplicate-id",
        "the whole pack shares them"),
    "id twice in a file": ("missed.bpmn", 'id="h2"', 'id="h1"', "h1", "duplicate-id",
        "stands twice"),
    "call of nothing": ("case.bpmn", ' calledElement="followup"', "", "follow", "call",
        "names no process"),
    "call of an unknown": ("case.bpmn", 'calledElement="followup"', 'calledElement="folowup"',
        "follow", "call", "Did you mean 'followup'?"),
    "call of itself": ("case.bpmn", 'calledElement="followup"', 'calledElement="case"', "follow",
        "call-circle", "call itself"),
    "call of what a message begins": ("case.bpmn", 'calledElement="followup"',
        'calledElement="missed"', "follow", "call", "begins only by a message"),
    "opening that waits": ("pack.toml", 'process = "case"', 'process = "missed"', "missed",
        "opening-start", "A case begins with"),
}  # fmt: skip

EXPRESSIONS = {
    "condition that does not parse": ("case.bpmn", 'answers.outcome == "again"',
        'answers.outcome = "again"', "more", "expression", "write == to compare"),
    "condition of an escape": ("case.bpmn", 'answers.outcome == "again"',
        "().__class__.__bases__", "more", "expression", "does not begin with _"),
    "unknown fact": ("case.bpmn", 'answers.outcome == "again"', "is_set(visited_no)", "more",
        "unknown-name", "Did you mean 'visited_on'?"),
    "unknown answer": ("case.bpmn", "answers.outcome", "answers.outcoem", "more",
        "unknown-answer", "no form asks that"),
    "unknown function": ("case.bpmn", 'answers.outcome == "again"', "is_sett(visited_on)", "more",
        "unknown-function", "Did you mean 'is_set'?"),
    "too few values": ("case.bpmn", 'answers.outcome == "again"', "days_between(visited_on) == 1",
        "more", "function-values", "days_between(first, last)"),
    "deadline of a timer": ("case.bpmn", LIMIT, 'limit_passed("vist")', "too_late",
        "unknown-deadline", "Did you mean 'visit'?"),
    "timer that is a text": ("case.bpmn", LIMIT, '"next week"', "too_late", "timer",
        "which is no time"),
    "timer without zone": ("case.bpmn", LIMIT, "2026-03-27T10:00:00", "too_late", "timer",
        "time with zone"),
    "endless duration": ("followup.bpmn", "P1W", "P99999999999999999Y", "a_week", "timer",
        "100 years at most"),
    "long duration": ("followup.bpmn", "P1W", "P101Y", "a_week", "timer", "100 years at most"),
    "repeating duration": ("followup.bpmn", "P1W", '"R99999999/PT0S"', "a_week", "timer",
        "no date, time with zone or duration"),
    "instant before the calendar": ("followup.bpmn", "P1W", "0001-01-01T00:00:00+14:00", "a_week",
        "timer", "beyond the calendar"),
    "script": ("case.bpmn", "visits = 1", "import os", "count_up", "expression",
        "name = expression"),
    "script reads an unknown": ("case.bpmn", "visits = 1", "visits = vists + 1", "count_up",
        "unknown-name", "'vists'"),
    "payload": ("case.bpmn", '"since": began_on', '"since": begun_on', "told", "unknown-name",
        "Did you mean 'began_on'?"),
    "payload that is no dictionary": ("case.bpmn", '{"duty": "visit", "since": began_on}',
        "[began_on]", "told", "payload", "dictionary"),
    "key": ("missed.bpmn", "[duty, since]", "[duty, sinse]", "date_missed", "unknown-name",
        "Did you mean 'since'?"),
    "deadline worked out": ("missed.bpmn", "=duty", "=dutty", "say_why", "unknown-name",
        "Did you mean 'duty'?"),
    "person by name": ("case.bpmn", FORM, FORM + person("anna"), "visit",
        "person", "a pack names none"),
    "person of no fact": ("case.bpmn", FORM, FORM + person("=duty"), "visit",
        "unknown-name", "'duty', which is not known there"),
    "number of times": ("case.bpmn", SCRIPT_TASK, instead("scriptTask", COUNT
        + "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>9 ** 9"
        "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"), "count_up",
        "expression", "powers"),
}  # fmt: skip

WARNINGS = {
    "default with a condition": ("case.bpmn", ENOUGH, ENOUGH.replace(" />",
        "><bpmn:conditionExpression>true</bpmn:conditionExpression></bpmn:sequenceFlow>"),
        "enough", "default-condition", "never looked at"),
    "no default": ("case.bpmn", ' default="enough"', "", "again", "no-default",
        "if no condition holds"),
    "unknown property": ("case.bpmn", 'name="deadline"', 'name="dedline"', "visit",
        "unknown-property", "Did you mean 'deadline'?"),
    "property of a task on an event": ("missed.bpmn", 'name="key"', 'name="form"', "date_missed",
        "misplaced-property", "only a person's task reads"),
    "form of a box": ("case.bpmn", SCRIPT_TASK, instead("task", in_properties(PASSES + FORM)),
        "count_up", "misplaced-property", "only a person's task reads"),
    "sent to nobody": ("missed.bpmn", 'name="missed" />', 'name="mised" />', "date_missed",
        "message-never-sent", "which nobody sends"),
    "received by nobody": ("case.bpmn", 'id="message_missed" name="missed"',
        'id="message_missed" name="late"', "told", "message-never-received", "nobody receives"),
    "never begun": ("case.bpmn", 'calledElement="followup"', 'calledElement=""', "followup",
        "never-begun", "Nothing begins"),
    "another program's settings": ("case.bpmn", 'name="Visit the child"',
        'name="Visit the child" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        ' camunda:formKey="x"', "", "foreign-settings", "formKey"),
    "label and table": ("case.bpmn", "Within 10 working days", "Within 8 working days", "more",
        "amount-differs", "The diagram says 'Within 8 working days'"),
    "crowded lane": ("case.bpmn", VISIT_LANE, VISIT_LANE * 16, "lane_worker", "crowded-lane",
        "holds 16 elements"),
    "circle that may never wait": ("case.bpmn", 'id="more" name="Within 10 working days"'
        ' sourceRef="again" targetRef="visit"', 'id="more" name="More" sourceRef="again"'
        ' targetRef="again"', "again", "circle-without-wait", "without waiting for anybody"),
}  # fmt: skip

ERRORS = {**STRUCTURE, **ELEMENTS, **EVENTS, **LINKS, **EXPRESSIONS}


def find(files: dict[str, bytes]) -> list[Finding]:
    return check_files(files, domain=DOMAIN)


def test_nothing_is_found_in_a_good_pack() -> None:
    assert find(small_pack()) == []


@pytest.mark.parametrize("broken", ERRORS)
def test_an_error_names_file_element_and_what_to_do(broken: str) -> None:
    path, old, new, element, rule, phrase = ERRORS[broken]
    findings = find(with_change(path, old, new))
    matching = [each for each in findings if (each.element, each.rule) == (element, rule)]
    assert {each.severity for each in matching} == {"error"}, findings
    assert phrase in matching[0].message
    assert matching[0].file.endswith(".bpmn")


@pytest.mark.parametrize("doubtful", WARNINGS)
def test_a_warning_names_file_and_element(doubtful: str) -> None:
    path, old, new, element, rule, phrase = WARNINGS[doubtful]
    matching = [
        each
        for each in find(with_change(path, old, new))
        if (each.element, each.rule, each.severity) == (element, rule, "warning")
    ]
    assert len(matching) == 1
    assert phrase in matching[0].message
