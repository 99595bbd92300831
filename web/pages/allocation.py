"""To allocate: which work of my team is nobody's yet, and who gets it?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands
from engine.errors import AnswersRefused, EngineError
from engine.open_work import work_list
from engine.people import people
from engine.storage import published_versions
from engine.storage.database import Connection
from web.pages import work_filters
from web.request import context
from web.request.errors import answer_for

pages = Blueprint("allocation", __name__, url_prefix="/allocation")

MOST = 50
"""Tasks on the page, and so the most that are given away in one go."""


@dataclass(frozen=True)
class ToAllocate:
    """The tasks of one role that need allocating, and who could do them."""

    pack: str
    role: str
    label: str
    items: tuple[work_list.WorkItemRow, ...]
    people: tuple[people.PersonRow, ...]


@pages.get("")
def index() -> ResponseReturnValue:
    """Work that needs allocating in cases of my team, by the role it is for."""
    return _page(), 200


@pages.post("")
def give() -> ResponseReturnValue:
    """Give the chosen tasks to one person; each is an event of its case."""
    to, chosen = request.form.get("to", ""), _chosen()
    if not chosen or not to:
        problem = "Choose at least one task." if not chosen else "Choose who gets the tasks."
        return _page(problem=problem, role=request.form.get("role", "")), 422
    refused = {}
    for id in chosen:
        try:
            context.writing(partial(commands.assign, work_item_id=id, to=to))
        except AnswersRefused as error:
            refused[id] = next(iter(error.problems.values()))
        except EngineError as error:
            refused[id] = answer_for(error).detail
    given = len(chosen) - len(refused)
    if given:
        name = context.person_names().get(to, to)
        flash(f"{given} {'task is' if given == 1 else 'tasks are'} with {name} now.")
    if refused:
        return _page(refused=refused), 422
    return redirect(url_for("allocation.index"), 303)


def _chosen() -> list[UUID]:
    found = []
    for text in request.form.getlist("item")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _page(*, problem: str = "", role: str = "", refused: dict[UUID, str] | None = None) -> str:
    actor = context.actor()
    with context.reading() as connection:
        found = work_list.list_work(
            connection, team=actor.name, pack=actor.pack, needs_allocating=True, limit=MOST
        )
        groups = _groups(connection, found.items)
    context.saw(item.case_ref for item in found.items)
    first = groups[0].role if groups else ""
    return render_template(
        "your_work/allocate.html",
        tabs=work_filters.tabs(actor),
        groups=groups,
        more=found.next is not None,
        problem=problem,
        problem_role=role if role in {each.role for each in groups} else first,
        refused=refused or {},
    )


def _groups(connection: Connection, items: tuple[work_list.WorkItemRow, ...]) -> list[ToAllocate]:
    by_role: dict[tuple[str, str], list[work_list.WorkItemRow]] = {}
    labels = {}
    for item in items:
        role = item.done_by
        known = published_versions.get_definition(connection, item.definition).pack.roles.get(role)
        labels[role] = known.label if known else role
        by_role.setdefault((item.pack, role), []).append(item)
    return [
        ToAllocate(pack, role, labels[role], tuple(found), tuple(_people(connection, pack, role)))
        for (pack, role), found in by_role.items()
    ]


def _people(connection: Connection, pack: str, role: str) -> list[people.PersonRow]:
    """Return who could do the work of a role: those who have it, by the name shown."""
    everybody = people.list_people(connection, pack=pack)
    fitting = [each for each in everybody if role in each.roles]
    return sorted(fitting, key=lambda each: each.display_name)
