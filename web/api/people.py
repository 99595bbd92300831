"""The day in the API: comments, search, cover, and handing over what a leaver has."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID, uuid4

from msgspec import Meta

from engine.commands import comments, leaving
from engine.context import Context
from engine.errors import AnswersRefused, EngineError
from engine.open_work import case_heads
from engine.people import people
from engine.people.people import CoverRow
from engine.reads import history, search
from engine.reads.search import FoundCase
from web.api import representations
from web.api.answers import Created, Once, Said, answer_once, create_once, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import CaseStatus, Event
from web.api.requests import Day, UserName, day
from web.request import context
from web.request.errors import answer_for

MOST_FOUND = 50
AT_ONCE = 50


class Comment(TypedDict):
    """What somebody says of a case."""

    text: str


@api.post("/cases/<ref>/comments")
@described()
def add_comment(ref: str, body: Comment) -> Created[Event]:
    """Write a comment `{text}` on a case; 201 with its event."""

    def work(ctx: Context) -> Event:
        step = comments.add_comment(ctx, ref, body["text"])
        head = case_heads.get_case_head(ctx.connection, ref)
        [row] = history.list_history(ctx.connection, head.id, after=step.version - 1, limit=1)
        return representations.event(row)

    return create_once(work)


class Search(TypedDict):
    """Part of a reference or of a name."""

    term: str


class Found(TypedDict):
    """A case that was found; `title` is what one is called that has no name, else empty."""

    ref: str
    name: str
    also_called: str
    reference: str
    status: CaseStatus
    title: str


class FoundCases(TypedDict):
    """The cases that were found."""

    items: list[Found]


@api.post("/search")
@described()
def find_cases(body: Search) -> Said[FoundCases]:
    """Cases that the caller may see whose reference or name holds `{term}`: at most 50.

    Posted, because an address is logged and a name must not be.
    """
    with context.reading() as connection:
        found = search.find_cases(
            connection, context.actor(), body["term"], today=context.today(), limit=MOST_FOUND
        )
    context.saw(each.ref for each in found)
    return say({"items": [_found(each) for each in found]})


def _found(row: FoundCase) -> Found:
    return {
        "ref": row.ref,
        "name": row.name,
        "also_called": row.also_called,
        "reference": row.reference,
        "status": row.status,
        "title": row.title,
    }


class CoverNamed(TypedDict):
    """Who does whose work, from one day to another, both included."""

    id: UUID
    person: str
    covered_by: str
    from_on: date
    to_on: date


class Cover(CoverNamed):
    """Who does whose work when, and who said so."""

    named_by: str


class Covers(TypedDict):
    """Who covers for the caller, and for whom the caller covers."""

    covered_by: list[Cover]
    covers: list[Cover]


@api.get("/cover")
@described()
def list_cover() -> Said[Covers]:
    """Who covers for the caller and for whom they cover, today or later."""
    name, today = context.actor().name, context.today()
    with context.reading() as connection:
        mine = people.list_cover(connection, name, today=today)
        others = people.list_covering(connection, name, today=today)
    return say(
        {"covered_by": [_cover(each) for each in mine], "covers": [_cover(e) for e in others]}
    )


def _cover(row: CoverRow) -> Cover:
    return {
        "id": row.id,
        "person": row.person,
        "covered_by": row.covered_by,
        "from_on": row.from_on,
        "to_on": row.to_on,
        "named_by": row.named_by,
    }


class CoverWanted(TypedDict):
    """Who is to do whose work, from one day to another, both included."""

    person: UserName
    covered_by: UserName
    from_on: Day
    to_on: Day


@api.post("/cover")
@described(404)
def name_cover(body: CoverWanted) -> Created[CoverNamed]:
    """Name who does the work of `person` from `from_on` to `to_on`, both days included; 201."""
    person, covered_by = body["person"], body["covered_by"]
    first, last = _day(body["from_on"], "from_on"), _day(body["to_on"], "to_on")
    id = uuid4()

    def work(ctx: Context) -> CoverNamed:
        people.name_cover(ctx, person, covered_by, from_on=first, to_on=last, id=id)
        return {
            "id": id,
            "person": person,
            "covered_by": covered_by,
            "from_on": first,
            "to_on": last,
        }

    return create_once(work)


class CoverEnded(TypedDict):
    """Whose cover ended."""

    person: str


@api.delete("/cover/<uuid:cover_id>")
@described()
def end_cover(cover_id: UUID) -> Once[CoverEnded]:
    """End a cover before its last day."""

    def work(ctx: Context) -> CoverEnded:
        return {"person": people.end_cover(ctx, cover_id)}

    return answer_once(work)


class Departure(TypedDict):
    """Who follows as what; `after` is the `next` of the answer before."""

    successors: Annotated[
        dict[str, Any], Meta(extra_json_schema={"additionalProperties": {"type": "string"}})
    ]
    after: NotRequired[Annotated[str | None, Meta(extra={"words": "a reference"})]]


class HandedOver(TypedDict):
    """What became of a case; `problem` says why it stayed."""

    case_ref: str
    problem: str | None


class HandedOverPart(TypedDict):
    """Some of a leaver's cases; `next` leads to the others."""

    items: list[HandedOver]
    next: str | None
    inactive: bool


@api.post("/people/<name>/departure")
@described(409)
def hand_over(name: str, body: Departure) -> Said[HandedOverPart]:
    """Give what `name` has to `{successors: {role: user name}}`, at most 50 cases at once.

    200 with what became of each; `next` is what to send as `after` for the others, null at the end.
    When nothing is left the person is made inactive.
    """
    successors, after = body["successors"], body.get("after") or ""
    named = successors.items()
    wrong = {role: "Give a user name." for role, who in named if not isinstance(who, str)}
    if wrong:
        raise AnswersRefused(wrong)
    context.read(lambda ctx: leaving.require_successors(ctx, name, successors))
    refs = context.read(lambda ctx: leaving.list_refs(ctx, name, after=after, limit=AT_ONCE))
    results: list[HandedOver] = [
        {"case_ref": ref, "problem": _problem(ref, name, successors)} for ref in refs
    ]
    context.saw(refs)
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


def _day(given: object, name: str) -> date:
    found = day(given, name)
    if found is None:
        raise AnswersRefused({name: f"{name} is missing. Add it."})
    return found
