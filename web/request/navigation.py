"""What stands around every page: who is signed in, what day it is, the main menu."""

from __future__ import annotations

from typing import Any

from flask import g

from engine.context import Actor
from engine.packs.authority import ALLOCATES, LISTS, TRACKS
from engine.packs.kinds import CASE, Kind
from web.request import context

Item = tuple[str, str, str]
"""(key of the section, words, endpoint)."""

WORK: Item = ("work", "Your work", "work.index")
TEAM: Item = ("people", "Your team", "people.index")
PEOPLE: Item = ("people", "People", "people.index")
TRACKER: Item = ("tracker", "Tracker", "tracker.index")
CASES: Item = ("cases", "All cases", "cases.index")
PACKS: Item = ("packs", "Packs", "packs.index")
HEALTH: Item = ("health", "Health", "health.show")
READERS = frozenset({"auditor", "process_owner", "administrator"})


def of(actor: Actor | None, kind: Kind = CASE) -> list[Item]:
    """Return the menu of a person whose cases are called so; nothing for nobody."""
    if actor is None:
        return []
    items = [] if actor.roles <= READERS else [WORK]
    if items and (LISTS in actor.powers or actor.is_outsider):
        items.append(("own_cases", f"Your {kind.many}", "own_cases.index"))
    if ALLOCATES in actor.powers:
        items.append(TEAM)
    if actor.is_any("auditor"):
        items.append(CASES)
    if TRACKS in actor.powers:
        items.append(TRACKER)
    if actor.is_any("administrator"):
        items += [HEALTH, PEOPLE]
    return [*items, PACKS]


def may_search(actor: Actor | None) -> bool:
    """Return whether a person has cases to look for."""
    return actor is not None and LISTS in actor.powers


def start(actor: Actor) -> str:
    """Return the endpoint that a person begins at: the first of their menu."""
    return of(actor)[0][2]


def page_frame() -> dict[str, Any]:
    """Return what every template knows."""
    parts, actor, now = context.parts(), context.signed_in(), g.get("now")
    kind = context.kind() if actor else CASE
    return {
        "actor": actor,
        "training": parts.training,
        "now": now,
        "today": parts.domain.today(now) if now else None,
        "navigation": of(actor, kind),
        "kind": kind,
        "all_kinds": CASE,
        "may_search": may_search(actor),
    }
