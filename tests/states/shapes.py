"""Drawings that wait in the ways that the text of an instance knows: what `write_states` keeps.

By hand one for each way, named for it; and generated ones, chosen until every kind of element has
waited in every way it can.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.bpmn import runtime
from tests.builders.drawn import NOON, by_event, drawing, event, flows, node, path, process
from tests.proofs import generated as drawing_runs
from tests.proofs.pens import LOCALS, MESSAGES, SIGNALS
from tests.proofs.processes import Move as Drawn
from tests.proofs.pruning import BEGIN, TABLE, ordered
from tests.states.instances import Move, definition_of, move, play, surroundings

GENERATED = 24
DRAWN_FROM = 400
SEED = 18


@dataclass(frozen=True)
class Shape:
    """A drawing with its table, the moves that lead to a wait, and those that go on from it."""

    about: str
    files: dict[str, str]
    before: list[Move]
    then: list[Move]


def _moves(*said: str, names: dict[str, Any] | None = None) -> list[Move]:
    """Read moves as words: an element to complete, `send X`, `signal X`, `wait N` hours."""
    known = {"day": None, **(names or {})}
    now, moves = NOON, []
    for each in said:
        what, _, rest = each.partition(" ")
        if what == "start":
            moves.append(move("start", now, known))
        elif what in ("send", "signal"):
            told = {"name": rest, "payload": {}, "signal": what == "signal"}
            moves.append(move("deliver", now, known, **told))
        elif what == "wait":
            now += timedelta(hours=int(rest))
            moves.append(move("look", now, known))
        else:
            moves.append(move("complete", now, known, element=what, nth=int(rest or 0)))
    return moves


def _shape(
    about: str, *processes_: str, before: str = "", then: str, names: dict[str, Any] | None = None
) -> Shape:
    files = {"case.bpmn": drawing(*processes_).decode()}
    said = [each.strip() for each in before.split(";") if each.strip()]
    on = [each.strip() for each in then.split(";")]
    moves = _moves("start", *said, *on, names=names)
    return Shape(about, files, moves[: len(said) + 1], moves[len(said) + 1 :])


def _line(*nodes: str, ids: str) -> str:
    """A process of a start, these nodes one after another, and an end."""
    return process(
        node("startEvent", "s") + "".join(nodes) + node("endEvent", "e")
        + flows("s", *ids.split(), "e")
    )  # fmt: skip


def _boundary(id: str, host: str, definition: str, after: str, *, interrupts: bool) -> str:
    return (
        node("boundaryEvent", id, definition, attachedToRef=host,
             cancelActivity=str(interrupts).lower())
        + node("userTask", after) + node("endEvent", f"{after}_e") + flows(id, after, f"{after}_e")
    )  # fmt: skip


def _several(inner: str, *, one_by_one: bool = False) -> str:
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{tag} isSequential="{str(one_by_one).lower()}">{inner}</{tag}>'


def _cycle(text: str) -> str:
    return event("timer", text).replace("timeDuration", "timeCycle")


_EACH = (
    "<bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
    '<bpmn:inputDataItem id="row" name="row" />'
)
_RESULTS = (
    "<bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef>"
    '<bpmn:outputDataItem id="one" name="one" />'
)
_SAYS = node("scriptTask", "say", "<bpmn:script>one = row</bpmn:script>")
_ASKING = (
    node("startEvent", "in_s") + node("userTask", "ask") + _SAYS + node("endEvent", "in_e")
    + flows("in_s", "ask", "say", "in_e")
)  # fmt: skip
_PEOPLE = {"people": ["ann", "bob", "cat"]}
_LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="3" />'


def _rounds(kind: str) -> str:
    """A fork into three ways that join again, in a loop as long as `again` holds."""
    ways = "".join(node("userTask", each) for each in ("left", "middle", "right"))
    conditional = kind == "inclusiveGateway"
    flow = _if if conditional else flows
    return process(
        node("startEvent", "s") + node("exclusiveGateway", "entry") + node(kind, "fork")
        + ways + node(kind, "join") + node("userTask", "check")
        + node("exclusiveGateway", "whether", default="whether_e") + node("endEvent", "e")
        + flows("s", "entry", "fork")
        + "".join(flow("fork", way) + flows(way, "join") for way in ("left", "middle", "right"))
        + flows("join", "check", "whether", "e") + _if("whether", "entry", "again")
    )  # fmt: skip


def _if(source: str, target: str, condition: str = "True") -> str:
    return flows(source, target).replace(
        " />",
        '><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
        f"{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>",
    )


_SUB = path("in", "visit", "report")
_HOUR, _DAY = event("timer", "PT1H"), event("timer", "P1D")

BY_HAND: dict[str, Shape] = {
    "several_at_once": _shape(
        "An activity done for three people at once: one turn done, two open.",
        _line(node("userTask", "ask", _several(_EACH)), ids="ask"),
        before="ask 1", then="ask; ask", names=_PEOPLE,
    ),
    "one_by_one": _shape(
        "A sub-process done for three people one after another, at its second turn; what each says "
        "is kept in a list.",
        _line(node("subProcess", "part", _several(_EACH + _RESULTS, one_by_one=True) + _ASKING),
              ids="part"),
        before="ask", then="ask; ask", names=_PEOPLE,
    ),
    "sub_process_for_each": _shape(
        "A sub-process done for three people at once, one of them a task further than the others.",
        _line(node("subProcess", "part", _several(_EACH) + _SUB), ids="part"),
        before="visit 1", then="report; visit; visit; report; report", names=_PEOPLE,
    ),
    "loop": _shape(
        "A standard loop at its second turn, with a boundary event on it.",
        _line(node("userTask", "work", _LOOP),
              _boundary("stop", "work", event("message", "stop"), "tidy", interrupts=True),
              ids="work"),
        before="work", then="work; work",
    ),
    "event_sub_process_armed": _shape(
        "Event sub-processes of a called process and of the case, none begun.",
        process(node("startEvent", "s") + node("callActivity", "call", calledElement="other")
                + node("endEvent", "e") + flows("s", "call", "e")
                + by_event("outer", event("message", "stop"), "mend")),
        process(path("o", "inner_work") + by_event("inner", event("signal", "red"), "cope",
                                                   interrupting=False), "other"),
        then="signal red; cope; signal red; send stop; mend",
    ),
    "event_sub_process_begun": _shape(
        "One that does not interrupt has begun twice beside the work; one by a timer waits.",
        process(path("p", "work")
                + by_event("told", event("message", "go"), "note", interrupting=False)
                + by_event("late", _DAY, "chase", interrupting=False)),
        before="send go; send go", then="note; wait 25; chase; note; work",
    ),
    "boundary_events": _shape(
        "Boundary events on a sub-process: one happened already and leads on, a repeating timer "
        "has had its first turn, one that interrupts waits.",
        process(node("startEvent", "s") + node("subProcess", "part", _SUB)
                + node("userTask", "after") + node("endEvent", "e")
                + flows("s", "part", "after", "e")
                + _boundary("told", "part", event("message", "go"), "note", interrupts=False)
                + _boundary("again", "part", _cycle("R3/P1D"), "remind", interrupts=False)
                + _boundary("stop", "part", event("message", "stop"), "tidy", interrupts=True)),
        before="send go; wait 25; visit", then="wait 24; remind; send go; send stop; note; tidy",
    ),
    "parallel_join": _shape(
        "A parallel join in the second round of a loop, two of three tokens there.",
        _rounds("parallelGateway"),
        before="left; middle; right; check; right; left", then="middle; check; left",
        names={"again": True},
    ),
    "inclusive_join": _shape(
        "An inclusive join in the second round of a loop, one of three tokens there.",
        _rounds("inclusiveGateway"),
        before="right; left; middle; check; middle", then="left; right; check; right",
        names={"again": True},
    ),
    "branches_ended": _shape(
        "Two of three parallel branches have ended, each with data that the end merges.",
        process(node("startEvent", "s") + node("parallelGateway", "fork")
                + "".join(node("scriptTask", f"set_{each}", f"<bpmn:script>{each} = {number}"
                               "</bpmn:script>")
                          + node("userTask", f"do_{each}") + node("endEvent", f"e_{each}")
                          + flows("fork", f"set_{each}", f"do_{each}", f"e_{each}")
                          for number, each in enumerate("abc"))
                + flows("s", "fork")),
        before="do_b; do_a", then="do_c",
    ),
    "calls_in_calls": _shape(
        "A called process within a called process, a timer at each depth.",
        process(node("startEvent", "s") + node("callActivity", "call", calledElement="second")
                + node("endEvent", "e") + flows("s", "call", "e")
                + _boundary("slow", "call", _DAY, "hurry", interrupts=False)),
        process(node("startEvent", "s2") + node("callActivity", "call2", calledElement="third")
                + node("endEvent", "e2") + flows("s2", "call2", "e2"), "second"),
        process(path("t", "deep")
                + _boundary("hour", "deep", _HOUR, "look", interrupts=False), "third"),
        before="wait 2", then="look; wait 23; hurry; deep",
    ),
    "event_gateway": _shape(
        "An event gateway that waits for a message or a day, in a loop's second round.",
        process(node("startEvent", "s") + node("exclusiveGateway", "entry")
                + node("eventBasedGateway", "first")
                + node("intermediateCatchEvent", "heard", event("message", "go"))
                + node("intermediateCatchEvent", "day", _DAY) + node("userTask", "answer")
                + node("endEvent", "e") + flows("s", "entry", "first", "heard", "answer", "entry")
                + flows("first", "day", "e")),
        before="send go; answer", then="wait 3; send go; answer; wait 25",
    ),
    "timers": _shape(
        "Five timers: an hour that is over, longer ones, one of a fact that is unset, a repeating.",
        process(node("startEvent", "s") + node("parallelGateway", "fork")
                + "".join(node("intermediateCatchEvent", f"at_{number}", timer)
                          + node("userTask", f"then_{number}") + node("endEvent", f"e_{number}")
                          + flows("fork", f"at_{number}", f"then_{number}", f"e_{number}")
                          for number, timer in enumerate((_HOUR, _DAY, event("timer", "day"),
                                                          event("timer", "PT36H"))))
                + flows("s", "fork")
                + by_event("often", _cycle("R/P1D"), "sweep", interrupting=False)),
        before="wait 2", then="wait 23; then_1; wait 24; then_0; then_3",
    ),
    "receive_task": _shape(
        "A receive task and a signal caught beside it.",
        process(node("startEvent", "s") + node("parallelGateway", "fork")
                + node("receiveTask", "hear", messageRef="m_go")
                + node("intermediateCatchEvent", "red", event("signal", "red"))
                + node("parallelGateway", "join") + node("userTask", "after")
                + node("endEvent", "e") + flows("s", "fork", "hear", "join", "after", "e")
                + flows("fork", "red", "join")),
        before="signal red", then="send go; after",
    ),
}  # fmt: skip


def generated() -> dict[str, Shape]:
    """Return generated drawings, each cut where it adds most to the ways of waiting."""
    runs = list(_runs())
    chosen: dict[str, Shape] = {}
    known: set[str] = set()
    while len(chosen) < GENERATED:
        gains = [
            (len(ways - known), -len(shape.files["case.bpmn"]), index)
            for index, (shape, ways) in enumerate(runs)
        ]
        gain, _, best = max(gains)
        if gain == 0:
            break
        shape, ways = runs.pop(best)
        known |= ways
        chosen[f"generated_{len(chosen) + 1:02}"] = shape
    return chosen


def _runs() -> Iterator[tuple[Shape, set[str]]]:
    drawn: list[tuple[bytes, list[Drawn]]] = []
    drawing_runs.each(DRAWN_FROM, SEED, lambda xml, moves: drawn.append((xml, moves)), shrink=False)
    for xml, moves in drawn:
        yield from _cuts(xml, moves)


def _cuts(xml: bytes, drawn: list[Drawn]) -> Iterator[tuple[Shape, set[str]]]:
    """Yield a run cut at its richest wait, unless it fails or has no wait with a step after it."""
    files = drawn_files(xml)
    definition = definition_of(files)
    moves, ways = [], []
    for said, told, text in played(definition, drawn):
        if told["failed"]:
            break
        moves.append(said)
        assert text is not None
        ways.append(set() if told["completed"] else _ways(definition.specs, text))
        if told["completed"]:
            break
    if len(moves) > 2:
        cut = max(range(len(moves) - 2), key=lambda number: len(ways[number]))
        about = f"Generated. Waits in {len(ways[cut])} ways."
        yield Shape(about, files, moves[: cut + 1], moves[cut + 1 :]), ways[cut]


def drawn_files(xml: bytes) -> dict[str, str]:
    """Return the files of a generated drawing."""
    return {"case.bpmn": xml.decode(), "table.dmn": TABLE.decode()}


def played(
    definition: Any, drawn: list[Drawn]
) -> Iterator[tuple[Move, dict[str, Any], str | None]]:
    """Yield what a run really does, one move after another, with what is seen and the text."""
    now, text = BEGIN, None
    for turn in [Drawn("begin", 0, 0, 0, 0, 0), *drawn]:
        if turn.action == "wait":
            now += timedelta(hours=turn.hours)
        day = (BEGIN + timedelta(days=turn.day)).date().isoformat() if turn.day else None
        names = {**LOCALS, "a": turn.a, "b": turn.b, "day": day}
        said = _concrete(definition, text, turn, move("look", now, names))
        seen, text = play(definition, text, said)
        yield said, seen, text


def _concrete(definition: Any, text: str | None, drawn: Drawn, look: Move) -> Move:
    if text is None:
        return {**look, "do": "start"}
    if drawn.action == "deliver":
        name = (*MESSAGES, *SIGNALS)[drawn.choice % 5]
        payload = {"n": drawn.choice // 4}
        told = {"name": name, "payload": payload, "signal": name in SIGNALS}
        return {**look, "do": "deliver", **told}
    run = runtime.view(definition.specs, text, surroundings(look))
    if drawn.action == "complete" and run.open_tasks:
        elements = {each.task: each.element for each in run.open_tasks}
        open_ = [elements[task] for _, task in ordered(run)]
        place = drawn.choice % len(open_)
        element = open_[place]
        return {**look, "do": "complete", "element": element, "nth": open_[:place].count(element)}
    return look


def _ways(specs: Any, text: str) -> set[str]:
    """Return in which ways a text waits: kinds of element by state, and what is noted on them."""
    state = json.loads(text)
    ways = set()
    for scope in [state["process"], *(called for _, called in state["called"])]:
        for _, _, name, task_state, _, triggered, *more in scope["tasks"]:
            noted = more[0] if more else {}
            kind = type(specs[scope["spec"]].task_specs[name]).__name__
            ways.add(f"{kind} {task_state} {triggered} {' '.join(sorted(noted))}")
    return ways
