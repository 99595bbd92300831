"""F4 in a browser: the task goes to somebody else, or the session ends, while somebody types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewPerson
from tests.browser.site import Site

WORDS = "Held by video, as the aunt lives far away"


@pytest.mark.usefixtures("child")
class TestWhileSomebodyTypes:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE])
    def test_f4_the_task_is_given_to_a_colleague(
        self, site: Site, new_person: NewPerson, size: tuple[int, int]
    ) -> None:
        worker = new_person("dudley.social_worker", size=size)
        [task] = site.world.work("arrange_ppm")
        worker.open(f"/work-items/{task}")
        manager = new_person("dudley.team_manager")
        manager.open(f"/work-items/{task}")
        manager.page.get_by_text("Give this to somebody").click()
        manager.page.locator("#to").select_option("dudley.social_worker_2")
        manager.press("Give it to them")

        worker.page.locator("#place").fill(WORDS)
        saving = worker.page.locator("[data-app-saving]")
        expect(saving).to_contain_text("Could not save: This task is with Second Worker now")
        expect(worker.page.locator("#place")).to_have_value(WORDS)
        worker.press("Submit")

        said = worker.read()
        assert "This task is with Second Worker now" in said
        assert WORDS in said

    def test_f4_the_session_ends(self, site: Site, new_person: NewPerson) -> None:
        worker = new_person("dudley.social_worker")
        worker.open(f"/cases/{site.world.ref}/comments")
        worker.page.locator("#comment").fill(WORDS)
        worker.page.context.clear_cookies()

        worker.press("Add the comment")
        assert "You were signed out" in worker.read()
        assert WORDS in worker.read()
        worker.follow("Sign in")
        with worker.page.expect_navigation():
            worker.page.locator("button[value='dudley.social_worker']").click()
        worker.look()

        assert "Nothing was lost" in worker.read()
        expect(worker.page.locator("#comment")).to_have_value(WORDS)
