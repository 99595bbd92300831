"""Work items in the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID

from engine import commands
from engine.context import Context
from engine.errors import AnswersRefused, CaseNotFound
from engine.open_work import joint_sitting, work_list
from engine.open_work.work_list import Wanted
from engine.people import permissions
from engine.people.case_circle import circle_of, find_case
from engine.reads import work_item
from engine.storage.database import Connection
from web.api import representations
from web.api.answers import Once, Said, answer_once, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import Case, Instant, Json, WorkItem
from web.api.requests import DayText, FromOne, UserName, day
from web.request import context
from web.request.arguments import count
from web.request.errors import BadRequest

MOST_ITEMS = 200
STATUS = {"all": None}
STATUSES = ("open", "completed", "withdrawn", "cancelled", "all")


class WorkItemsWanted(TypedDict, total=False):
    """What narrows the list; `after` is the `next` of the part before."""

    case: str
    name: str
    role: str
    assignee: str
    status: Annotated[str, {"enum": list(STATUSES)}]
    due_before: DayText
    limit: FromOne
    after: str


class WorkItems(TypedDict):
    """Part of the list of work; `next` leads to more."""

    items: list[WorkItem]
    next: str | None


@api.get("/work-items")
@described(404, 422)
def list_work_items(query: WorkItemsWanted) -> Said[WorkItems]:
    """Work items that the caller may see, by the day to act by; filters as named."""
    status = query.get("status", "open")
    if status not in STATUSES:
        raise BadRequest(f"status must be one of: {', '.join(STATUSES)}.")
    limit = count(query.get("limit"), "limit", default=50, least=1, most=MOST_ITEMS)
    name, role = query.get("name") or None, query.get("role") or None
    assignee, after = query.get("assignee") or None, query.get("after") or None
    with context.reading() as connection:
        wanted: Wanted = {
            **_whose(connection, query.get("case"), role, assignee),
            "name": name,
            "role": role,
            "assignee": assignee,
            # What an outside agency did is seen for a while, and is no list of children.
            "status": "open" if context.actor().is_outsider else STATUS.get(status, status),
            "due_before": day(query.get("due_before"), "due_before"),
            "optional": None if query.get("case") or name else False,
        }
        try:
            page = work_list.list_work(connection, limit=limit, after=after, **wanted)
        except ValueError:
            message = "after must be the “next” of the page before."
            raise AnswersRefused({"after": message}) from None
    context.saw(row.case_ref for row in page.items)
    return say({"items": [representations.work_item(row) for row in page.items], "next": page.next})


def _whose(
    connection: Connection, ref: str | None, role: str | None, assignee: str | None
) -> Wanted:
    """Return the filter that keeps the list to cases that the caller may see."""
    actor = context.actor()
    if ref:
        case_id = find_case(connection, ref)
        circle = circle_of(connection, case_id, today=context.today())
        if not permissions.may_see_case(actor, circle):
            context.refuse(case_id)
            raise CaseNotFound(ref)
        return {"case_id": case_id}
    if actor.is_outsider and not (assignee in actor.stands_for or role in actor.roles):
        return {"pack": actor.pack, "pool_roles": sorted(actor.roles)}
    if actor.is_any("auditor") or assignee in actor.stands_for:
        return {"pack": actor.pack}
    if role in actor.roles and assignee is None:
        pooled = work_list.list_work(
            connection, pool_roles=[role], pack=actor.pack, limit=1, optional=None
        )
        if pooled.items:
            return {"pool_roles": [role], "pack": actor.pack}
    return {"visible_to": actor.stands_for, "pack": actor.pack}


class Form(TypedDict):
    """A form as this work item asks it; `carried` says since when a value stands."""

    schema: dict[str, Json]
    values: dict[str, Json]
    sections: list[dict[str, Json]]
    carried: dict[str, date]
    draft_saved_at: Instant | None
    waits_for: list[str]


class WorkItemWithForm(WorkItem):
    """A piece of work with its form."""

    form: Form


class Answers(TypedDict):
    """Field of the form -> answer; `confirmed`: unlikely ones that are right all the same."""

    answers: dict[str, Any]
    confirmed: NotRequired[dict[str, Any] | None]


class DraftSaved(TypedDict):
    """When a draft was saved."""

    saved_at: Instant


class Assignment(TypedDict):
    """To whom a work item goes."""

    to: UserName


@api.get("/work-items/<uuid:work_item_id>")
@described()
def get_work_item(work_item_id: UUID) -> Said[WorkItemWithForm]:
    """A work item with its form: `{schema, values, sections}`."""
    with context.reading() as connection:
        view = work_item.get_work_item(
            connection,
            work_item_id,
            reader=context.actor(),
            domain=context.parts().domain,
            now=context.now(),
        )
    context.saw(joint_sitting.refs_offered(view.form))
    form: Form = {
        "schema": dict(view.form.schema),
        "values": dict(view.values),
        "sections": [dict(each) for each in view.form.sections],
        "carried": dict(view.carried),
        "draft_saved_at": view.draft_saved_at,
        "waits_for": list(view.waits_for),
    }
    return say({**representations.work_item(view.item), "form": form})


@api.post("/work-items/<uuid:work_item_id>/completion")
@described(500)
def complete_work_item(work_item_id: UUID, body: Answers) -> Once[Case]:
    """Complete a work item with `{answers}`; 200 with the case, 409 if it was completed, 422."""
    answers = body["answers"]

    def work(ctx: Context) -> Case:
        step = commands.complete_work_item(ctx, work_item_id, answers=answers)
        return representations.read_case_for(ctx.connection, step.ref, ctx.actor, today=ctx.today)

    return answer_once(work, run=partial(context.completing, work_item_id, answers))


@api.put("/work-items/<uuid:work_item_id>/draft")
@described()
def save_draft(work_item_id: UUID, body: Answers) -> Once[DraftSaved]:
    """Keep `{answers}` for later; no event."""

    def work(ctx: Context) -> DraftSaved:
        commands.save_draft(ctx, work_item_id, body["answers"])
        return {"saved_at": ctx.now}

    return answer_once(work)


@api.post("/work-items/<uuid:work_item_id>/claim")
@described()
def claim(work_item_id: UUID) -> Once[WorkItem]:
    """Take a work item from the pool of one's role."""
    return _changed(work_item_id, lambda ctx: commands.claim(ctx, work_item_id))


@api.post("/work-items/<uuid:work_item_id>/release")
@described()
def release(work_item_id: UUID) -> Once[WorkItem]:
    """Put a claimed work item back into its pool."""
    return _changed(work_item_id, lambda ctx: commands.release(ctx, work_item_id))


@api.post("/work-items/<uuid:work_item_id>/assignment")
@described()
def assign(work_item_id: UUID, body: Assignment) -> Once[WorkItem]:
    """Give a work item to somebody: `{to}`."""
    return _changed(work_item_id, lambda ctx: commands.assign(ctx, work_item_id, body["to"]))


def _changed(work_item_id: UUID, command: Callable[[Context], object]) -> Once[WorkItem]:
    def work(ctx: Context) -> WorkItem:
        command(ctx)
        view = work_item.get_work_item(
            ctx.connection, work_item_id, reader=ctx.actor, domain=ctx.domain, now=ctx.now
        )
        return representations.work_item(view.item)

    return answer_once(work)
