"""What commands on a case share: may it be changed, may the answers stand, its end as one event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias
from uuid import UUID

from engine.bpmn import runtime
from engine.context import Actor, Context
from engine.domain import FactType, JsonValue
from engine.errors import (
    AnswersRefused,
    CalendarExhausted,
    CaseClosed,
    CaseNotFound,
    NothingWaits,
    NotPermitted,
)
from engine.packs.form_formats import day_of
from engine.packs.forms import NOT_KEPT, Evaluate, Field, Form, can_be_kept
from engine.packs.lasting_facts import never_taken_back
from engine.packs.manifest import MessageType, Pack, PayloadField
from engine.people import permissions
from engine.people.case_circle import circle_of_loaded, sees
from engine.people.permissions import CaseCircle
from engine.step.case_run import CaseRun
from engine.step.model import KeptWorkItem, LoadedCase
from engine.step.scope import owned, with_answers
from engine.storage import loading, saving
from engine.storage.saving import SavedStep

May: TypeAlias = Callable[[Actor, CaseCircle, Pack, str], bool]
"""Whether somebody may do something in a case: who, in which, by which pack, and what."""


def case_to_change(ctx: Context, ref: str, may: May, what: str) -> tuple[Context, LoadedCase]:
    """Return an open case that the actor may change so, and for whom they act.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: they may not, or it has ended.
    """
    case_id = loading.find_case(ctx.connection, ref)
    case = loading.load_case(ctx.connection, case_id)
    if not sees(ctx.connection, ctx.actor, case, today=ctx.today):
        raise CaseNotFound(ref)
    circle = circle_of_loaded(case)
    if not may(ctx.actor, circle, case.definition.pack, what):
        raise NotPermitted(ctx.actor.name, f"do this in {ref}: {what} is for others of the case")
    if case.status != "open":
        raise CaseClosed(ref)
    return acting_for(ctx, *sorted(circle.people)), case


def acting_for(ctx: Context, *people: str | None) -> Context:
    """Return the context that says for whom the actor acts, if they only cover for somebody."""
    absent = permissions.acting_for(ctx.actor, *people)
    return ctx if absent is None else replace(ctx, acting_for=absent)


@contextmanager
def within_calendar(ctx: Context, answers: Mapping[str, JsonValue]) -> Iterator[None]:
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


def save(
    ctx: Context,
    case: LoadedCase,
    run: CaseRun,
    *,
    kind: str,
    answers: Mapping[str, JsonValue] | None = None,
    work_item: KeptWorkItem | None = None,
    drafted_by: Sequence[str] = (),
) -> SavedStep:
    """Run the case on until all is quiet, then write it as one event.

    Raises:
        NothingWaits: it is a message that no diagram and no fact took up.
    """
    run.settle()
    step = replace(run.finish(), answers=dict(answers or {}))
    if kind == "message" and not any(each["taken_by"] for each in step.messages):
        raise NothingWaits(str((answers or {}).get("message")))
    return saving.save_step(ctx, case, step, kind=kind, work_item=work_item, drafted_by=drafted_by)


LONGEST_TEXT = 20_000

_CODE = "“{}” must be one of: {}."
_NOBODY = "Nobody called {} does this here. Choose a person with the role for it."


def evaluator(run: CaseRun, instance: UUID | None = None) -> Evaluate:
    """Return what works out a form's expressions; those of an instance read its own facts."""

    def evaluate(text: str, values: Mapping[str, object]) -> object:
        reads = with_answers(run.facts.surroundings_in(instance), values)
        return runtime.evaluate(text, values, reads)  # type: ignore[arg-type]

    return evaluate


def require_answers(form: Form, answers: Mapping[str, JsonValue], evaluate: Evaluate) -> None:
    problems = form.problems(answers, evaluate)
    if problems:
        raise AnswersRefused(problems)


def require_people(ctx: Context, pack: Pack, form: Form, answers: Mapping[str, JsonValue]) -> None:
    """Refuse answers that name nobody, or somebody without the role that the question is for.

    A question is for the role that it says, and for that of each fact it sets that is a role's.
    """
    problems = {
        field.name: _NOBODY.format(answers[field.name])
        for field in form.fields
        if field.name in answers
        and not all(
            is_person(ctx, str(answers[field.name]), pack.id, role=role)
            for role in _roles_asked(pack, field)
        )
    }
    if problems:
        raise AnswersRefused(problems)


def _roles_asked(pack: Pack, field: Field) -> set[str]:
    """Return whose people a question takes: "" for anybody of the council, empty for any answer."""
    facts = {rule.fact for rule in field.facts if not rule.value and not rule.unset}
    people = {name for name in facts if name in pack.facts and pack.facts[name].type == "user"}
    roles = {_role_named(pack, name) for name in people}
    if field.widget == "user" and not field.other:
        roles.add(field.role)
    return roles if field.other == "" else roles - {""}


def is_person(ctx: Context, name: str, pack: str, *, role: str = "") -> bool:
    """Return whether somebody active of that pack, or of none, with that role has this user name.

    Whoever belongs to another pack could not open the case: their work would wait for nobody.
    Nobody gets the work of a role that they do not have; an auditor, say, changes nothing.
    """
    theirs = loading.roles_of(ctx.connection, pack, name)
    return theirs is not None and (not role or role in theirs)


def _role_named(pack: Pack, fact: str) -> str:
    """Return the role whose person a fact names, "" when it names no role."""
    return fact if fact in pack.roles else ""


def require_payload(
    pack: Pack, run: CaseRun, kind: MessageType, payload: Mapping[str, JsonValue]
) -> None:
    schema = {
        "type": "object",
        "properties": {each.name: _schema_of(each) for each in kind.payload},
        "required": [each.name for each in kind.payload if each.required],
        "x-checks": [dict(each) for each in kind.checks],
    }
    require_answers(Form(kind.name, schema), payload, evaluator(run))
    problems = {
        source: _CODE.format(fact.label, ", ".join(fact.values))
        for name, source in kind.sets.items()
        if source in payload
        and (fact := pack.facts[name]).is_code
        and payload[source] not in fact.values
    }
    if problems:
        raise AnswersRefused(problems)


def spoken_payload(kind: MessageType, payload: Mapping[str, JsonValue]) -> dict[str, object]:
    """Return what a message carries as expressions read it."""
    properties = {each.name: _schema_of(each) for each in kind.payload}
    return Form(kind.name, {"properties": properties}).named_values(payload)


def _schema_of(field: PayloadField) -> dict[str, JsonValue]:
    kinds: dict[str, dict[str, JsonValue]] = {
        "date": {"type": "string", "format": "date"},
        "number": {"type": "number"},
        "boolean": {"type": "boolean"},
    }
    return kinds.get(field.type, {"type": "string", "maxLength": field.longest})


def require_known_people(
    ctx: Context, pack: Pack, kind: MessageType, payload: Mapping[str, JsonValue]
) -> None:
    problems = {
        source: _NOBODY.format(payload[source])
        for fact, source in kind.sets.items()
        if pack.facts[fact].type == "user"
        and source in payload
        and not is_person(ctx, str(payload[source]), pack.id, role=_role_named(pack, fact))
    }
    if problems:
        raise AnswersRefused(problems)


def correction_problems(
    ctx: Context,
    case: LoadedCase,
    fact: str,
    value: JsonValue,
    *,
    reason: str,
    work: UUID | None,
) -> dict[str, str]:
    """Return field -> message for what is wrong with a correction, of the case or of one `work`."""
    pack = case.definition.pack
    kind = pack.facts.get(fact)
    if kind is None or kind.derived:
        return {"fact": f"There is no fact {fact} that can be corrected. Choose one of the list."}
    problems = {} if reason.strip() else {"reason": "Enter the reason for the correction."}
    if kind.own and owned(fact, work) not in case.facts:
        problems["work"] = f"Say which open piece of work has the wrong “{kind.label}”."
    if work is not None and not kind.own:
        problems["work"] = f"“{kind.label}” belongs to the case, not to a piece of work."
    if not can_be_kept(reason):
        problems["reason"] = NOT_KEPT.format("Reason")
    if value is None:
        if fact in never_taken_back(case.definition, case.kind):
            problems["value"] = f"“{kind.label}” must be known. Enter what is right."
    elif wrong := _wrong_value(ctx, pack, kind, value):
        problems["value"] = wrong
    return problems


def _wrong_value(ctx: Context, pack: Pack, kind: FactType, value: JsonValue) -> str | None:
    if not can_be_kept(value):
        return NOT_KEPT.format(kind.label)
    if kind.type == "date":
        day = day_of(value)
        if day is None:
            return f"“{kind.label}” must be a real date, like 2026-03-27."
        past = kind.latest or kind.first
        return f"“{kind.label}” cannot be in the future." if past and day > ctx.today else None
    if kind.type == "boolean":
        yes_or_no = isinstance(value, bool)
        return None if yes_or_no else f"“{kind.label}” must be yes or no (true or false)."
    if kind.type == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number else f"“{kind.label}” must be a number."
    if kind.type == "list":
        return None if isinstance(value, list) else f"“{kind.label}” must be a list."
    if not (isinstance(value, str) and value.strip()):
        return f"Enter “{kind.label}”."
    return _wrong_text(ctx, pack, kind, value)


def _wrong_text(ctx: Context, pack: Pack, kind: FactType, value: str) -> str | None:
    if len(value) > LONGEST_TEXT:
        return f"“{kind.label}” must be {LONGEST_TEXT:,} characters or fewer."
    if kind.is_code and value not in kind.values:
        return _CODE.format(kind.label, ", ".join(kind.values))
    role = _role_named(pack, kind.name)
    if kind.type == "user" and not kind.outsiders and not is_person(ctx, value, pack.id, role=role):
        return _NOBODY.format(value)
    return None
