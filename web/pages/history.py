"""History: what did people know and decide, when? Stepped by event, or read as a table."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.open_work import case_heads
from engine.packs.typed_text import cleaned
from engine.reads import history
from engine.storage import published_versions
from web.forms import typed_dates
from web.pages import case_page, drawing
from web.request import context, filters

pages = Blueprint("history", __name__, url_prefix="/cases/<ref>/history")

PAGE = 50
BEYOND = 2**31 - 1


@pages.get("")
def index(ref: str) -> ResponseReturnValue:
    """Every event as a table, oldest first."""
    after = min(max(request.args.get("after", 0, type=int), 0), BEYOND)
    with context.reading() as connection:
        case = case_heads.get_case_head(connection, ref)
        definition = published_versions.get_definition(connection, case.definition)
        events = history.list_history(connection, case.id, after=after, limit=PAGE)
    last = events[-1].sequence if events else 0
    return render_template(
        "history/index.html",
        case=case,
        definition=definition,
        events=events,
        next_after=last if last and last < case.version else None,
    )


@pages.get("/<int:sequence>")
def show(ref: str, sequence: int) -> ResponseReturnValue:
    """The case as it stood after one event, on the drawing then in force."""
    with context.reading() as connection:
        case = case_heads.get_case_head(connection, ref)
        if not 1 <= sequence <= case.version:
            abort(404)
        picture = history.get_picture(connection, case.id, sequence)
        done = history.done_elements(connection, case.id, sequence=sequence)
        definition = published_versions.get_definition(connection, picture.definition)
    main = definition.pack.kinds[case.kind].process
    process = request.args.get("process", main)
    if process not in definition.processes:
        process = main
    return render_template(
        "history/show.html",
        case=case,
        picture_then=picture,
        event=picture.event,
        definition=definition,
        facts=case_page.shown_facts(picture.facts, definition),
        people=case_page.workers(picture.facts, definition),
        duties=case_page.duties(picture.deadlines),
        answers=case_page.answers_given(picture.event, definition, case.kind),
        tables=case_page.tables_read(picture.event, definition),
        drawing=drawing.draw(
            definition,
            process,
            done=done,
            instances=picture.instances,
            work_items=picture.work_items,
        ),
        processes=list(definition.processes.values()),
    )


@pages.get("/day")
def on_day(ref: str) -> ResponseReturnValue:
    """Lead to the last event on or before a day; the first one when the day lies before it."""
    day = _day()
    with context.reading() as connection:
        case = case_heads.get_case_head(connection, ref)
        if day is None:
            return redirect(url_for("history.show", ref=ref, sequence=case.version), 303)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=filters.LONDON)
        sequence = history.last_until(connection, case.id, end)
    return redirect(url_for("history.show", ref=ref, sequence=sequence), 303)


def _day() -> date | None:
    typed = [cleaned(request.args.get(part, "")) for part in typed_dates.PARTS]
    return typed_dates.read(typed, "The day")[0]
