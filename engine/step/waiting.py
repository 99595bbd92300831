"""What a case waits for: people's work, timers, and messages that start the same work again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from engine.bpmn import runtime
from engine.bpmn.elements import Element
from engine.bpmn.scripting import Surroundings, plain
from engine.bpmn.timers import Hold
from engine.domain import Allocation, Amount, Domain, JsonValue
from engine.errors import ExpressionError, StepFailed
from engine.rules.decisions import amount_from
from engine.step.allocation import Allocating
from engine.step.appointments import appointment_for, arranges, booking, still_to_come
from engine.step.case_facts import CaseFacts
from engine.step.model import KeptTimer, KeptWorkItem, LoadedCase, NewWorkItem
from engine.step.scope import name_of, owned, owner_of


@dataclass(frozen=True)
class InstanceWork:
    """The user tasks that an instance waits at after the step; none when it is over."""

    instance: UUID
    open_tasks: tuple[runtime.OpenTask, ...]


@dataclass(frozen=True)
class WorkChanges:
    """`closed` says how each work item ended: completed or cancelled."""

    opened: tuple[NewWorkItem, ...]
    moved: tuple[KeptWorkItem, ...]
    closed: Mapping[UUID, str]


def work_changes(
    allocating: Allocating, instances: Iterable[InstanceWork], *, completed: UUID | None
) -> WorkChanges:
    """Compare the tasks that now wait with the work items that were open."""
    case = allocating.case
    kept = {(item.instance_id, item.task): item for item in case.work_items}
    opened: list[NewWorkItem] = []
    closed: dict[UUID, str] = {}
    for each in instances:
        waiting = {task.task: task for task in each.open_tasks}
        for (instance, task), item in kept.items():
            if instance == each.instance and task not in waiting:
                closed[item.id] = "completed" if item.id == completed else "cancelled"
        for task, open_task in waiting.items():
            if (each.instance, task) not in kept:
                id = case.new_id("work", len(opened))
                opened.append(_new_item(allocating, each.instance, open_task, id))
    staying = [item for item in case.work_items if item.id not in closed]
    moved = tuple(_moved(allocating, staying))
    return WorkChanges(tuple(opened), moved, closed)


def _new_item(
    allocating: Allocating, instance: UUID, open_task: runtime.OpenTask, id: UUID
) -> NewWorkItem:
    definition, facts = allocating.case.definition, allocating.facts
    element = definition.elements[open_task.element]
    named = allocating.named(element, instance)
    # So that a title can say who does it, where whoever has the task only watches it.
    data = {**open_task.data, "outsider": named if allocating.is_outsider(named) else None}

    def said(name: str, default: str | None) -> str | None:
        """Return a property, worked out over the instance's data if it begins with "="."""
        text = element.properties.get(name) or default
        if not text or not text.startswith("="):
            return text
        try:
            value = runtime.evaluate(text[1:], data, facts.surroundings_in(instance))
        except ExpressionError as error:
            raise StepFailed(element.id, f"its {name} cannot be worked out: {error}") from error
        return None if value is None else str(value)

    role = definition.pack.role_of_lane(said("role", element.lane) or "")
    deadline = said("deadline", None)
    allocation = allocating.to(named, role.name if role else "")
    dates = _dates(
        allocating.case,
        facts,
        element,
        deadline,
        instance,
        opened_on=facts.today,
        domain=allocating.domain,
    )
    return NewWorkItem(
        id=id,
        instance_id=instance,
        task=open_task.task,
        name=element.properties.get("work_item") or element.id,
        element=element.id,
        process=element.process,
        title=said("title", None) or element.title,
        role=allocation.role,
        form=element.properties.get("form") or definition.pack.default_form,
        deadline=deadline,
        optional=str(said("optional", "")).lower() == "true",
        assignee=allocation.assignee,
        manager=facts.manager,
        needs_allocating=allocation.needs_allocating,
        act_by_on=dates.act_by_on,
        limit_on=dates.limit_on,
        reason=dates.reason,
        booked_on=dates.booked_on,
        booked_time=dates.booked_time,
        own_role=allocation.own_role,
    )


BEFORE_IT = Amount(1, "working days")
"""How long before an appointment the work that serves it is due, if its task does not say."""


@dataclass(frozen=True)
class WorkDates:
    """What a work item says of when; `booked_time` as "14:30"."""

    act_by_on: date | None
    limit_on: date | None
    reason: str | None
    booked_on: date | None
    booked_time: str | None


def _dates(
    case: LoadedCase,
    facts: CaseFacts,
    element: Element | None,
    deadline: str | None,
    instance: UUID,
    *,
    opened_on: date,
    domain: Domain,
) -> WorkDates:
    """Return the dates of a task: its deadline's, and what is booked to meet it.

    Whoever books has to do so `lead` before the last day, or before a day that was agreed. Work
    that serves what is booked is due before it.
    """
    act_by_on, limit_on, reason = facts.dates_of(deadline, instance)
    appointment = appointment_for(case.definition, element, deadline)
    values = facts.values_in(instance) if appointment else {}
    is_booked = booking(appointment, values)
    serves = False
    if is_booked and appointment and element:
        serves = not arranges(case.definition, element, appointment)
    ahead = still_to_come(appointment, appointment.agreed, values) if appointment else None
    lead = amount_from(element.properties.get("lead", "")) if element else None
    if is_booked:
        ahead, lead = (is_booked.day, lead or BEFORE_IT) if serves else (None, None)
    if lead is not None and act_by_on is not None:
        first = act_by_on if ahead is None else min(act_by_on, ahead)
        days_off = case.definition.pack.days_off
        act_by_on, why = domain.act_ahead(first, lead, not_before=opened_on, days_off=days_off)
        reason = f"{reason} {why}"
    if is_booked is None or serves:
        return WorkDates(act_by_on, limit_on, reason, None, None)
    return WorkDates(act_by_on, limit_on, reason, is_booked.day, is_booked.time or None)


def _moved(allocating: Allocating, staying: Iterable[KeptWorkItem]) -> Iterator[KeptWorkItem]:
    """Yield the open work items whose dates or worker this step changes."""
    facts, types = allocating.facts, allocating.case.definition.pack.facts
    renamed = {owner_of(key) for key in facts.fact_writes if types[name_of(key)].type == "user"}
    case = allocating.case
    called_off = _called_off(case, facts)
    over = {
        (write.name, write.owner)
        for write in facts.deadline_writes
        if write.closed_as in ("met", "late", "cancelled") and write.id not in called_off
    }
    for item in staying:
        changed = item
        if over & _goes_by(item):
            changed = replace(changed, follows_deadline=False)
        if changed.follows_deadline:
            changed = _dated(case, facts, changed, allocating.domain)
        if item.instance_id in renamed or None in renamed:
            changed = _reallocated(allocating, changed, is_own=item.instance_id in renamed)
        if changed != item:
            yield changed


def _called_off(case: LoadedCase, facts: CaseFacts) -> dict[UUID, tuple[str, UUID | None]]:
    """Return the deadlines whose day 0 was taken back: their work stays, and waits for another.

    Each by its id, and by (name, owner).
    """
    gone = {key for key, write in facts.fact_writes.items() if write.value is None}
    owners = {each.id: (each.derived, owner_of(each.derived.key)) for each in case.deadlines}
    return {
        id: (derived.name, owner)
        for id, (derived, owner) in owners.items()
        if owned(derived.day_0_fact, owner) in gone
    }


def _dated(case: LoadedCase, facts: CaseFacts, item: KeptWorkItem, domain: Domain) -> KeptWorkItem:
    dates = dates_of_kept(case, facts, item, domain)
    booked = replace(item, booked_on=dates.booked_on, booked_time=dates.booked_time)
    if dates.limit_on is None and _goes_by(item).isdisjoint(_called_off(case, facts).values()):
        return booked
    return replace(booked, act_by_on=dates.act_by_on, limit_on=dates.limit_on, reason=dates.reason)


def dates_of_kept(
    case: LoadedCase, facts: CaseFacts, item: KeptWorkItem, domain: Domain
) -> WorkDates:
    """Return the dates of an open work item as the facts have them now."""
    element = case.definition.elements.get(item.element)
    opened_on = domain.today(item.opened_at)
    place = item.deadline, item.instance_id
    return _dates(case, facts, element, *place, opened_on=opened_on, domain=domain)


def _goes_by(item: KeptWorkItem) -> set[tuple[str, UUID | None]]:
    """Return whose deadlines of which name an item goes by: (name, owner)."""
    if item.deadline is None:
        return set()
    owner = owner_of(item.deadline)
    if owner is not None:
        return {(name_of(item.deadline), owner)}
    return {(item.deadline, None), (item.deadline, item.instance_id)}


def _reallocated(allocating: Allocating, item: KeptWorkItem, *, is_own: bool) -> KeptWorkItem:
    """Return an item as the people named now have it; `is_own`: its own work names another."""
    case, facts = allocating.case, allocating.facts
    pack, element = case.definition.pack, case.definition.elements[item.element]
    if "person" in element.properties:
        named = allocating.named(element, item.instance_id)
        if is_own:
            lane = pack.role_of_lane(element.properties.get("role") or element.lane or "")
            return _given(item, allocating.to(named, lane.name if lane else item.role), facts)
        if allocating.is_person(named):
            return replace(item, manager=facts.manager)
    role = pack.roles.get(item.done_by)
    if role is None or role.work_goes_to != "case":
        return item
    return _given(item, allocating.to(None, role.name), facts)


def _given(item: KeptWorkItem, to: Allocation, facts: CaseFacts) -> KeptWorkItem:
    return replace(
        item,
        role=to.role,
        own_role=to.own_role,
        assignee=to.assignee,
        needs_allocating=to.needs_allocating,
        manager=facts.manager,
    )


def armed_timers(instance: UUID, run: runtime.Run) -> Iterable[KeptTimer]:
    """Return the timers that an instance waits for, one for each task."""
    wanted: dict[int, KeptTimer] = {}
    for armed in run.timers:
        timer = KeptTimer(instance, armed.task, armed.element, armed.due_at)
        known = wanted.get(armed.task)
        # An event gateway arms several; the earliest wakes it.
        if known is None or _sooner(timer, known):
            wanted[armed.task] = timer
    return wanted.values()


def surroundings_of(
    facts: CaseFacts, holds: Mapping[tuple[UUID, int], Hold], instance: UUID
) -> Surroundings:
    """Return what expressions of one instance read, with its timers that are held."""
    reads = facts.surroundings_in(instance)
    own = {task: hold for (id, task), hold in holds.items() if id == instance}
    return replace(reads, holds=own) if own else reads


def held_timers(case: LoadedCase) -> dict[tuple[UUID, int], Hold]:
    """Return the timers of a case that incidents keep from firing."""
    return {each.key: each.hold for each in case.timers if each.hold is not None}


def _sooner(timer: KeptTimer, known: KeptTimer) -> bool:
    return timer.due_at is not None and (known.due_at is None or timer.due_at < known.due_at)


LONGEST = 200
"""Characters of a key that are kept as they are; of longer ones the SHA-256."""


def key_of(expression: str, payload: Mapping[str, JsonValue], reads: Surroundings) -> str | None:
    """Return the key that a start event's property `key` gives a message, None without one.

    Raises:
        ExpressionError: the key reads what the message does not carry.
    """
    if not expression:
        return None
    text = json.dumps(plain(runtime.evaluate(expression, payload, reads)))
    return text if len(text) <= LONGEST else hashlib.sha256(text.encode()).hexdigest()
