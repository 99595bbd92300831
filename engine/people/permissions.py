"""Who may see a case and who may do what in it: the one place that decides.

A case belongs to the people named in its facts. A person of a role sees it while work of that
role waits in it to be claimed, and looks on without changing anything for as long as the pack says
of what the role was told. Somebody of an outside agency sees their own task, and no case. Whoever
covers for somebody away may do what they may. Auditors read everything and change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.context import Actor
from engine.domain import Role
from engine.errors import NotPermitted
from engine.packs.authority import ALLOCATES, LISTS, TRACKS
from engine.packs.kinds import Kind
from engine.packs.manifest import Pack
from engine.rules.decisions import amount_from

SYSTEM_ROLES = ("administrator", "auditor", "process_owner", "system")
"""Roles that no pack declares: what they may do stands here, in no council's hands."""

PUBLISHES = ("process_owner", "administrator")
OPERATES = ("administrator",)
SYSTEM_POWERS = {"auditor": frozenset({TRACKS, LISTS})}
"""What of the powers that packs give a system role has anyway."""


@dataclass(frozen=True)
class CaseCircle:
    """Who has to do with a case: its named people, and the roles whose open work is nobody's.

    `onlookers`: the roles whose people may see it and do nothing in it. `named`: user name -> the
    roles that the case's facts name them in; `pooled`: the open work of pools, role and assignee.
    """

    pack: str
    people: Collection[str]
    open_roles: Collection[str]
    onlookers: Collection[str] = ()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pooled: Collection[tuple[str, str | None]] = ()


def may_see_case(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether `actor` may read this case; nobody of an outside agency alone does."""
    if actor.is_outsider or not actor.is_of(circle.pack):
        return False
    looks_on = not actor.roles.isdisjoint(circle.onlookers)
    return actor.is_any("auditor", "system") or looks_on or _has_part(actor, circle)


def _has_part(actor: Actor, circle: CaseCircle) -> bool:
    """Return whether somebody is named in a case, or may claim work in it."""
    is_named = not actor.stands_for.isdisjoint(circle.people)
    may_claim = not actor.roles.isdisjoint(circle.open_roles)
    return actor.is_of(circle.pack) and (is_named or may_claim)


@dataclass(frozen=True)
class SeenWork:
    """A work item as who may see it is asked; `closed_on` is the London day it was completed."""

    pack: str
    role: str
    assignee: str | None
    completed_by: str | None
    is_open: bool
    closed_on: date | None


def may_see_own_task(actor: Actor, work: SeenWork, role: Role | None, *, today: date) -> bool:
    """Return whether somebody of an outside agency sees a task: theirs, or to claim; and what they
    did for as long as the pack says of their `role`, to the end of that day if it does not say.
    """
    if role is None or not role.outside_agency or not actor.is_of(work.pack):
        return False
    if role.name not in actor.roles:
        return False
    if work.is_open:
        return work.assignee is None or work.assignee in actor.stands_for
    if work.closed_on is None or work.completed_by not in actor.stands_for:
        return False
    return today <= work.closed_on + _seen_for(role)


def _seen_for(role: Role) -> timedelta:
    amount = amount_from(role.seen_for)
    if amount is None:
        return timedelta()
    return timedelta(weeks=amount.count) if amount.unit == "weeks" else timedelta(amount.count)


def may_tell(actor: Actor, circle: CaseCircle, pack: Pack, message: str) -> bool:
    """Return whether `actor` may send a case this message; `pack` is of its version."""
    kind = pack.messages.get(message)
    return _is_given(actor, circle, kind.told_by if kind else None, pack.authority.tells)


def may_correct(actor: Actor, circle: CaseCircle, pack: Pack, fact: str) -> bool:
    """Return whether `actor` may correct this fact of a case; `pack` is of its version."""
    kind = pack.facts.get(fact)
    return _is_given(actor, circle, kind.corrected_by if kind else None, pack.authority.corrects)


def _is_given(
    actor: Actor, circle: CaseCircle, only: Collection[str] | None, otherwise: Collection[str]
) -> bool:
    """Return whether what is for these roles is for somebody in a case.

    They count as what the case names them; as what they have because work waits for them in a pool
    only where that role itself is named.
    """
    if actor.is_any("system"):
        return True
    if not actor.is_of(circle.pack):
        return False
    roles = {role for each in actor.stands_for for role in circle.named.get(each, ())}
    # Where nobody is named for a role to which work fell, whoever has it goes on.
    named = frozenset().union(*circle.named.values())
    roles |= set(circle.open_roles) - named - {role for role, _ in circle.pooled}
    if only is None:
        return not roles.isdisjoint(actor.roles.intersection(otherwise))
    roles |= {role for role, who in circle.pooled if who is None or who in actor.stands_for}
    return not roles.isdisjoint(actor.roles.intersection(only))


def may_do_work(actor: Actor, *, role: str, assignee: str | None, pack: str) -> bool:
    """Return whether `actor` may complete a work item.

    Theirs, that of somebody whom they cover for, or unclaimed in their pool; and whoever has it,
    they need the work's own `role`. To have it to allocate is not to do it.
    """
    if role not in actor.roles or not actor.is_of(pack):
        return False
    return assignee is None or assignee in actor.stands_for


def may_claim(actor: Actor, *, roles: Collection[str], assignee: str | None, pack: str) -> bool:
    """Return whether `actor` may take a work item that waits for anybody of one of `roles`."""
    is_theirs = actor.is_of(pack) and not actor.roles.isdisjoint(roles)
    return assignee is None and is_theirs


def may_give(
    actor: Actor,
    *,
    role: Role | None,
    assignee: str | None,
    manager: str | None,
    to_allocate: bool,
) -> bool:
    """Return whether `actor` may give a work item to somebody else.

    It is for whoever allocates, of the work of their team and of what fell to them. Of an
    independent `role` they allocate what nobody has; whoever has it passes it on themselves.

    Args:
        to_allocate: it is with a stand-in, because nobody is named for its role.
    """
    has_it = assignee in actor.stands_for
    if role is not None and role.independent and not (to_allocate or assignee is None):
        return has_it and role.name in actor.roles
    return ALLOCATES in actor.powers and (has_it or manager in actor.stands_for)


def require_work(actor: Actor, *, role: str, assignee: str | None, pack: str) -> None:
    """Raise NotPermitted unless `actor` may complete this work item."""
    if not may_do_work(actor, role=role, assignee=assignee, pack=pack):
        raise NotPermitted(actor.name, f"do this: it is with {assignee}, for {role}")


def may_draft(
    actor: Actor, *, drafted_by: Collection[str], circle: CaseCircle | None, pack: str
) -> bool:
    """Return whether `actor` may write in the draft of work that is somebody else's.

    For people of the case with a role that its form names (`x-drafted-by`).
    """
    is_theirs = circle is not None and actor.name in circle.people
    return is_theirs and actor.is_of(pack) and not actor.roles.isdisjoint(drafted_by)


def may_open_case(actor: Actor, pack: str, kind: Kind) -> bool:
    """Return whether `actor` may open a case of this kind of a pack."""
    return actor.is_of(pack) and actor.is_any("system", *kind.roles)


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
