"""Your cases: what am I responsible for, and is anything drifting?"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine import reads
from engine.errors import NotPermitted
from engine.open_work.work_list import Page
from engine.packs.authority import LISTS
from engine.reads import OwnCase, SoleCase, onlookers
from web.request import context

pages = Blueprint("own_cases", __name__)


@pages.get("/your-cases")
def index() -> ResponseReturnValue:
    """The cases whose people I am one of, next date first; then those of which there is one at a
    time, and those at which I look on for a time."""
    actor = context.actor()
    if not (LISTS in actor.powers or actor.is_outsider):
        raise NotPermitted(actor.name, "see a list of cases")
    with context.reading() as connection:
        page: Page[OwnCase] = Page((), None)
        others: list[SoleCase] = []
        if not actor.is_outsider:
            page = reads.list_own(
                connection,
                of=actor,
                today=context.today(),
                limit=50,
                after=request.args.get("after"),
            )
            others = reads.list_sole(connection, actor)
        looked_on = onlookers.list_looked_on(
            connection,
            actor,
            today=context.today(),
            after=request.args.get("looked_on_after"),
        )
    context.saw(each.ref for each in page.items)
    context.saw(each.ref for each in others)
    context.saw(each.ref for each in looked_on.items)
    cases = sorted(page.items, key=_next_date)
    return render_template(
        "own_cases/index.html",
        cases=cases,
        next_page=page.next,
        others=others,
        looked_on=looked_on.items,
        next_looked_on=looked_on.next,
        roles=context.role_labels(),
    )


def _next_date(case: OwnCase) -> tuple[bool, date]:
    following = case.next_deadline
    return (following is None, following.limit_on if following else date.max)
