"""What the address of a work list may say: which list, narrowed to what. Never a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from engine.context import Actor
from engine.open_work.work_list import Wanted
from engine.packs.authority import ALLOCATES
from web.request.errors import BadRequest

LISTS = {
    "mine": "Mine",
    "team": "My team",
    "claim": "To claim",
    "allocate": "To allocate",
    "cover": "Covering",
    "waiting": "Waiting for others",
}
DUE = {"overdue": "Overdue"}
NAMES = ("show", "role", "task", "due", "case", "after")
LONGEST = 120


@dataclass(frozen=True)
class WorkFilter:
    """One list as its address says. `case` is a case's reference."""

    show: str = "mine"
    role: str = ""
    task: str = ""
    due: str = ""
    case: str = ""
    after: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out of the list."""
        return any((self.role, self.task, self.due, self.case))

    def query(self, **changes: str) -> dict[str, str]:
        """Return the address's parameters, the blank ones and the page left out."""
        said = {name: getattr(self, name) for name in NAMES if name != "after"}
        said |= changes
        return {name: value for name, value in said.items() if value}

    def wanted(self, actor: Actor, today: date) -> Wanted:
        """Return the same as the engine narrows a list; `cover` is one person's at a time."""
        wanted = Wanted(
            name=self.task or None,
            role=self.role or None,
            case_ref=self.case or None,
            due_before=today if self.due == "overdue" else None,
            pack=actor.pack,
        )
        if self.show == "team":
            wanted["team"] = actor.name
        elif self.show == "allocate":
            wanted["team"] = actor.name
            wanted["needs_allocating"] = True
        elif self.show == "claim":
            wanted["pool_roles"] = tuple(sorted(actor.roles))
        elif self.show == "waiting":
            wanted["visible_to"] = () if actor.is_outsider else (actor.name,)
            wanted["not_with"] = actor.name
        else:
            wanted["assignee"] = actor.name
        return wanted


def read(given: Mapping[str, str]) -> WorkFilter:
    """Return the list that an address names.

    Raises:
        BadRequest: it names a list, filter or value that there is not.
    """
    for name, value in given.items():
        if name not in NAMES:
            raise BadRequest(f"The list has no filter “{name[:40]}”. It has: {', '.join(NAMES)}.")
        if len(value) > LONGEST:
            raise BadRequest(f"The value of “{name}” is too long.")
    show, due = given.get("show") or "mine", given.get("due", "")
    if show not in LISTS:
        raise BadRequest(f"There is no list “{show}”. There are: {', '.join(LISTS)}.")
    if due not in ("", *DUE):
        raise BadRequest(f"“due” can be {', '.join(DUE)}, not “{due}”.")
    return WorkFilter(
        show, given.get("role", ""), given.get("task", ""), due, given.get("case", ""),
        given.get("after", ""),
    )  # fmt: skip


def read_query(query: str) -> WorkFilter:
    """Return the list that a query string names: where a form of the list leads back to."""
    return read(dict(parse_qsl(query[:1000])))


def tabs(actor: Actor) -> dict[str, str]:
    """Return the lists that a person has, key -> words."""
    leads = ALLOCATES in actor.powers
    shown = {"team": leads, "allocate": leads, "cover": bool(actor.covers)}
    shown["waiting"] = not actor.is_outsider
    return {key: words for key, words in LISTS.items() if shown.get(key, True)}
