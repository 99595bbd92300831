"""On paper: what was recorded with one task, as minutes or as an update of the care plan."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from engine import reads
from engine.open_work import drafts
from engine.reads import history
from engine.storage import published_versions
from web.forms import answers_in_words
from web.pages import case_page
from web.request import context

pages = Blueprint("papers", __name__)


@pages.get("/cases/<ref>/recorded/<int:sequence>/paper")
def show(ref: str, sequence: int) -> ResponseReturnValue:
    """One event's answers, section by section, to be printed. The name is on the paper only."""
    with context.reading() as connection:
        view = reads.get_case(connection, ref, today=context.today())
        case = view.head
        if not 1 <= sequence <= case.version:
            abort(404)
        event = history.get_picture(connection, case.id, sequence).event
        definition = published_versions.get_definition(connection, case.definition)
        drafted_by = drafts.written_by(connection, case.id, sequence)
    form = case_page.form_of(event, definition, case.kind)
    if form is None or not event.answers:
        abort(404)
    return render_template(
        "cases/paper.html",
        case=case,
        view=view,
        event=event,
        definition=definition,
        workers=case_page.workers(view.facts, definition),
        drafted_by=[each for each in drafted_by if each != event.actor],
        sections=answers_in_words.tell(form, event.answers),
    )
