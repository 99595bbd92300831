"""The pages of one task: its form with what stands in it, and what a worker needs beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from engine.open_work import answer_preview, joint_sitting, work_form, work_list
from engine.open_work.work_list import WorkItemRow
from engine.packs.forms import Form
from engine.packs.version import Definition
from engine.people import permissions
from engine.reads import appointments, work_item
from engine.reads.work_item import WorkItemView
from engine.storage import published_versions
from engine.storage.database import Connection
from web.forms import answers_in_words, inputs, layout, sections, typed_answers
from web.forms.inputs import people_to_choose
from web.forms.typed_answers import Raw
from web.pages import sittings
from web.request import context, unsent_typing

MOST_OPEN = 50
TYPED = re.compile(r"(<textarea.*?</textarea>)", re.DOTALL)
INDENTED = re.compile(r"\n\s+")


@dataclass(frozen=True)
class PageState:
    """What a page of a task is shown with.

    `seen` is what its sections carry (web/forms/sections.py); `was_kept`: typed before a session
    ended; `wanted_row`: the repeating question, or its row, whose inputs somebody asked for.
    """

    raw: Raw
    seen: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    clashes: tuple[sections.Clash, ...] = ()
    was_kept: bool = False
    wanted_row: str = ""


def seen(work_item_id: UUID) -> WorkItemView:
    """Return a task as who is signed in sees it."""
    with context.reading() as connection:
        return as_seen(connection, work_item_id)


def seen_again(work_item_id: UUID) -> WorkItemView:
    """Return a task as it is now: somebody changed it since this request began."""
    context.look_again()
    return seen(work_item_id)


def as_seen(connection: Connection, work_item_id: UUID) -> WorkItemView:
    """Return a task on this connection as who is signed in sees it."""
    view = work_item.get_work_item(
        connection,
        work_item_id,
        reader=context.actor(),
        domain=context.parts().domain,
        now=context.now(),
    )
    context.saw(joint_sitting.refs_offered(view.form))
    context.asks(view.form)
    return view


def untouched(view: WorkItemView) -> PageState:
    """Return the state of a page that nobody typed into yet."""
    return PageState(typed_answers.raw_values(view.form, view.values), sections.shown_state(view))


def render(
    view: WorkItemView, state: PageState, status: int = 200, *, section: str | None = None
) -> ResponseReturnValue:
    """Return the page of the whole form, or of one section."""
    progress = _progress(view, state)
    ids = view.form.section_ids
    html = render_template(
        "work_items/show.html" if section is None else "work_items/section.html",
        **_beside(view),
        state=state,
        page=_page(view, state, section),
        progress=[each for each in progress if section in (None, each.id)],
        number=None if section is None else ids.index(section) + 1,
        count=len(ids),
        elsewhere={} if section is None else _elsewhere(view.form, section, state.raw),
        place=unsent_typing.task_place(view.item.id),
    )
    return _compact(html), status


def render_list(view: WorkItemView) -> ResponseReturnValue:
    """Return the page that lists the sections of a long form, and how far each is."""
    state = untouched(view)
    html = render_template(
        "work_items/sections.html",
        **_beside(view),
        intro=view.form.intro,
        sitting=sittings.of_task(view),
        progress=_progress(view, state),
    )
    return _compact(html)


def render_check(
    view: WorkItemView, state: PageState, status: int = 200, *, changed: Sequence[str] = ()
) -> ResponseReturnValue:
    """Return the page on which a long form is read in words, and submitted.

    `changed`: sections that somebody saved since the sender's page was shown.
    """
    titles = sections.titles_of(view.form)
    html = render_template(
        "work_items/check.html",
        **_beside(view),
        problems=_problems_by_address(view, state),
        confirmations=inputs.confirmations(view.form, state.problems),
        progress=_progress(view, state),
        told={each.id: each for each in answers_in_words.tell(view.form, view.values)},
        changed=[titles[each] for each in changed],
    )
    return _compact(html), status


def _beside(view: WorkItemView) -> dict[str, object]:
    """Return what every page of a task knows beside its form."""
    with context.reading() as connection:
        definition = published_versions.get_definition(connection, view.case.definition)
        still_open = work_list.list_work(connection, case_id=view.case.id, limit=MOST_OPEN)
    return {
        "view": view,
        "case": view.case,
        "item": view.item,
        "element": definition.elements.get(view.item.element),
        "role": definition.pack.roles.get(view.item.role),
        "follows": _what_follows(definition, view.item.element),
        "arranged": _arranged(view, definition),
        "still_open": [
            each
            for each in still_open.items
            if each.id != view.item.id and not context.actor().is_outsider
        ],
        "who_could": [
            each for each in people_to_choose(view.case.pack) if view.item.done_by in each.roles
        ],
        "own_role": definition.pack.roles.get(view.item.done_by),
        **_offers(view.item, definition),
    }


def _arranged(view: WorkItemView, definition: Definition) -> appointments.Arranged | None:
    """Return what is arranged of what the task serves, None if it serves no appointment."""
    item = view.item
    if not appointments.is_for_one(definition, item.element, item.deadline):
        return None
    return appointments.arranged(definition, item.deadline, view.facts)


def _what_follows(definition: Definition, element_id: str) -> list[tuple[str, str]]:
    """Return (task, role label) of the tasks that can come directly after an element.

    Decisions on the way are not taken: what lies behind each branch is listed.
    """
    elements = definition.elements
    start = elements.get(element_id)
    queue = list(start.outgoing) if start else []
    seen: set[str] = {element_id}
    found: list[tuple[str, str]] = []
    while queue:
        here = elements.get(queue.pop(0))
        if here is None or here.id in seen:
            continue
        seen.add(here.id)
        if here.kind in ("userTask", "manualTask"):
            role = definition.role_of(here)
            found.append((here.title, role.label if role else ""))
        elif here.called in definition.processes:
            found.append((definition.processes[here.called].name, ""))
        else:
            queue.extend(here.outgoing)
    return found


def _page(view: WorkItemView, state: PageState, section: str | None) -> inputs.LaidOutForm:
    names = view.form.names_in(section) if section is not None else None
    problems = {
        name: message
        for name, message in state.problems.items()
        if names is None or name.partition(".")[0] in names
    }
    settled = answer_preview.not_asked_of_the_case(view.form, view.reads)
    return layout.lay_out(
        work_form.without(view.form, settled),
        raw=state.raw,
        problems=problems,
        carried=view.carried,
        before=view.carried_values,
        people=people_to_choose(view.case.pack),
        wanted_row=state.wanted_row,
        only=section,
        measures=view.values,
    )


def _progress(view: WorkItemView, state: PageState) -> list[sections.Progress]:
    typed = typed_answers.read_raw(view.form, state.raw)
    problems = {**typed.problems, **state.problems}
    return sections.progress(view, typed.answers, problems, state.seen)


def _problems_by_address(view: WorkItemView, state: PageState) -> list[tuple[str, str]]:
    """Return (address of the input, message), in the order of the form."""
    found, left = [], dict(state.problems)
    for section in view.form.section_ids:
        at = url_for("sections.show", work_item_id=view.item.id, section=section, check=1)
        names = view.form.names_in(section)
        here = [name for name in left if name.partition(".")[0] in names]
        if here:
            found += [(f"{at}#{each}", text) for each, text in _page(view, state, section).problems]
        for name in here:
            del left[name]
    return [*found, *(("#main-content", message) for message in left.values())]


def _elsewhere(form: Form, section: str, raw: Raw) -> dict[str, list[str]]:
    """Return input name -> texts of the questions of other sections, for the page's conditions."""
    here = {each.name for each in form.fields if each.section == section}
    asked_about = " ".join(
        condition
        for each in form.fields
        if each.section == section
        for condition in (each.show_when, *(column.show_when for column in each.columns))
    )
    names = set(re.findall(r"\w+", asked_about)) - here
    return {name: texts for name, texts in raw.items() if name in names}


def _compact(html: str) -> str:
    """Return a page without its indentation, a third of a long form; typed text stays as it is."""
    parts = TYPED.split(html)
    parts[::2] = [INDENTED.sub("\n", part) for part in parts[::2]]
    return "".join(parts)


def _offers(item: WorkItemRow, definition: Definition) -> dict[str, bool]:
    """Return which of claiming, putting back and giving to somebody are offered."""
    actor = context.actor()
    role = definition.pack.roles.get(item.role)
    pooled = role is not None and role.work_goes_to == "pool"
    return {
        "may_claim": permissions.may_claim(
            actor, roles=(item.role, item.done_by), assignee=item.assignee, pack=item.pack
        ),
        "may_release": pooled and item.assignee == actor.name,
        "may_assign": permissions.may_give(
            actor,
            role=definition.pack.roles.get(item.done_by),
            assignee=item.assignee,
            manager=item.manager,
            to_allocate=item.own_role is not None,
        ),
    }
