"""What BPMN 2.0.2 knows and permanence does not run: refused by name, wherever it stands.

Whatever is neither run nor without effect by the standard itself is told, so that no drawing means
more to its reader than to the engine.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.elements import BPMN, FLOW_NODES
from engine.publishing.checks.reading import Report, called, id_of, kind_of, shortened

REFUSED_NODES = {
    "serviceTask": "is a service task; permanence calls no outside service. Make it a user task"
    " for the person who does this.",
    "complexGateway": "is a complex gateway, whose rule nobody can read from the drawing. Use"
    " exclusive, parallel or inclusive gateways.",
    "adHocSubProcess": "is an ad-hoc sub-process, which cannot be run. Draw its tasks as user"
    ' tasks with the property optional = "true".',
    "transaction": "is a transaction, which cannot be run. Draw an ordinary sub-process.",
    "subChoreography": "is a choreography, which cannot be run. Draw a sub-process.",
    "choreographyTask": "is a choreography task, which cannot be run. Draw a user task.",
    "callChoreography": "is a choreography, which cannot be run. Draw a call.",
    "callConversation": "is a conversation, which cannot be run. Draw a call.",
    "implicitThrowEvent": "is an implicit event, which cannot be run. Draw an event.",
    "event": "is an event of no kind. Draw a start, end or intermediate event.",
}
_REFUSED_ROOTS = {
    "choreography": "Draw processes; who does what is said by lanes.",
    "globalChoreographyTask": "Draw a user task.",
    "globalConversation": "Delete it.",
    "globalTask": "Draw a process with the task in it, and call that.",
    "globalUserTask": "Draw a process with the task in it, and call that.",
    "globalManualTask": "Draw a process with the task in it, and call that.",
    "globalScriptTask": "Draw a process with the task in it, and call that.",
    "globalBusinessRuleTask": "Draw a process with the task in it, and call that.",
    "import": "Put what it brings into the pack's own files.",
    "correlationProperty": "Messages find their instance by the property key.",
}
_IN_COLLABORATION = frozenset({"documentation", "extensionElements", "participant", "messageFlow"})
_ARTEFACTS = frozenset({"textAnnotation", "association", "group"})
_IN_SCOPE = (
    frozenset({
        "documentation", "extensionElements", "auditing", "monitoring", "laneSet", "sequenceFlow",
        "dataObject", "dataObjectReference", "dataStoreReference", "incoming", "outgoing",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "supports",
    })
    | _ARTEFACTS
)  # fmt: skip
_DATA = frozenset({"ioSpecification", "dataInputAssociation", "dataOutputAssociation"})
_EVENT_DATA = frozenset({"dataInput", "dataOutput", "inputSet", "outputSet"} | _DATA)
_IN_NODE = frozenset({
    "documentation", "extensionElements", "auditing", "monitoring", "incoming", "outgoing",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "script",
    "eventDefinitionRef",
})  # fmt: skip
_ATTRIBUTES = {
    "task": {"startQuantity", "completionQuantity", "isForCompensation", "implementation",
        "scriptFormat", "messageRef", "instantiate", "calledElement", "triggeredByEvent"},
    "event": {"attachedToRef", "cancelActivity", "isInterrupting", "parallelMultiple"},
    "gateway": {"gatewayDirection", "default", "instantiate", "eventGatewayType"},
    "sequenceFlow": {"sourceRef", "targetRef", "isImmediate"},
    "process": {"isExecutable", "isClosed", "processType", "definitionalCollaborationRef"},
    "laneSet": set[str](),
    "lane": {"partitionElementRef"},
}  # fmt: skip
_TRUE_OR_FALSE = frozenset({
    "isForCompensation", "instantiate", "triggeredByEvent", "cancelActivity", "isInterrupting",
    "parallelMultiple", "isImmediate", "isExecutable", "isSequential", "testBefore",
})  # fmt: skip


def check(root: etree._Element, report: Report) -> None:
    """Report what stands in one diagram and cannot be run."""
    for child in root:
        kind = kind_of(child)
        if kind in _REFUSED_ROOTS:
            message = f"A <{kind}> cannot be run. {_REFUSED_ROOTS[kind]}"
            report.error(id_of(child), "unsupported", message)
        elif kind == "collaboration":
            _check_collaboration(child, report)
    for holder in root.iter(*(f"{{{BPMN}}}{kind}" for kind in ("process", "subProcess"))):
        _check_attributes(holder, report)
        for child in holder:
            _check_child(child, report)
            kind = kind_of(child)
            if kind in FLOW_NODES:
                _check_parts(child, report)
                if kind != "subProcess":
                    _check_attributes(child, report)
            elif kind == "sequenceFlow":
                _check_attributes(child, report)
    for lane in root.iter(f"{{{BPMN}}}lane", f"{{{BPMN}}}laneSet"):
        _check_attributes(lane, report)
    for loop in root.iter(
        f"{{{BPMN}}}multiInstanceLoopCharacteristics", f"{{{BPMN}}}standardLoopCharacteristics"
    ):
        _check_true_or_false(loop, report)


def _check_collaboration(collaboration: etree._Element, report: Report) -> None:
    for child in collaboration:
        kind = kind_of(child)
        if kind and kind not in _IN_COLLABORATION | _ARTEFACTS:
            message = f"A <{kind}> cannot be run. Pools and flows between them are only drawn."
            report.error(id_of(child), "unsupported", message)
        if kind == "participant" and child.find(f"{{{BPMN}}}participantMultiplicity") is not None:
            message = (
                f"The {called(child)} stands for several, which is not looked at. Delete the mark."
            )
            report.error(id_of(child), "ignored-attribute", message)


def _check_child(node: etree._Element, report: Report) -> None:
    """Report a child of a process or sub-process that is no flow node and has a meaning."""
    kind = kind_of(node)
    if kind in REFUSED_NODES:
        report.error(id_of(node), "unsupported", f"The {called(node)} {REFUSED_NODES[kind]}")
    elif not kind or kind in FLOW_NODES | _IN_SCOPE:
        return
    elif kind == "ioSpecification" or kind in _DATA:
        return  # of a process: looked at with its calls; a sub-process is told of as an element
    else:
        message = f"A <{kind}> cannot be run here. Delete it, or draw what it means as tasks."
        report.error(id_of(node), "unsupported", message)


def _check_parts(node: etree._Element, report: Report) -> None:
    """Report parts of a flow node that would be ignored without a word."""
    id, name = id_of(node), called(node)
    parts = [kind_of(child) for child in node]
    if _EVENT_DATA & set(parts):
        message = (
            f"The {name} is joined to a document or data object, from which nothing would be"
            " read. Delete the line; what is known of a case are its facts."
        )
        report.error(id, "data-object", message)
    if kind_of(node) in ("process", "subProcess") or kind_of(node) in REFUSED_NODES:
        return
    for kind in parts:
        ends = ("EventDefinition", "LoopCharacteristics")
        if kind and kind not in _IN_NODE | _EVENT_DATA and not kind.endswith(ends):
            message = f"The {name} holds a <{kind}>, which is not looked at. Delete it."
            report.error(id, "unsupported", message)


def _check_attributes(node: etree._Element, report: Report) -> None:
    """Report attributes that would be ignored without a word."""
    id, name, kind = id_of(node), called(node), kind_of(node)
    group = next((end for end in ("Event", "Gateway") if kind.endswith(end)), "").lower()
    known = _ATTRIBUTES.get(kind) or _ATTRIBUTES[group or ("task" if kind in FLOW_NODES else kind)]
    for each in node.attrib:
        if str(each)[0] != "{" and each not in known | {"id", "name"}:
            message = f"The {name} sets {shortened(str(each))}, which is not looked at. Delete it."
            report.error(id, "ignored-attribute", message)
    for quantity in ("startQuantity", "completionQuantity"):
        if node.get(quantity, "1") != "1":
            message = f"The {name} sets {quantity}, which is not supported. Delete the setting."
            report.error(id, "ignored-attribute", message)
    for setting, usual, why in _SETTINGS:
        if node.get(setting, usual) not in (usual, "Unspecified"):
            report.error(id, "unsupported", f"The {name} {why}")
    _check_true_or_false(node, report)


_SETTINGS = (
    ("isForCompensation", "false", "is for compensation, which cannot be run. Draw a task after"
        " the event."),
    ("instantiate", "false", "starts a process, which only a start event does. Draw one before"
        " it."),
    ("eventGatewayType", "Exclusive", "waits for several events at once. Use a parallel gateway for"
        " that."),
    ("parallelMultiple", "false", "waits for several events at once. Use a parallel gateway for"
        " that."),
    ("isImmediate", "true", "lets others come between. Delete the setting."),
)  # fmt: skip


def _check_true_or_false(node: etree._Element, report: Report) -> None:
    owner = node.getparent() if kind_of(node).endswith("LoopCharacteristics") else node
    for each in sorted(_TRUE_OR_FALSE & {str(name) for name in node.attrib}):
        value = node.get(each) or ""
        if value not in ("true", "false") and owner is not None:
            message = f"The {called(owner)} has {each} = {value[:20]!r}. Write true or false."
            report.error(id_of(owner), "ignored-attribute", message)
