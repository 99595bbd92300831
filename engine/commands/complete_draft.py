"""Completing a task with what was saved of it, section by section, and with nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from engine.commands import work_items
from engine.context import Context
from engine.errors import DraftChanged
from engine.open_work import answer_preview
from engine.reads import work_item
from engine.reads.work_item import WorkItemView
from engine.storage import loading
from engine.storage.saving import SavedStep


def complete_drafted(ctx: Context, work_item_id: UUID, shown: Mapping[str, str]) -> SavedStep:
    """Complete a task with its draft and what its form opens with, as the sender was shown it.

    Args:
        shown: section -> the `Draft.token` under which the sender read it.

    Raises:
        DraftChanged: somebody saved a section since; nothing was written.
        And what `work_items.complete_work_item` raises.
    """
    head = loading.find_work_item(ctx.connection, work_item_id)
    # Locks the case: nobody saves a section between the look at the draft and its end.
    loading.load_case(ctx.connection, head.case_id)
    view = work_item.get_work_item(
        ctx.connection, work_item_id, reader=ctx.actor, domain=ctx.domain, now=ctx.now
    )
    require_unchanged(view, shown)
    answers = answer_preview.that_matter(view.form, view.values, view.reads)
    return work_items.complete_work_item(ctx, work_item_id, answers=answers)


def require_unchanged(view: WorkItemView, shown: Mapping[str, str]) -> None:
    """Raise DraftChanged if a section was saved since it was shown to who is to complete it."""
    if view.item.status != "open" or not view.may_work:
        return  # Completing it says so.
    ids = view.form.section_ids
    changed = tuple(each for each in ids if view.token(each) != shown.get(each))
    if changed:
        raise DraftChanged(changed)
