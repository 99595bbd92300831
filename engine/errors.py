"""What can go wrong, one class per thing the caller can do about it.

Facts are attributes; words for people live in templates and in the API's problem details.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


class EngineError(Exception):
    """Anything the engine refuses. Nothing was written."""


class CaseNotFound(EngineError):
    """There is no such case, or the actor may not see it: the answer is the same."""


class WorkItemNotFound(EngineError):
    """There is no such work item, or the actor may not see its case."""


class DefinitionNotFound(EngineError):
    """No such pack, policy, published version or file in it."""


class NotPermitted(EngineError):
    """The actor sees the case but may not do this."""

    def __init__(self, actor: str, action: str) -> None:
        super().__init__(f"{actor} may not {action}")
        self.actor = actor
        self.action = action


class WorkItemAlreadyCompleted(EngineError):
    """The work item was completed or withdrawn before this request; do not retry."""

    def __init__(
        self, work_item_id: UUID, completed_by: str | None, completed_at: datetime | None
    ) -> None:
        super().__init__(f"work item {work_item_id} is no longer open")
        self.work_item_id = work_item_id
        self.completed_by = completed_by
        self.completed_at = completed_at


class CaseClosed(EngineError):
    """The case is closed; nothing more is recorded in it."""


class ConcurrentUpdate(EngineError):
    """Another step of this case got there first: roll back, then retry."""


class NothingWaits(EngineError):
    """No diagram and no fact of this case awaits the message."""

    def __init__(self, message: str) -> None:
        super().__init__(f"nothing in this case waits for the message {message!r}")
        self.message = message


class AlreadyOpen(EngineError):
    """A case of a kind of which one at a time is open."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} is open already; close it before another is opened")


class SameOpen(EngineError):
    """A case about the same is open: a second one needs a reason, sent as `AGAIN`.

    `refs` are those that the actor may see, `hidden` how many others there are, `facts` what they
    have in common, as the pack calls it.
    """

    def __init__(self, refs: Sequence[str], hidden: int, facts: Sequence[str]) -> None:
        super().__init__(f"a case with the same {' and '.join(facts)} is open already")
        self.refs = tuple(refs)
        self.hidden = hidden
        self.facts = tuple(facts)


AGAIN = "again_because"
LINKED = "linked_to"
"""The field with the reason for opening a second case about the same."""


class AnswersRefused(EngineError):
    """The answers break the form's rules: field -> one message a person can act on.

    `asked` are the answers among them that are only unlikely: sent again as confirmed, they are
    taken.
    """

    def __init__(
        self, problems: Mapping[str, str], *, asked: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems.items()))
        self.problems = dict(problems)
        self.asked = dict(asked or {})


class DraftChanged(EngineError):
    """Somebody saved these sections of the draft since it was shown; show it again."""

    def __init__(self, sections: tuple[str, ...]) -> None:
        super().__init__(f"saved by somebody else meanwhile: {', '.join(sections)}")
        self.sections = sections


class ClockRefused(EngineError):
    """The training clock cannot move there (back, or outside training mode)."""


class ExpressionError(EngineError):
    """An expression is outside the language, or failed; says which and why."""

    def __init__(self, expression: str, why: str) -> None:
        super().__init__(f"{expression!r}: {why}")
        self.expression = expression
        self.why = why


class CalendarExhausted(EngineError):
    """The day lies outside the years that the calendar knows."""


class StepFailed(EngineError):
    """A diagram could not be run on: names the element and the cause."""

    def __init__(self, element: str, why: str) -> None:
        super().__init__(f"{element}: {why}")
        self.element = element
        self.why = why


class StateUnreadable(StepFailed):
    """An instance's state cannot be read; the words say what to install or restore."""

    def __init__(self, why: str) -> None:
        super().__init__("state", why)


class TimerFailed(StepFailed):
    """A timer's own expression failed while the diagram was looked at; `task` is its number."""

    def __init__(self, element: str, why: str, *, task: int) -> None:
        super().__init__(element, why)
        self.task = task


class WorkFailed(StepFailed):
    """A person's step failed for another reason than their answers, which are kept as a draft.

    `is_reported`: it has failed so often that an operator sees it as an open incident.
    """

    def __init__(self, element: str, why: str, *, is_reported: bool) -> None:
        super().__init__(element, why)
        self.is_reported = is_reported


class IncidentNotFound(EngineError):
    """There is no such incident, it is over, or the actor may not see it."""


class CoverNotFound(EngineError):
    """There is no such cover, it is over, or the actor may not arrange it."""


class PersonNotFound(EngineError):
    """There is nobody active of this name, or they are not the actor's to look after."""


class FilterNotFound(EngineError):
    """The actor has saved no such filter."""


@dataclass(frozen=True)
class Finding:
    """One thing a check of a pack found, in a process owner's words."""

    severity: str
    file: str
    element: str
    rule: str
    message: str


class PackOvertaken(EngineError):
    """Another version of the pack was put in force since this one was checked; check it again."""


class PackRefused(EngineError):
    """The pack cannot be published; the findings say what to mend."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)


def cause_of(error: BaseException) -> str:
    """Return why a diagram failed, without any value of the case: it may be personal."""
    expression, element = "", ""
    told = isinstance(error, StepFailed) and error.__cause__ is None
    own = str(error) if told or isinstance(error, StateUnreadable) else ""
    while True:
        if isinstance(error, ExpressionError) and not expression:
            expression = error.expression.strip()[:300]
        if isinstance(error, StepFailed) and error.element not in ("expression", "diagram"):
            element = element or error.element
        if error.__cause__ is None:
            break
        error = error.__cause__
    kind = own or ("" if isinstance(error, EngineError) else type(error).__name__)
    place = f"at {element}" if element and not own else ""
    formula = f"in the expression {expression}" if expression else ""
    return " ".join(part for part in (kind or "Failed", place, formula) if part)
