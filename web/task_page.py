"""The page of one task: its form with what stands in it, and what a worker needs beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from engine import definitions, permissions, work_list
from engine.work_list import WorkItemView
from web import context, drawing, fields, forms, kept_typing, sections
from web.forms import Raw
from web.views.cases import people_to_choose

MOST_OPEN = 50
TYPED = re.compile(r"(<textarea.*?</textarea>)", re.DOTALL)
INDENTED = re.compile(r"\n\s+")


@dataclass(frozen=True)
class PageState:
    """What a page of a task is shown with.

    `seen` is what its sections carry (web/sections.py); `was_kept`: typed before a session ended.
    """

    raw: Raw
    seen: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    clashes: tuple[sections.Clash, ...] = ()
    was_kept: bool = False
    add_to: str = ""


def fresh(view: WorkItemView) -> PageState:
    """Return the state of a page that nobody typed into yet."""
    return PageState(forms.raw_values(view.form, view.values), sections.shown_state(view))


def render(view: WorkItemView, state: PageState, status: int = 200) -> ResponseReturnValue:
    """Return the task's page."""
    with context.reading() as connection:
        definition = definitions.get_definition(connection, view.case.definition)
        still_open = work_list.list_work(connection, case_id=view.case.id, limit=MOST_OPEN)
    people = people_to_choose(view.case.pack)
    typed = forms.read_raw(view.form, state.raw)
    page = fields.lay_out(
        view.form,
        raw=state.raw,
        problems=state.problems,
        carried=view.carried,
        before=view.carried_values,
        people=people,
        add_to=state.add_to,
        measures=view.values,
    )
    progress = sections.progress(
        view, typed.answers, {**typed.problems, **state.problems}, state.seen
    )
    html = render_template(
        "work_items/show.html",
        view=view,
        case=view.case,
        item=view.item,
        state=state,
        element=definition.elements.get(view.item.element),
        role=definition.pack.roles.get(view.item.role),
        follows=drawing.what_follows(definition, view.item.element),
        page=page,
        progress=progress,
        shown_to=kept_typing.note(view.item.id),
        still_open=[each for each in still_open.items if each.id != view.item.id],
        people=people,
        **_offers(view.item, definition),
    )
    return _compact(html), status


def _compact(html: str) -> str:
    """Return a page without its indentation, a third of a long form; typed text stays as it is."""
    parts = TYPED.split(html)
    parts[::2] = [INDENTED.sub("\n", part) for part in parts[::2]]
    return "".join(parts)


def _offers(item: Any, definition: Any) -> dict[str, bool]:
    """Return which of claiming, putting back and giving to somebody are offered."""
    actor = context.actor()
    role = definition.pack.roles.get(item.role)
    pooled = role is not None and role.work_goes_to == "pool"
    return {
        "may_claim": item.assignee is None and item.role in actor.roles,
        "may_release": pooled and item.assignee == actor.name,
        "may_assign": actor.name in (item.team_manager, item.assignee)
        and actor.is_any(*permissions.ALLOCATES),
    }
