"""What follows from the states of cases, made again: armed timers, and by what day work is sorted.

A state is sealed with its event, so whoever changed these rows, or lost them, gets them back. What
people are asked is not touched: an open work item that no state bears out is told by `look_over`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn import runtime
from engine.domain import Domain, first_day
from engine.integrity import projections
from engine.step.case_facts import CaseFacts
from engine.step.model import KeptTimer, LoadedCase
from engine.step.waiting import armed_timers, held_timers, surroundings_of
from engine.storage import loading, tables

_timer, _work = tables.timer, tables.work_item
Key = tuple[UUID, int]


def differences(connection: Connection, *, domain: Domain) -> list[tuple[str, str]]:
    """Return the reference of each open case whose rows differ from its states, and the first one.

    Nothing is changed.
    """
    found = []
    for case_id, ref in _open_cases(connection):
        words = next(iter(projections.differences(connection, case_id, domain=domain)), None)
        words = words or next(sorted_otherwise_in_words(connection, case_id), None)
        if words is not None:
            found.append((ref, words))
    return found


def rebuild(connection: Connection, *, domain: Domain) -> int:
    """Make timers and the order of work of all open cases again; return how many rows were wrong.

    Raises:
        StateUnreadable: the state of a process cannot be read; nothing is written then.
    """
    return sum(
        _timers(connection, case_id, domain) + _order(connection, case_id)
        for case_id, _ in _open_cases(connection)
    )


def _open_cases(connection: Connection) -> list[tuple[UUID, str]]:
    c = tables.case.c
    rows = connection.execute(sa.select(c.id, c.ref).where(c.status == "open").order_by(c.ref))
    return [(row.id, row.ref) for row in rows]


def _timers(connection: Connection, case_id: UUID, domain: Domain) -> int:
    case = loading.load_case(connection, case_id)
    armed = _armed(connection, case, domain)
    kept = {each.key: (each.element, each.due_at) for each in case.timers}
    wrong = [key for key in armed.keys() | kept.keys() if _said(armed.get(key)) != kept.get(key)]
    for instance, task in wrong:
        where = sa.and_(_timer.c.instance_id == instance, _timer.c.task == task)
        connection.execute(_timer.delete().where(where))
        timer = armed.get((instance, task))
        if timer is not None:
            connection.execute(
                _timer.insert().values(
                    instance_id=instance,
                    task=task,
                    case_id=case_id,
                    element=timer.element,
                    due_at=timer.due_at,
                )
            )
    return len(wrong)


def _said(timer: KeptTimer | None) -> tuple[str, object] | None:
    return None if timer is None else (timer.element, timer.due_at)


def _armed(connection: Connection, case: LoadedCase, domain: Domain) -> dict[Key, KeptTimer]:
    """Return what the states of a case wait for, as of when each last ran."""
    looked = dict(projections.looked_at(connection, case.id))
    found: dict[Key, KeptTimer] = {}
    for instance in case.instances:
        now, _ = looked[instance.id]
        facts = CaseFacts(case, domain=domain, now=now)
        around = surroundings_of(facts, held_timers(case), instance.id)
        run = runtime.view(case.definition.specs, instance.text, around)
        found |= {each.key: each for each in armed_timers(instance.id, run)}
    return found


def _order(connection: Connection, case_id: UUID) -> int:
    wrong = list(_sorted_otherwise(connection, case_id))
    for id, _, day, _ in wrong:
        connection.execute(_work.update().where(_work.c.id == id).values(sort_on=day))
    return len(wrong)


def _sorted_otherwise(
    connection: Connection, case_id: UUID
) -> Iterator[tuple[UUID, str, date, date]]:
    w = _work.c
    rows = connection.execute(
        sa.select(w.id, w.element, w.booked_on, w.act_by_on, w.sort_on).where(w.case_id == case_id)
    ).all()
    for id, element, booked_on, act_by_on, sort_on in rows:
        day = first_day(booked_on, act_by_on)
        if day is not None and sort_on != day:
            yield id, element, day, sort_on


def sorted_otherwise_in_words(connection: Connection, case_id: UUID) -> Iterator[str]:
    """Yield a sentence for each work item of a case that is sorted by another day than it has."""
    for _, element, day, sort_on in _sorted_otherwise(connection, case_id):
        yield f"{element} is sorted by {sort_on.isoformat()}, but falls on {day.isoformat()}."
