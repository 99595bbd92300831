"""What people do to a case: open it, tell it something, correct what it knows.

Each is one event; each joins the caller's transaction.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from engine.commands.case_change import (
    case_to_change,
    correction_problems,
    evaluator,
    require_answers,
    require_known_people,
    require_payload,
    require_people,
    save,
    spoken_payload,
    within_calendar,
)
from engine.commands.require_bounds import of_form, of_message, require_bounds
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import (
    AGAIN,
    LINKED,
    AlreadyOpen,
    AnswersRefused,
    CaseNotFound,
    DefinitionNotFound,
    NothingWaits,
    NotPermitted,
    SameOpen,
)
from engine.open_work import case_heads
from engine.open_work.answer_preview import that_matter
from engine.packs.answered_facts import facts_set
from engine.packs.fact_rules import FactSetting
from engine.packs.forms import NOT_KEPT, Form, can_be_kept, without_blanks
from engine.packs.kinds import Kind
from engine.packs.manifest import Pack
from engine.packs.typed_text import cleaned
from engine.people import permissions
from engine.people.case_circle import circle_of
from engine.reads import same_cases
from engine.reads.linked_cases import case_to_link
from engine.storage import loading, saving
from engine.storage.published_versions import current_definition
from engine.storage.saving import SavedStep

NOT_LINKED = (
    "There is no case {ref} that you may link to. Send the reference of a case that you see, or"
    " of one about the same in another council."
)
LONGEST_REASON = 4_000
"""Characters of the reason for a second case about the same."""


def open_case(
    ctx: Context,
    *,
    pack: str,
    answers: Mapping[str, JsonValue],
    case_id: UUID,
    kind: str = "",
    policy: str | None = None,
    people: Mapping[str, str] | None = None,
    secret: bytes | None = None,
    again_because: str | None = None,
    linked_to: str | None = None,
) -> SavedStep:
    """Open a case from the opening form of its kind and run it to its first wait.

    Args:
        case_id: chosen by the caller, so that the same command gives the same event.
        kind: which of the pack's kinds; "" for the first.
        people: role -> user name for the people that `answers` does not name.
        secret: salts the digests of personal content; random unless a replay gives it.
        again_because: why a second case about the same is right; kept in the event if one is open.
        linked_to: the reference of a case that this one stands beside, of whichever pack.

    Raises:
        DefinitionNotFound: no such pack, or no such kind of case or policy in it.
        AnswersRefused: the answers break the form's rules.
        NotPermitted: the actor may not open cases of this kind of this pack.
        AlreadyOpen: one of this kind is open, and the pack allows one at a time.
        SameOpen: one about the same is open, as the pack says what is, and no reason is given.
            That of `linked_to` is none of them.
    """
    if not ctx.actor.is_of(pack):
        raise DefinitionNotFound(pack)
    definition = current_definition(ctx.connection, pack)
    found = definition.pack.kinds.get(kind or definition.pack.first_kind)
    if found is None:
        raise DefinitionNotFound(f"{pack} has no kind of case {kind}")
    if not permissions.may_open_case(ctx.actor, pack, found):
        raise NotPermitted(ctx.actor.name, f"open a case of {pack}")
    chosen = _policy(ctx, definition.pack, found, policy)
    if found.one_at_a_time and loading.is_open(ctx.connection, pack, found.id):
        raise AlreadyOpen(found.title)
    form = definition.forms[found.form]
    asked = {field.name for field in form.fields}
    named = {role: who for role, who in (people or {}).items() if role in asked}
    reason = _reason(again_because)
    beside = _beside(ctx, linked_to, found, form, answers)
    case = saving.insert_case(
        ctx.connection,
        case_id,
        ref=ref_of(case_id),
        definition=definition,
        kind=found,
        policy=chosen,
        secret=secret or secrets.token_bytes(32),
        now=ctx.now,
        linked_to=beside,
    )
    run = loading.run_of(ctx, case)
    given = that_matter(form, {**named, **answers}, run.facts.surroundings)
    with within_calendar(ctx, given):
        require_answers(form, given, evaluator(run))
        require_people(ctx, definition.pack, form, given)
        sets = of_form(definition.pack, form, given, evaluator(run))
        require_bounds(ctx, sets, form.named_values(given), evaluator(run))
        run.facts.set_answers(form.named_values(given))
        settings = list(facts_set(form, given, evaluator(run)))
        known = {each.fact: each.value for each in settings}
        recorded = {**given, **_opened_again(ctx, definition.pack, found, known, reason)}
        if linked_to is not None:
            recorded[LINKED] = linked_to
        run.facts.set_facts(settings)
        for process in (found.process, *found.beside):
            run.start_process(process)
        return save(ctx, case, run, kind="case_opened", answers=recorded)


def _beside(
    ctx: Context,
    ref: str | None,
    kind: Kind,
    form: Form,
    answers: Mapping[str, JsonValue],
) -> UUID | None:
    """Return the id of the case that a new one is linked to, None for none.

    Raises:
        AnswersRefused: there is no such case, or none that the actor may link to.
    """
    if ref is None:
        return None
    facts = {rule.fact: answers.get(field.name) for field in form.fields for rule in field.facts}
    try:
        return case_to_link(
            ctx.connection, ref, actor=ctx.actor, kind=kind, facts=facts, today=ctx.today
        )
    except CaseNotFound:
        raise AnswersRefused({LINKED: NOT_LINKED.format(ref=ref[:40])}) from None


def _reason(text: str | None) -> str:
    """Return why a second case is opened, cleaned; "" if it is not said."""
    reason = cleaned(text or "")
    if not can_be_kept(reason):
        raise AnswersRefused({AGAIN: NOT_KEPT.format("Reason")})
    if len(reason) > LONGEST_REASON:
        raise AnswersRefused({AGAIN: f"Shorten the reason to {LONGEST_REASON:,} characters."})
    return reason


def _opened_again(
    ctx: Context, pack: Pack, kind: Kind, known: Mapping[str, JsonValue], reason: str
) -> dict[str, JsonValue]:
    """Return what the event keeps of a case that is not the first about the same.

    Raises:
        SameOpen: there is no reason for it.
    """
    same = same_cases.open_like(ctx.connection, pack.id, kind, known)
    if not same:
        return {}
    if reason:
        return {AGAIN: reason}
    seen = [
        case_heads.head_of(ctx.connection, id).ref
        for id in same
        if permissions.may_see_case(ctx.actor, circle_of(ctx.connection, id, today=ctx.today))
    ]
    names = dict.fromkeys(name for group in same.values() for name in group)
    labels = [pack.facts[name].label for name in names]
    raise SameOpen(sorted(seen), len(same) - len(seen), labels)


def _policy(ctx: Context, pack: Pack, kind: Kind, wanted: str | None) -> str:
    """Return the policy of a new case: the one wanted, else its kind's or the pack's default."""
    chosen = wanted or pack.default_policy(kind.id)
    if chosen not in pack.policies:
        raise DefinitionNotFound(f"{pack.id} has no policy {chosen}")
    if kind.policies and chosen not in kind.policies:
        names = ", ".join(kind.policies)
        message = f"A case of the kind “{kind.id}” cannot follow {chosen}. Choose {names}."
        raise AnswersRefused({"policy": message})
    if chosen not in pack.policies_in_force(ctx.today, kind.id):
        message = f"The policy {chosen} is not in force yet. Choose another."
        raise AnswersRefused({"policy": message})
    return chosen


def send_message(ctx: Context, ref: str, name: str, payload: Mapping[str, JsonValue]) -> SavedStep:
    """Deliver a message to a case: the facts it sets, the diagrams that wait for it.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        NothingWaits: no declared message of that name and no diagram that waits for it.
        AnswersRefused: the payload lacks a field or holds one of the wrong type.
    """
    ctx, case = case_to_change(ctx, ref, permissions.may_tell, name)
    kind = case.definition.pack.messages.get(name)
    run = loading.run_of(ctx, case)
    given = without_blanks(payload)
    with within_calendar(ctx, given):
        if kind is not None and kind.kind != case.kind:
            raise NothingWaits(name)
        if kind is not None and not kind.told_by_diagrams:
            require_payload(case.definition.pack, run, kind, given)
            require_known_people(ctx, case.definition.pack, kind, given)
            sets = of_message(case.definition.pack, kind, given)
            require_bounds(ctx, sets, spoken_payload(kind, given), evaluator(run))
        elif kind is not None or name in case.definition.thrown or not can_be_kept(given):
            # What diagrams tell each other is theirs: nobody may feign a missed date.
            raise NothingWaits(name)
        run.send(name, given)
        return save(ctx, case, run, kind="message", answers={"message": name, **given})


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
        value: what is right; None takes back what was recorded: there is nothing.
        work: the running instance whose own fact it is; None for a fact of the case.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        AnswersRefused: no such fact, a value of another type, or no reason.
    """
    ctx, case = case_to_change(ctx, ref, permissions.may_correct, fact)
    reason, value = cleaned(reason), cleaned(value) if isinstance(value, str) else value
    if problems := correction_problems(ctx, case, fact, value, reason=reason, work=work):
        raise AnswersRefused(problems)
    run = loading.run_of(ctx, case)
    if value is not None:
        kind = case.definition.pack.facts[fact]
        require_bounds(ctx, [("value", kind, value)], {}, evaluator(run, work))
    setting = FactSetting(fact, value, effective_on)
    answers: dict[str, JsonValue] = {"fact": fact, "value": value, "reason": reason}
    if work is not None:
        answers["work"] = str(work)
    with within_calendar(ctx, {"value": value}):
        run.facts.set_facts([setting], instance=work, corrects=True, reason=reason)
        return save(ctx, case, run, kind="fact_corrected", answers=answers)


def ref_of(case_id: UUID) -> str:
    """Return the opaque reference of a case: ten letters and digits from its id."""
    letters = base64.b32encode(hashlib.sha256(case_id.bytes).digest()).decode()
    return f"P-{letters[:5]}-{letters[5:10]}"
