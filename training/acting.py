"""Who does what in a made-up case: people by name, and the task that waits."""

from __future__ import annotations

from engine.context import Actor, Context
from engine.open_work import case_heads, work_list
from engine.open_work.work_list import WorkItemRow
from engine.people import people
from training.toml_entries import DemoRefused


def actor_named(ctx: Context, name: str) -> Actor:
    """Return somebody of the made-up council.

    Raises:
        DemoRefused: there is nobody of that name.
    """
    actor = people.actor_named(ctx.connection, name)
    if actor is None:
        raise DemoRefused(f"there is nobody called {name}")
    return actor


def waiting_task(ctx: Context, ref: str, name: str) -> WorkItemRow:
    """Return the first open task of that name in a case, one that is only offered if no other is.

    Raises:
        DemoRefused: none waits; what waits is named.
    """
    head = case_heads.get_case_head(ctx.connection, ref)
    found = work_list.list_work(ctx.connection, case_id=head.id, name=name, optional=None).items
    if not found:
        waiting = work_list.list_work(ctx.connection, case_id=head.id, optional=None).items
        names = ", ".join(sorted({each.name for each in waiting})) or "nothing"
        raise DemoRefused(f"no task {name} waits then; there waits {names}")
    return min(found, key=lambda each: each.optional)
