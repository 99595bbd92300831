"""Two people in the same section of one draft: nothing is lost, and both hear what happened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.site import Site
from tests.builders.world import ARRANGE


@pytest.mark.usefixtures("child")
class TestTwoWriters:
    def test_the_overtaken_one_hears_of_it_and_chooses(self, site: Site, new_person: NewPerson):
        site.world.complete(
            "social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": "2026-03-09"}
        )
        worker = new_person("dudley.social_worker")
        manager = new_person("dudley.team_manager")
        [task] = site.world.work("chair_ppm")
        address = f"/work-items/{task}/sections/child"
        for person in (worker, manager):
            person.open(address)

        worker.page.locator("#child_views").fill("Said to the worker")
        saving = worker.page.locator("[data-app-saving]")
        expect(saving).to_contain_text("Saved at")
        manager.page.locator("#child_views").fill("Said in the meeting")
        hears = manager.page.locator("[data-app-saving]")
        expect(hears).to_contain_text("Social Worker saved “The child\u2019s views” meanwhile")
        expect(manager.page.locator("#child_views")).to_have_value("Said in the meeting")

        manager.press("Save and continue")
        words = manager.read()
        assert re.search("Somebody else saved “The child.s views”", words)
        assert "Said to the worker" in words
        expect(manager.page.locator("#child_views")).to_have_value("Said in the meeting")
        manager.page.locator("#child_views").fill("Said to the worker, and in the meeting")
        manager.press("Save and continue")

        worker.open(address)
        views = worker.page.locator("#child_views")
        expect(views).to_have_value("Said to the worker, and in the meeting")
