"""Who may see a case and who may do what in it: the one place that decides.

A case belongs to the people named in its facts. A person of a role sees it while work of that
role waits in it to be claimed, and looks on without changing anything for as long as the pack says
of what the role was told. Whoever covers for somebody away may do what they may. Auditors
read everything and change nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.context import Actor
from engine.errors import NotPermitted
from engine.packs.manifest import Opening

PUBLISHES = ("process_owner", "administrator")
ALLOCATES = ("team_manager", "service_manager")
OPERATES = ("administrator",)
TRACKS = ("team_manager", "service_manager", "iro", "auditor")


@dataclass(frozen=True)
class CaseCircle:
    """Who has to do with a case: its named people, and the roles whose open work is nobody's.

    `onlookers`: the roles whose people may see it and do nothing in it.
    """

    pack: str
    people: Collection[str]
    open_roles: Collection[str]
    onlookers: Collection[str] = ()


def may_see_case(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether `actor` may read this case."""
    if actor.is_any("auditor", "system"):
        return True
    looks_on = actor.pack in (None, circle.pack) and not actor.roles.isdisjoint(circle.onlookers)
    return looks_on or _has_part(actor, circle)


def _has_part(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether somebody is named in a case, or may claim work in it."""
    is_named = not actor.stands_for.isdisjoint(circle.people)
    may_claim = not actor.roles.isdisjoint(circle.open_roles)
    return actor.pack in (None, circle.pack) and (is_named or may_claim)


def may_change_case(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether `actor` may send messages to this case and correct its facts."""
    return actor.is_any("system") or (
        not actor.stands_for.isdisjoint(circle.people) and actor.pack in (None, circle.pack)
    )


def require_change(actor: Actor, circle: CaseCircle) -> None:
    """Raise NotPermitted unless `actor` may change this case."""
    if not may_change_case(actor, circle):
        raise NotPermitted(actor.name, "change this case: it is not one of theirs")


def may_do_work(actor: Actor, *, role: str, assignee: str | None, pack: str) -> bool:
    """Return whether `actor` may complete a work item.

    Theirs, that of somebody whom they cover for, or unclaimed in their pool.
    """
    if assignee is not None:
        return assignee in actor.stands_for
    return role in actor.roles and actor.pack in (None, pack)


def require_work(actor: Actor, *, role: str, assignee: str | None, pack: str) -> None:
    """Raise NotPermitted unless `actor` may complete this work item."""
    if not may_do_work(actor, role=role, assignee=assignee, pack=pack):
        raise NotPermitted(actor.name, f"do this: it is the work of {assignee or role}")


def may_draft(
    actor: Actor, *, drafted_by: Collection[str], circle: CaseCircle | None, pack: str
) -> bool:
    """Return whether `actor` may write in the draft of work that is somebody else's.

    For people of the case with a role that its form names (`x-drafted-by`).
    """
    is_theirs = circle is not None and actor.name in circle.people
    return is_theirs and actor.pack in (None, pack) and not actor.roles.isdisjoint(drafted_by)


def may_open_case(actor: Actor, pack: str, opening: Opening) -> bool:
    """Return whether `actor` may open a case of this kind of a pack."""
    if actor.pack not in (None, pack):
        return False
    return actor.is_any("system", *opening.roles)


def require_role(actor: Actor, roles: Collection[str], action: str) -> None:
    """Raise NotPermitted unless `actor` has one of `roles`."""
    if actor.roles.isdisjoint(roles):
        raise NotPermitted(actor.name, action)


def acting_for(actor: Actor, *people: str | None) -> str | None:
    """Return for whom `actor` acts in something that is up to any of `people`.

    None when it is up to the actor too; else the first of those whom they cover for.
    """
    if actor.name in people:
        return None
    return next((each for each in people if each in actor.covers), None)


def may_comment(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether `actor` may write a comment: whoever has a part in the case and work to do."""
    has_part = _has_part(actor, circle) or actor.is_any("system")
    return has_part and not actor.is_any("auditor")
