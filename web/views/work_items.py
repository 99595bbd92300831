"""A task: what do I have to record, from what? One form, one button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, definitions, history, permissions, work_list
from engine.errors import AnswersRefused, WorkItemAlreadyCompleted
from web import context, drawing, fields, forms
from web.views.cases import people_to_choose

pages = Blueprint("work_items", __name__, url_prefix="/work-items/<uuid:work_item_id>")

LOOK_BACK = 50


@pages.get("")
def show(work_item_id: UUID) -> ResponseReturnValue:
    """The task's form, filled with the draft or with what is carried from last time."""
    view = _find(work_item_id)
    if view.item.status != "open":
        return _closed(view, (), 200)
    return _page(view, forms.raw_values(view.form, view.values), {}, 200)


@pages.post("")
def submit(work_item_id: UUID) -> ResponseReturnValue:
    """Complete the task, save it for later, or add a row: the button pressed says which."""
    view = _find(work_item_id)
    typed = forms.read_posted(view.form, request.form)
    if "add_row" in request.form:
        return _page(view, typed.raw, {}, 200)
    if request.form.get("action") == "save":
        return _save(view, typed)
    try:
        forms.require_readable(view.form, typed)
        step = context.completing(
            work_item_id,
            typed.answers,
            lambda ctx: commands.complete_work_item(ctx, work_item_id, answers=typed.answers),
        )
    except AnswersRefused as refused:
        return _page(view, typed.raw, {**refused.problems, **typed.problems}, 422)
    except WorkItemAlreadyCompleted:
        return _too_late(work_item_id, typed)
    return redirect(url_for("cases.recorded", ref=step.ref, sequence=step.version), 303)


@pages.get("/done")
def done(work_item_id: UUID) -> ResponseReturnValue:
    """What the completion of this task set in motion."""
    view = _find(work_item_id)
    event = _completion(view)
    if event is None:
        return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)
    return _to_done(view, event)


@pages.post("/claim")
def claim(work_item_id: UUID) -> ResponseReturnValue:
    """Take a task out of the pool."""
    context.writing(lambda ctx: commands.claim(ctx, work_item_id))
    flash("The task is yours now.")
    return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)


@pages.post("/release")
def release(work_item_id: UUID) -> ResponseReturnValue:
    """Put a claimed task back."""
    context.writing(lambda ctx: commands.release(ctx, work_item_id))
    flash("The task is back in the list for others to claim.")
    return redirect(url_for("work.index", show="claim"), 303)


@pages.post("/assign")
def assign(work_item_id: UUID) -> ResponseReturnValue:
    """Give the task to somebody."""
    to = request.form.get("to", "")
    context.writing(lambda ctx: commands.assign(ctx, work_item_id, to))
    flash("The task was given to somebody else.")
    return redirect(url_for("work.index", show="team"), 303)


def _find(work_item_id: UUID) -> Any:
    with context.reading() as connection:
        return work_list.get_work_item(
            connection,
            work_item_id,
            reader=context.actor(),
            domain=context.parts().domain,
            now=context.now(),
        )


def _page(
    view: Any, raw: forms.Raw, problems: Mapping[str, str], status: int
) -> ResponseReturnValue:
    with context.reading() as connection:
        definition = definitions.get_definition(connection, view.case.definition)
    people = people_to_choose(view.case.pack)
    page = fields.lay_out(
        view.form, raw=raw, problems=problems, carried=view.carried, people=people
    )
    html = render_template(
        "work_items/show.html",
        view=view,
        case=view.case,
        item=view.item,
        element=definition.elements.get(view.item.element),
        role=definition.pack.roles.get(view.item.role),
        follows=drawing.what_follows(definition, view.item.element),
        page=page,
        people=people,
        may_work=permissions.may_do_work(
            context.actor(),
            role=view.item.role,
            assignee=view.item.assignee,
            pack=view.case.pack,
        ),
        **_offers(view.item, definition),
    )
    return html, status


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


def _save(view: Any, typed: forms.Typed) -> ResponseReturnValue:
    context.writing(lambda ctx: commands.save_draft(ctx, view.item.id, typed.answers))
    flash("Saved. Nobody is told until you submit.")
    return redirect(url_for("work_items.show", work_item_id=view.item.id), 303)


def _too_late(work_item_id: UUID, typed: forms.Typed) -> ResponseReturnValue:
    """A second click of the same person shows what the first did; anybody else hears who was
    first, and what they typed stays in sight."""
    view = _find(work_item_id)
    event = _completion(view)
    was_me = event is not None and event.actor == context.actor().name
    if was_me and forms.without_blanks(typed.answers) == event.answers:
        return _to_done(view, event)
    page = fields.lay_out(
        view.form,
        raw=typed.raw,
        people=people_to_choose(view.case.pack),
        blank_rows=False,
    )
    answers = [
        each for section in page.sections for each in section.inputs if any(each.texts) or each.rows
    ]
    return _closed(view, answers, 409)


def _completion(view: Any) -> Any:
    """Return the event that completed the task, looking through the newest ones, or None."""
    with context.reading() as connection:
        events = history.list_history(connection, view.case.id, limit=LOOK_BACK, newest_first=True)
    for event in events:
        is_it = event.work_item and event.work_item["id"] == str(view.item.id)
        if is_it and event.kind == "work_item_completed":
            return event
    return None


def _closed(view: Any, answers: Sequence[Any], status: int) -> ResponseReturnValue:
    html = render_template(
        "work_items/closed.html", case=view.case, item=view.item, answers=answers
    )
    return html, status


def _to_done(view: Any, event: Any) -> ResponseReturnValue:
    return redirect(url_for("cases.recorded", ref=view.case.ref, sequence=event.sequence), 303)
