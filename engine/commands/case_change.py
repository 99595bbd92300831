"""What the commands on a case share: who may change it, its run, and its end as one event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from engine.commands.answer_checks import day_of
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import (
    AnswersRefused,
    CalendarExhausted,
    CaseClosed,
    CaseNotFound,
    NothingWaits,
)
from engine.people import permissions
from engine.people.case_circle import circle_of_loaded
from engine.step.case_run import CaseRun
from engine.step.model import KeptWorkItem, LoadedCase
from engine.storage import loading, saving
from engine.storage.saving import SavedStep


def case_to_change(ctx: Context, ref: str) -> tuple[Context, LoadedCase]:
    """Return an open case that the actor may change, and for whom they act.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: they may not, or it has ended.
    """
    case_id = loading.find_case(ctx.connection, ref)
    case = loading.load_case(ctx.connection, case_id)
    circle = circle_of_loaded(case)
    if not permissions.may_see_case(ctx.actor, circle):
        raise CaseNotFound(ref)
    permissions.require_change(ctx.actor, circle)
    if case.status != "open":
        raise CaseClosed(ref)
    return acting_for(ctx, *sorted(circle.people)), case


def acting_for(ctx: Context, *people: str | None) -> Context:
    """Return the context that says for whom the actor acts, if they only cover for somebody."""
    absent = permissions.acting_for(ctx.actor, *people)
    return ctx if absent is None else replace(ctx, acting_for=absent)


def run_of(ctx: Context, case: LoadedCase) -> CaseRun:
    """Return the run of a case in which a command does its work."""

    def was_started(process: str, correlation: str) -> UUID | None:
        return loading.was_started(ctx.connection, case.id, process, correlation)

    return CaseRun(case, domain=ctx.domain, now=ctx.now, was_started=was_started)


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
