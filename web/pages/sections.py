"""A long task, one section a page, and the page on which all of it is checked and submitted."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import complete_draft
from engine.context import Context
from engine.errors import AnswersRefused, DraftChanged, WorkItemAlreadyCompleted
from engine.open_work import answer_preview
from engine.reads.work_item import WorkItemView
from web.forms import sections, typed_answers
from web.pages import onward, saving, task_page
from web.pages.task_page import PageState
from web.request import context, unsent_typing

pages = Blueprint("sections", __name__, url_prefix="/work-items/<uuid:work_item_id>")


@pages.get("/sections/<section>")
def show(work_item_id: UUID, section: str) -> ResponseReturnValue:
    """One section: with what was typed before the session ended, else as it was left.

    `?check=1` says what is still wrong in it.
    """
    view = _find(work_item_id, section)
    if view.item.status != "open" or not view.may_draft:
        return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)
    kept = unsent_typing.kept_for(unsent_typing.task_place(work_item_id))
    if kept is not None and kept.get("section") == section:
        typed = saving.read(view, kept, section)
        seen = sections.posted_state(view, kept)
        state = PageState(typed.raw, seen, typed.problems, was_kept=True)
        return task_page.render(view, state, section=section)
    state = task_page.untouched(view)
    if "check" in request.args:
        state = PageState(state.raw, state.seen, _problems(view))
    return task_page.render(view, state, section=section)


@pages.post("/sections/<section>")
def save(work_item_id: UUID, section: str) -> ResponseReturnValue:
    """Save one section and go on to the next, or change its rows: the button pressed says."""
    view = _find(work_item_id, section)
    typed = saving.read(view, request.form, section)
    seen = sections.posted_state(view, request.form)
    if view.item.status != "open":
        return saving.too_late(work_item_id, typed_answers.read_posted(view.form, request.form))
    if any(each in request.form for each in saving.ROW_BUTTONS):
        return saving.change_rows(view, typed, seen, section)
    try:
        refused, saved = saving.keep(view, typed, seen, section)
    except AnswersRefused as error:
        state = PageState(typed.raw, seen, error.problems)
        return task_page.render(view, state, 422, section=section)
    except WorkItemAlreadyCompleted:
        return saving.too_late(work_item_id, typed_answers.read_posted(view.form, request.form))
    if refused:
        return saving.clash(saved, typed, seen, refused, section)
    unread = {name: typed.problems[name] for name in _of_section(view, section, typed.problems)}
    if unread:
        state = PageState(typed.raw, sections.shown_state(saved), unread)
        return task_page.render(saved, state, 422, section=section)
    return redirect(_after(view, section), 303)


@pages.get("/check")
def check(work_item_id: UUID) -> ResponseReturnValue:
    """All sections in words, to be read before they are submitted."""
    view = task_page.seen(work_item_id)
    if view.item.status != "open" or not view.may_draft or not view.form.has_pages:
        return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)
    return task_page.render_check(view, task_page.untouched(view))


@pages.post("/check")
def complete(work_item_id: UUID) -> ResponseReturnValue:
    """Complete the task with what was saved of it, if it still is what the page showed."""
    view = task_page.seen(work_item_id)
    state = task_page.untouched(view)
    shown = {
        section: sections.token_in(request.form.get(f"{sections.SEEN}{section}", ""))
        for section in view.form.section_ids
    }
    try:
        complete_draft.require_unchanged(view, shown)
        typed = typed_answers.read_raw(view.form, state.raw)
        typed_answers.require_readable(view.form, typed)
        step = context.completing(
            work_item_id,
            answer_preview.that_matter(view.form, view.values, view.reads),
            lambda ctx: _complete(ctx, work_item_id, shown),
        )
    except AnswersRefused as refused:
        problems = {**refused.problems, **_problems(view)}
        return task_page.render_check(view, PageState(state.raw, state.seen, problems), 422)
    except DraftChanged as error:
        view = task_page.seen_again(work_item_id)
        return task_page.render_check(view, task_page.untouched(view), 409, changed=error.sections)
    except WorkItemAlreadyCompleted:
        return saving.too_late(work_item_id, None)
    return onward.to_recorded(step)


def _complete(ctx: Context, work_item_id: UUID, shown: Mapping[str, str]) -> onward.Recorded:
    step = complete_draft.complete_drafted(ctx, work_item_id, shown)
    return onward.recorded(ctx, step, sent=unsent_typing.task_place(work_item_id))


def _find(work_item_id: UUID, section: str) -> WorkItemView:
    view = task_page.seen(work_item_id)
    if not view.form.has_pages or section not in view.form.section_ids:
        abort(404)
    return view


def _problems(view: WorkItemView) -> dict[str, str]:
    """Return what submitting the draft as it stands would be refused for."""
    typed = typed_answers.read_raw(view.form, typed_answers.raw_values(view.form, view.values))
    return {**answer_preview.problems_now(view.form, view.values, view.reads), **typed.problems}


def _of_section(view: WorkItemView, section: str, problems: dict[str, str]) -> list[str]:
    names = set(view.form.names_in(section))
    return [each for each in problems if each.partition(".")[0] in names]


def _after(view: WorkItemView, section: str) -> str:
    """Return where saving a section leads: the list, the next section, or the check."""
    id = view.item.id
    if request.form.get("action") == "save-and-leave":
        flash("Saved. Nobody is told until it is submitted.")
        return url_for("work_items.show", work_item_id=id)
    ids = view.form.section_ids
    following = ids[ids.index(section) + 1 :][:1]
    if not following:
        return url_for("sections.check", work_item_id=id)
    return url_for("sections.show", work_item_id=id, section=following[0])
