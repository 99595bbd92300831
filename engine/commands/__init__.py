"""What people do to a case. Each is one event; each joins the caller's transaction.

The package itself holds the commands on a case and on a piece of work.

Front doors:
    the package: open_case, send_message, correct_fact; complete_work_item, claim, assign, …
    comments: say something about a case
    complete_draft: complete a task with what was saved of it
    failed_step: write down that a step failed and keep its answers
    leaving: give a leaver's cases and work to others

Imports: bpmn, context, domain, errors, open_work, packs, people, reads, step, storage, tracker.
"""

from engine.commands.cases import correct_fact, open_case, ref_of, send_message
from engine.commands.work_items import (
    assign,
    claim,
    complete_work_item,
    release,
    save_draft,
    save_draft_sections,
)
from engine.storage.saving import SavedStep

__all__ = [
    "SavedStep",
    "assign",
    "claim",
    "complete_work_item",
    "correct_fact",
    "open_case",
    "ref_of",
    "release",
    "save_draft",
    "save_draft_sections",
    "send_message",
]
