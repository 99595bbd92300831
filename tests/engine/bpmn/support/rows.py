"""One row of the table of BPMN support: an element, what becomes of it, and the proof.

A supported row is a small drawing that is run; a refused one, a drawing whose finding is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.bpmn import runtime
from engine.bpmn.elements import BPMN
from engine.errors import Finding
from engine.publishing.check import check_files
from engine.rules.decisions import parse_tables
from tests.builders.drawn import NOON, Drawn, drawing, flows, node, process
from tests.builders.small_pack import small_pack
from tests.builders.timescales import dmn
from workflows.permanence.domain import DOMAIN

Verdict = Literal["supported", "refused", "drawn only"]

TABLE = dmn((("< 10",), ('"low"',)), ((">= 10",), ('"high"',)))
_FACTS = "".join(
    f'\n[facts.{name}]\ntype = "{kind}"\nlabel = "{name}"\n'
    for name, kind in (("wanted", "boolean"), ("people", "list"), ("x", "number"))
)


@dataclass(frozen=True)
class Row:
    """`drawn` are the processes, `case` first; `does` what they do, or `finding` what is told.

    `does` is a script for `act`. `finding` is (element id, rule). `also` names a further test.
    """

    element: str
    verdict: Verdict
    note: str
    drawn: tuple[str, ...]
    does: str = ""
    finding: tuple[str, str] | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    also: str = ""

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.element.lower()).strip("-")


def runs(element: str, note: str, drawn: str | tuple[str, ...], does: str, **more: Any) -> Row:
    """A supported row; `drawn` is the inside of a process, or whole processes."""
    return Row(element, "supported", note, _whole(drawn), does, **more)


def drawn_only(element: str, note: str, drawn: str | tuple[str, ...], **more: Any) -> Row:
    """A row of something without effect by the standard: a task beside it runs as without it."""
    return Row(element, "drawn only", note, _whole(drawn), "open work; done work; over", **more)


def refused(
    element: str, note: str, drawn: str | tuple[str, ...], where: str, rule: str = "unsupported"
) -> Row:
    """A row of something that the check refuses, naming the element `where`."""
    return Row(element, "refused", note, _whole(drawn), finding=(where, rule))


def _whole(drawn: str | tuple[str, ...]) -> tuple[str, ...]:
    return (process(drawn),) if isinstance(drawn, str) else drawn


def line(*inner: str) -> str:
    """A process's inside: start, these elements one after another, end. Ids are read from them."""
    ids = [str(re.search(r' id="([^"]+)"', each)[1]) for each in inner]  # type: ignore[index]
    return node("startEvent", "s") + "".join(inner) + node("endEvent", "e") + flows("s", *ids, "e")


def script(id: str, text: str, more: str = "", **attributes: str) -> str:
    return node("scriptTask", id, f"<bpmn:script>{text}</bpmn:script>{more}", **attributes)


def work(more: str = "", id: str = "work", **attributes: str) -> str:
    return node("userTask", id, more, **attributes)


def act(row: Row) -> None:
    """Run a row's drawing and do what its script says, step by step, checking as it goes."""
    if row.does.startswith("begin"):
        drawn = Drawn.__new__(Drawn)
        drawn.prepare(*row.drawn, tables=parse_tables(TABLE), **row.names)
    else:
        drawn = Drawn(*row.drawn, tables=parse_tables(TABLE), **row.names)
    for step in row.does.split(";"):
        verb, *words = step.split()
        _VERBS[verb](drawn, words)


def _open(drawn: Drawn, words: list[str]) -> None:
    assert drawn.open == sorted(words)


def _done(drawn: Drawn, words: list[str]) -> None:
    for word in words:
        drawn.done(word)


def _heard(drawn: Drawn, words: list[str]) -> None:
    for word in words:
        assert drawn.send(word), f"nothing waits for {word}"


def _unheard(drawn: Drawn, words: list[str]) -> None:
    for word in words:
        assert not drawn.send(word)


def _signal(drawn: Drawn, words: list[str]) -> None:
    for word in words:
        assert drawn.signal(word)


def _wait(drawn: Drawn, words: list[str]) -> None:
    drawn.wait(days=float(words[0]))


def _over(drawn: Drawn, _: list[str]) -> None:
    assert drawn.run.completed


def _ran(drawn: Drawn, words: list[str]) -> None:
    assert drawn.run.ran == tuple(words)


def _holds(drawn: Drawn, words: list[str]) -> None:
    assert drawn.run.open_tasks[0].data == json.loads(" ".join(words))


def _fact(drawn: Drawn, words: list[str]) -> None:
    drawn.names[words[0]] = json.loads(words[1])


def _thrown(drawn: Drawn, words: list[str]) -> None:
    assert [each.name for each in drawn.run.thrown] == words


def _due(drawn: Drawn, words: list[str]) -> None:
    [timer] = drawn.run.timers
    assert timer.due_at is not None
    assert (timer.due_at - NOON).total_seconds() == float(words[0]) * 86_400


def _begin(drawn: Drawn, words: list[str]) -> None:
    drawn.run = runtime.start(
        drawn.specs, words[0], drawn.reads, message=words[1], signal=words[1] == "red"
    )


_VERBS = {
    "open": _open, "done": _done, "send": _heard, "unheard": _unheard, "signal": _signal,
    "wait": _wait, "over": _over, "ran": _ran, "holds": _holds, "fact": _fact, "thrown": _thrown,
    "due": _due, "begin": _begin,
}  # fmt: skip


def found(row: Row) -> list[Finding]:
    """Return what a check finds in a row's drawing, as part of a small pack."""
    files = {path: data for path, data in small_pack().items() if not path.startswith("forms/")}
    files |= {"case.bpmn": _in_lanes(drawing(*row.drawn)), "table.dmn": TABLE}
    files["pack.toml"] += _FACTS.encode()
    # One file that is none: with an error elsewhere nothing is tried out, which takes seconds.
    files["no_pack_file.txt"] = b""
    return [each for each in check_files(files, domain=DOMAIN) if each.file == "case.bpmn"]


def _in_lanes(data: bytes) -> bytes:
    """Put the people's tasks of a drawing without lanes into one: each needs a role."""
    root = etree.fromstring(data)
    for number, holder in enumerate(root.iter(f"{{{BPMN}}}process")):
        tasks = [
            *holder.iter(*(f"{{{BPMN}}}{kind}" for kind in ("userTask", "manualTask", "task")))
        ]
        if holder.find(f"{{{BPMN}}}laneSet") is None and tasks:
            lanes = etree.SubElement(holder, f"{{{BPMN}}}laneSet", id=f"lanes{number}")
            lane = etree.SubElement(
                lanes, f"{{{BPMN}}}lane", id=f"lane{number}", name="Team Manager"
            )
            for task in tasks:
                etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = task.get("id")
    return etree.tostring(root)
