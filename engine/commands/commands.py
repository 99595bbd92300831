"""What people do to a case. Each is one event; each joins the caller's transaction."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import UUID

from engine.commands.answer_checks import (
    correction_problems,
    day_of,
    evaluator,
    is_person,
    require_answers,
    require_known_people,
    require_payload,
    require_people,
)
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import (
    AlreadyOpen,
    AnswersRefused,
    CalendarExhausted,
    CaseClosed,
    CaseNotFound,
    ConcurrentUpdate,
    DefinitionNotFound,
    NothingWaits,
    NotPermitted,
    WorkItemAlreadyCompleted,
    WorkItemNotFound,
)
from engine.open_work import drafts, joint_sitting
from engine.open_work.work_form import form_for, waits_for
from engine.packs.forms import FactSetting, Form, can_be_kept, without_blanks
from engine.packs.manifest import CHILD, Pack
from engine.people import permissions
from engine.people.case_circle import circle_of, circle_of_loaded
from engine.step.case_run import CaseRun
from engine.step.model import KeptWorkItem, LoadedCase
from engine.storage import loading, saving
from engine.storage.published_versions import Definition, current_definition
from engine.storage.saving import SavedStep
from engine.tracker.measures_in_forms import with_measures


def open_case(
    ctx: Context,
    *,
    pack: str,
    answers: Mapping[str, JsonValue],
    case_id: UUID,
    kind: str = CHILD,
    policy: str | None = None,
    people: Mapping[str, str] | None = None,
    secret: bytes | None = None,
) -> SavedStep:
    """Open a case from the opening form of its kind and run it to its first wait.

    Args:
        case_id: chosen by the caller, so that the same command gives the same event.
        kind: a child's case, or another of the pack's kinds, such as a panel.
        people: role -> user name for the people that `answers` does not name.
        secret: salts the digests of personal content; random unless a replay gives it.

    Raises:
        DefinitionNotFound: no such pack, or no such kind of case or policy in it.
        AnswersRefused: the answers break the form's rules.
        NotPermitted: the actor may not open cases of this kind of this pack.
        AlreadyOpen: one of this kind is open, and the pack allows one at a time.
    """
    definition = current_definition(ctx.connection, pack)
    opening = definition.pack.openings.get(kind)
    if opening is None:
        raise DefinitionNotFound(f"{pack} has no kind of case {kind}")
    if not permissions.may_open_case(ctx.actor, pack, opening):
        raise NotPermitted(ctx.actor.name, f"open a case of {pack}")
    chosen = _policy(ctx, definition.pack, policy)
    if opening.one_at_a_time and loading.is_open(ctx.connection, pack, kind):
        raise AlreadyOpen(opening.title or kind)
    form = definition.forms[opening.form]
    asked = {field.name for field in form.fields}
    named = {role: who for role, who in (people or {}).items() if role in asked}
    given = {**named, **without_blanks(answers)}
    case = saving.insert_case(
        ctx.connection,
        case_id,
        ref=ref_of(case_id),
        definition=definition,
        opening=opening,
        policy=chosen,
        secret=secret or secrets.token_bytes(32),
        now=ctx.now,
    )
    run = _run(ctx, case)
    with _within_calendar(ctx, given):
        require_answers(form, given, evaluator(run))
        require_people(ctx, definition.pack, form, given)
        run.facts.set_answers(form.named_values(given))
        run.facts.set_facts(list(form.facts_set(given, evaluator(run))))
        run.start_process(opening.process)
        return _save(ctx, case, run, kind="case_opened", answers=given)


def _policy(ctx: Context, pack: Pack, wanted: str | None) -> str:
    """Return the policy of a new case: the one wanted, else the pack's default."""
    chosen = wanted or pack.default_policy
    if chosen not in pack.policies:
        raise DefinitionNotFound(f"{pack.id} has no policy {chosen}")
    if chosen not in pack.policies_in_force(ctx.today):
        message = f"The policy {chosen} is not in force yet. Choose another."
        raise AnswersRefused({"policy": message})
    return chosen


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
    if not permissions.may_see_case(ctx.actor, circle_of_loaded(case)):
        raise WorkItemNotFound(str(work_item_id))
    if head.status != "open":
        raise WorkItemAlreadyCompleted(work_item_id, head.completed_by, head.closed_at)
    permissions.require_work(ctx.actor, role=head.role, assignee=head.assignee, pack=head.pack)
    ctx = _acting_for(ctx, head.assignee)
    item = _open_item(case, head)
    given = without_blanks(answers)
    run = _run(ctx, case)
    reads = run.facts.surroundings_in(item.instance_id)
    form = form_for(case.definition.forms[head.form], reads)
    if missing := waits_for(form, reads):
        raise AnswersRefused({"": " ".join(missing)})
    place = joint_sitting.Place(item.id, case.id, case.ref, head.pack)
    form = joint_sitting.offered(ctx.connection, form, place, ctx.actor)
    given = with_measures(ctx.connection, head.pack, form, given, now=ctx.now, domain=ctx.domain)
    with _within_calendar(ctx, given):
        evaluate = evaluator(run, item.instance_id)
        require_answers(form, given, evaluate)
        require_people(ctx, case.definition.pack, form, given)
        run.facts.set_answers(form.named_values(given))
        settings = list(form.facts_set(given, evaluate))
        run.facts.set_facts(settings, instance=item.instance_id)
        run.complete(item)
        drafted_by = drafts.authors(ctx.connection, item.id) if form.drafted_by else ()
        step = _save(
            ctx,
            case,
            run,
            kind="work_item_completed",
            answers=given,
            work_item=item,
            drafted_by=drafted_by,
        )
    joint_sitting.carry(ctx, form, given, place)
    return step


def send_message(ctx: Context, ref: str, name: str, payload: Mapping[str, JsonValue]) -> SavedStep:
    """Deliver a message to a case: the facts it sets, the diagrams that wait for it.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        NothingWaits: no declared message of that name and no diagram that waits for it.
        AnswersRefused: the payload lacks a field or holds one of the wrong type.
    """
    ctx, case = _case_to_change(ctx, ref)
    kind = case.definition.pack.messages.get(name)
    run = _run(ctx, case)
    given = without_blanks(payload)
    with _within_calendar(ctx, given):
        if kind is not None and kind.kind != case.kind:
            raise NothingWaits(name)
        if kind is not None and not kind.told_by_diagrams:
            require_payload(run, kind, given)
            require_known_people(ctx, case.definition.pack, kind, given)
        elif kind is not None or name in case.definition.thrown or not can_be_kept(given):
            # What diagrams tell each other is theirs: nobody may feign a missed date.
            raise NothingWaits(name)
        run.send(name, given)
        return _save(ctx, case, run, kind="message", answers={"message": name, **given})


def correct_fact(
    ctx: Context,
    ref: str,
    fact: str,
    value: JsonValue,
    *,
    effective_on: date | None,
    reason: str,
    work: UUID | None = None,
) -> SavedStep:
    """Correct a fact; deadlines follow, and the superseded ones keep this reason.

    Args:
        work: the running instance whose own fact it is; None for a fact of the case.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        AnswersRefused: no such fact, a value of another type, or no reason.
    """
    ctx, case = _case_to_change(ctx, ref)
    if problems := correction_problems(ctx, case, fact, value, reason=reason, work=work):
        raise AnswersRefused(problems)
    run = _run(ctx, case)
    setting = FactSetting(fact, value, effective_on)
    answers: dict[str, JsonValue] = {"fact": fact, "value": value, "reason": reason.strip()}
    if work is not None:
        answers["work"] = str(work)
    with _within_calendar(ctx, {"value": value}):
        run.facts.set_facts([setting], instance=work, corrects=True, reason=reason.strip())
        return _save(ctx, case, run, kind="fact_corrected", answers=answers)


def save_draft(ctx: Context, work_item_id: UUID, answers: Mapping[str, JsonValue]) -> None:
    """Keep `answers` as all that was typed so far; no event, and no check beyond its size."""
    form = _form_to_draft(ctx, work_item_id)
    drafts.replace_draft(ctx, work_item_id, form, answers)


def save_draft_sections(
    ctx: Context, work_item_id: UUID, edits: Mapping[str, drafts.SectionEdit]
) -> drafts.Merged:
    """Keep some sections of a task's form; what others saved meanwhile is not replaced."""
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
        permissions.require_work(ctx.actor, role=head.role, assignee=head.assignee, pack=head.pack)
    return form


def claim(ctx: Context, work_item_id: UUID) -> SavedStep:
    """Take a work item from the pool of one's role."""
    head = _open_head(ctx, work_item_id)
    if head.assignee is not None or head.role not in ctx.actor.roles:
        raise NotPermitted(ctx.actor.name, f"claim this: it is with {head.assignee or head.role}")
    return _reassign(ctx, head, ctx.actor.name, kind="work_item_claimed")


def release(ctx: Context, work_item_id: UUID) -> SavedStep:
    """Put a claimed work item of a pool role back."""
    head = _open_head(ctx, work_item_id)
    permissions.require_work(ctx.actor, role=head.role, assignee=head.assignee, pack=head.pack)
    case = loading.load_case(ctx.connection, head.case_id)
    if case.definition.pack.roles[head.role].work_goes_to == "case":
        raise NotPermitted(ctx.actor.name, "release this: it belongs to the child's own worker")
    return _reassign(_acting_for(ctx, head.assignee), head, None, kind="work_item_released")


def assign(ctx: Context, work_item_id: UUID, to: str) -> SavedStep:
    """Give a work item to a named person: the team's manager does this."""
    head = _open_head(ctx, work_item_id)
    is_own_team = not ctx.actor.stands_for.isdisjoint({head.team_manager, head.assignee})
    if not (is_own_team and ctx.actor.is_any(*permissions.ALLOCATES)):
        raise NotPermitted(ctx.actor.name, "give this to somebody: that is for the team manager")
    definition = loading.load_case(ctx.connection, head.case_id).definition
    # Work that nobody was named for waits under the role of its stand-in.
    fitting = {head.role, role_wanted(definition, head.element), *permissions.ALLOCATES}
    if not any(is_person(ctx, to, head.pack, role=each) for each in fitting if each):
        message = f"Nobody called {to} does this work. Choose a person with the role for it."
        raise AnswersRefused({"to": message})
    ctx = _acting_for(ctx, head.team_manager, head.assignee)
    return _reassign(ctx, head, to, kind="work_item_assigned")


def role_wanted(definition: Definition, element: str) -> str:
    """Return the role that a drawing has an element in, "" where that is worked out."""
    found = definition.elements.get(element)
    said = (found.properties.get("role") or found.lane or "") if found else ""
    role = definition.pack.role_of_lane(said)
    return role.name if role else ""


def ref_of(case_id: UUID) -> str:
    """Return the opaque reference of a case: ten letters and digits from its id."""
    letters = base64.b32encode(hashlib.sha256(case_id.bytes).digest()).decode()
    return f"P-{letters[:5]}-{letters[5:10]}"


# Parts of the commands


def _run(ctx: Context, case: LoadedCase) -> CaseRun:
    def was_started(process: str, correlation: str) -> UUID | None:
        return loading.was_started(ctx.connection, case.id, process, correlation)

    return CaseRun(case, domain=ctx.domain, now=ctx.now, was_started=was_started)


@contextmanager
def _within_calendar(ctx: Context, answers: Mapping[str, JsonValue]) -> Iterator[None]:
    """Name the answer that leads beyond the calendar: of the dates given, the furthest off."""
    try:
        yield
    except CalendarExhausted:
        days = {name: day for name, value in answers.items() if (day := day_of(value)) is not None}
        if not days:
            raise
        furthest = max(days, key=lambda name: abs(days[name] - ctx.today))
        message = "This date is too far away to work with. Check the year."
        raise AnswersRefused({furthest: message}) from None


def _save(
    ctx: Context,
    case: LoadedCase,
    run: CaseRun,
    *,
    kind: str,
    answers: Mapping[str, JsonValue] | None = None,
    work_item: KeptWorkItem | None = None,
    drafted_by: Sequence[str] = (),
) -> SavedStep:
    run.settle()
    step = replace(run.finish(), answers=dict(answers or {}))
    if kind == "message" and not any(each["taken_by"] for each in step.messages):
        raise NothingWaits(str((answers or {}).get("message")))
    return saving.save_step(ctx, case, step, kind=kind, work_item=work_item, drafted_by=drafted_by)


def _require_sight(ctx: Context, case_id: UUID) -> None:
    if not permissions.may_see_case(ctx.actor, circle_of(ctx.connection, case_id)):
        raise WorkItemNotFound(str(case_id))


def _acting_for(ctx: Context, *people: str | None) -> Context:
    """Return the context that says for whom the actor acts, if they only cover for somebody."""
    absent = permissions.acting_for(ctx.actor, *people)
    return ctx if absent is None else replace(ctx, acting_for=absent)


def _case_to_change(ctx: Context, ref: str) -> tuple[Context, LoadedCase]:
    case_id = loading.find_case(ctx.connection, ref)
    case = loading.load_case(ctx.connection, case_id)
    circle = circle_of_loaded(case)
    if not permissions.may_see_case(ctx.actor, circle):
        raise CaseNotFound(ref)
    permissions.require_change(ctx.actor, circle)
    if case.status != "open":
        raise CaseClosed(ref)
    return _acting_for(ctx, *sorted(circle.people)), case


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
    _require_sight(ctx, head.case_id)
    if head.status != "open":
        raise WorkItemAlreadyCompleted(work_item_id, head.completed_by, head.closed_at)
    return head


def _reassign(ctx: Context, head: loading.WorkItemHead, to: str | None, *, kind: str) -> SavedStep:
    case = loading.load_case(ctx.connection, head.case_id)
    item = _open_item(case, head)
    moved = replace(item, assignee=to, needs_allocating=False)
    step = replace(_run(ctx, case).finish(), moved=(moved,), answers={"to": to})
    return saving.save_step(ctx, case, step, kind=kind, work_item=moved)
