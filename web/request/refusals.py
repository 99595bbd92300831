"""Why what somebody sent is refused, and what they can do now: who has it, what closed it.

What it says of a case goes to whoever sees the case, or was shown the form in this session and has
lost sight of it since; to everybody else a case that is hidden answers as one that there is not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import request, url_for

from engine import errors, reads
from engine.open_work import case_heads
from engine.packs.forms import Form
from engine.people.case_circle import WorkItemHead, find_work_item
from engine.storage import published_versions
from engine.storage.database import Connection
from web.request import context, endings
from web.request.routes import ROUTES
from web.request.unsent_typing import Shown, task_place

NOTHING = "Nothing of what you sent was recorded."
DOES_WORK = frozenset(
    {
        "sections.complete", "sections.save", "work.answer", "work.claim", "work_items.autosave",
        "work_items.claim", "work_items.submit",
    }
)  # fmt: skip
"""Routes of a task for whoever may do it; to give it away is for others."""
HIDDEN = (errors.CaseNotFound, errors.WorkItemNotFound)
Way = tuple[str, str]
"""What a link says, and where it leads."""


@dataclass(frozen=True)
class Reason:
    """A refusal in words: a heading, a sentence or two, and the ways on."""

    title: str
    detail: str
    ways: tuple[Way, ...] = ()


def reason(error: Exception, shown: Shown | None) -> Reason | None:
    """Return why a posted page is refused, None where the error says all there is to say."""
    route, arguments = ROUTES[str(request.endpoint)], request.view_args or {}
    with context.reading() as connection:
        if route.who == "work item":
            return _of_task(connection, error, arguments["work_item_id"], shown)
        if route.who == "case":
            return _of_case(connection, error, arguments["ref"], shown)
    return None


def form_of(shown: Shown | None) -> Form | None:
    """Return the form of the task that a note is of, to name what was typed: it was shown then."""
    work_item_id = (request.view_args or {}).get("work_item_id")
    if shown is None or work_item_id is None or shown.place != task_place(work_item_id):
        return None
    with context.reading() as connection:
        head = find_work_item(connection, work_item_id)
        version = case_heads.head_of(connection, head.case_id).definition
        return published_versions.get_definition(connection, version).forms.get(head.form)


def _lost_sight(error: Exception, shown: Shown | None) -> bool:
    """Return whether a hidden thing was shown to the sender in this session."""
    if not isinstance(error, HIDDEN) or shown is None or not shown.is_of_this_session:
        return False
    arguments = request.view_args or {}
    if "work_item_id" in arguments:
        return shown.place == task_place(arguments["work_item_id"])
    return shown.place.startswith(f"/cases/{arguments.get('ref')}/")


def _of_task(
    connection: Connection, error: Exception, work_item_id: UUID, shown: Shown | None
) -> Reason | None:
    lost = _lost_sight(error, shown)
    if not lost and not (isinstance(error, errors.NotPermitted) and request.endpoint in DOES_WORK):
        return None
    head = find_work_item(connection, work_item_id)
    if _looks_as_before(head):
        context.look_again()  # It was given away, or done, while this request ran.
        with context.reading() as fresh:
            head = find_work_item(fresh, work_item_id)
    ways = () if lost else (("Open the task", task_place(work_item_id)),)
    if head.status != "open":
        by = f"It was completed by {_name(head.completed_by)}." if head.completed_by else ""
        said = by or "It was withdrawn, because the case has moved on."
        return Reason("This task is no longer open", f"{said} {NOTHING}", ways)
    role = context.role_labels().get(head.done_by, head.done_by)
    if head.assignee is not None and head.assignee not in context.actor().stands_for:
        title = f"This task is with {_name(head.assignee)} now"
        return Reason(title, f"Only they can record it. {NOTHING}", ways)
    if head.assignee is None:
        return Reason("Nobody has this task now", f"It waits for: {role}. {NOTHING}", ways)
    return Reason("This task is for others to do", f"It is for: {role}. {NOTHING}", ways)


def _looks_as_before(head: WorkItemHead) -> bool:
    actor = context.actor()
    is_mine = head.assignee is None or head.assignee in actor.stands_for
    return head.status == "open" and is_mine and head.done_by in actor.roles


def _of_case(
    connection: Connection, error: Exception, ref: str, shown: Shown | None
) -> Reason | None:
    if _lost_sight(error, shown):
        said = "It went to other people, or your part in it ended, after you opened the page."
        return Reason("You do not see this case any more", f"{said} {NOTHING}")
    ways = (("Open the case", url_for("cases.show", ref=ref)),)
    if isinstance(error, errors.CaseClosed):
        return Reason("This case is closed", f"{_how_it_ended(connection, ref)} {NOTHING}", ways)
    if isinstance(error, errors.NotPermitted):
        roles = _roles_for(connection, ref)
        labels = context.role_labels()
        names = ", ".join(labels.get(each, each) for each in roles)
        said = f"It is for people whom the case names as: {names}." if names else ""
        return Reason("This is for others of the case", f"{said} {NOTHING}".strip(), ways)
    return None


def _how_it_ended(connection: Connection, ref: str) -> str:
    case = reads.get_case(connection, ref, today=context.today())
    definition = published_versions.get_definition(connection, case.head.definition)
    ended = endings.ended(case.head, case.facts, definition)
    return f"{ended.words} {ended.more}".strip() if ended else ""


def _roles_for(connection: Connection, ref: str) -> Collection[str]:
    """Return the roles whose people send the message, or correct the fact, that was posted."""
    head = case_heads.get_case_head(connection, ref)
    pack = published_versions.get_definition(connection, head.definition).pack
    if request.endpoint == "messages.send":
        message = pack.messages.get((request.view_args or {})["name"])
        return (message.told_by if message else None) or pack.authority.tells
    if request.endpoint == "corrections.record":
        fact = pack.facts.get(request.form.get("fact", ""))
        return (fact.corrected_by if fact else None) or pack.authority.corrects
    return ()


def _name(person: str | None) -> str:
    return context.person_names().get(person or "", person or "nobody")
