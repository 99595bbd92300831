"""What is booked in a case beside its limits, who is invited, and on which days it was before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain import FactValue, JsonValue
from engine.packs.appointments import Appointment
from engine.packs.version import Definition
from engine.step.appointments import (
    Booking,
    appointment_for,
    arranges,
    booking,
    role_of,
    still_to_come,
)
from engine.step.scope import fact_values
from engine.storage import tables


@dataclass(frozen=True)
class FormerDay:
    """A day that was booked and is not any more: who booked it when, and who changed that."""

    day: date
    booked_at: datetime
    booked_by: str
    until: datetime
    ended_by: str


@dataclass(frozen=True)
class Arranged:
    """What is arranged for one deadline: booked, or only `agreed`, or neither.

    `told` and `written_to` are those invited, in the pack's words.
    """

    deadline: str
    booking: Booking | None
    agreed: date | None
    told: tuple[str, ...] = ()
    written_to: tuple[str, ...] = ()
    former: tuple[FormerDay, ...] = ()


def arranged(
    definition: Definition, deadline: str | None, facts: Mapping[str, FactValue]
) -> Arranged | None:
    """Return what is arranged for a deadline, by these facts; None if nothing ever is."""
    appointment = definition.pack.appointments.get(deadline or "")
    if appointment is None:
        return None
    found = booking(appointment, facts)
    agreed = still_to_come(appointment, appointment.agreed, facts) if appointment.agreed else None
    people = found.people if found else ()
    told, written_to = _people(definition, appointment, people)
    return Arranged(appointment.deadline, found, agreed, told, written_to)


def is_for_one(definition: Definition, element: str, deadline: str | None) -> bool:
    """Return whether a task books or holds an appointment."""
    found = definition.elements.get(element)
    appointment = appointment_for(definition, found, deadline)
    return (
        found is not None and appointment is not None and arranges(definition, found, appointment)
    )


def _people(
    definition: Definition, appointment: Appointment, people: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    fact = definition.pack.facts.get(appointment.people)
    labels = fact.values if fact else {}
    by_letter = [each for each in people if not role_of(definition.pack, appointment, each)]
    told = tuple(labels.get(each, each) for each in people if each not in by_letter)
    return told, tuple(labels.get(each, each) for each in by_letter)


def list_arranged(
    connection: Connection,
    case_id: UUID,
    definition: Definition,
    facts: Mapping[str, JsonValue],
) -> dict[str, Arranged]:
    """Return deadline -> what is arranged for it in a case, with the days it was booked before."""
    pack = definition.pack
    values = fact_values(pack, facts)
    found: dict[str, Arranged] = {}
    former = _former_days(connection, case_id, definition)
    for appointment in pack.appointments.values():
        now = arranged(definition, appointment.deadline, values)
        if now is not None and not pack.facts[appointment.day].own:
            days = former.get(appointment.day, [])
            found[appointment.deadline] = Arranged(**{**vars(now), "former": tuple(days)})
    return found


def _former_days(
    connection: Connection, case_id: UUID, definition: Definition
) -> dict[str, list[FormerDay]]:
    """Return fact -> the days that it held, newest first, without the one it holds now."""
    names = [each.day for each in definition.pack.appointments.values()]
    f, began, ended = tables.fact.c, tables.event.alias("began"), tables.event.alias("ended")
    from_event = sa.and_(began.c.case_id == case_id, began.c.sequence == f.from_sequence)
    to_event = sa.and_(ended.c.case_id == case_id, ended.c.sequence == f.to_sequence)
    rows = connection.execute(
        sa.select(f.name, f.value, began.c.at, began.c.actor, ended.c.at, ended.c.actor)
        .join(began, from_event)
        .join(ended, to_event)
        .where(f.case_id == case_id, f.name.in_(names))
        .order_by(f.from_sequence.desc())
    )
    days: dict[str, list[FormerDay]] = {}
    for name, value, *when in rows:
        day = json.loads(value)
        if isinstance(day, str):
            days.setdefault(name, []).append(FormerDay(date.fromisoformat(day), *when))
    return days
