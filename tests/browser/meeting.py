"""A meeting as its chair fills it in, section by section."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.browser.person import Person
from tests.builders.world import CHAIR

ARRANGE_TITLE = "Arrange the Permanence Planning Meeting"
CHAIR_TITLE = "Chair and record the Permanence Planning Meeting"
FORM = Path(__file__).parents[2] / "bpmn_diagrams/dudley/forms/chair_ppm.json"
SECTION_OF = {
    name: field["x-section"] for name, field in json.loads(FORM.read_text())["properties"].items()
}
ROWS = {
    # Whoever is invited and every option stand there already, in this order, still unmarked.
    "attendance": [
        {"standing": "present"},
        {"standing": "present"},
        {"standing": "apologies"},
        {"standing": "report"},
        {"standing": "present"},
        {"standing": "present"},
        {"standing": "apologies"},
    ],
    "options": [
        {"standing": "ruled_out", "reason": "No change at home"},
        {"standing": "ruled_out", "reason": "No order would not hold"},
        {"standing": "ruled_out", "reason": "Guardianship fits better"},
        {"standing": "parallel", "reason": "An aunt came forward"},
        {"standing": "ruled_out", "reason": "The aunt asks for guardianship"},
        {"standing": "ruled_out", "reason": "Too young"},
        {"standing": "ruled_out", "reason": "Too young"},
        {"standing": "pursued", "reason": "Assessed"},
    ],
    "actions": [
        {
            "text": "Assess aunt",
            "owner": "dudley.social_worker",
            "due": "2026-04-01",
            "review_point": "Next meeting",
        },
        {
            "text": "Speech therapy",
            "owner": "other:",
            "owner-other": "The clinic",
            "due": "2026-04-08",
            "review_point": "Review",
        },
    ],
}


def chair(manager: Person, answers: Mapping[str, Any]) -> None:
    """Go through the sections from the list of them, check what is recorded, and submit it."""
    manager.follow("The meeting")
    for section in dict.fromkeys(SECTION_OF.values()):
        fill(manager, section, {**CHAIR, **answers})
        manager.press("Save and continue")
    manager.press("Submit")


def fill(manager: Person, section: str, answers: Mapping[str, Any]) -> None:
    """Answer the questions of the section that is shown, row by row."""
    here = {name: value for name, value in answers.items() if SECTION_OF.get(name) == section}
    manager.answer({name: value for name, value in here.items() if name not in ROWS})
    for name, rows in ROWS.items():
        if name not in here:
            continue
        for number, row in enumerate(rows):
            if number and name == "actions":
                manager.add_row(name)
            manager.answer({f"{name}-{number}-{key}": value for key, value in row.items()})
