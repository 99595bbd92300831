"""Comments on a case: who said what, when. Nothing moves by them.

A comment is an event like every other, so a replay shows it where it was made and nobody can slip
one in or take one out unseen. Its text stands in `submission`, as all that is typed does; the chain
covers its salted digest alone, so that erasing the text leaves the chain verifiable.
"""

from __future__ import annotations

from dataclasses import replace

from engine.context import Context
from engine.errors import AnswersRefused, CaseClosed, CaseNotFound, NotPermitted
from engine.packs.forms import NOT_KEPT, can_be_kept
from engine.packs.typed_text import cleaned
from engine.people import permissions
from engine.people.case_circle import circle_of_loaded, sees
from engine.step.case_run import CaseRun
from engine.storage import loading, saving
from engine.storage.saving import SavedStep

KIND = "comment_added"
LONGEST = 4_000


def add_comment(ctx: Context, ref: str, text: str) -> SavedStep:
    """Write a comment on a case, as one event that changes nothing else.

    Raises:
        CaseNotFound, NotPermitted, CaseClosed: nothing was written.
        AnswersRefused: there is no text, or too much of it.
    """
    case = loading.load_case(ctx.connection, loading.find_case(ctx.connection, ref))
    if not sees(ctx.connection, ctx.actor, case, today=ctx.today):
        raise CaseNotFound(ref)
    circle = circle_of_loaded(case)
    if not permissions.may_comment(ctx.actor, circle):
        raise NotPermitted(ctx.actor.name, "comment on this case")
    if case.status != "open":
        raise CaseClosed(ref)
    text = cleaned(text)
    if not text:
        raise AnswersRefused({"text": "Enter your comment."})
    if len(text) > LONGEST:
        raise AnswersRefused({"text": f"Your comment must be {LONGEST:,} characters or fewer."})
    if not can_be_kept(text):
        raise AnswersRefused({"text": NOT_KEPT.format("Comment")})
    absent = permissions.acting_for(ctx.actor, *sorted(circle.people))
    run = CaseRun(case, domain=ctx.domain, now=ctx.now, was_started=_nothing)
    step = replace(run.finish(), answers={"comment": text})
    return saving.save_step(replace(ctx, acting_for=absent), case, step, kind=KIND)


def _nothing(_process: str, _correlation: str) -> None:
    """A comment starts no process, so no key is ever asked for."""
