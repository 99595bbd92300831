"""Your work: what must I do now, and why?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, reads
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import AnswersRefused, WorkItemAlreadyCompleted
from engine.open_work import work_list
from engine.open_work.work_list import Page, Wanted, WorkItemRow
from engine.people import people, saved_filters
from engine.reads import OwnCase, appointments, work_item
from engine.storage import published_versions
from engine.storage.database import Connection
from web.forms import layout, short_forms, typed_answers
from web.pages import saving, task_page, work_filters
from web.pages.work_filters import WorkFilter
from web.request import context, navigation, unsent_typing
from web.request.errors import BadRequest

pages = Blueprint("work", __name__)

PAGE = 30
"""Tasks on one page: with their short forms they must stay a light page."""


@dataclass(frozen=True)
class Group:
    """Work items under one heading, most urgent first; `more` when not all of them are shown."""

    title: str
    items: tuple[WorkItemRow, ...]
    more: bool = False


@pages.get("/")
def home() -> ResponseReturnValue:
    """Everybody starts where their own work is."""
    return redirect(url_for(navigation.start(context.actor())), 303)


@pages.get("/work")
def index() -> ResponseReturnValue:
    """Work that waits for me, for my team, for anybody of my role, or for others."""
    chosen = work_filters.read(request.args)
    if chosen.show == "allocate":
        return redirect(url_for("allocation.index"), 303)
    return _page(chosen)


def _page(chosen: WorkFilter, problems: dict[str, str] | None = None) -> ResponseReturnValue:
    actor, today = context.actor(), context.today()
    wanted = chosen.wanted(actor, today)
    with context.reading() as connection:
        if chosen.show == "cover":
            groups, following = _covered(connection, chosen), None
        else:
            found = _list(connection, chosen, wanted)
            groups, following = group_by_date(found.items, today), found.next
        items = [item for group in groups for item in group.items]
        answers = short_forms.short_forms(connection, items, actor)
        waiting = short_forms.waiting(connection, items, actor)
        not_booked = _not_booked(connection, items)
        counts = work_list.count_work(connection, assignee=actor.name, team=None, today=today)
        open_to_choose: Wanted = {**wanted, "name": None, "role": None, "case_ref": None}
        choices = work_list.work_choices(connection, **open_to_choose)
        filters = saved_filters.list_filters(connection, actor.name)
        coming = None if items or actor.is_outsider else _what_comes_next(connection, today)
    context.saw(item.case_ref for item in items)
    context.saw(ref for ref, _ in choices.cases)
    context.saw([coming.ref] if coming else [])
    html = render_template(
        "your_work/index.html",
        chosen=chosen,
        tab=chosen.show,
        tabs=work_filters.tabs(actor),
        groups=groups,
        next_page=following,
        counts=counts,
        coming=coming,
        answers=answers,
        waiting=waiting,
        not_booked=not_booked,
        choices=_options(choices),
        filters=filters,
        roles=context.role_labels(),
        back=urlencode(chosen.query()),
        problems=problems or {},
    )
    return html, 422 if problems else 200


def _not_booked(connection: Connection, items: Sequence[WorkItemRow]) -> set[UUID]:
    """Return the work for an appointment that nobody booked yet."""
    versions = {item.definition for item in items}
    of = {each: published_versions.get_definition(connection, each) for each in versions}
    return {
        item.id
        for item in items
        if not item.booked_on
        and appointments.is_for_one(of[item.definition], item.element, item.deadline)
    }


def _options(choices: work_list.WorkChoices) -> dict[str, list[tuple[str, str]]]:
    """Return what the filter's questions offer: (value, words); a case by its reference."""
    labels = context.role_labels()
    cases = [(ref, f"{name}, {ref}" if name else ref) for ref, name in choices.cases]
    roles = sorted(((role, labels.get(role, role)) for role in choices.roles), key=lambda r: r[1])
    return {"tasks": list(choices.tasks), "cases": cases, "roles": roles}


def _list(connection: Connection, chosen: WorkFilter, wanted: Wanted) -> Page[WorkItemRow]:
    try:
        return work_list.list_work(connection, limit=PAGE, after=chosen.after or None, **wanted)
    except ValueError:
        raise BadRequest("There is no such page of the list.") from None


def _covered(connection: Connection, chosen: WorkFilter) -> list[Group]:
    """Return the work of those whom the actor covers for today, a group for each person."""
    actor, today = context.actor(), context.today()
    names = context.person_names()
    rows = people.list_covering(connection, actor.name, today=today)
    until = {row.person: row.to_on for row in rows if row.from_on <= today}
    groups = []
    for person in sorted(actor.covers):
        wanted = chosen.wanted(actor, today)
        wanted["assignee"] = person
        share = max(PAGE // len(actor.covers), 1)
        found = work_list.list_work(connection, limit=share, **wanted)
        last = f"{until[person]:%-d %B %Y}"
        title = f"Covering for {names.get(person, person)} until {last}"
        groups.append(Group(title, found.items, found.next is not None))
    return groups


def group_by_date(items: Sequence[WorkItemRow], today: date) -> list[Group]:
    """Return the items as overdue, this week (through Sunday), later; empty groups left out."""
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[WorkItemRow]] = {"Overdue": [], "This week": [], "Later": []}
    for item in items:
        due = item.first_on
        if due is not None and due < today:
            groups["Overdue"].append(item)
        elif due is not None and due <= sunday:
            groups["This week"].append(item)
        else:
            groups["Later"].append(item)
    return [Group(title, tuple(each)) for title, each in groups.items() if each]


def _what_comes_next(connection: Connection, today: date) -> OwnCase | None:
    """Return the case of mine whose next date comes first, or None."""
    cases = reads.list_own(connection, of=context.actor(), today=today, limit=50, after=None).items
    dated = [(each.next_deadline.limit_on, each) for each in cases if each.next_deadline]
    return min(dated, key=lambda pair: pair[0])[1] if dated else None


@pages.post("/answers/<uuid:work_item_id>")
def answer(work_item_id: UUID) -> ResponseReturnValue:
    """Complete a short task from its row in the list, then show the list again."""
    view = task_page.seen(work_item_id)
    typed = typed_answers.read_posted(view.form, request.form)
    try:
        typed_answers.require_readable(view.form, typed)
        step = context.completing(
            work_item_id,
            typed.answers,
            lambda ctx: _complete(ctx, work_item_id, typed.answers),
        )
    except AnswersRefused as refused:
        return _again(view, typed, {**refused.problems, **typed.problems})
    except WorkItemAlreadyCompleted:
        return saving.too_late(work_item_id, typed)
    flash(f"Recorded for {step.ref}: {view.item.title}.{_and_then(step)}")
    return _back()


def _complete(
    ctx: Context, work_item_id: UUID, answers: Mapping[str, JsonValue]
) -> commands.SavedStep:
    step = commands.complete_work_item(ctx, work_item_id, answers=answers)
    unsent_typing.forget(ctx, unsent_typing.task_place(work_item_id))
    return step


def _and_then(step: commands.SavedStep) -> str:
    titles = [item.title for item in step.opened if not item.optional]
    return f" Next: {', '.join(titles)}." if titles else ""


def _again(
    view: work_item.WorkItemView, typed: typed_answers.Typed, problems: dict[str, str]
) -> ResponseReturnValue:
    """Show the short form by itself, with what was typed and what is wrong."""
    page = layout.lay_out(view.form, raw=typed.raw, problems=problems)
    back = request.form.get("back", "")
    html = render_template(
        "your_work/answer.html", case=view.case, item=view.item, page=page, back=back
    )
    return html, 422


@pages.post("/claims/<uuid:work_item_id>")
def claim(work_item_id: UUID) -> ResponseReturnValue:
    """Claim a task from its row in the list."""
    step = context.writing(lambda ctx: commands.claim(ctx, work_item_id))
    flash(f"The task for {step.ref} is yours now. It is in your list under “Mine”.")
    return _back()


@pages.post("/filters")
def save_filter() -> ResponseReturnValue:
    """Keep what the list is narrowed to, under a name."""
    chosen = work_filters.read_query(request.form.get("back", ""))
    id, title = uuid4(), request.form.get("title", "")
    try:
        context.writing(lambda ctx: saved_filters.save_filter(ctx, title, chosen.query(), id=id))
    except AnswersRefused as refused:
        return _page(chosen, dict(refused.problems))
    flash("The filter is kept. You find it above your lists.")
    return _back()


@pages.post("/filters/<uuid:filter_id>/remove")
def remove_filter(filter_id: UUID) -> ResponseReturnValue:
    """Forget a kept filter."""
    context.writing(lambda ctx: saved_filters.remove_filter(ctx, filter_id))
    flash("The filter is removed.")
    return redirect(url_for("work.index"), 303)


def _back() -> ResponseReturnValue:
    """Lead back to the list as it was narrowed, from its first page."""
    chosen = work_filters.read_query(request.form.get("back", ""))
    return redirect(f"{url_for('work.index')}?{urlencode(chosen.query())}", 303)
