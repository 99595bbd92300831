"""Dates that no longer run explain themselves on the child's page."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import Site


class TestSupersededDates:
    def test_say_what_replaced_them_and_why(
        self, site: Site, child: str, worker: Person, new_person: NewPerson
    ):
        site.world.go("2026-03-12")
        site.world.complete("iro", "book_review", {"review_date": "2026-03-19"})
        site.world.complete("iro", "rebook_review", {"review_date": "2026-03-27"})
        self.correct_the_care_entry(child, worker)

        worker.open(f"/cases/{child}")

        duty = worker.page.get_by_role("region", name="Permanence Planning Meeting", exact=True)
        expect(duty).to_contain_text("By Wednesday 25 March 2026")
        expect(duty).to_contain_text("10 working days after 11 March 2026")
        worker.page.get_by_text("Dates that no longer run, and why").click()
        by_review = self.row(worker, "18 March 2026")
        expect(by_review).to_contain_text("from 19 March 2026 to 27 March 2026")
        corrected = self.row(worker, "23 March 2026")
        expect(corrected).to_contain_text("Replaced.")
        expect(corrected).to_contain_text("from 9 March 2026 to 11 March 2026")
        expect(corrected).to_contain_text("Typing mistake")
        expect(corrected).to_contain_text("Now 25 March 2026: 10 working days after 11 March 2026")
        worker.examine()
        self.be_read_without_hindsight(new_person("auditor"), child)

    def be_read_without_hindsight(self, auditor: Person, child: str) -> None:
        """Why a date was replaced stands where it was replaced, not where it was set."""
        auditor.open(f"/cases/{child}/history")
        opened = auditor.page.get_by_role("row").filter(has_text="Case opened")
        expect(opened).to_contain_text("new limit 23 March 2026")
        expect(opened).not_to_contain_text("Typing mistake")
        corrected = auditor.page.get_by_role("row").filter(has_text="a correction")
        expect(corrected).to_contain_text("replaced; the limit was 23 March 2026")
        expect(corrected).to_contain_text("Typing mistake")

    def correct_the_care_entry(self, child: str, worker: Person) -> None:
        worker.open(f"/cases/{child}/corrections?fact=came_into_care_on")
        worker.answer({"value": "2026-03-11", "reason": "Typing mistake"})
        worker.press("Record the correction")

    def row(self, worker: Person, limit: str) -> Locator:
        """Return the past meeting date of that limit."""
        limit_cell = worker.page.get_by_role("cell", name=limit, exact=True)
        rows = worker.page.get_by_role("row").filter(has=limit_cell)
        return rows.filter(has_text="Permanence Planning Meeting")
