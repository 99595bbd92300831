"""A worker's whole meeting: arranged, drafted, chaired, followed up, on paper; desk and phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewPerson
from tests.browser.person import Person
from tests.browser.test_first_meeting import ARRANGE_TITLE, CHAIR_TITLE, ROWS
from tests.engine.world import ARRANGE, CHAIR

VIEWS = ("child_views", "views_date", "views_by", "views_method", "seen_alone")


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
        worker.answer({"pre_meeting_report_ref": "R-1", "iro_notified": True})
        worker.press("Submit")
        worker.follow("Print what was recorded")
        assert "Adoption" in worker.read()

    def draft(self, worker: Person, child: str) -> None:
        """The worker writes a section of what somebody else will chair; it saves by itself."""
        worker.open(f"/cases/{child}")
        worker.follow(CHAIR_TITLE)
        expect(worker.page.locator("main")).to_contain_text("You are drafting this for")
        expect(worker.button("Submit")).to_have_count(0)
        worker.answer({name: CHAIR[name] for name in VIEWS})
        status = worker.page.locator("[data-app-status=child]")
        expect(status).to_have_text("Completed")
        expect(worker.page.locator("[data-app-saving]")).to_contain_text("Saved at")

    def chair(self, manager: Person) -> None:
        """The manager completes what was drafted, questions appearing as they matter."""
        manager.follow(CHAIR_TITLE)
        page = manager.page
        expect(page.locator("main")).to_contain_text("Social Worker drafted this")
        expect(page.locator("#child_views")).to_have_value(CHAIR["child_views"])
        plain = {k: v for k, v in CHAIR.items() if k not in ROWS and k not in VIEWS}
        manager.answer({**plain, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"})
        for name, rows in ROWS.items():
            for number, row in enumerate(rows):
                if number:
                    manager.add_row(name)
                manager.answer({f"{name}-{number}-{key}": value for key, value in row.items()})
        expect(page.locator("#drift_reason")).to_be_hidden()
        manager.answer({"drift": True})
        expect(page.locator("#drift_reason")).to_be_visible()
        page.locator("#drift_reason").fill("Typed by mistake")
        manager.answer({"drift": False})
        manager.examine()
        manager.press("Submit")
        manager.follow("Print what was recorded")
        words = manager.read()
        assert "drafted by Social Worker" in words
        assert "Typed by mistake" not in words
        assert re.search(r"P-[A-Z0-9-]+", manager.page.title())
        assert "Sam" not in manager.page.title()
