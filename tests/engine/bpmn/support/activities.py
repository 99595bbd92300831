"""The activities: tasks, sub-processes, calls, and how often they are done."""

from __future__ import annotations

from tests.builders.drawn import FORMAL, event, flows, node, path, process
from tests.engine.bpmn.support.rows import Row, drawn_only, line, refused, runs, script, work


def prop(name: str, value: str) -> str:
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f'<spiffworkflow:property name="{name}" value="{value}" />'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )


DECISION = prop("decision", "table")
PASSES = prop("passes", "true")
MI = "multiInstanceLoopCharacteristics"


def several(inner: str, more: str = "") -> str:
    return f"<bpmn:{MI} {more}>{inner}</bpmn:{MI}>"


def times(text: str) -> str:
    return f"<bpmn:loopCardinality {FORMAL}>{text}</bpmn:loopCardinality>"


def loop(attributes: str, condition: str = "") -> str:
    inner = f"<bpmn:loopCondition {FORMAL}>{condition}</bpmn:loopCondition>" if condition else ""
    kind = "bpmn:standardLoopCharacteristics"
    return f"<{kind} {attributes}>{inner}</{kind}>"


def odd(attributes: dict[str, str]) -> str:
    return line(work(**attributes))


PART = path("p", "inside")
CALL = node("callActivity", "part", calledElement="other")
LIST = "<bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
ITEM = '<bpmn:inputDataItem id="row" name="row" />'
RESULTS = '<bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef><bpmn:outputDataItem id="one" />'
TWICE = script("many", "one = row + 1", several(times("2") + ITEM + RESULTS))
PEOPLE = {"people": ["ann", "bob"]}

ACTIVITIES: list[Row] = [
    runs("Task", "work for a person, like a user task", line(node("task", "work")),
        "open work; done work; over"),
    runs("Task with the property passes", "nobody's work: passed at once", line(node("task", "box",
        PASSES), work()), "open work; done work; over", also="test_check_diagrams.py"),
    runs("User task", "work for the role of its lane or its property role", line(work()),
        "open work; done work; over", also="test_journey.py"),
    runs("Manual task", "work for a person, like a user task", line(node("manualTask", "work")),
        "open work; done work; over"),
    runs("Script task", "lines of name = expression, in the one closed language", line(script(
        "set", "a = 1 + 1"), work()), 'open work; holds {"a": 2}', also="test_expressions.py"),
    runs("Business rule task", "asks a decision table of the pack", line(node("businessRuleTask",
        "ask", DECISION), work()), 'holds {"table": {"out": "low"}}', names={"x": 7},
        also="test_business_rules.py"),
    runs("Send task", "throws its message", line(node("sendTask", "tell", messageRef="m_go"),
        work()), "thrown go; open work"),
    runs("Receive task", "waits for its message", line(node("receiveTask", "hear",
        messageRef="m_go"), work()), "open; send go; open work"),
    refused("Receive task that instantiates", "draw a message start event", line(node(
        "receiveTask", "hear", messageRef="m_go", instantiate="true")), "hear"),
    refused("Service task", "make it a user task for the person who does this", line(node(
        "serviceTask", "odd")), "odd"),
    runs("Embedded sub-process", "its own scope; what it sets comes back", line(node("subProcess",
        "part", PART), work(id="after")), "open inside; done inside; open after"),
    runs("Sub-process in a lane", "its people's tasks take the role of the lane it stands in",
        (process('<bpmn:laneSet id="ls"><bpmn:lane id="l" name="Team Manager"><bpmn:flowNodeRef>'
        "part</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>" + line(node("subProcess", "part",
        PART))),), "open inside; done inside; over"),
    runs("Event sub-process", "begins by its start event, in every scope", path("p", "rest")
        + node("subProcess", "handler", path("h", "tidy").replace('name="h_start">',
        f'name="h_start">{event("message", "go")}'), triggeredByEvent="true"),
        "send go; open tidy", also="test_event_sub_processes.py"),
    runs("Call activity", "runs another process of the pack in the same case", (process(line(CALL,
        work(id="after"))), process(PART, "other")), "open inside; done inside; open after"),
    runs("Call activity: data", "the called process reads the caller's data, and hands its own"
        " back", (process(line(script("set", "a = 1"), CALL, work())), process(line(script("add",
        "b = a + 1")).replace('"s"', '"os"').replace('"e"', '"oe"'), "other")),
        'holds {"a": 1, "b": 2}'),
    refused("Call activity that calls nothing", "name a process of the pack", line(node(
        "callActivity", "part", calledElement="nothing")), "part", "call"),
    refused("Call activity that calls itself", "draw a flow back", line(node("callActivity",
        "part", calledElement="case")), "part", "call-circle"),
    refused("Ad-hoc sub-process", 'user tasks with the property optional = "true"', line(node(
        "adHocSubProcess", "odd", PART)), "odd"),
    refused("Transaction", "an ordinary sub-process", line(node("transaction", "odd", PART)),
        "odd"),
    *(refused(f"Global task: {kind}", "a process with the task in it", (process(line(work())),
        node(kind, "odd")), "odd") for kind in ("globalTask", "globalUserTask",
        "globalManualTask", "globalScriptTask", "globalBusinessRuleTask")),
    runs("Standard loop: loopMaximum", "done at most so often", line(work(loop('loopMaximum="2"')),
        work(id="after")), "done work; open work; done work; open after", also="test_flow.py"),
    runs("Standard loop: loopCondition", "done while it holds, asked after each turn", line(work(
        loop("", "wanted")), work(id="after")), "done work; open work;"
        " fact wanted false; done work; open after", names={"wanted": True}),
    runs("Standard loop: testBefore", "asked before the first turn too", line(work(loop(
        'testBefore="true"', "wanted")), work(id="after")), "open after", names={"wanted": False}),
    refused("Standard loop without end", "give a condition or a highest number", line(work(loop(
        ""))), "work", "loop"),
    refused("Standard loop below one", "a number from 1 to 9999", line(work(loop(
        'loopMaximum="-1"'))), "work", "loop"),
    runs("Multi-instance: in parallel", "all turns at once", line(work(several(times("2"))),
        work(id="after")), "open work work; done work work; open after",
        also="test_repetition.py"),
    runs("Multi-instance: isSequential", "one turn after another", line(work(several(times("2"),
        'isSequential="true"')), work(id="after")), "open work; done work; open work; done work;"
        " open after", also="test_repetition.py"),
    runs("Multi-instance: loopDataInputRef, inputDataItem", "once for each of a list, which any"
        " expression may give", line(work(several(LIST + ITEM)), work(id="after")),
        'open work work; holds {"row": "ann"}; done work work; open after', names=PEOPLE),
    runs("Multi-instance: loopDataOutputRef, outputDataItem", "the results in the order of the"
        " list", line(TWICE, work(id="after")), 'open after; holds {"all": [1, 2]}'),
    runs("Multi-instance: completionCondition", "asked after each turn; ends the rest", line(work(
        several(times("3") + f"<bpmn:completionCondition {FORMAL}>wanted</bpmn:completionCondition>"
        )), work(id="after")), "fact wanted true; done work; open after", names={"wanted": False}),
    *(refused(f"Multi-instance: behavior {kind}", "throw an event from an activity of its own",
        line(work(several(times("2"), f'behavior="{kind}"'))), "work", "ignored-attribute")
        for kind in ("None", "One", "Complex")),
    refused("Multi-instance without a number or list", "say how often, or for which list", line(
        work(several(""))), "work", "loop"),
    refused("startQuantity", "draw a join", odd({"startQuantity": "2"}), "work",
        "ignored-attribute"),
    refused("completionQuantity", "draw a fork", odd({"completionQuantity": "2"}), "work",
        "ignored-attribute"),
    refused("isForCompensation", "draw a task after the event", odd({"isForCompensation": "true"}),
        "work"),
    refused("Default flow of an activity", "draw a gateway", odd({"default": "work_e"}), "work",
        "ignored-attribute"),
    refused("Operation of a send or receive task", "name a message", line(node("sendTask", "odd",
        messageRef="m_go", operationRef="o")), "odd", "ignored-attribute"),
    refused("ioSpecification", "facts are known everywhere", line(work("<bpmn:ioSpecification />")),
        "work", "data-object"),
    refused("Property of an activity", "local names are set by scripts", line(work(
        '<bpmn:property id="p" name="p" />')), "work"),
    *(refused(f"{kind} of a task", "the lane or the property role says whose work it is", line(
        work(f'<bpmn:{kind} id="r" />')), "work") for kind in ("resourceRole", "performer",
        "humanPerformer", "potentialOwner", "rendering")),
    drawn_only("Implementation of a task", "there is one for each kind", odd({
        "implementation": "##unspecified"})),
    drawn_only("Script format", "scripts are written in the one language, whatever it says", line(
        script("set", "a = 1", scriptFormat="x"), work())),
    drawn_only("Documentation", "shown to people, word for word", line(work(
        "<bpmn:documentation>The policy</bpmn:documentation>"))),
    drawn_only("Auditing, monitoring", "every step is recorded anyway", line(work(
        "<bpmn:auditing /><bpmn:monitoring />"))),
]  # fmt: skip

_ = flows
