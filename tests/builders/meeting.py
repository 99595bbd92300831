"""A first meeting as the chair records it."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from engine.packs.forms import Form, parse_form
from tests.builders.visitor import Visitor
from tests.builders.world import every_option
from tests.web.conftest import PACK
from web.forms.typed_answers import raw_values

HIDDEN = re.compile(r'<input type="hidden" name="((?:seen-|shown_to)[^"]*)" value="([^"]*)">')

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
    "options": every_option(reunification="pursued", special_guardianship="parallel"),
    "assessment_needed": False,
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


def typed_in(section: str, **changes: Any) -> dict[str, list[str]]:
    """Return what a browser posts for one section of the meeting, with some answers changed."""
    form = chair_form()
    names = form.names_in(section)
    answers = {name: value for name, value in MEETING.items() if name in names}
    return {"section": [section], **raw_values(form, {**answers, **changes})}


def chair(manager: Visitor, task: str, *, status: int = 303, **changes: Any) -> TestResponse:
    """Fill in and save every section of the meeting, check it and submit it."""
    form = chair_form()
    for section in form.section_ids:
        names = form.names_in(section)
        here = {name: value for name, value in changes.items() if name in names}
        page = manager.open(f"{task}/sections/{section}").text
        fields = {**carried_by(page), **typed_in(section, **here), "action": "save"}
        manager.send(f"{task}/sections/{section}", fields)
    return submit(manager, task, status=status)


def submit(manager: Visitor, task: str, *, status: int = 303) -> TestResponse:
    """Submit what was saved, from the page that shows all of it."""
    page = manager.open(f"{task}/check").text
    return manager.send(f"{task}/check", carried_by(page), status=status)


def carried_by(page: str) -> dict[str, str]:
    """Return what a page of a task sends along with what is typed."""
    return dict(HIDDEN.findall(page))
