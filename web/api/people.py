"""The day in the API: comments, search, cover, and handing over what a leaver has."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Response

from engine.commands import comments, leaving
from engine.context import Context
from engine.errors import AnswersRefused, EngineError
from engine.open_work import case_heads
from engine.people import people
from engine.reads import history, search
from web.api import representations
from web.api.blueprint import api
from web.api.requests import Answer, answer_once, day, member, read_object, say
from web.request import context
from web.request.errors import answer_for

MOST_FOUND = 50
AT_ONCE = 50


@api.post("/cases/<ref>/comments")
def add_comment(ref: str) -> Response:
    """Write a comment `{text}` on a case; 201 with its event."""
    text = member(read_object("text"), "text", str, "text")

    def work(ctx: Context) -> Answer:
        step = comments.add_comment(ctx, ref, text)
        head = case_heads.get_case_head(ctx.connection, ref)
        [row] = history.list_history(ctx.connection, head.id, after=step.version - 1, limit=1)
        return 201, representations.event(row)

    return answer_once(work)


@api.post("/search")
def find_cases() -> Response:
    """Cases that the caller may see whose reference or child's name holds `{term}`: at most 50.

    Posted, because an address is logged and a name must not be.
    """
    term = member(read_object("term"), "term", str, "text")
    with context.reading() as connection:
        found = search.find_cases(connection, context.actor(), term, limit=MOST_FOUND)
    return say({"items": [vars(each) for each in found]})


@api.get("/cover")
def list_cover() -> Response:
    """Who covers for the caller and for whom they cover, today or later."""
    name, today = context.actor().name, context.today()
    with context.reading() as connection:
        mine = people.list_cover(connection, name, today=today)
        others = people.list_covering(connection, name, today=today)
    return say({"covered_by": [vars(each) for each in mine], "covers": [vars(e) for e in others]})


@api.post("/cover")
def name_cover() -> Response:
    """Name who does the work of `person` from `from_on` to `to_on`, both days included; 201."""
    body = read_object("person", "covered_by", "from_on", "to_on")
    person = member(body, "person", str, "a user name")
    covered_by = member(body, "covered_by", str, "a user name")
    first, last = (_day(body, name) for name in ("from_on", "to_on"))
    id = uuid4()

    def work(ctx: Context) -> Answer:
        people.name_cover(ctx, person, covered_by, from_on=first, to_on=last, id=id)
        return 201, {"id": id, "person": person, "covered_by": covered_by, "from_on": first,
                     "to_on": last}  # fmt: skip

    return answer_once(work)


@api.delete("/cover/<uuid:cover_id>")
def end_cover(cover_id: UUID) -> Response:
    """End a cover before its last day."""

    def work(ctx: Context) -> Answer:
        return 200, {"person": people.end_cover(ctx, cover_id)}

    return answer_once(work)


@api.post("/people/<name>/departure")
def hand_over(name: str) -> Response:
    """Give what `name` has to `{successors: {role: user name}}`, at most 50 cases at once.

    200 with what became of each; `next` is what to send as `after` for the others, null at the end.
    When nothing is left the person is made inactive.
    """
    body = read_object("successors")
    successors = member(body, "successors", dict, "an object")
    after = member(body, "after", str, "a reference") or ""
    named = successors.items()
    wrong = {role: "Give a user name." for role, who in named if not isinstance(who, str)}
    if wrong:
        raise AnswersRefused(wrong)
    context.read(lambda ctx: leaving.require_successors(ctx, name, successors))
    refs = context.read(lambda ctx: leaving.list_refs(ctx, name, after=after, limit=AT_ONCE))
    results = [{"case_ref": ref, "problem": _problem(ref, name, successors)} for ref in refs]
    context.look_again()
    left = context.read(lambda ctx: leaving.list_refs(ctx, name, limit=1))
    if not left:
        context.writing(lambda ctx: leaving.deactivate(ctx, name, successors))
    following = refs[-1] if len(refs) == AT_ONCE else None
    return say({"items": results, "next": following, "inactive": not left})


def _problem(ref: str, leaver: str, successors: dict[str, Any]) -> str | None:
    try:
        context.writing(lambda ctx: leaving.hand_over(ctx, ref, leaver, successors))
    except EngineError as error:
        return answer_for(error).detail
    return None


def _day(body: dict[str, Any], name: str) -> date:
    found = day(body[name], name)
    if found is None:
        raise AnswersRefused({name: f"{name} is missing. Add it."})
    return found
