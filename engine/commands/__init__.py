"""What people do to a case. Each is one event; each joins the caller's transaction."""

from engine.commands.cases import correct_fact, open_case, ref_of, send_message
from engine.commands.work_items import (
    assign,
    claim,
    complete_work_item,
    release,
    role_wanted,
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
    "role_wanted",
    "save_draft",
    "save_draft_sections",
    "send_message",
]
