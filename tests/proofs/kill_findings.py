"""Was anything lost or done twice? The database held against what clients were told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.integrity import liveness, projections
from engine.integrity.verification import verify_case
from engine.storage import incidents, tables
from tests.proofs.kill_ledger import Told
from tests.proofs.kill_pack import TOKEN
from workflows.permanence.domain import DOMAIN

EVENT_OF = {"visit": "work_item_completed", "explained": "work_item_completed"}
"""Kind of request -> kind of event, where they are not called the same."""


def findings(
    connection: Connection,
    told: Sequence[Told],
    *,
    now: datetime,
    refs: Collection[str] | None = None,
) -> list[str]:
    """Return one sentence for each thing that is not as it must be once everything is quiet.

    Args:
        told: every answer so far.
        refs: look only into these cases, but still for every answer.
    """
    c = tables.case.c
    query = sa.select(c.id, c.ref, c.status).order_by(c.ref)
    if refs is not None:
        query = query.where(c.ref.in_(refs))
    cases = connection.execute(query).all()
    found = list(_answers(connection, told))
    rung = Counter(each.ref for each in told if each.kind == "visit" and each.acknowledged)
    for case in cases:
        problems = [
            *_history(connection, case.id),
            *_bells(connection, case.id, case.status, rung[case.ref]),
        ]
        if case.status == "open":
            problems += projections.differences(connection, case.id, domain=DOMAIN)
        found += [f"{case.ref}: {problem}" for problem in problems]
    return [*found, *_whole(connection, now)]


# What clients were told


def _answers(connection: Connection, told: Iterable[Told]) -> Iterator[str]:
    done = _done(connection)
    final = [each for each in told if each.kind not in ("draft", "repeated")]
    for each in told:
        if each.differed:
            yield f"{each.token} was answered otherwise when it was asked again."
    for each in final:
        effects = done.pop(each.token, [])
        if not each.acknowledged:
            if effects:
                yield f"{each.kind} {each.token} was refused with {each.status}, and was done."
        elif not effects:
            yield f"{each.kind} {each.token} was acknowledged and is lost."
        elif len(effects) > 1:
            yield f"{each.kind} {each.token} was done {len(effects)} times."
        else:
            expected = (each.ref, each.version, EVENT_OF.get(each.kind, each.kind))
            if effects[0][:3] != expected:
                yield f"{each.kind} {each.token} was done as {effects[0]}, not as {expected}."
    for token in done:
        yield f"{token} was done, and nobody was told."
    yield from _completions(connection, final)
    yield from _drafts(connection, told)


def _done(connection: Connection) -> dict[str, list[tuple[str, int, str]]]:
    """Return token -> what was done under it: reference, version and kind of the events."""
    s, e, c = tables.submission.c, tables.event.c, tables.case.c
    query = (
        sa.select(s.answers, c.ref, s.sequence, e.kind)
        .join(tables.case, s.case_id == c.id)
        .outerjoin(tables.event, sa.and_(e.case_id == s.case_id, e.sequence == s.sequence))
        .order_by(c.ref, s.sequence)
    )
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for text, ref, sequence, kind in connection.execute(query):
        answers = json.loads(text)
        token = answers.get(TOKEN) or answers.get("reason")
        found[token].append((ref, sequence, kind))
    return found


def _completions(connection: Connection, told: Iterable[Told]) -> Iterator[str]:
    """Each completed work item was completed once, by the request that was told so."""
    w, c = tables.work_item.c, tables.case.c
    query = (
        sa.select(w.id, c.ref, w.closed_sequence, w.completed_by)
        .join(tables.case, w.case_id == c.id)
        .where(w.status == "completed")
    )
    rows = {str(row.id): row[1:] for row in connection.execute(query)}
    by: Counter[str] = Counter()
    for each in told:
        if each.work_item is not None and each.acknowledged:
            by[each.work_item] += 1
            kept = rows.get(each.work_item)
            if kept is None or tuple(kept) != (each.ref, each.version, each.actor):
                yield f"The work item of {each.token} is not completed by it but as {kept}."
    for item, times in by.items():
        if times > 1:
            yield f"The work item {item} was completed {times} times."
    for item in rows.keys() - by.keys():
        yield f"The work item {item} is completed, and nobody was told."


def _drafts(connection: Connection, told: Iterable[Told]) -> Iterator[str]:
    """A draft that was acknowledged is kept until its work item is closed; and no other is."""
    saved: dict[str, set[str]] = defaultdict(set)
    for each in told:
        if each.kind == "draft" and each.acknowledged and each.work_item is not None:
            saved[each.work_item].add(each.token)
    d, w = tables.draft.c, tables.work_item.c
    query = sa.select(w.id, w.status, d.answers).outerjoin(tables.draft, d.work_item_id == w.id)
    for id, status, answers in connection.execute(query):
        kept = json.loads(answers)["why"] if answers else None
        if status == "open" and saved[str(id)] and kept not in saved[str(id)]:
            yield f"The draft of the work item {id} is lost."
        if status != "open" and kept is not None:
            yield f"The draft of the closed work item {id} is still there."


# What a case holds


def _history(connection: Connection, case_id: UUID) -> Iterator[str]:
    """The chain holds, and each event's rows are those that its body names."""
    broken = verify_case(connection, case_id)
    if broken is not None:
        yield broken
    named: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    e = tables.event.c
    query = sa.select(e.sequence, e.kind, e.body).where(e.case_id == case_id)
    for sequence, kind, text in connection.execute(query):
        body = json.loads(text)
        if kind == "timer_fired" and not body["steps"]:
            yield f"Event {sequence} fired a timer that did nothing."
        named["opened"] |= {(each["id"], sequence) for each in body["opened"]}
        named["closed"] |= {(id, sequence, how) for id, how in body["closed"].items()}
        named["steps"] |= {(each["instance"], sequence) for each in body["steps"]}
        named["notices"] |= {(each["id"], sequence) for each in body["notices"]}
        named["deadlines"] |= {
            (each["id"], sequence) for each in body["deadlines"] if each["change"] == "opened"
        }
    for what, rows in _rows(connection, case_id).items():
        if named[what] - rows:
            yield f"{what}: {len(named[what] - rows)} rows that events name are not there."
        if rows - named[what]:
            yield f"{what}: {len(rows - named[what])} rows are there that no event names."


def _rows(connection: Connection, case_id: UUID) -> dict[str, set[tuple[Any, ...]]]:
    w, s, n, d = tables.work_item.c, tables.step.c, tables.notice.c, tables.deadline.c
    queries = {
        "opened": sa.select(w.id, w.opened_sequence).where(w.case_id == case_id),
        "closed": sa.select(w.id, w.closed_sequence, w.status).where(
            w.case_id == case_id, w.status != "open"
        ),
        "steps": sa.select(s.instance_id, s.sequence).where(s.case_id == case_id),
        "notices": sa.select(n.id, n.sequence).where(n.case_id == case_id),
        "deadlines": sa.select(d.id, d.opened_sequence).where(d.case_id == case_id),
    }
    return {
        what: {(str(row[0]), *row[1:]) for row in connection.execute(query)}
        for what, query in queries.items()
    }


def _bells(connection: Connection, case_id: UUID, status: str, visits: int) -> Iterator[str]:
    """Every acknowledged visit rang once; in a closed case some were still to ring."""
    s, i, f = tables.step.c, tables.instance.c, tables.fact.c
    query = (
        sa.select(i.id, i.status, s.ran)
        .outerjoin(tables.step, s.instance_id == i.id)
        .where(i.case_id == case_id, i.process == "bell")
    )
    rang: Counter[UUID] = Counter()
    states: dict[UUID, str] = {}
    for id, state, ran in connection.execute(query):
        states[id] = state
        rang[id] += json.loads(ran or "[]").count("a_second")
    if len(states) != visits:
        yield f"{visits} visits were acknowledged, and {len(states)} bells were wound up."
    for id, state in states.items():
        if rang[id] != (state == "completed"):
            yield f"The timer of the bell {id}, which is {state}, fired {rang[id]} times."
    waiting = sum(state == "running" for state in states.values())
    if waiting:
        yield f"{waiting} bells did not ring, and nothing else happens."
    counted = connection.scalar(
        sa.select(f.value).where(f.case_id == case_id, f.name == "bells", f.to_sequence.is_(None))
    )
    if int(counted or 0) != sum(rang.values()) and status == "open":
        yield f"{counted} bells were counted, and {sum(rang.values())} rang."


# What the whole database holds


def _whole(connection: Connection, now: datetime) -> Iterator[str]:
    for ref in liveness.silent_cases(connection):
        yield f"{ref}: The case is open and waits for nobody and no date."
    for each in liveness.overdue_timers(connection, now=now):
        yield f"{each.case_ref}: The timer {each.element} is overdue."
    for incident in incidents.list_incidents(connection):
        yield f"{incident.case_ref}: An incident at {incident.element}: {incident.cause}"
    t, i = tables.timer.c, tables.instance.c
    orphans = (
        sa.select(sa.func.count())
        .select_from(tables.timer)
        .outerjoin(tables.instance, t.instance_id == i.id)
        .where(sa.or_(i.status.is_(None), i.status != "running"))
    )
    if number := connection.scalar(orphans):
        yield f"{number} timers stand for instances that are over."
