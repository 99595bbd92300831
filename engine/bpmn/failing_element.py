"""Which element of a diagram a step was at when it failed, or when it was stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import FrameType

from engine.bpmn.elements import Element
from engine.errors import StepFailed

_WAITS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "receiveTask",
        "intermediateCatchEvent",
        "eventBasedGateway",
        "callActivity",
        "subProcess",
    }
)


def goes_round(elements: Mapping[str, Element], element: str) -> bool:
    """Return whether flows lead from an element back to it past nothing that waits."""
    seen: set[str] = set()
    following = list(elements[element].outgoing)
    while following:
        each = following.pop()
        if each == element:
            return True
        if each in elements and each not in seen and elements[each].kind not in _WAITS:
            seen.add(each)
            following += elements[each].outgoing
    return False


def element_of(elements: Mapping[str, Element], failed: StepFailed) -> str:
    """Return the element that the engine was at when the error was raised, or ""."""
    trace = (failed.__cause__ or failed).__traceback__
    found = ""
    while trace is not None:
        found = _named_in(elements, trace.tb_frame) or found
        trace = trace.tb_next
    return found


def element_at(elements: Mapping[str, Element], frame: FrameType | None) -> str:
    """Return the element that ran most often in the step interrupted at `frame`, or "".

    The runtime's own frame holds what ran so far; no callback is due while it hangs. Where nothing
    has run yet, it is the element that the step is making ready.
    """
    making = ""
    while frame is not None:
        making = making or _named_in(elements, frame)
        ran = frame.f_locals.get("ran")
        if isinstance(ran, list):
            known = Counter(each for each in ran if each in elements)
            if known:
                return str(known.most_common(1)[0][0])
        frame = frame.f_back
    return making


def _named_in(elements: Mapping[str, Element], frame: FrameType) -> str:
    for value in list(frame.f_locals.values()):
        name = getattr(getattr(value, "task_spec", value), "bpmn_id", None)
        if isinstance(name, str) and name in elements:
            return name
    return ""
