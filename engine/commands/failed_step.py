"""Write down that a person's step failed for another reason than their answers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from engine.commands import work_items
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import StepFailed, WorkFailed
from engine.storage import incidents, loading, tables
from engine.storage.incidents import Failed


def record(
    ctx: Context, work_item_id: UUID, answers: Mapping[str, JsonValue], error: StepFailed
) -> WorkFailed:
    """Keep the answers as the task's draft and count the failure; return what to tell the person.

    The third failure, or one after an operator handed the task back, is an open incident. Nothing
    is held up but the task itself, which stays open. Joins a transaction of its own.

    Raises:
        WorkItemNotFound, WorkItemAlreadyCompleted, NotPermitted, AnswersRefused: the task is not
            the actor's any more, or nothing so long is kept.
    """
    work_items.save_draft(ctx, work_item_id, answers)
    head = loading.find_work_item(ctx.connection, work_item_id)
    t = tables.work_item.c
    where = sa.select(t.instance_id, t.task).where(t.id == work_item_id)
    instance_id, task = ctx.connection.execute(where).one()
    failed = Failed(head.case_id, instance_id, task, head.element, kind="work")
    status = incidents.record_failed_work(ctx, failed, error)
    return WorkFailed(error.element, error.why, is_reported=status == "open")
