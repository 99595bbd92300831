"""Hypothesis draws processes whose values can be told: who assigns which name is known of each.

Blocks of work, forks, loops, embedded sub-processes, repeated work and calls, one after another and
inside one another. Each script reads what was assigned before it on its own way alone. With
`shared` names every branch may assign the same ones, and there are no scopes but the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import strategies as st

from tests.builders.drawn import drawing, flows, node, process
from tests.proofs.pens import Draw

ROWS = [1, 2, 3]
SHARED = ("x", "y", "z")
MOST_BLOCKS = 14


@dataclass
class _Pencil:
    """`shared` says that branches may assign the same names; `called` are processes beside."""

    draw: Draw
    shared: bool
    left: int = MOST_BLOCKS
    number: int = 0
    called: list[str] = field(default_factory=list)

    def id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}_{self.number}"

    def pick(self, *choices: object) -> object:
        return self.draw(st.sampled_from(choices))

    def name(self, mine: tuple[str, ...]) -> str:
        if self.shared:
            return str(self.pick(*SHARED))
        return str(self.pick(*mine)) if mine and self.pick(True, False) else self.id("v")


@dataclass
class _Way:
    """Elements one after another, drawn so far: their XML, ids, and what can be read after them.

    `mine` are names that nothing beside this way assigns, so that it may. In turns that run at
    once no way owns what stands around them: each turn would assign it.
    """

    known: tuple[str, ...]
    mine: tuple[str, ...] = ()
    xml: str = ""
    ids: list[str] = field(default_factory=list)
    owns: bool = True

    def add(self, id: str, xml: str, *names: str) -> None:
        self.xml += xml
        self.ids.append(id)
        self.learn(*names)

    def learn(self, *names: str) -> None:
        """Take in names that only this way assigned."""
        self.known = (*self.known, *names)
        self.mine = (*self.mine, *names) if self.owns else ()


def _script(pencil: _Pencil, way: _Way, name: str) -> None:
    value = str(pencil.pick(3, 7))
    if way.known and pencil.pick(True, False):
        value = f"{pencil.pick(*way.known)} + {value}"
    id = pencil.id("script")
    way.add(id, node("scriptTask", id, f"<bpmn:script>{name} = {value}</bpmn:script>"), name)


def _work(pencil: _Pencil, way: _Way, _depth: int) -> None:
    id = pencil.id("task")
    way.add(id, node("userTask", id))
    _script(pencil, way, pencil.name(way.mine))


def _fork(pencil: _Pencil, way: _Way, depth: int) -> None:
    fork, join = pencil.id("fork"), pencil.id("join")
    xml = node("parallelGateway", fork) + node("parallelGateway", join)
    branches = int(pencil.pick(2, 2, 3))  # type: ignore[call-overload]
    known = way.known
    owned = {each: pencil.pick(*range(branches)) for each in ([] if pencil.shared else way.mine)}
    for place in range(branches):
        read = [each for each in known if owned.get(each, place) == place]
        mine = tuple(each for each in owned if owned[each] == place)
        branch = _Way(tuple(read), mine, owns=way.owns)
        _blocks(pencil, branch, depth + 1)
        xml += branch.xml + line(fork, *branch.ids, join)
        way.learn(*branch.known[len(read) :])
    # Flows into and out of it join at either end.
    way.xml += xml
    way.ids += [f"{fork} {join}"]


def _inside(pencil: _Pencil, way: _Way, depth: int) -> str:
    """Draw a start, blocks and an end; what they assign can be read on the way afterwards."""
    start, end, inner = (
        pencil.id("start"),
        pencil.id("end"),
        _Way(way.known, way.mine, owns=way.owns),
    )
    _blocks(pencil, inner, depth + 1)
    way.known, way.mine = inner.known, inner.mine
    return (
        node("startEvent", start) + inner.xml + node("endEvent", end)
        + line(start, *inner.ids, end)
    )  # fmt: skip


def _sub_process(pencil: _Pencil, way: _Way, depth: int) -> None:
    loop = f'<bpmn:standardLoopCharacteristics loopMaximum="{pencil.pick(2, 3)}" />'
    id = pencil.id("sub")
    inner = _inside(pencil, way, depth)
    way.add(id, node("subProcess", id, inner + (loop if pencil.pick(True, False) else "")))


def _several(pencil: _Pencil, way: _Way, depth: int) -> None:
    row, one, all_ = pencil.id("row"), pencil.id("one"), pencil.id("all")
    inner = _Way((*way.known, row), owns=False)
    start, end, id = pencil.id("start"), pencil.id("end"), pencil.id("several")
    _blocks(pencil, inner, depth + 1)
    _script(pencil, inner, one)
    body = (
        node("startEvent", start) + inner.xml + node("endEvent", end)
        + line(start, *inner.ids, end)
    )  # fmt: skip
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{pencil.pick("true", "false")}">'
        f"<bpmn:loopDataInputRef>rows</bpmn:loopDataInputRef>"
        f"<bpmn:loopDataOutputRef>{all_}</bpmn:loopDataOutputRef>"
        f'<bpmn:inputDataItem id="{row}" /><bpmn:outputDataItem id="{one}" />'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    way.add(id, node("subProcess", id, body + loop))


def _call(pencil: _Pencil, way: _Way, depth: int) -> None:
    called, id = pencil.id("called"), pencil.id("call")
    pencil.called.append(process(_inside(pencil, way, depth), called))
    way.add(id, node("callActivity", id, calledElement=called))


def line(*ids: str) -> str:
    """Flows along a path; "fork join" is a fork that has been drawn with its join."""
    ends = [each.split() for each in ids]
    return "".join(flows(before[-1], after[0]) for before, after in pairwise(ends))


def _blocks(pencil: _Pencil, way: _Way, depth: int) -> None:
    pencil.left -= 1
    _work(pencil, way, depth)
    kinds = [_work, _fork, _sub_process] + ([] if pencil.shared else [_several, _call])
    for _ in range(int(pencil.pick(0, 1, 2))):  # type: ignore[call-overload]
        if pencil.left > 0:
            pencil.left -= 1
            kinds[int(pencil.pick(*range(len(kinds))))](pencil, way, min(depth, 4))  # type: ignore[call-overload]


@st.composite
def drawings(draw: Draw, *, shared: bool) -> bytes:
    """A file with the process `case`, which asks a fork at least."""
    pencil = _Pencil(draw, shared)
    way = _Way(SHARED, SHARED)
    first = "\n".join(f"{name} = 0" for name in SHARED)
    way.add("first", node("scriptTask", "first", f"<bpmn:script>{first}</bpmn:script>"))
    _fork(pencil, way, 0)
    way.add("last", node("userTask", "last"))
    inside = (
        node("startEvent", "s") + way.xml + node("endEvent", "e") + line("s", *way.ids, "e")
    )  # fmt: skip
    return drawing(process(inside), *pencil.called)
