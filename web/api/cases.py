"""Cases in the API."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID, uuid4

from msgspec import Meta

from engine import commands, reads
from engine.context import Context
from engine.errors import AnswersRefused
from engine.open_work import case_heads
from engine.reads import history
from engine.storage import published_versions
from web.api import representations
from web.api.answers import Created, Once, Said, answer_once, create_once, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import Case, CaseThen, Deadline, Event
from web.api.requests import Anything, DayOrNone, FromOne, FromZero, day
from web.request import context
from web.request.arguments import count

MOST_EVENTS = 200


class NewCase(TypedDict):
    """`facts` answer the form that this kind of case opens with, a child's unless `kind` says.

    `again_because` is why a second case about the same is right; kept if one is open. `confirmed`
    are unlikely facts that are right all the same, as the refusal's `confirm` has them. `linked_to`
    is the reference of a case that this one stands beside.
    """

    pack: str
    policy: NotRequired[str | None]
    kind: NotRequired[str | None]
    again_because: NotRequired[str | None]
    linked_to: NotRequired[str | None]
    facts: dict[str, Any]
    confirmed: NotRequired[dict[str, Any] | None]


@api.post("/cases")
@described(500)
def open_case(body: NewCase) -> Created[Case]:
    """Open a case from `{pack, kind, policy, facts}`; 201 with the case.

    `kind` is the pack's first unless it names another. 409 with `field` if one
    about the same is open, and no `again_because` says why a second is right.
    """
    pack, policy, kind = body["pack"], body.get("policy"), body.get("kind") or ""
    case_id = uuid4()

    def work(ctx: Context) -> Case:
        _require_known(ctx, pack, kind, policy)
        step = commands.open_case(
            ctx,
            pack=pack,
            kind=kind,
            policy=policy,
            answers=body["facts"],
            case_id=case_id,
            people=reads.training_people(ctx.connection, pack),
            again_because=body.get("again_because"),
            linked_to=body.get("linked_to"),
        )
        return representations.read_case(ctx.connection, step.ref, today=ctx.today)

    return create_once(work)


def _require_known(ctx: Context, pack: str, kind: str, policy: str | None) -> None:
    known = {row.pack for row in published_versions.list_packs(ctx.connection)}
    if pack not in known or not ctx.actor.is_of(pack):
        raise AnswersRefused({"pack": f"There is no published pack “{pack}”."})
    found = published_versions.current_definition(ctx.connection, pack).pack
    if kind and kind not in found.kinds:
        names = ", ".join(found.kinds)
        raise AnswersRefused({"kind": f"{pack} has no kind of case “{kind}”; it has {names}."})
    if policy is not None and policy not in found.policies:
        names = ", ".join(found.policies)
        raise AnswersRefused({"policy": f"{pack} has no policy “{policy}”; it has {names}."})


@api.get("/cases/<ref>")
@described()
def get_case(ref: str) -> Said[Case]:
    """A case as it stands: facts, instances, work items and deadlines that are current."""
    with context.reading() as connection:
        return say(representations.read_case(connection, ref, today=context.today()))


class DeadlinesWanted(TypedDict, total=False):
    """Whether to list what was met or superseded, too."""

    all: str


@api.get("/cases/<ref>/deadlines")
@described()
def list_deadlines(ref: str, query: DeadlinesWanted) -> Said[list[Deadline]]:
    """The open deadlines; with `all=1` every one there was, each explaining itself."""
    everything = query.get("all", "") not in ("", "0", "false")
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        rows = reads.list_deadlines(connection, head.id, today=context.today(), all=everything)
    return say([representations.deadline(row) for row in rows])


class HistoryWanted(TypedDict, total=False):
    """Which part of the history to list."""

    after: FromZero
    limit: FromOne


@api.get("/cases/<ref>/history")
@described()
def list_history(ref: str, query: HistoryWanted) -> Said[list[Event]]:
    """Events in order, after `after`, at most `limit` (200)."""
    limit = count(query.get("limit"), "limit", default=50, least=1, most=MOST_EVENTS)
    after = count(query.get("after"), "after", default=0, least=0, most=2**31 - 1)
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        rows = history.list_history(connection, head.id, after=after, limit=limit)
    return say([representations.event(row) for row in rows])


@api.get("/cases/<ref>/history/<int:sequence>")
@described()
def get_picture(ref: str, sequence: int) -> Said[CaseThen]:
    """The case as it stood after one event."""
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        then = history.get_picture(connection, head.id, min(sequence, 2**31 - 1))
    return say(representations.picture(then))


class Message(TypedDict):
    """A message of the pack's, with what it carries."""

    name: str
    payload: NotRequired[dict[str, Any] | None]
    confirmed: NotRequired[dict[str, Any] | None]


@api.post("/cases/<ref>/messages")
@described(500)
def send_message(ref: str, body: Message) -> Once[Case]:
    """Deliver a message `{name, payload}`; 200 with the case, 409 when nothing waits for it."""

    def work(ctx: Context) -> Case:
        commands.send_message(ctx, ref, body["name"], body.get("payload") or {})
        return representations.read_case(ctx.connection, ref, today=ctx.today)

    return answer_once(work)


class Correction(TypedDict):
    """What a fact is, and since when; `work` is the id of the instance whose own it is.

    A `value` of null takes back what was recorded: there is nothing.
    """

    fact: str
    value: Anything
    reason: str
    effective_on: NotRequired[DayOrNone]
    work: NotRequired[Annotated[str | None, Meta(extra_json_schema={"format": "uuid"})]]
    confirmed: NotRequired[dict[str, Any] | None]


@api.post("/cases/<ref>/corrections")
@described(500)
def correct_fact(ref: str, body: Correction) -> Once[Case]:
    """Correct a fact `{fact, value, effective_on, reason}`; deadlines follow.

    A fact of one piece of work needs `work` too: the id of that one of the case's instances.
    """
    since = day(body.get("effective_on"), "effective_on")
    work_id = _instance(body.get("work"))

    def work(ctx: Context) -> Case:
        commands.correct_fact(
            ctx,
            ref,
            body["fact"],
            body["value"],
            effective_on=since,
            reason=body["reason"],
            work=work_id,
        )
        return representations.read_case(ctx.connection, ref, today=ctx.today)

    return answer_once(work)


def _instance(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise AnswersRefused({"work": "This is no id of an instance of the case."}) from None
