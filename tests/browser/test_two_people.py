"""The same task twice: by two people, by two clicks, and after the session has ended."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import Site
from tests.builders.world import ARRANGE

ARRANGE_TITLE = "Arrange the Permanence Planning Meeting"


@pytest.mark.usefixtures("child")
class TestTwoPeople:
    def test_the_second_hears_who_was_first_and_keeps_their_words(
        self, site: Site, worker: Person, new_person: NewPerson
    ):
        worker.follow(ARRANGE_TITLE)
        other = new_person("dudley.social_worker")
        other.follow(ARRANGE_TITLE)
        worker.answer({**ARRANGE, "meeting_date": "2026-03-18"})
        worker.press("Submit")

        other.answer({**ARRANGE, "meeting_date": "2026-03-19"})
        other.press("Submit")

        words = other.read()
        assert "Someone completed this before you" in words
        assert "was completed by Social Worker on 9 March 2026 at 9:00am" in words
        assert "19 03 2026" in words
        assert "In person" in words
        assert len(site.world.work("chair_ppm")) == 1


@pytest.mark.usefixtures("child")
class TestDoubleClick:
    def test_completes_once_and_shows_what_follows(self, site: Site, worker: Person):
        worker.follow(ARRANGE_TITLE)
        worker.answer({**ARRANGE, "meeting_date": "2026-03-18"})

        with worker.page.expect_navigation(url="**/recorded/*"):
            worker.button("Submit").dblclick()

        worker.look()
        assert "What was set in motion" in worker.read()
        assert len(site.world.work("chair_ppm")) == 1


@pytest.mark.usefixtures("child")
class TestSessionExpired:
    def test_signing_in_again_returns_to_the_form(self, worker: Person):
        worker.follow(ARRANGE_TITLE)
        address = worker.page.url
        worker.page.context.clear_cookies()

        worker.page.reload()
        worker.look()
        worker.page.locator("button[value='dudley.social_worker']").click()

        expect(worker.page).to_have_url(address)
        expect(worker.button("Submit")).to_be_visible()

    def test_submitting_a_form_after_it_loses_nothing_that_was_typed(
        self, site: Site, worker: Person
    ):
        worker.follow(ARRANGE_TITLE)
        worker.answer({**ARRANGE, "meeting_date": "2026-03-18"})
        worker.page.context.clear_cookies()

        worker.press("Submit")

        expect(worker.page.get_by_role("heading", level=1)).to_have_text("You were signed out")
        assert len(site.world.work("arrange_ppm")) == 1
        worker.follow("Sign in")
        worker.page.locator("button[value='dudley.social_worker']").click()
        expect(worker.page.get_by_role("heading", name="Nothing was lost")).to_be_visible()
        worker.examine()
        worker.press("Submit")
        assert "What was set in motion" in worker.read()
