"""A worker's whole meeting: arranged, drafted, chaired, followed up, on paper; desk and phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewPerson
from tests.browser.meeting import ARRANGE_TITLE, CHAIR_TITLE, fill
from tests.browser.person import Person
from tests.builders.world import ARRANGE, CHAIR


class TestWholeMeeting:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
    def test_is_arranged_drafted_chaired_followed_up_and_printed(
        self, child: str, new_person: NewPerson, size: tuple[int, int]
    ):
        worker = new_person("dudley.social_worker", size=size)
        worker.follow(ARRANGE_TITLE)
        worker.answer({**ARRANGE, "meeting_date": "2026-03-09"})
        worker.press("Submit")

        self.draft(worker, child)
        manager = new_person("dudley.team_manager", size=size)
        self.chair(manager)

        worker.open("/work")
        worker.follow("Update the care plan")
        worker.answer({"updated_on": "2026-03-09", "permanence_section": "Adoption"})
        worker.answer({"pre_meeting_report_ref": "R-1"})
        worker.press("Submit")
        worker.follow("Print what was recorded")
        assert "Adoption" in worker.read()

    def draft(self, worker: Person, child: str) -> None:
        """The worker writes a section of what somebody else will chair; it saves by itself."""
        worker.open(f"/cases/{child}")
        worker.follow(CHAIR_TITLE)
        expect(worker.page.locator("main")).to_contain_text("You are drafting this for")
        worker.page.locator("a[href$='/sections/child']").click()
        worker.look()
        fill(worker, "child", CHAIR)
        expect(worker.page.locator("[data-app-status=child]")).to_have_text("Completed")
        expect(worker.page.locator("[data-app-saving]")).to_contain_text("Saved at")
        worker.follow("Sections", within="body")
        worker.follow("Read it all")
        expect(worker.button("Submit")).to_have_count(0)

    def chair(self, manager: Person) -> None:
        """The manager completes what was drafted, questions appearing as they matter."""
        manager.follow(CHAIR_TITLE)
        page = manager.page
        expect(page.locator("main")).to_contain_text("Social Worker drafted this")
        answers = {**CHAIR, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"}
        manager.follow("The meeting")
        for section in ("meeting", "child", "family", "plan", "work"):
            if section == "child":
                expect(page.locator("#child_views")).to_have_value(CHAIR["child_views"])
            else:
                fill(manager, section, answers)
            manager.press("Save and continue")
        expect(page.locator("#drift_reason")).to_be_hidden()
        manager.answer({"drift": True})
        expect(page.locator("#drift_reason")).to_be_visible()
        page.locator("#drift_reason").fill("Typed by mistake")
        manager.answer({"drift": False, "permanence_achieved": False})
        manager.press("Save and continue")
        fill(manager, "next", answers)
        manager.press("Save and continue")
        manager.press("Submit")
        manager.follow("Print what was recorded")
        words = manager.read()
        assert "drafted by Social Worker" in words
        assert "Typed by mistake" not in words
        assert re.search(r"P-[A-Z0-9-]+", manager.page.title())
        assert "Sam" not in manager.page.title()
