"""Cases in the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Response, request

from engine import commands, reads
from engine.context import Context
from engine.errors import AnswersRefused
from engine.open_work import case_heads
from engine.packs.manifest import CHILD
from engine.reads import history
from engine.storage import published_versions
from web.api import representations
from web.api.blueprint import api
from web.api.requests import Answer, answer_once, day, member, read_object, say
from web.request import context
from web.request.arguments import count

MOST_EVENTS = 200


@api.post("/cases")
def open_case() -> Response:
    """Open a case from `{pack, kind, policy, facts}`; 201 with the case.

    `kind` is that of a child's case unless it names another of the pack's.
    """
    body = read_object("pack", "facts")
    pack = member(body, "pack", str, "text")
    policy = member(body, "policy", str, "text")
    kind = member(body, "kind", str, "text") or CHILD
    facts = member(body, "facts", dict, "an object")
    case_id = uuid4()

    def work(ctx: Context) -> Answer:
        _require_known(ctx, pack, kind, policy)
        step = commands.open_case(
            ctx,
            pack=pack,
            kind=kind,
            policy=policy,
            answers=facts,
            case_id=case_id,
            people=reads.training_people(ctx.connection, str(pack)),
        )
        return 201, representations.read_case(ctx.connection, step.ref, today=ctx.today)

    return answer_once(work)


def _require_known(ctx: Context, pack: str | None, kind: str, policy: str | None) -> None:
    known = {row.pack for row in published_versions.list_packs(ctx.connection)}
    if not isinstance(pack, str) or pack not in known:
        raise AnswersRefused({"pack": f"There is no published pack “{pack}”."})
    found = published_versions.current_definition(ctx.connection, pack).pack
    if kind not in found.openings:
        names = ", ".join(found.openings)
        raise AnswersRefused({"kind": f"{pack} has no kind of case “{kind}”; it has {names}."})
    if policy is not None and policy not in found.policies:
        names = ", ".join(found.policies)
        raise AnswersRefused({"policy": f"{pack} has no policy “{policy}”; it has {names}."})


@api.get("/cases/<ref>")
def get_case(ref: str) -> Response:
    """A case as it stands: facts, instances, work items and deadlines that are current."""
    with context.reading() as connection:
        return say(representations.read_case(connection, ref, today=context.today()))


@api.get("/cases/<ref>/deadlines")
def list_deadlines(ref: str) -> Response:
    """The open deadlines; with `all=1` every one there was, each explaining itself."""
    everything = request.args.get("all", "") not in ("", "0", "false")
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        rows = reads.list_deadlines(connection, head.id, today=context.today(), all=everything)
    return say([representations.deadline(row) for row in rows])


@api.get("/cases/<ref>/history")
def list_history(ref: str) -> Response:
    """Events in order, after `after`, at most `limit` (200)."""
    given = request.args
    limit = count(given.get("limit"), "limit", default=50, least=1, most=MOST_EVENTS)
    after = count(given.get("after"), "after", default=0, least=0, most=2**31 - 1)
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        rows = history.list_history(connection, head.id, after=after, limit=limit)
    return say([representations.event(row) for row in rows])


@api.get("/cases/<ref>/history/<int:sequence>")
def get_picture(ref: str, sequence: int) -> Response:
    """The case as it stood after one event."""
    with context.reading() as connection:
        head = case_heads.get_case_head(connection, ref)
        then = history.get_picture(connection, head.id, min(sequence, 2**31 - 1))
    return say(representations.picture(then))


@api.post("/cases/<ref>/messages")
def send_message(ref: str) -> Response:
    """Deliver a message `{name, payload}`; 200 with the case, 409 when nothing waits for it."""
    body = read_object("name")
    name = member(body, "name", str, "text")
    payload: dict[str, Any] = member(body, "payload", dict, "an object") or {}

    def work(ctx: Context) -> Answer:
        commands.send_message(ctx, ref, str(name), payload)
        return 200, representations.read_case(ctx.connection, ref, today=ctx.today)

    return answer_once(work)


@api.post("/cases/<ref>/corrections")
def correct_fact(ref: str) -> Response:
    """Correct a fact `{fact, value, effective_on, reason}`; deadlines follow.

    A fact of one piece of work needs `work` too: the id of that one of the case's instances.
    """
    body = read_object("fact", "value", "reason")
    fact = member(body, "fact", str, "text")
    reason = member(body, "reason", str, "text")
    since = day(body.get("effective_on"), "effective_on")
    work_id = _instance(member(body, "work", str, "text"))

    def work(ctx: Context) -> Answer:
        commands.correct_fact(
            ctx,
            ref,
            str(fact),
            body["value"],
            effective_on=since,
            reason=reason or "",
            work=work_id,
        )
        return 200, representations.read_case(ctx.connection, ref, today=ctx.today)

    return answer_once(work)


def _instance(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise AnswersRefused({"work": "This is no id of an instance of the case."}) from None
