"""One file of the corpus, and the small pieces that its diagrams are made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from tests.builders.small_pack import BPMN_HEAD, small_pack

TAIL = "</bpmn:definitions>"
START = '<bpmn:startEvent id="s" name="S" />'
END = '<bpmn:endEvent id="e" name="E" />'


@dataclass(frozen=True)
class Hostile:
    """A file that replaces one of the small pack's, or joins it.

    `element` is what a finding must name (either one of two, with | between), "" where the file
    alone can be named.
    """

    name: str
    path: str
    data: bytes
    element: str = ""

    @property
    def files(self) -> dict[str, bytes]:
        """A whole pack with this file in it."""
        return {**small_pack(), self.path: self.data}


def changed(name: str, path: str, old: str, new: str, element: str = "") -> Hostile:
    """A file of the small pack with one text in it replaced."""
    text = small_pack()[path].decode()
    assert old in text, f"{old!r} does not stand in {path}"
    return Hostile(name, path, text.replace(old, new).encode(), element)


def diagram(inner: str, more: str = "") -> bytes:
    """The follow-up process of the small pack, drawn otherwise."""
    return (
        f'{BPMN_HEAD}<bpmn:process id="followup" name="Follow-up" isExecutable="true">{inner}'
        f"</bpmn:process>{more}{TAIL}"
    ).encode()


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    """A sequence flow, named after its ends."""
    inner = condition and (
        f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
    )
    return (
        f'<bpmn:sequenceFlow id="{id or f"{source}_{target}"}" sourceRef="{source}"'
        f' targetRef="{target}">{inner}</bpmn:sequenceFlow>'
    )


def node(kind: str, id: str, inner: str = "", **attributes: str) -> str:
    """A flow node whose name is its id."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{kind} id="{id}" name="{id}"{more}>{inner}</bpmn:{kind}>'


def script(id: str, text: str = "n = 1", inner: str = "") -> str:
    """A script task."""
    return node("scriptTask", id, f"<bpmn:script>{escape(text)}</bpmn:script>{inner}")


def line(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(one, other) for one, other in pairwise(ids))
