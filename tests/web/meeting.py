"""A first meeting as the chair records it."""

from __future__ import annotations

from typing import Any

from engine.forms import Form, parse_form
from tests.web.conftest import PACK
from web.forms import raw_values

MEETING: dict[str, Any] = {
    "held_date": "2026-03-09",
    "attendance": [
        {"role": "team_manager", "standing": "present"},
        {"role": "social_worker", "standing": "present"},
    ],
    "child_views": "Would like to stay near school.",
    "views_date": "2026-03-05",
    "views_by": "The child's social worker",
    "views_method": "direct_work",
    "seen_alone": "yes",
    "needs": "A settled home.",
    "siblings": "None.",
    "family_time": "Weekly.",
    "genogram_reviewed": "2026-03-09",
    "genogram_current": True,
    "options": [
        {"option": "reunification", "standing": "pursued", "reason": "Assessment under way."},
        {"option": "special_guardianship", "standing": "parallel", "reason": "Grandmother."},
    ],
    "primary_plan": "reunification",
    "parallel_plan": "special_guardianship",
    "stage": "assessment",
    "decision": "Assess both plans side by side.",
    "rationale": "Either keeps the child within the family.",
    "actions": [{"text": "Assess", "owner": "Social worker", "due": "2026-03-30"}],
    "drift": False,
    "permanence_achieved": False,
    "next_ppm_date": "2026-04-20",
    "record_ref": "LCS-PPM-1",
}


def chair_form() -> Form:
    """Return the pack's form for chairing."""
    return parse_form("chair_ppm", (PACK / "forms/chair_ppm.json").read_bytes())


def chaired(**changes: Any) -> dict[str, list[str]]:
    """Return what a browser posts for the meeting, with some answers changed."""
    return raw_values(chair_form(), {**MEETING, **changes})
