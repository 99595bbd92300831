"""Your work: what must I do now, and why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries, work_list
from web import context, navigation
from web.errors import BadRequest

pages = Blueprint("work", __name__)

PAGE = 50


@dataclass(frozen=True)
class Group:
    """Work items of one stretch of time, most urgent first."""

    title: str
    items: tuple[Any, ...]


@pages.get("/")
def home() -> ResponseReturnValue:
    """Everybody starts where their own work is."""
    return redirect(url_for(navigation.start(context.actor())), 303)


@pages.get("/work")
def index() -> ResponseReturnValue:
    """Work that waits for me, for my team, or for anybody of my role."""
    actor, today = context.actor(), context.today()
    tab = request.args.get("show", "mine")
    if tab not in ("mine", "team", "claim"):
        tab = "mine"
    with context.reading() as connection:
        try:
            page = work_list.list_work(
                connection, **_whose(tab), limit=PAGE, after=request.args.get("after")
            )
        except ValueError:
            raise BadRequest("There is no such page of the list.") from None
        mine = work_list.count_work(connection, assignee=actor.name, team=None, today=today)
        coming = None
        if not page.items:
            coming = _what_comes_next(connection, today)
    return render_template(
        "work/index.html",
        tab=tab,
        groups=group_by_date(page.items, today),
        next_page=page.next,
        counts=mine,
        coming=coming,
    )


def _whose(tab: str) -> dict[str, Any]:
    actor = context.actor()
    if tab == "team":
        return {"team": actor.name}
    if tab == "claim":
        return {"pool_roles": tuple(sorted(actor.roles)), "pack": actor.pack}
    return {"assignee": actor.name}


def group_by_date(items: Sequence[Any], today: date) -> list[Group]:
    """Return the items as overdue, this week (through Sunday), later; empty groups left out."""
    sunday = today + timedelta(days=6 - today.weekday())
    groups: dict[str, list[Any]] = {"Overdue": [], "This week": [], "Later": []}
    for item in items:
        due = item.act_by_on
        if due is not None and due < today:
            groups["Overdue"].append(item)
        elif due is not None and due <= sunday:
            groups["This week"].append(item)
        else:
            groups["Later"].append(item)
    return [Group(title, tuple(each)) for title, each in groups.items() if each]


def _what_comes_next(connection: Any, today: date) -> Any:
    """Return the child of mine whose next date comes first, or None."""
    children = queries.list_children(
        connection, person=context.actor().name, today=today, limit=PAGE, after=None
    ).items
    dated = [child for child in children if child.next_deadline is not None]
    return min(dated, key=lambda child: child.next_deadline.limit_on, default=None)
