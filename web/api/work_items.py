"""Work items in the API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Response, request

from engine import commands
from engine.context import Context
from engine.errors import AnswersRefused, CaseNotFound
from engine.open_work import work_list
from engine.open_work.work_list import Wanted
from engine.people import permissions
from engine.people.case_circle import circle_of, find_case
from engine.reads import work_item
from engine.storage.database import Connection
from web.api import representations
from web.api.blueprint import api
from web.api.requests import Answer, answer_once, day, member, read_object, say
from web.request import context
from web.request.arguments import count
from web.request.errors import BadRequest

MOST_ITEMS = 200
STATUSES = ("open", "completed", "withdrawn", "cancelled", "all")


@api.get("/work-items")
def list_work_items() -> Response:
    """Work items that the caller may see, by the day to act by; filters as named."""
    given = request.args
    status = given.get("status", "open")
    if status not in STATUSES:
        raise BadRequest(f"status must be one of: {', '.join(STATUSES)}.")
    limit = count(given.get("limit"), "limit", default=50, least=1, most=MOST_ITEMS)
    name, role = given.get("name") or None, given.get("role") or None
    assignee, after = given.get("assignee") or None, given.get("after") or None
    with context.reading() as connection:
        wanted: Wanted = {
            **_whose(connection, given.get("case"), role, assignee),
            "name": name,
            "role": role,
            "assignee": assignee,
            "status": None if status == "all" else status,
            "due_before": day(given.get("due_before"), "due_before"),
            "optional": None if given.get("case") or name else False,
        }
        try:
            page = work_list.list_work(connection, limit=limit, after=after, **wanted)
        except ValueError:
            message = "after must be the “next” of the page before."
            raise AnswersRefused({"after": message}) from None
    return say({"items": [representations.work_item(row) for row in page.items], "next": page.next})


def _whose(
    connection: Connection, ref: str | None, role: str | None, assignee: str | None
) -> Wanted:
    """Return the filter that keeps the list to cases that the caller may see."""
    actor = context.actor()
    if ref:
        case_id = find_case(connection, ref)
        if not permissions.may_see_case(actor, circle_of(connection, case_id)):
            raise CaseNotFound(ref)
        return {"case_id": case_id}
    if actor.is_any("auditor") or assignee in actor.stands_for:
        return {}
    if role in actor.roles and assignee is None:
        pooled = work_list.list_work(
            connection, pool_roles=[role], pack=actor.pack, limit=1, optional=None
        )
        if pooled.items:
            return {"pool_roles": [role], "pack": actor.pack}
    return {"visible_to": actor.stands_for}


@api.get("/work-items/<uuid:work_item_id>")
def get_work_item(work_item_id: UUID) -> Response:
    """A work item with its form: `{schema, values, sections}`."""
    with context.reading() as connection:
        view = work_item.get_work_item(
            connection,
            work_item_id,
            reader=context.actor(),
            domain=context.parts().domain,
            now=context.now(),
        )
    form = {
        "schema": view.form.schema,
        "values": view.values,
        "sections": view.form.sections,
        "carried": view.carried,
        "draft_saved_at": view.draft_saved_at,
        "waits_for": list(view.waits_for),
    }
    return say({**representations.work_item(view.item), "form": form})


@api.post("/work-items/<uuid:work_item_id>/completion")
def complete_work_item(work_item_id: UUID) -> Response:
    """Complete a work item with `{answers}`; 200 with the case, 409 if it was completed, 422."""
    body = read_object("answers")
    answers = member(body, "answers", dict, "an object") or {}

    def work(ctx: Context) -> Answer:
        step = commands.complete_work_item(ctx, work_item_id, answers=answers)
        return 200, representations.read_case(ctx.connection, step.ref, today=ctx.today)

    return answer_once(work, run=partial(context.completing, work_item_id, answers))


@api.put("/work-items/<uuid:work_item_id>/draft")
def save_draft(work_item_id: UUID) -> Response:
    """Keep `{answers}` for later; no event."""
    body = read_object("answers")
    answers = member(body, "answers", dict, "an object") or {}

    def work(ctx: Context) -> Answer:
        commands.save_draft(ctx, work_item_id, answers)
        return 200, {"saved_at": ctx.now}

    return answer_once(work)


@api.post("/work-items/<uuid:work_item_id>/claim")
def claim(work_item_id: UUID) -> Response:
    """Take a work item from the pool of one's role."""
    return _changed(work_item_id, lambda ctx: commands.claim(ctx, work_item_id))


@api.post("/work-items/<uuid:work_item_id>/release")
def release(work_item_id: UUID) -> Response:
    """Put a claimed work item back into its pool."""
    return _changed(work_item_id, lambda ctx: commands.release(ctx, work_item_id))


@api.post("/work-items/<uuid:work_item_id>/assignment")
def assign(work_item_id: UUID) -> Response:
    """Give a work item to somebody: `{to}`."""
    to = member(read_object("to"), "to", str, "a user name")
    return _changed(work_item_id, lambda ctx: commands.assign(ctx, work_item_id, to or ""))


def _changed(work_item_id: UUID, command: Callable[[Context], object]) -> Response:
    def work(ctx: Context) -> Answer:
        command(ctx)
        view = work_item.get_work_item(
            ctx.connection, work_item_id, reader=ctx.actor, domain=ctx.domain, now=ctx.now
        )
        return 200, representations.work_item(view.item)

    return answer_once(work)
