"""What a task's pages do with what was posted: keep it as a draft, say who else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine import commands, reads
from engine.context import Context
from engine.errors import AnswersRefused, WorkItemAlreadyCompleted
from engine.packs.forms import without_blanks
from engine.packs.version import Definition
from engine.reads import CaseView, history
from engine.reads.history import EventRow
from engine.reads.work_item import WorkItemView
from engine.storage import published_versions
from web.forms import answers_in_words, inputs, layout, sections, typed_answers
from web.forms.inputs import people_to_choose
from web.forms.typed_answers import Typed
from web.pages import task_page
from web.pages.task_page import PageState
from web.request import context, endings, unsent_typing

LOOK_BACK = 50
ROW_BUTTONS = ("add_row", "open_row", "remove_row")


def posted_section(view: WorkItemView) -> str | None:
    """Return the section whose page was posted, None for a page with the whole form."""
    section = request.form.get("section")
    return section if section in view.form.section_ids else None


def read(view: WorkItemView, posted: MultiDict[str, str], section: str | None) -> Typed:
    """Return what was typed into a page; answers that it did not show are as they were."""
    if section is None:
        return typed_answers.read_posted(view.form, posted)
    return typed_answers.read_section(view.form, section, posted, view.values)


def keep(
    view: WorkItemView, typed: Typed, seen: Mapping[str, str], pressed: str | None
) -> tuple[tuple[str, ...], WorkItemView]:
    """Save what changed.

    Returns:
        The sections that somebody else saved meanwhile, and the task as it is then.
    """
    edits = sections.edits(view, typed, seen, pressed=pressed)

    def save(ctx: Context) -> tuple[tuple[str, ...], WorkItemView]:
        refused = commands.save_draft_sections(ctx, view.item.id, edits)
        unsent_typing.forget(ctx, unsent_typing.task_place(view.item.id))
        return refused, task_page.as_seen(ctx.connection, view.item.id)

    return context.writing(save)


def change_rows(
    view: WorkItemView, typed: Typed, seen: Mapping[str, str], section: str | None
) -> ResponseReturnValue:
    """Show the page again with a row more, one less, or one to change; what was typed is saved."""
    wanted = request.form.get("add_row") or request.form.get("open_row", "")
    try:
        refused, saved = keep(view, typed, seen, None)
        fresh = sections.shown_state(saved)
        seen = {**fresh, **{each: seen[each] for each in refused}}
    except (AnswersRefused, WorkItemAlreadyCompleted):
        pass  # Said when they save it; what they typed stays in sight.
    state = PageState(typed.raw, seen, wanted_row=wanted)
    return task_page.render(view, state, section=section)


def clash(
    view: WorkItemView,
    typed: Typed,
    seen: Mapping[str, str],
    overtaken: Sequence[str],
    section: str | None,
) -> ResponseReturnValue:
    """Show what others saved meanwhile: taken where nothing was typed here, beside it elsewhere.

    The page then counts as having shown it, so that pressing the button again replaces it.
    """
    clashes = sections.clashes(view, typed, seen, list(overtaken))
    answers = dict(typed.answers)
    for each in clashes:
        if each.is_taken:
            for name in view.form.names_in(each.id):
                answers[name] = view.values.get(name)
    fresh = sections.shown_state(view)
    seen = {**fresh, **{each: seen[each] for each in seen if seen[each] == fresh.get(each)}}
    state = PageState(typed_answers.raw_values(view.form, answers), seen, typed.problems)
    return task_page.render(view, replace(state, clashes=tuple(clashes)), 409, section=section)


def too_late(work_item_id: UUID, typed: Typed | None) -> ResponseReturnValue:
    """A second click of the same person shows what the first did; anybody else hears who was
    first, and what they typed (None for a page that takes no answers) stays in sight."""
    view = task_page.seen_again(work_item_id)
    event = None if context.actor().is_outsider else completion(view)
    was_me = event is not None and event.actor == context.actor().name
    if event and was_me and (typed is None or without_blanks(typed.answers) == event.answers):
        return to_done(view, event)
    return closed(view, _answers(view, typed) if typed else (), 409)


def completion(view: WorkItemView) -> EventRow | None:
    """Return the event that completed the task, looking through the newest ones, or None."""
    with context.reading() as connection:
        events = history.list_history(connection, view.case.id, limit=LOOK_BACK, newest_first=True)
    for event in events:
        is_it = event.work_item and event.work_item["id"] == str(view.item.id)
        if is_it and event.kind == "work_item_completed":
            return event
    return None


def closed_with(view: WorkItemView, typed: Typed | None, status: int) -> ResponseReturnValue:
    """Say that a task is no longer open, with what was typed into it."""
    return closed(view, _answers(view, typed) if typed else (), status)


def closed(view: WorkItemView, answers: Sequence[inputs.Input], status: int) -> ResponseReturnValue:
    with context.reading() as connection:
        case = reads.get_case(connection, view.case.ref, today=context.today())
        definition = published_versions.get_definition(connection, case.head.definition)
    html = render_template(
        "work_items/closed.html",
        case=view.case,
        item=view.item,
        answers=answers,
        **_beside(view, case, definition),
    )
    return html, status


def _beside(view: WorkItemView, case: CaseView, definition: Definition) -> dict[str, object]:
    """Return why a task is not open any more; to an outside agency, what it recorded with it."""
    if not context.actor().is_outsider:
        return {
            "ended": endings.ended(case.head, case.facts, definition),
            "correction": _correction(view, definition),
        }
    event = completion(view)
    mine = event is not None and event.actor in context.actor().stands_for
    answers = event.answers if event and mine else None
    return {"recorded": answers_in_words.tell(view.form, answers) if answers else []}


def _correction(view: WorkItemView, definition: Definition) -> tuple[str, str] | None:
    """Return (what was corrected, why) if a correction withdrew the task, else None."""
    if view.item.completed_by or view.item.status == "open":
        return None
    with context.reading() as connection:
        events = history.list_history(connection, view.case.id, limit=LOOK_BACK, newest_first=True)
    for event in events:
        if event.at == view.item.completed_at and event.kind == "fact_corrected":
            fact = definition.pack.facts.get(str(event.answers.get("fact")))
            return fact.label if fact else "", str(event.answers.get("reason", ""))
    return None


def to_done(view: WorkItemView, event: EventRow) -> ResponseReturnValue:
    """Lead to what the completion set in motion."""
    return redirect(url_for("cases.recorded", ref=view.case.ref, sequence=event.sequence), 303)


def _answers(view: WorkItemView, typed: Typed) -> list[inputs.Input]:
    """Return what was typed, as the closed page shows it."""
    page = layout.lay_out(
        view.form, raw=typed.raw, people=people_to_choose(view.case.pack), blank_rows=False
    )
    return [
        each for section in page.sections for each in section.inputs if any(each.texts) or each.rows
    ]
