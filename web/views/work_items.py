"""A task: what do I have to record, from what? One form, one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, definitions, history, queries, snapshot
from engine.errors import AnswersRefused, WorkItemAlreadyCompleted
from engine.forms import without_blanks
from web import (
    context,
    ended,
    errors,
    fields,
    filters,
    forms,
    kept_typing,
    onward,
    sections,
    task_page,
)
from web.views.cases import people_to_choose

pages = Blueprint("work_items", __name__, url_prefix="/work-items/<uuid:work_item_id>")

LOOK_BACK = 50


@pages.get("")
def show(work_item_id: UUID) -> ResponseReturnValue:
    """The task's form: what was typed before the session ended, the draft, or last time's."""
    view = _find(work_item_id)
    kept = kept_typing.find(work_item_id) if view.may_draft else None
    typed = forms.read_posted(view.form, kept) if kept is not None else None
    if view.item.status != "open":
        return _closed(view, _answers(view, typed) if typed else (), 200)
    if typed is None or kept is None:
        return task_page.render(view, task_page.fresh(view))
    state = task_page.PageState(
        typed.raw, sections.posted_state(view, kept), typed.problems, was_kept=True
    )
    return task_page.render(view, state)


@pages.post("")
def submit(work_item_id: UUID) -> ResponseReturnValue:
    """Complete the task, save it for later, or add or remove a row: the button pressed says."""
    view = _find(work_item_id)
    typed = forms.read_posted(view.form, request.form)
    action = request.form.get("action", "")
    if action == "forget":
        kept_typing.forget(work_item_id)
        return redirect(url_for("work_items.show", work_item_id=work_item_id), 303)
    seen = sections.posted_state(view, request.form)
    if "add_row" in request.form or "remove_row" in request.form:
        adding = request.form.get("add_row", "")
        return task_page.render(view, task_page.PageState(typed.raw, seen, add_to=adding))
    if action.partition(":")[0] == "save":
        return _save(view, typed, seen, action.partition(":")[2] or None)
    overtaken = sections.overtaken(view, typed, seen) if view.may_work else []
    if overtaken and view.item.status == "open":
        return _clash(view, typed, seen, overtaken)
    try:
        forms.require_readable(view.form, typed)
        step = context.completing(
            work_item_id,
            typed.answers,
            lambda ctx: commands.complete_work_item(ctx, work_item_id, answers=typed.answers),
        )
    except AnswersRefused as refused:
        problems = {**refused.problems, **typed.problems}
        return task_page.render(view, task_page.PageState(typed.raw, seen, problems), 422)
    except WorkItemAlreadyCompleted:
        return _too_late(work_item_id, typed)
    kept_typing.forget(work_item_id)
    return onward.to_recorded(step)


@pages.post("/draft")
def autosave(work_item_id: UUID) -> ResponseReturnValue:
    """Save what changed, for the script: `{saved, sections, overtaken}`."""
    view = _find(work_item_id)
    typed = forms.read_posted(view.form, request.form)
    seen = sections.posted_state(view, request.form)
    try:
        refused = _keep(view, typed, seen, None)
    except (AnswersRefused, WorkItemAlreadyCompleted) as error:
        return {"problem": errors.answer_for(error).title}, 422
    kept_typing.forget(work_item_id)
    saved = _find(work_item_id)
    now_seen = {**sections.shown_state(saved), **{each: seen[each] for each in refused}}
    progress = sections.progress(saved, typed.answers, typed.problems, now_seen)
    clashes = sections.clashes(saved, typed, seen, list(refused))
    return {
        "saved": filters.clock_time(context.wall_clock()),
        "sections": [vars(each) for each in progress],
        "overtaken": [{"title": each.title, "by": each.by} for each in clashes],
    }


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
        return snapshot.get_work_item(
            connection,
            work_item_id,
            reader=context.actor(),
            domain=context.parts().domain,
            now=context.now(),
        )


def _save(
    view: Any, typed: forms.Typed, seen: dict[str, str], section: str | None
) -> ResponseReturnValue:
    """Save the sections that changed, and go on to the one after the button's."""
    try:
        refused = _keep(view, typed, seen, section)
    except AnswersRefused as error:
        return task_page.render(view, task_page.PageState(typed.raw, seen, error.problems), 422)
    except WorkItemAlreadyCompleted:
        return _too_late(view.item.id, typed)
    kept_typing.forget(view.item.id)
    if refused:
        return _clash(_find(view.item.id), typed, seen, list(refused))
    flash("Saved. Nobody is told until it is submitted.")
    ids = view.form.section_ids
    after = ids[ids.index(section) + 1 :][:1] if section in ids else []
    anchor = f"section-{after[0]}" if after else None
    address = url_for("work_items.show", work_item_id=view.item.id, _anchor=anchor)
    return redirect(address, 303)


def _keep(
    view: Any, typed: forms.Typed, seen: dict[str, str], section: str | None
) -> tuple[str, ...]:
    """Save what changed; return the sections that somebody else saved meanwhile."""
    edits = sections.edits(view, typed, seen, pressed=section)
    merged = context.writing(lambda ctx: commands.save_draft_sections(ctx, view.item.id, edits))
    return merged.refused


def _clash(
    view: Any, typed: forms.Typed, seen: dict[str, str], overtaken: list[str]
) -> ResponseReturnValue:
    """Show what others saved meanwhile: taken where nothing was typed here, beside it elsewhere.

    The page then counts as having shown it, so that pressing the button again replaces it.
    """
    clashes = sections.clashes(view, typed, seen, overtaken)
    answers = dict(typed.answers)
    for each in clashes:
        if each.is_taken:
            for name in view.form.names_in(each.id):
                answers[name] = view.values.get(name)
    fresh = sections.shown_state(view)
    seen = {**fresh, **{each: seen[each] for each in seen if seen[each] == fresh.get(each)}}
    raw = forms.raw_values(view.form, answers)
    state = task_page.PageState(raw, seen, typed.problems, clashes=tuple(clashes))
    return task_page.render(view, state, 409)


def _too_late(work_item_id: UUID, typed: forms.Typed) -> ResponseReturnValue:
    """A second click of the same person shows what the first did; anybody else hears who was
    first, and what they typed stays in sight."""
    view = _find(work_item_id)
    event = _completion(view)
    was_me = event is not None and event.actor == context.actor().name
    if was_me and without_blanks(typed.answers) == event.answers:
        return _to_done(view, event)
    kept_typing.forget(work_item_id)
    return _closed(view, _answers(view, typed), 409)


def _answers(view: Any, typed: forms.Typed) -> list[fields.Input]:
    """Return what was typed, as the closed page shows it."""
    page = fields.lay_out(
        view.form, raw=typed.raw, people=people_to_choose(view.case.pack), blank_rows=False
    )
    return [
        each for section in page.sections for each in section.inputs if any(each.texts) or each.rows
    ]


def _completion(view: Any) -> Any:
    """Return the event that completed the task, looking through the newest ones, or None."""
    with context.reading() as connection:
        events = history.list_history(connection, view.case.id, limit=LOOK_BACK, newest_first=True)
    for event in events:
        is_it = event.work_item and event.work_item["id"] == str(view.item.id)
        if is_it and event.kind == "work_item_completed":
            return event
    return None


def _correction(view: Any, definition: Any) -> tuple[str, str] | None:
    """Return (what was corrected, why) if a correction withdrew the task, else None."""
    if view.item.completed_by or view.item.status == "open":
        return None
    with context.reading() as connection:
        events = history.list_history(connection, view.case.id, limit=LOOK_BACK, newest_first=True)
    for event in events:
        if event.at == view.item.completed_at and event.kind == "fact_corrected":
            [name, reason] = (str(event.answers.get(each, "")) for each in ("fact", "reason"))
            return definition.pack.facts[
                name
            ].label if name in definition.pack.facts else "", reason
    return None


def _closed(view: Any, answers: Sequence[Any], status: int) -> ResponseReturnValue:
    with context.reading() as connection:
        case = queries.get_case(connection, view.case.ref, today=context.today())
        definition = definitions.get_definition(connection, case.head.definition)
    html = render_template(
        "work_items/closed.html",
        case=view.case,
        item=view.item,
        answers=answers,
        ended=ended.ended(case.head, case.facts, definition),
        correction=_correction(view, definition),
    )
    return html, status


def _to_done(view: Any, event: Any) -> ResponseReturnValue:
    return redirect(url_for("cases.recorded", ref=view.case.ref, sequence=event.sequence), 303)
