"""Your children: who am I responsible for, and is anyone drifting?"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine import reads
from engine.errors import NotPermitted
from engine.open_work.work_list import Page
from engine.packs.authority import LISTS
from engine.reads import ChildRow, OtherRow, onlookers
from web.request import context

pages = Blueprint("children", __name__)


@pages.get("/children")
def index() -> ResponseReturnValue:
    """The children whose people I am one of, next date first; then panels that I sit on, and
    children at whom I look on for a time."""
    actor = context.actor()
    if not (LISTS in actor.powers or actor.is_outsider):
        raise NotPermitted(actor.name, "see a list of children")
    with context.reading() as connection:
        page: Page[ChildRow] = Page((), None)
        others: list[OtherRow] = []
        if not actor.is_outsider:
            page = reads.list_children(
                connection,
                of=actor,
                today=context.today(),
                limit=50,
                after=request.args.get("after"),
            )
            others = reads.list_others(connection, actor)
        looked_on = onlookers.list_looked_on(
            connection,
            actor,
            today=context.today(),
            after=request.args.get("looked_on_after"),
        )
    context.saw(each.ref for each in page.items)
    context.saw(each.ref for each in others)
    context.saw(each.ref for each in looked_on.items)
    children = sorted(page.items, key=_next_date)
    return render_template(
        "children/index.html",
        children=children,
        next_page=page.next,
        others=others,
        looked_on=looked_on.items,
        next_looked_on=looked_on.next,
        roles=context.role_labels(),
    )


def _next_date(child: ChildRow) -> tuple[bool, date]:
    following = child.next_deadline
    return (following is None, following.limit_on if following else date.max)
