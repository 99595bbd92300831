"""Diagrams that are wrongly built, never wait, grow, or call each other for ever."""

from __future__ import annotations

from tests.engine.publishing.corpus.hostile import (
    END,
    START,
    Hostile,
    changed,
    diagram,
    flow,
    line,
    node,
    script,
)

_CALL = 'calledElement="followup"'
_MANY = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{}</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)
_GATE = node("exclusiveGateway", "gate", default="out") + flow("gate", "e", id="out")


def _drawn(name: str, inner: str, element: str = "", more: str = "") -> Hostile:
    return Hostile(name, "followup.bpmn", diagram(START + END + inner, more), element)


def _timer(text: str, kind: str = "timeDuration") -> str:
    return node("intermediateCatchEvent", "tick", f"<bpmn:timerEventDefinition><bpmn:{kind}>"
        f"{text}</bpmn:{kind}></bpmn:timerEventDefinition>") + line("s", "tick", "e")  # fmt: skip


def _calls(name: str, *called: str) -> Hostile:
    """Processes that call one another in a ring."""
    inner = "".join(
        f'<bpmn:process id="{one}" name="{one}" isExecutable="true">'
        f'<bpmn:startEvent id="{one}_s" /><bpmn:endEvent id="{one}_e" />'
        f'<bpmn:callActivity id="{one}_c" calledElement="{other}" />'
        f"{line(f'{one}_s', f'{one}_c', f'{one}_e')}</bpmn:process>"
        for one, other in zip(called, (*called[1:], called[0]), strict=True)
    )
    return _drawn(name, line("s", "e"), f"{called[0]}_c", inner)


def _nested(depth: int) -> str:
    inside = '<bpmn:startEvent id="s0" /><bpmn:endEvent id="e0" />' + line("s0", "e0")
    for level in range(1, depth):
        inside = (
            f'<bpmn:startEvent id="s{level}" /><bpmn:endEvent id="e{level}" />'
            + node("subProcess", f"p{level}", inside)
            + line(f"s{level}", f"p{level}", f"e{level}")
        )
    return node("subProcess", "outer", inside) + line("s", "outer", "e")


DURATIONS = {
    "P99999999999999999Y": "timeDuration",
    "P101Y": "timeDuration",
    "P9999M": "timeDuration",
    "PT99999999999S": "timeDuration",
    "R99999999/PT0S": "timeCycle",
    "R/P1D": "timeCycle",
    "R99999999/P1D/P1D": "timeCycle",
    "-P1D": "timeDuration",
    "P": "timeDuration",
    "PT": "timeDuration",
    "P1Y2": "timeDuration",
    "2026-02-30": "timeDate",
    "9999-99-99": "timeDate",
    "0001-01-01T00:00:00+14:00": "timeDate",
    "tomorrow": "timeDate",
    "": "timeDate",
}


def _blocks(count: int, kind: str = "parallelGateway", *, again: bool = False) -> str:
    """Forks and joins in series; with `again` the last leads back to before the first."""
    when = 'policy == "P-1"' if kind == "inclusiveGateway" else ""
    inner, last = node("exclusiveGateway", "merge") + flow("s", "merge"), "merge"
    for n in range(count):
        fork, join = f"fork{n}", f"join{n}"
        inner += node(kind, fork) + node(kind, join) + flow(last, fork)
        for branch in (f"a{n}", f"b{n}"):
            inner += script(branch) + flow(fork, branch, when) + flow(branch, join)
        last = join
    if again:
        return inner + node("exclusiveGateway", "back", default="out") + line(last, "back") + flow(
            "back", "e", id="out") + flow("back", "merge", 'policy == "P-1"')  # fmt: skip
    return inner + line(last, "e")


def _forks_in_forks(depth: int) -> str:
    """Forks in forks, each branch a fork again, and as many joins."""
    if depth == 0:
        return ""
    inner, level = "", [("s", "e")]
    for n in range(depth):
        following = []
        for place, (before, after) in enumerate(level):
            fork, join = f"fork{n}_{place}", f"join{n}_{place}"
            inner += node("parallelGateway", fork) + node("parallelGateway", join)
            inner += flow(before, fork, id=f"i{fork}") + flow(join, after, id=f"o{join}")
            following += [(fork, join), (fork, join)]
        level = following
    for place, (before, after) in enumerate(level):
        inner += script(f"work{place}") + line(before, f"work{place}", after)
    return inner


_THROWN = (
    '<bpmn:error id="bad" name="bad" errorCode="B" /><bpmn:escalation id="ask" name="ask"'
    ' escalationCode="A" />'
)
_ON_TASK = node("boundaryEvent", "odd", '<bpmn:errorEventDefinition errorRef="bad" />',
    attachedToRef="work") + node("endEvent", "e2") + line("odd", "e2")  # fmt: skip


STRUCTURE = [
    *(_drawn(f"{kind} {text}", _timer(text, kind), "tick") for text, kind in DURATIONS.items()),
    *(_drawn(f"a {kind}", node(kind, "odd") + line("s", "odd", "e"), "odd") for kind in (
        "serviceTask", "businessRuleTask", "complexGateway", "adHocSubProcess", "transaction",
        "choreographyTask", "teaBreak", "sendTask", "receiveTask", "callActivity")),
    *(_drawn(f"{kind} that means nothing", node(kind, "odd") + line("s", "odd", "e"), "odd")
        for kind in ("intermediateCatchEvent", "scriptTask", "boundaryEvent")),
    _drawn("flow to nowhere", line("s", "gone"), "s_gone"),
    _drawn("flow from nowhere", line("gone", "e"), "gone_e"),
    _drawn("flow into the start", line("s", "e", "s"), "s"),
    _drawn("unreachable task", script("lost") + line("s", "e") + line("lost", "e"), "lost"),
    _drawn("two of one id", script("twice") + script("twice") + line("s", "twice", "e"), "twice"),
    _drawn("id of the engine", script("Start") + line("s", "Start", "e"), "Start"),
    _drawn("id of a split", script("x.BoundaryEventSplit") + line("s", "x.BoundaryEventSplit",
        "e"), "x.BoundaryEventSplit"),
    _drawn("gateway of one's own", node("exclusiveGateway", "gate") + line("s", "gate"), "gate"),
    _drawn("too many elements", "".join(script(f"k{n}") for n in range(300))),
    _drawn("sub-processes 70 deep", _nested(70)),
    _drawn("sub-process without a start", node("subProcess", "inner", '<bpmn:endEvent id="ie" />')
        + line("s", "inner", "e"), "inner"),
    _drawn("flow across a border", node("subProcess", "inner", '<bpmn:startEvent id="is" />'
        '<bpmn:endEvent id="ie" />' + line("is", "ie")) + line("s", "inner", "e")
        + flow("is", "e"), "is_e"),
    _drawn("repeated minus once", script("odd", inner='<bpmn:standardLoopCharacteristics'
        ' loopMaximum="-1" />') + line("s", "odd", "e"), "odd"),
    _drawn("repeated for ever", script("odd", inner="<bpmn:standardLoopCharacteristics />")
        + line("s", "odd", "e"), "odd"),
    _drawn("compensation", node("scriptTask", "odd", isForCompensation="true")
        + line("s", "odd", "e"), "odd"),
    _drawn("circle of gateways", node("exclusiveGateway", "a") + node("exclusiveGateway", "b")
        + line("s", "a", "b", "a"), "a"),
    changed("call of itself", "case.bpmn", _CALL, 'calledElement="case"', "follow"),
    changed("call of nothing", "case.bpmn", _CALL, 'calledElement="nothing"', "follow"),
    _drawn("error that nobody hears", node("endEvent", "odd", '<bpmn:errorEventDefinition'
        ' errorRef="bad" />') + line("s", "odd"), "odd", _THROWN),
    _drawn("escalation that nobody hears", node("intermediateThrowEvent", "odd",
        '<bpmn:escalationEventDefinition escalationRef="ask" />') + line("s", "odd", "e"), "odd",
        _THROWN),
    _drawn("error of a task", script("work") + _ON_TASK + line("s", "work", "e"), "odd", _THROWN),
    _drawn("link to nowhere", node("intermediateThrowEvent", "odd",
        '<bpmn:linkEventDefinition name="A" />') + line("s", "odd"), "odd"),
    _drawn("links that go round", node("intermediateThrowEvent", "t",
        '<bpmn:linkEventDefinition name="A" />') + node("intermediateCatchEvent", "c",
        '<bpmn:linkEventDefinition name="A" />') + line("s", "t") + line("c", "t"), "c|t"),
    _drawn("1.5 times", script("odd", inner=_MANY.format("1.5")) + line("s", "odd", "e"), "odd"),
    _drawn("minus one times", script("odd", inner=_MANY.format("0 - 1")) + line("s", "odd", "e"),
        "odd"),
    _drawn("40,000 times", script("odd", inner=_MANY.format("40000")) + line("s", "odd", "e"),
        "odd"),
    _drawn("a setting of nobody's", node("scriptTask", "odd", "<bpmn:script>n = 1</bpmn:script>",
        teaBreak="true") + line("s", "odd", "e"), "odd"),
    _drawn("a truth that is neither", node("subProcess", "odd", triggeredByEvent="maybe")
        + line("s", "odd", "e"), "odd"),
    _drawn("60 forks in series", _blocks(60)),
    _drawn("a label that says another amount", node("task", "odd").replace('name="odd"',
        'name="Within 8 working days"').replace("/>", ">").replace("></", ">" + "<bpmn:"
        'extensionElements><spiffworkflow:properties><spiffworkflow:property name="rule_ids"'
        ' value="D-01" /></spiffworkflow:properties></bpmn:extensionElements></')
        + line("s", "odd", "e"), "odd"),
    _calls("self-call", "one"),
    _calls("calls in a ring of two", "one", "two"),
    _calls("calls in a ring of five", "one", "two", "three", "four", "five"),
]  # fmt: skip

GROWING = [
    *(_drawn(f"{count} {kind}s in series, and round again", _blocks(count, kind, again=True),
        "back|" + "|".join(f"{each}{n}" for n in range(count) for each in ("fork", "a", "join")))
        for count, kind in ((12, "parallelGateway"), (24, "inclusiveGateway"),
            (48, "parallelGateway"))),
    _drawn("forks in forks, five deep, and a number with a text", _forks_in_forks(5).replace(
        "n = 1", "n = policy + 1", 1), "work0"),
]  # fmt: skip
"""Forks that would make tasks without number; each is run, and what is wrong beside them told."""

RUNNING = [
    _drawn("loop that a value keeps going", script("work") + _GATE + line("s", "work", "gate")
        + flow("gate", "work", "n == 1"), "work"),
    _drawn("timer that is always due", node("intermediateCatchEvent", "tick",
        "<bpmn:timerEventDefinition><bpmn:timeDuration>PT0S</bpmn:timeDuration>"
        "</bpmn:timerEventDefinition>") + _GATE + line("s", "tick", "gate")
        + flow("gate", "tick", 'policy == "P-1"'), "tick"),
    _drawn("nine thousand at once", script("many", inner=_MANY.format(9999))
        + line("s", "many", "e"), "many"),
    _drawn("eight thousand in two layers", node("subProcess", "outer", _MANY.format(90)
        + '<bpmn:startEvent id="is" /><bpmn:endEvent id="ie" />'
        + script("inner", inner=_MANY.format(90)) + line("is", "inner", "ie"))
        + line("s", "outer", "e"), "inner"),
    _drawn("join that one of two reaches", node("exclusiveGateway", "gate", default="out")
        + script("one") + script("other") + node("parallelGateway", "join")
        + flow("gate", "one", id="out") + flow("gate", "other", 'policy == "X"')
        + line("s", "gate") + line("one", "join", "e") + line("other", "join"), "join"),
    _drawn("number and text", script("adds", "n = policy + 1") + line("s", "adds", "e"), "adds"),
    _drawn("a list that doubles", script("first", "t = [1, 1]") + script("doubles", "t = [t, t]")
        + _GATE + line("s", "first", "doubles", "gate") + flow("gate", "doubles", "is_set(t)"),
        "doubles"),
]  # fmt: skip
"""Found only by running them."""
