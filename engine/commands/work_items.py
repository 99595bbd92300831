"""What people do to a piece of work: complete it, draft it, take it, give it back or away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from engine.commands.case_change import (
    acting_for,
    evaluator,
    is_person,
    require_answers,
    require_people,
    save,
    within_calendar,
)
from engine.commands.require_bounds import of_form, require_bounds
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import (
    AnswersRefused,
    CaseClosed,
    ConcurrentUpdate,
    NotPermitted,
    WorkItemAlreadyCompleted,
    WorkItemNotFound,
)
from engine.open_work import answer_preview, drafts, joint_sitting
from engine.open_work.work_form import form_for, waits_for
from engine.packs.answered_facts import facts_set
from engine.packs.forms import Form
from engine.people import permissions
from engine.people.case_circle import circle_of, circle_of_loaded, sees, sees_own_task
from engine.step.model import KeptWorkItem, LoadedCase
from engine.storage import loading, saving
from engine.storage.loading import roles_of
from engine.storage.saving import SavedStep
from engine.tracker.measures_in_forms import with_measures


def complete_work_item(
    ctx: Context, work_item_id: UUID, *, answers: Mapping[str, JsonValue]
) -> SavedStep:
    """Complete a work item and run its case on to the next wait.

    Writes one event with everything that follows from it. Does not commit.

    Args:
        answers: form field -> JSON value as the form's schema has it.

    Raises:
        WorkItemNotFound, WorkItemAlreadyCompleted, NotPermitted, CaseClosed, AnswersRefused:
            nothing was written.
        ConcurrentUpdate: another step of this case got there first; roll back, then retry.
    """
    head, case = loading.load_work_item(ctx.connection, work_item_id)
    if not sees(ctx.connection, ctx.actor, case, today=ctx.today):
        _require_own_task(ctx, head)
    if head.status != "open":
        raise WorkItemAlreadyCompleted(work_item_id, head.completed_by, head.closed_at)
    _require_work(ctx, head)
    ctx = acting_for(ctx, head.assignee)
    item = _open_item(case, head)
    run = loading.run_of(ctx, case)
    reads = run.facts.surroundings_in(item.instance_id)
    form = form_for(case.definition.forms[head.form], reads)
    given = answer_preview.that_matter(form, answers, reads)
    if missing := waits_for(form, reads):
        raise AnswersRefused({"": " ".join(missing)})
    place = None
    if "sitting" in form.widgets:
        place = joint_sitting.Place(item.id, case.id, case.ref, head.pack)
        form = joint_sitting.offered(ctx.connection, form, place, ctx.actor)
    if "measures" in form.widgets:
        given = with_measures(
            ctx.connection, head.pack, form, given, now=ctx.now, domain=ctx.domain
        )
    with within_calendar(ctx, given):
        evaluate = evaluator(run, item.instance_id)
        require_answers(form, given, evaluate)
        require_people(ctx, case.definition.pack, form, given)
        sets = of_form(case.definition.pack, form, given, evaluate)
        require_bounds(ctx, sets, form.named_values(given), evaluate)
        run.facts.set_answers(form.named_values(given))
        settings = list(facts_set(form, given, evaluate))
        run.facts.set_facts(settings, instance=item.instance_id)
        run.complete(item)
        drafted_by = drafts.authors(ctx.connection, item.id) if form.drafted_by else ()
        step = save(
            ctx,
            case,
            run,
            kind="work_item_completed",
            answers=given,
            work_item=item,
            drafted_by=drafted_by,
        )
    if place is not None:
        joint_sitting.carry(ctx, form, given, place)
    return step


def save_draft(ctx: Context, work_item_id: UUID, answers: Mapping[str, JsonValue]) -> None:
    """Keep `answers` as all that was typed so far; no event, and no check beyond its size."""
    form = _form_to_draft(ctx, work_item_id)
    drafts.replace_draft(ctx, work_item_id, form, answers)


def save_draft_sections(
    ctx: Context, work_item_id: UUID, edits: Mapping[str, drafts.SectionEdit]
) -> tuple[str, ...]:
    """Keep some sections of a form; return those that are not: others saved them meanwhile."""
    form = _form_to_draft(ctx, work_item_id)
    return drafts.merge_sections(ctx, work_item_id, form, edits)


def _form_to_draft(ctx: Context, work_item_id: UUID) -> Form:
    """Return the form of a task whose draft the actor may write."""
    head = _open_head(ctx, work_item_id)
    # Locks the case: a completion at the same moment would leave a draft behind for ever.
    case = loading.load_case(ctx.connection, head.case_id)
    _open_item(case, head)
    form = case.definition.forms[head.form]
    drafting = permissions.may_draft(
        ctx.actor, drafted_by=form.drafted_by, circle=circle_of_loaded(case), pack=head.pack
    )
    if not drafting:
        _require_work(ctx, head)
    return form


def _require_work(ctx: Context, head: loading.WorkItemHead) -> None:
    permissions.require_work(ctx.actor, role=head.done_by, assignee=head.assignee, pack=head.pack)


def claim(ctx: Context, work_item_id: UUID) -> SavedStep:
    """Take a work item from the pool of one's role: to do it, or, standing in, to allocate it."""
    head = _open_head(ctx, work_item_id)
    if not permissions.may_claim(
        ctx.actor, roles=(head.role, head.done_by), assignee=head.assignee, pack=head.pack
    ):
        raise NotPermitted(ctx.actor.name, f"claim this: it is with {head.assignee or head.role}")
    return _reassign(ctx, head, ctx.actor.name, kind="work_item_claimed")


def release(ctx: Context, work_item_id: UUID) -> SavedStep:
    """Put a claimed work item of a pool role back, to do or, standing in, to allocate."""
    head = _open_head(ctx, work_item_id)
    if head.assignee not in ctx.actor.stands_for:
        raise NotPermitted(ctx.actor.name, f"release this: it is with {head.assignee or head.role}")
    case = loading.load_case(ctx.connection, head.case_id)
    if case.definition.pack.roles[head.role].work_goes_to == "case":
        raise NotPermitted(ctx.actor.name, "release this: it belongs to the case's own person")
    return _reassign(acting_for(ctx, head.assignee), head, None, kind="work_item_released")


def assign(ctx: Context, work_item_id: UUID, to: str) -> SavedStep:
    """Give a work item to somebody with its own role: the team's manager does this.

    Raises:
        AnswersRefused: nobody of that name has the role, whoever allocates included.
    """
    head = _open_head(ctx, work_item_id)
    role = loading.load_case(ctx.connection, head.case_id).definition.pack.roles.get(head.done_by)
    if not permissions.may_give(
        ctx.actor,
        role=role,
        assignee=head.assignee,
        manager=head.manager,
        to_allocate=head.own_role is not None,
    ):
        raise NotPermitted(ctx.actor.name, "give this to somebody: that is for its manager")
    if not is_person(ctx, to, head.pack, role=head.done_by):
        message = f"Nobody called {to} does this work. Choose a person with the role for it."
        raise AnswersRefused({"to": message})
    ctx = acting_for(ctx, head.manager, head.assignee)
    return _reassign(ctx, head, to, kind="work_item_assigned")


def _require_sight(ctx: Context, head: loading.WorkItemHead) -> None:
    circle = circle_of(ctx.connection, head.case_id, today=ctx.today)
    if not permissions.may_see_case(ctx.actor, circle):
        _require_own_task(ctx, head)


def _require_own_task(ctx: Context, head: loading.WorkItemHead) -> None:
    """Raise WorkItemNotFound unless it is the actor's as somebody of an outside agency."""
    if not sees_own_task(ctx.connection, ctx.actor, head, now=ctx.now, domain=ctx.domain):
        raise WorkItemNotFound(str(head.id))


def _open_item(case: LoadedCase, head: loading.WorkItemHead) -> KeptWorkItem:
    if case.status != "open":
        raise CaseClosed(case.ref)
    for item in case.work_items:
        if item.id == head.id:
            return item
    # Closed since `head` was read: the next try finds by whom, or the answer kept for its key.
    raise ConcurrentUpdate(f"work item {head.id} was closed a moment ago")


def _open_head(ctx: Context, work_item_id: UUID) -> loading.WorkItemHead:
    head = loading.find_work_item(ctx.connection, work_item_id)
    _require_sight(ctx, head)
    if head.status != "open":
        raise WorkItemAlreadyCompleted(work_item_id, head.completed_by, head.closed_at)
    return head


def _reassign(ctx: Context, head: loading.WorkItemHead, to: str | None, *, kind: str) -> SavedStep:
    case = loading.load_case(ctx.connection, head.case_id)
    moved = _with(_open_item(case, head), to, roles_of(ctx.connection, head.pack, to or ""))
    step = replace(loading.run_of(ctx, case).finish(), moved=(moved,), answers={"to": to})
    return saving.save_step(ctx, case, step, kind=kind, work_item=moved)


def _with(item: KeptWorkItem, to: str | None, roles: Collection[str] | None) -> KeptWorkItem:
    """Return an item as `to`, who has `roles`, has it: to do, or still to be allocated."""
    if item.own_role is None:
        return replace(item, assignee=to, needs_allocating=False)
    if item.own_role in (roles or ()):
        return replace(item, assignee=to, needs_allocating=False, role=item.own_role, own_role=None)
    return replace(item, assignee=to)
