"""F1 in a browser: a date pasted into one box of three."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import Site


def paste(person: Person, box: str, text: str) -> None:
    """Paste a text into an input as the keyboard does."""
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    person.page.locator(f"[id='{box}']").focus()
    person.page.keyboard.press("Control+V")


@pytest.mark.usefixtures("child")
class TestPastedDate:
    def test_f1_is_split_saved_and_found_again(self, site: Site, new_person: NewPerson) -> None:
        worker = new_person("dudley.social_worker")
        [task] = site.world.work("arrange_ppm")
        worker.open(f"/work-items/{task}")

        paste(worker, "meeting_date-month", "18 March 2026")

        for part, text in (("day", "18"), ("month", "3"), ("year", "2026")):
            expect(worker.page.locator(f"[id='meeting_date-{part}']")).to_have_value(text)
        expect(worker.page.locator("[data-app-saving]")).to_contain_text("Saved at")
        worker.open(f"/work-items/{task}")
        expect(worker.page.locator("[id='meeting_date-day']")).to_have_value("18")

    def test_f1_what_is_no_date_stays_where_it_was_pasted(
        self, site: Site, new_person: NewPerson
    ) -> None:
        worker = new_person("dudley.social_worker")
        [task] = site.world.work("arrange_ppm")
        worker.open(f"/work-items/{task}")

        paste(worker, "meeting_date-day", "3/18/2026")

        day = worker.page.locator("[id='meeting_date-day']")
        expect(day).to_have_value("3/18/2026")
        worker.press("Submit")
        assert "must be a real date, day first, such as 27 3 2026" in worker.read()
        expect(worker.page.locator("[id='meeting_date-day']")).to_have_value("3/18/2026")
