"""What people and timers do to a case. Each is one event; each joins the caller's transaction."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine import loading, permissions, records, runtime, store
from engine.case_run import CaseRun
from engine.circles import circle_of
from engine.context import Actor, Context
from engine.definitions import current_definition
from engine.errors import (
    AnswersRefused,
    CaseClosed,
    CaseNotFound,
    DefinitionNotFound,
    NothingWaits,
    NotPermitted,
    WorkItemAlreadyCompleted,
    WorkItemNotFound,
)
from engine.forms import Evaluate, FactSetting, Form, without_blanks
from engine.pack import MessageType, Pack
from engine.process import FactType, JsonValue
from engine.step import KeptWorkItem, LoadedCase
from engine.store import SavedStep


def open_case(
    ctx: Context,
    *,
    pack: str,
    answers: Mapping[str, JsonValue],
    case_id: UUID,
    policy: str | None = None,
    people: Mapping[str, str] | None = None,
    secret: bytes | None = None,
) -> SavedStep:
    """Open a case from the pack's opening form and run it to its first wait.

    Args:
        case_id: chosen by the caller, so that the same command gives the same event.
        people: role -> user name for the people that `answers` does not name.
        secret: salts the digests of personal content; random unless a replay gives it.

    Raises:
        DefinitionNotFound: no such pack, or no such policy in it.
        AnswersRefused: the answers break the form's rules.
        NotPermitted: the actor may not open cases of this pack.
    """
    permissions.require_role(ctx.actor, permissions.OPENS_CASES, "open a case")
    if ctx.actor.pack not in (None, pack):
        raise NotPermitted(ctx.actor.name, f"open a case of {pack}")
    definition = current_definition(ctx.connection, pack)
    chosen = policy or definition.pack.default_policy
    if chosen not in definition.pack.policies:
        raise DefinitionNotFound(f"{pack} has no policy {chosen}")
    form = definition.forms[definition.pack.opening_form]
    asked = {field.name for field in form.fields}
    named = {role: who for role, who in (people or {}).items() if role in asked}
    given = {**named, **without_blanks(answers)}
    case = store.insert_case(
        ctx.connection,
        case_id,
        ref=ref_of(case_id),
        definition=definition,
        policy=chosen,
        secret=secret or secrets.token_bytes(32),
        now=ctx.now,
    )
    run = _run(ctx, case)
    _require_answers(form, given, _evaluator(run))
    _require_people(ctx, form, given)
    run.set_answers(form.named_values(given))
    run.set_facts(list(form.facts_set(given, _evaluator(run))))
    run.start_process(definition.pack.opening_process)
    return _save(ctx, case, run, kind="case_opened", answers=given)


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
    head = loading.find_work_item(ctx.connection, work_item_id)
    _require_sight(ctx, head.case_id)
    if head.status != "open":
        raise WorkItemAlreadyCompleted(work_item_id, head.completed_by, head.closed_at)
    permissions.require_work(ctx.actor, role=head.role, assignee=head.assignee, pack=head.pack)
    case = loading.load_case(ctx.connection, head.case_id)
    item = _open_item(case, head)
    form = case.definition.forms[head.form]
    given = without_blanks(answers)
    run = _run(ctx, case)
    _require_answers(form, given, _evaluator(run))
    _require_people(ctx, form, given)
    run.set_answers(form.named_values(given))
    run.set_facts(list(form.facts_set(given, _evaluator(run))))
    run.complete(item)
    return _save(ctx, case, run, kind="work_item_completed", answers=given, work_item=item)


def send_message(ctx: Context, ref: str, name: str, payload: Mapping[str, JsonValue]) -> SavedStep:
    """Deliver a message to a case: the facts it sets, the diagrams that wait for it.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        NothingWaits: no declared message of that name and no diagram that waits for it.
        AnswersRefused: the payload lacks a field or holds one of the wrong type.
    """
    case = _case_to_change(ctx, ref)
    kind = case.definition.pack.messages.get(name)
    run = _run(ctx, case)
    given = without_blanks(payload)
    if kind is not None:
        _require_payload(run, kind, given)
        _require_known_people(ctx, case.definition.pack, kind, given)
    run.send(name, given)
    saved = _save(ctx, case, run, kind="message", answers={"message": name, **given})
    return saved


def correct_fact(
    ctx: Context,
    ref: str,
    fact: str,
    value: JsonValue,
    *,
    effective_on: date | None,
    reason: str,
) -> SavedStep:
    """Correct a fact; deadlines follow, and the superseded ones keep this reason.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        AnswersRefused: no such fact, a value of another type, or no reason.
    """
    case = _case_to_change(ctx, ref)
    pack = case.definition.pack
    problems = _correction_problems(ctx, pack, fact, value, reason)
    if problems:
        raise AnswersRefused(problems)
    run = _run(ctx, case)
    setting = FactSetting(fact, value, effective_on)
    run.set_facts([setting], corrects=True, reason=reason.strip())
    answers: dict[str, JsonValue] = {"fact": fact, "value": value, "reason": reason.strip()}
    return _save(ctx, case, run, kind="fact_corrected", answers=answers)


def fire_timers(ctx: Context, case_id: UUID) -> SavedStep | None:
    """Fire every timer of a case that is due at `ctx.now`; None when none is (any more)."""
    case = loading.load_case(ctx.connection, case_id)
    due = [each for each in case.timers if each.due_at is not None and each.due_at <= ctx.now]
    if not due or case.status != "open":
        return None
    run = _run(ctx, case)
    run.look_again()
    return _save(ctx, case, run, kind="timer_fired")


def save_draft(ctx: Context, work_item_id: UUID, answers: Mapping[str, JsonValue]) -> None:
    """Keep what was typed so far; no event, and no check beyond its size."""
    head = _open_head(ctx, work_item_id)
    permissions.require_work(ctx.actor, role=head.role, assignee=head.assignee, pack=head.pack)
    text = json.dumps(answers, ensure_ascii=False)
    if len(text) > 400_000:
        raise AnswersRefused({"answers": "The draft is too long to keep. Shorten it."})
    drafts = records.draft
    ctx.connection.execute(drafts.delete().where(drafts.c.work_item_id == work_item_id))
    ctx.connection.execute(
        drafts.insert().values(
            work_item_id=work_item_id, answers=text, saved_by=ctx.actor.name, saved_at=ctx.now
        )
    )


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
    return _reassign(ctx, head, None, kind="work_item_released")


def assign(ctx: Context, work_item_id: UUID, to: str) -> SavedStep:
    """Give a work item to a named person: the team's manager does this."""
    head = _open_head(ctx, work_item_id)
    is_own_team = ctx.actor.name in (head.team_manager, head.assignee)
    if not (is_own_team and ctx.actor.is_any(*permissions.ALLOCATES)):
        raise NotPermitted(ctx.actor.name, "give this to somebody: that is for the team manager")
    if not _is_person(ctx, to, head.pack):
        raise AnswersRefused({"to": f"There is nobody here called {to}. Choose a person."})
    return _reassign(ctx, head, to, kind="work_item_assigned")


def ref_of(case_id: UUID) -> str:
    """Return the opaque reference of a case: ten letters and digits from its id."""
    letters = base64.b32encode(hashlib.sha256(case_id.bytes).digest()).decode()
    return f"P-{letters[:5]}-{letters[5:10]}"


# Parts of the commands


def _run(ctx: Context, case: LoadedCase) -> CaseRun:
    def was_started(process: str, correlation: str) -> bool:
        return loading.was_started(ctx.connection, case.id, process, correlation)

    return CaseRun(case, domain=ctx.domain, now=ctx.now, was_started=was_started)


def _save(
    ctx: Context,
    case: LoadedCase,
    run: CaseRun,
    *,
    kind: str,
    answers: Mapping[str, JsonValue] | None = None,
    work_item: KeptWorkItem | None = None,
) -> SavedStep:
    run.settle()
    step = replace(run.finish(), answers=dict(answers or {}))
    if kind == "message" and not any(each["taken_by"] for each in step.messages):
        raise NothingWaits(str((answers or {}).get("message")))
    return store.save_step(ctx, case, step, kind=kind, work_item=work_item)


def _evaluator(run: CaseRun) -> Evaluate:
    def evaluate(text: str, values: Mapping[str, object]) -> object:
        return runtime.evaluate(text, values, run.surroundings)  # type: ignore[arg-type]

    return evaluate


def _require_answers(form: Form, answers: Mapping[str, JsonValue], evaluate: Evaluate) -> None:
    problems = form.problems(answers, evaluate)
    if problems:
        raise AnswersRefused(problems)


def _require_people(ctx: Context, form: Form, answers: Mapping[str, JsonValue]) -> None:
    problems = {
        field.name: f"There is nobody here called {answers[field.name]}. Choose a person."
        for field in form.fields
        if field.widget == "user"
        and field.name in answers
        and not _is_person(ctx, str(answers[field.name]), None)
    }
    if problems:
        raise AnswersRefused(problems)


def _is_person(ctx: Context, name: str, pack: str | None) -> bool:
    t = records.person.c
    query = sa.select(t.pack).where(t.name == name, t.active)
    found = ctx.connection.execute(query).one_or_none()
    return found is not None and (pack is None or found.pack in (None, pack))


def _require_payload(run: CaseRun, kind: MessageType, payload: Mapping[str, JsonValue]) -> None:
    schema = {
        "type": "object",
        "properties": {each.name: _schema_of(each.type) for each in kind.payload},
        "required": [each.name for each in kind.payload if each.required],
        "x-checks": [dict(each) for each in kind.checks],
    }
    _require_answers(Form(kind.name, schema), payload, _evaluator(run))


def _schema_of(type_name: str) -> dict[str, JsonValue]:
    kinds: dict[str, dict[str, JsonValue]] = {
        "date": {"type": "string", "format": "date"},
        "number": {"type": "number"},
        "boolean": {"type": "boolean"},
    }
    return kinds.get(type_name, {"type": "string", "maxLength": 4000})


def _require_known_people(
    ctx: Context, pack: Pack, kind: MessageType, payload: Mapping[str, JsonValue]
) -> None:
    problems = {
        source: f"There is nobody here called {payload[source]}. Choose a person."
        for fact, source in kind.sets.items()
        if pack.facts[fact].type == "user"
        and source in payload
        and not _is_person(ctx, str(payload[source]), pack.id)
    }
    if problems:
        raise AnswersRefused(problems)


def _correction_problems(
    ctx: Context, pack: Pack, fact: str, value: JsonValue, reason: str
) -> dict[str, str]:
    kind = pack.facts.get(fact)
    if kind is None or kind.earliest_of:
        return {"fact": f"There is no fact {fact} that can be corrected. Choose one of the list."}
    problems = {} if reason.strip() else {"reason": "Enter the reason for the correction."}
    if wrong := _wrong_value(ctx, kind, value):
        problems["value"] = wrong
    return problems


def _wrong_value(ctx: Context, kind: FactType, value: JsonValue) -> str | None:
    if kind.type == "date":
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            return f"“{kind.label}” must be a real date, like 2026-03-27."
        past = kind.latest or kind.first or kind.name.startswith(("came_", "identified_"))
        return f"“{kind.label}” cannot be in the future." if past and day > ctx.today else None
    if kind.type == "boolean" and not isinstance(value, bool):
        return f"“{kind.label}” must be yes or no (true or false)."
    if kind.type == "code" and kind.values and value not in kind.values:
        return f"“{kind.label}” must be one of: {', '.join(kind.values)}."
    if kind.type in ("text", "code", "user") and not (isinstance(value, str) and value):
        return f"Enter “{kind.label}”."
    if kind.type == "user" and not _is_person(ctx, str(value), None):
        return f"There is nobody here called {value}. Choose a person."
    return None


def _require_sight(ctx: Context, case_id: UUID) -> None:
    if not permissions.may_see_case(ctx.actor, circle_of(ctx.connection, case_id)):
        raise WorkItemNotFound(str(case_id))


def _case_to_change(ctx: Context, ref: str) -> LoadedCase:
    case_id = loading.find_case(ctx.connection, ref)
    circle = circle_of(ctx.connection, case_id)
    if not permissions.may_see_case(ctx.actor, circle):
        raise CaseNotFound(ref)
    permissions.require_change(ctx.actor, circle)
    case = loading.load_case(ctx.connection, case_id)
    if case.status != "open":
        raise CaseClosed(ref)
    return case


def _open_item(case: LoadedCase, head: loading.WorkItemHead) -> KeptWorkItem:
    if case.status != "open":
        raise CaseClosed(case.ref)
    for item in case.work_items:
        if item.id == head.id:
            return item
    raise WorkItemAlreadyCompleted(head.id, head.completed_by, head.closed_at)


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
    return store.save_step(ctx, case, step, kind=kind, work_item=moved)


__all__ = [
    "Actor",
    "assign",
    "claim",
    "complete_work_item",
    "correct_fact",
    "fire_timers",
    "open_case",
    "ref_of",
    "release",
    "save_draft",
    "send_message",
]
