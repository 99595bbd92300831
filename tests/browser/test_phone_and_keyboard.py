"""The first meeting's pages on a phone, and without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.site import Site
from tests.builders.world import ARRANGE


@pytest.mark.usefixtures("child")
class TestPhone:
    def test_shows_the_worker_list_task_and_child_without_scrolling_sideways(
        self, new_person: NewPerson
    ):
        worker = new_person("dudley.social_worker", size=PHONE)

        worker.follow("Arrange the Permanence Planning Meeting")
        worker.answer({**ARRANGE, "meeting_date": "2026-03-09"})
        worker.press("Submit")
        worker.follow("See the child")

        expect(worker.page.locator(".app-diagram__waiting").first).to_be_visible()
        worker.open("/your-cases")

    def test_shows_the_manager_the_long_form(self, site: Site, new_person: NewPerson):
        site.world.complete(
            "social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": "2026-03-09"}
        )
        manager = new_person("dudley.team_manager", size=PHONE)

        manager.follow("Chair and record the Permanence Planning Meeting")

        manager.follow("Check and submit")
        manager.press("Submit")
        summary = manager.page.locator(".govuk-error-summary")
        expect(summary).to_be_in_viewport()
        summary.get_by_role("link", name="Enter the reference of the record in LCS").click()
        expect(manager.page.locator("#record_ref")).to_be_in_viewport()
        manager.look()

    def test_shows_the_auditor_and_the_process_owner_theirs(self, new_person: NewPerson):
        auditor = new_person("auditor", size=PHONE)
        auditor.follow("1 event")
        auditor.follow("As a table")
        owner = new_person("process_owner", size=PHONE)
        owner.follow("Dudley")


@pytest.mark.usefixtures("child")
class TestKeyboard:
    def test_leads_from_sign_in_to_a_submitted_task(self, new_person: NewPerson):
        worker = new_person()
        page = worker.page
        worker.open("/sign-in")
        worker.tab_to(page.locator("button[value='dudley.social_worker']"))
        page.keyboard.press("Enter")
        worker.expect_address("/work")

        worker.tab_to(page.get_by_role("link", name="Arrange the Permanence Planning Meeting"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/work-items/*")
        for part, text in (("day", "18"), ("month", "3"), ("year", "2026")):
            worker.tab_to(page.locator(f"#meeting_date-{part}"))
            page.keyboard.type(text)
        worker.tab_to(page.locator("input[name=mode]").first)
        page.keyboard.press("Space")
        worker.tab_to(page.locator("input[name=invitees]").first)
        page.keyboard.press("Space")
        worker.tab_to(worker.button("Submit"))
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1, name="Recorded")).to_be_visible()
        page.wait_for_load_state("load")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
