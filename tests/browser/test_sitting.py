"""One sitting for a brother and a sister, as its chair goes through it on a phone."""

from __future__ import annotations

from uuid import UUID

from playwright.sync_api import expect

from engine import commands
from tests.browser.conftest import PHONE, NewPerson
from tests.browser.meeting import CHAIR_TITLE
from tests.browser.site import Site
from tests.builders.world import ARRANGE, CHAIR, World

SISTER = UUID("6f1c8f4e-2b34-5d0c-9a55-0a4c8b1f7e12")


def arrange(world: World, **facts: str) -> None:
    """Open a case whose meeting is held today."""
    world.open(sibling_group="SG-1", **facts)
    world.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": "2026-03-09"})


class TestSitting:
    def test_leads_from_one_child_to_the_next(self, site: Site, new_person: NewPerson):
        sister = World(site.world.engine, case_id=SISTER)
        arrange(site.world)
        arrange(sister, child_ref="X-2", child_name="Jo Example")
        [task] = site.world.work("chair_ppm")
        drafted = {**CHAIR, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"}
        site.world.act("team_manager", lambda ctx: commands.save_draft(ctx, task, drafted))

        manager = new_person("dudley.team_manager", size=PHONE)
        manager.open(f"/work-items/{task}")
        manager.follow("The meeting")
        manager.answer({"held_with": [sister.ref]})
        manager.press("Save and see all sections")
        assert "1 of 2 in this sitting" in manager.read()
        manager.follow("Check and submit")
        manager.press("Submit")

        manager.examine()
        assert "1 of 2 recorded" in manager.read()
        manager.follow("Jo Example")
        expect(manager.page.get_by_role("heading", level=1)).to_have_text(CHAIR_TITLE)
        manager.examine()
        assert "2 of 2 in this sitting" in manager.read()
        manager.follow("Check and submit")
        words = manager.read()
        assert "Team Manager, Present" in words
        assert CHAIR["child_views"] not in words
