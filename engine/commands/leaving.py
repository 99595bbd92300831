"""Somebody leaves: their cases and their open work go to others, one event for each case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.commands.case_change import is_person
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import AnswersRefused, CaseClosed, NotPermitted
from engine.packs.authority import ALLOCATES
from engine.packs.fact_rules import FactSetting
from engine.packs.forms import can_be_kept
from engine.people import people, permissions
from engine.people.people import PersonRow
from engine.step.model import KeptWorkItem, LoadedCase, Notice, Step
from engine.step.scope import name_of, owner_of
from engine.storage import loading, saving, tables
from engine.storage.published_versions import current_definition, list_packs
from engine.storage.saving import SavedStep

KIND = "handed_over"

_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c


@dataclass(frozen=True)
class HeldRole:
    """What somebody has as one role of one pack; `cases` and `tasks` count open ones.

    `goes_back`: tasks claimed from a pool, which go back to it and need no successor.
    """

    pack: str
    role: str
    label: str
    cases: int
    tasks: int
    goes_back: bool


def list_held(ctx: Context, leaver: str) -> list[HeldRole]:
    """Return what a person would leave behind, by pack and role. Raises NotPermitted."""
    require_may(ctx, leaver)
    cases = _counts(
        ctx,
        sa.select(_case.pack, _fact.name, sa.func.count())
        .select_from(tables.fact.join(tables.case, _case.id == _fact.case_id))
        .where(_names(leaver), _case.status == "open")
        .group_by(_case.pack, _fact.name),
    )
    tasks = _counts(
        ctx,
        sa.select(_work.pack, _work.role, sa.func.count())
        .where(_work.assignee == leaver, _work.status == "open")
        .group_by(_work.pack, _work.role),
    )
    held = []
    for row in list_packs(ctx.connection):
        pack = current_definition(ctx.connection, row.pack).pack
        for name, role in pack.roles.items():
            key = (pack.id, name)
            if key in cases or key in tasks:
                back = role.work_goes_to == "pool" and key not in cases
                counts = cases.get(key, 0), tasks.get(key, 0)
                held.append(HeldRole(pack.id, name, role.label, *counts, back))
    return held


def list_refs(ctx: Context, leaver: str, *, after: str = "", limit: int = 50) -> list[str]:
    """Return the open cases that still have to do with a person, by reference after `after`."""
    require_may(ctx, leaver)
    named = sa.select(_fact.case_id).where(_names(leaver))
    at_work = sa.select(_work.case_id).where(_work.assignee == leaver, _work.status == "open")
    managed = sa.select(_work.case_id).where(_work.manager == leaver, _work.status == "open")
    query = (
        sa.select(_case.ref)
        .where(_case.status == "open", _case.ref > after)
        .where(sa.or_(_case.id.in_(named), _case.id.in_(at_work), _case.id.in_(managed)))
        .order_by(_case.ref)
        .limit(limit)
    )
    return list(ctx.connection.scalars(query))


def require_successors(ctx: Context, leaver: str, successors: Mapping[str, str]) -> None:
    """Check that each role held has a successor, and each successor the role.

    Args:
        successors: role -> user name.

    Raises:
        AnswersRefused: one message for each role.
    """
    person = require_may(ctx, leaver)
    everything = list_held(ctx, leaver)
    # What nobody has any more is named still: by the next part of the cases, or for the manager's
    # people.
    problems = {
        role: f"Nobody called {to} can follow as {role}. Choose somebody who has that role."
        for role, to in successors.items()
        if not _may_follow(ctx, person, to, role)
    }
    for held in everything:
        to = successors.get(held.role, "")
        if held.goes_back and not to:
            continue
        if to == leaver or not is_person(ctx, to, held.pack, role=held.role):
            problems[held.role] = f"Choose who follows as {held.label}."
    if problems:
        raise AnswersRefused(problems)


def _may_follow(ctx: Context, leaver: PersonRow, to: str, role: str) -> bool:
    """Return whether somebody else of the same council has a role."""
    found = people.get_person(ctx.connection, to) if can_be_kept(to) else None
    if found is None or not found.active or found.name == leaver.name:
        return False
    same_council = None in (leaver.pack, found.pack) or leaver.pack == found.pack
    return same_council and role in found.roles


def hand_over(ctx: Context, ref: str, leaver: str, successors: Mapping[str, str]) -> SavedStep:
    """Give everything that a person has in one case to their successors, as one event.

    The facts that name them name the successors, so what comes later goes there too; open work
    moves, or goes back to its pool when its role has no successor.

    Raises:
        CaseNotFound, CaseClosed, NotPermitted, AnswersRefused: nothing was written.
        ConcurrentUpdate: another step got there first; roll back, then retry.
    """
    person = require_may(ctx, leaver)
    require_successors(ctx, leaver, successors)
    case = loading.load_case(ctx.connection, loading.find_case(ctx.connection, ref))
    if case.status != "open":
        raise CaseClosed(ref)
    run = loading.run_of(ctx, case)
    run.facts.set_facts(
        FactSetting(name, successors[name], None)
        for name, kind in case.definition.pack.facts.items()
        if kind.type == "user" and case.facts.get(name) == leaver and name in successors
    )
    for instance, settings in _own_named(case, leaver, successors):
        run.facts.set_facts(settings, instance=instance)
    run.settle()
    step = _with_work(run.finish(), case, leaver, successors)
    step = replace(
        step,
        answers={"leaver": leaver, "successors": dict[str, JsonValue](successors)},
        notices=(*step.notices, *_notices(case, step, person, successors)),
    )
    return saving.save_step(ctx, case, step, kind=KIND)


def deactivate(ctx: Context, leaver: str, successors: Mapping[str, str]) -> None:
    """Make a person inactive: no sign-in, no token, no new work. Whoever reported to them reports
    to their successor.

    Raises:
        AnswersRefused: open cases still have to do with them.
        NotPermitted: the actor may not.
    """
    if list_refs(ctx, leaver, limit=1):
        raise AnswersRefused({"": "Open cases still have to do with this person."})
    managing = managing_roles(ctx)
    follows = next((to for role, to in successors.items() if role in managing), None)
    people.deactivate(ctx.connection, leaver, next_manager=follows)


def managing_roles(ctx: Context) -> set[str]:
    """Return the roles that manage a kind of case, of every pack in force."""
    found = (current_definition(ctx.connection, row.pack) for row in list_packs(ctx.connection))
    return {kind.managed_by for each in found for kind in each.pack.kinds.values()} - {""}


def require_may(ctx: Context, leaver: str) -> PersonRow:
    """Return the leaver.

    Raises:
        PersonNotFound: there is no such person in the actor's council.
        NotPermitted: the actor does not look after them.
    """
    person = people.find_colleague(ctx, leaver)
    if not may_see_off(ctx, person):
        raise NotPermitted(ctx.actor.name, f"hand over the work of {leaver}")
    return person


def may_see_off(ctx: Context, person: PersonRow) -> bool:
    """Return whether the actor may hand over a person's work: an administrator, their manager."""
    actor = ctx.actor
    if person.name == actor.name or not actor.is_of(person.pack):
        return False
    is_manager = person.manager == actor.name and ALLOCATES in actor.powers
    return is_manager or actor.is_any(*permissions.OPERATES)


def _names(leaver: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        _fact.to_sequence.is_(None),
        _fact.is_person.is_not(sa.false()),
        _fact.value == json.dumps(leaver, ensure_ascii=False),
    )


def _counts(ctx: Context, query: sa.Select[Any]) -> dict[tuple[str, str], int]:
    return {(pack, name): count for pack, name, count in ctx.connection.execute(query)}


def _own_named(
    case: LoadedCase, leaver: str, successors: Mapping[str, str]
) -> Iterator[tuple[UUID, list[FactSetting]]]:
    """Yield each piece of work whose own facts name the leaver, and whom they name instead.

    Without a successor the role of its task, so that it goes back to whoever has that.
    """
    pack = case.definition.pack
    for key, value in case.facts.items():
        owner, kind = owner_of(key), pack.facts.get(name_of(key))
        if owner is None or kind is None or kind.type != "user" or value != leaver:
            continue
        items = [item for item in case.work_items if item.instance_id == owner]
        role = items[0].role if items else next(iter(pack.roles))
        others = [item.assignee for item in items if item.assignee not in (None, leaver)]
        to = successors.get(role) or next(iter(others), None) or pack.roles[role].label
        yield owner, [FactSetting(kind.name, to, None)]


def _with_work(step: Step, case: LoadedCase, leaver: str, successors: Mapping[str, str]) -> Step:
    """Return the step with the leaver's open work moved on as well."""
    moved = {item.id: item for item in step.moved}
    for item in case.work_items:
        now = moved.get(item.id, item)
        if item.id not in step.closed and leaver in (now.assignee, now.manager):
            moved[item.id] = _moved_on(now, leaver, successors, case.managed_by)
    return replace(step, moved=tuple(moved.values()))


def _moved_on(
    item: KeptWorkItem, leaver: str, successors: Mapping[str, str], manages: str
) -> KeptWorkItem:
    if item.assignee == leaver:
        item = replace(item, assignee=successors.get(item.role))
    if item.manager == leaver:
        item = replace(item, manager=successors.get(manages))
    return item


def _notices(
    case: LoadedCase, step: Step, person: PersonRow, successors: Mapping[str, str]
) -> Iterator[Notice]:
    """Tell each successor who got something here."""
    got = {each.value for each in step.facts} | {item.assignee for item in step.moved}
    told = [(role, who) for role, who in successors.items() if who in got]
    for number, (role, who) in enumerate(told, start=len(step.notices)):
        text = f"You follow {person.display_name} here, who leaves"
        yield Notice(case.new_id("notice", number), role, who, text)
