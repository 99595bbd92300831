"""Do the lists that people work from show what the diagrams wait for?

Work items, timers and `waiting` are projections of the instances' state: each is worked out anew
from the state and the facts, and held against its rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn import runtime
from engine.domain import Domain
from engine.errors import EngineError, StateUnreadable
from engine.step.case_facts import CaseFacts
from engine.step.model import KeptInstance, KeptWorkItem, LoadedCase
from engine.step.waiting import WorkDates, armed_timers, dates_of_kept, held_timers, surroundings_of
from engine.storage import loading, tables


def differences(connection: Connection, case_id: UUID, *, domain: Domain) -> list[str]:
    """Return one sentence for each row of an open case that its state does not bear out."""
    # The case is locked while it is read, so that no step comes in between, and no longer.
    with connection.begin_nested() as nested:
        case = loading.load_case(connection, case_id)
        looked = dict(looked_at(connection, case_id))
        nested.rollback()
    found = list(_booked_otherwise(case, domain))
    for instance in case.instances:
        if instance.id not in looked:
            found.append(f"{instance.process} is running, but no event started it.")
            continue
        now, waiting = looked[instance.id]
        found += _of_instance(case, instance, domain=domain, now=now, kept_waiting=waiting)
    running = {each.id for each in case.instances}
    rows = [(each.instance_id, each.element) for each in case.work_items]
    rows += [(each.instance_id, each.element) for each in case.timers]
    over = sorted(element for instance_id, element in rows if instance_id not in running)
    found += [f"{element} waits in a process that is over." for element in over]
    return found


def looked_at(
    connection: Connection, case_id: UUID
) -> Iterator[tuple[UUID, tuple[datetime, list[str]]]]:
    """Yield instance -> when it last ran, and what its row says it waits for."""
    i, s, e = tables.instance.c, tables.step.c, tables.event.c
    last = (
        sa.select(s.instance_id, sa.func.max(s.sequence).label("sequence"))
        .where(s.case_id == case_id)
        .group_by(s.instance_id)
        .subquery()
    )
    query = (
        sa.select(i.id, e.at, i.waiting)
        .join(last, last.c.instance_id == i.id)
        .join(tables.event, sa.and_(e.case_id == case_id, e.sequence == last.c.sequence))
        .where(i.case_id == case_id, i.status == "running")
    )
    for id, at, waiting in connection.execute(query):
        yield id, (at, json.loads(waiting))


def _of_instance(
    case: LoadedCase,
    instance: KeptInstance,
    *,
    domain: Domain,
    now: datetime,
    kept_waiting: list[str],
) -> Iterator[str]:
    facts = CaseFacts(case, domain=domain, now=now)
    around = surroundings_of(facts, held_timers(case), instance.id)
    try:
        run = runtime.view(case.definition.specs, instance.text, around)
    except StateUnreadable as error:
        yield f"The state of {instance.process} cannot be read: {error.why}."
        return
    except EngineError as error:
        yield f"The state of {instance.process} cannot be read: {type(error).__name__}."
        return
    open_tasks = {(each.task, each.element) for each in run.open_tasks}
    items = {
        (each.task, each.element) for each in case.work_items if each.instance_id == instance.id
    }
    yield from (
        f"{element} waits for somebody, but no work item is open."
        for _, element in sorted(open_tasks - items)
    )
    yield from (
        f"A work item {element} is open, but the diagram does not wait for it."
        for _, element in sorted(items - open_tasks)
    )
    armed = {(each.task, each.element): each.due_at for each in armed_timers(instance.id, run)}
    rows = {
        (each.task, each.element): each.due_at
        for each in case.timers
        if each.instance_id == instance.id
    }
    for key in sorted(armed.keys() | rows.keys()):
        if key not in rows:
            yield f"The timer {key[1]} is armed, but stands in no row."
        elif key not in armed:
            yield f"A row holds the timer {key[1]}, but the diagram does not wait for it."
        elif armed[key] != rows[key]:
            yield f"The timer {key[1]} is due {_at(armed[key])}, but its row says {_at(rows[key])}."
    if sorted(run.waiting) != sorted(kept_waiting):
        said, found = _list(kept_waiting), _list(run.waiting)
        yield f"{instance.process} is said to wait at {said}, but waits at {found}."


def _booked_otherwise(case: LoadedCase, domain: Domain) -> Iterator[str]:
    """Yield a sentence for each work item that shows another appointment than the facts do."""
    for item in case.work_items:
        if item.follows_deadline:
            facts = CaseFacts(case, domain=domain, now=item.opened_at)
            dates = dates_of_kept(case, facts, item, domain)
            if (dates.booked_on, dates.booked_time) != (item.booked_on, item.booked_time):
                said, found = _booked(item), _booked(dates)
                yield f"{item.element} is said to be booked {said}, but is booked {found}."


def _booked(of: KeptWorkItem | WorkDates) -> str:
    if of.booked_on is None:
        return "for no day"
    at = f" at {of.booked_time}" if of.booked_time else ""
    return f"for {of.booked_on.isoformat()}{at}"


def _at(instant: datetime | None) -> str:
    return "at no time" if instant is None else f"at {instant.isoformat()}"


def _list(elements: list[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(elements)) or "nothing"
