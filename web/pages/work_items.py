"""A task: what do I have to record, from what? One form, one button."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands
from engine.context import Context
from engine.errors import AnswersRefused, WorkItemAlreadyCompleted
from engine.reads.work_item import WorkItemView
from web.forms import sections, typed_answers
from web.forms.typed_answers import Typed
from web.pages import onward, saving, task_page
from web.pages.task_page import PageState
from web.request import context, errors, filters, unsent_typing

pages = Blueprint("work_items", __name__, url_prefix="/work-items/<uuid:work_item_id>")


@pages.get("")
def show(work_item_id: UUID) -> ResponseReturnValue:
    """The task's form, or the list of its sections: with the draft, or last time's answers.

    What was typed before the session ended comes first, where it was typed.
    """
    view = task_page.seen(work_item_id)
    kept = (
        unsent_typing.kept_for(unsent_typing.task_place(work_item_id)) if view.may_draft else None
    )
    if view.item.status != "open":
        return saving.closed_with(
            view, typed_answers.read_posted(view.form, kept) if kept else None, 200
        )
    section = kept.get("section") if kept else None
    if view.form.has_pages and section in view.form.section_ids:
        return redirect(url_for("sections.show", work_item_id=work_item_id, section=section), 303)
    if kept is None:
        has_list = view.form.has_pages and view.may_draft
        state = task_page.untouched(view)
        return task_page.render_list(view) if has_list else task_page.render(view, state)
    typed = typed_answers.read_posted(view.form, kept)
    seen = sections.posted_state(view, kept)
    return task_page.render(view, PageState(typed.raw, seen, typed.problems, was_kept=True))


@pages.post("")
def submit(work_item_id: UUID) -> ResponseReturnValue:
    """Complete the task, save it for later, or change its rows: the button pressed says."""
    view = task_page.seen(work_item_id)
    typed = typed_answers.read_posted(view.form, request.form)
    action = request.form.get("action", "")
    seen = sections.posted_state(view, request.form)
    if any(each in request.form for each in saving.ROW_BUTTONS):
        return saving.change_rows(view, typed, seen, None)
    if action == "save":
        return _save(view, typed, seen)
    overtaken = sections.overtaken(view, typed, seen) if view.may_work else []
    if overtaken and view.item.status == "open":
        return saving.clash(view, typed, seen, overtaken, None)
    try:
        typed_answers.require_readable(view.form, typed)
        step = context.completing(
            work_item_id,
            typed.answers,
            lambda ctx: _complete(ctx, work_item_id, typed),
        )
    except AnswersRefused as refused:
        problems = {**refused.problems, **typed.problems}
        return task_page.render(view, PageState(typed.raw, seen, problems), 422)
    except WorkItemAlreadyCompleted:
        return saving.too_late(work_item_id, typed)
    return onward.to_recorded(step)


def _complete(ctx: Context, work_item_id: UUID, typed: Typed) -> onward.Recorded:
    step = commands.complete_work_item(ctx, work_item_id, answers=typed.answers)
    return onward.recorded(ctx, step, sent=unsent_typing.task_place(work_item_id))


@pages.post("/draft")
def autosave(work_item_id: UUID) -> ResponseReturnValue:
    """Save what changed, for the script: `{saved, sections, overtaken}`."""
    view = task_page.seen(work_item_id)
    section = saving.posted_section(view)
    typed = saving.read(view, request.form, section)
    seen = sections.posted_state(view, request.form)
    try:
        refused, saved = saving.keep(view, typed, seen, None)
    except (AnswersRefused, WorkItemAlreadyCompleted) as error:
        return {"problem": errors.answer_for(error).title}, 422
    now_seen = {**sections.shown_state(saved), **{each: seen[each] for each in refused}}
    progress = sections.progress(saved, typed.answers, typed.problems, now_seen)
    clashes = sections.clashes(saved, typed, seen, list(refused))
    return {
        "saved": filters.clock_time(context.wall_clock()),
        "sections": [vars(each) for each in progress if section in (None, each.id)],
        "overtaken": [{"title": each.title, "by": each.by} for each in clashes],
    }


@pages.get("/done")
def done(work_item_id: UUID) -> ResponseReturnValue:
    """What the completion of this task set in motion."""
    view = task_page.seen(work_item_id)
    event = saving.completion(view)
    if event is None or context.actor().is_outsider:
        return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)
    return saving.to_done(view, event)


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


def _save(view: WorkItemView, typed: Typed, seen: dict[str, str]) -> ResponseReturnValue:
    """Save what changed of the whole form."""
    try:
        refused, saved = saving.keep(view, typed, seen, None)
    except AnswersRefused as error:
        return task_page.render(view, PageState(typed.raw, seen, error.problems), 422)
    except WorkItemAlreadyCompleted:
        return saving.too_late(view.item.id, typed)
    if refused:
        return saving.clash(saved, typed, seen, refused, None)
    flash("Saved. Nobody is told until it is submitted.")
    return redirect(url_for("work_items.show", work_item_id=view.item.id), 303)
