"""What a case waits for, as a step leaves it: work items for people, timers for the clock."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from engine.context import Context
from engine.domain import first_day
from engine.step.model import KeptTimer, KeptWorkItem, LoadedCase, Step
from engine.storage import tables
from engine.storage.compiled_sql import Statement, Values, Write
from engine.storage.row_values import work_row
from engine.storage.sealed_rows import (
    HOLDER,
    MOVED,
    WORK,
    WORK_END,
    WORK_HELD,
    WORK_OWN,
    Sealing,
)

_INSERT_WORK = Statement(tables.work_item.insert())
_INSERT_TIMER = Statement(tables.timer.insert())
_work = tables.work_item
_CLOSE_WORK = Statement(
    _work.update().where(_work.c.id == sa.bindparam("item"), _work.c.status == "open")
)
_sort_on = sa.func.coalesce(sa.bindparam("moved_to", type_=sa.Date), _work.c.sort_on)
_MOVE_WORK = Statement(
    _work.update()
    .where(_work.c.id == sa.bindparam("item"))
    .values({name: sa.bindparam(name) for name in (*MOVED, "own_role")} | {"sort_on": _sort_on})
)
_INSERT_HOLDER = Statement(tables.holder.insert())
_END_HOLDER = Statement(
    tables.holder.update().where(
        tables.holder.c.work_item_id == sa.bindparam("of_item"),
        tables.holder.c.to_sequence.is_(None),
    )
)
_DELETE_DRAFT = Statement(
    tables.draft.delete().where(tables.draft.c.work_item_id == sa.bindparam("of_item"))
)
_OF_TIMER = sa.and_(
    tables.timer.c.instance_id == sa.bindparam("of_instance"),
    tables.timer.c.task == sa.bindparam("of_task"),
)
_MOVE_TIMER = Statement(tables.timer.update().where(_OF_TIMER))
_DELETE_TIMER = Statement(tables.timer.delete().where(_OF_TIMER))


def work_item_writes(
    ctx: Context, case: LoadedCase, sequence: int, step: Step, sealing: Sealing
) -> Iterator[Write]:
    """Yield what a step does to work items; those that are over lose their drafts."""
    closed = [_closed(ctx, sequence, *each) for each in step.closed.items()]
    sealing.add([WORK_END], ({**each, "id": each["item"]} for each in closed))
    yield _CLOSE_WORK, closed
    yield _DELETE_DRAFT, [{"of_item": id} for id in step.closed]
    moved = [_moved(item) for item in step.moved]
    sealing.add([WORK_HELD], ({**each, "id": each["item"]} for each in moved))
    # Whose own it is, of work that is or was another's to allocate: of all other it is never said.
    to_allocate = {item.id for item in case.work_items if item.own_role is not None}
    sealing.add(
        [WORK_OWN],
        (
            {**each, "id": each["item"]}
            for each in moved
            if each["own_role"] is not None or each["item"] in to_allocate
        ),
    )
    yield _MOVE_WORK, moved
    opened = [work_row(ctx, case, sequence, each) for each in step.opened]
    sealing.add([WORK_OWN], (each for each in opened if each["own_role"] is not None))
    yield _INSERT_WORK, sealing.add([WORK, WORK_HELD], opened)
    yield from _holders(case, sequence, step, sealing)


def _holders(case: LoadedCase, sequence: int, step: Step, sealing: Sealing) -> Iterator[Write]:
    """Yield the end of whose work was whose, and whose it is now."""
    before = {item.id: item.assignee for item in case.work_items}
    changed = {each.id: each.assignee for each in step.moved if each.assignee != before[each.id]}
    yield (
        _END_HOLDER,
        [{"of_item": id, "to_sequence": sequence} for id in changed if before[id] is not None],
    )
    now = changed | {each.id: each.assignee for each in step.opened}
    rows = (
        {"case_id": case.id, "work_item_id": id, "from_sequence": sequence, "assignee": assignee}
        for id, assignee in now.items()
        if assignee is not None
    )
    yield _INSERT_HOLDER, sealing.add([HOLDER], rows)


def _closed(ctx: Context, sequence: int, id: UUID, how: str) -> Values:
    return {
        "item": id,
        "status": how,
        "closed_at": ctx.now,
        "closed_sequence": sequence,
        "completed_by": ctx.actor.name if how == "completed" else None,
    }


def _moved(item: KeptWorkItem) -> Values:
    kept = {name: getattr(item, name) for name in (*MOVED, "own_role")}
    moved_to = first_day(item.booked_on, item.act_by_on)
    return {"item": item.id, "moved_to": moved_to, **kept}


def timer_writes(case: LoadedCase, step: Step) -> Iterator[Write]:
    """Yield what a step does to armed timers."""
    gone = step.timers_gone
    yield _DELETE_TIMER, [{"of_instance": instance, "of_task": task} for instance, task in gone]
    known = {each.key for each in case.timers}
    yield _MOVE_TIMER, [_moved_timer(each) for each in step.timers if each.key in known]
    yield (
        _INSERT_TIMER,
        [
            {
                "instance_id": each.instance_id,
                "task": each.task,
                "case_id": case.id,
                "element": each.element,
                "due_at": each.due_at,
            }
            for each in step.timers
            if each.key not in known
        ],
    )


def _moved_timer(timer: KeptTimer) -> Values:
    return {
        "of_instance": timer.instance_id,
        "of_task": timer.task,
        "element": timer.element,
        "due_at": timer.due_at,
    }
