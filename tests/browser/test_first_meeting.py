"""The first meeting of one child, as a social worker and a team manager see it in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.meeting import ARRANGE_TITLE, CHAIR_TITLE, chair
from tests.browser.person import Person
from tests.builders.world import ARRANGE, CASE


def open_case(worker: Person, **more: str) -> str:
    """Open a child's case through the form, and return its reference."""
    worker.press("Open a case")
    worker.answer({**CASE, **more})
    worker.press("Open the case")
    return worker.page.url.split("/cases/")[1].split("/")[0]


class TestFirstMeeting:
    def test_is_opened_arranged_held_and_followed_up(self, worker: Person, new_person: NewPerson):
        worker.expect_address("/work")
        ref = open_case(worker)
        done = worker.read()
        assert f"{ARRANGE_TITLE}: Social Worker, by Monday 16 March 2026" in done

        worker.follow("Back to your work")
        worker.follow(ARRANGE_TITLE)
        self.be_refused(worker)
        worker.answer({**ARRANGE, "meeting_date": "2026-03-18"})
        worker.press("Submit")
        done = worker.read()
        assert f"{CHAIR_TITLE}: Team Manager" in done
        assert "Next Permanence Planning Meeting: 18 March 2026" in done

        self.move_the_clock(worker, "2026-03-18")
        manager = new_person("dudley.team_manager")
        manager.follow(CHAIR_TITLE)
        chair(manager, {"held_date": "2026-03-18", "next_ppm_date": "2026-04-29"})
        done = manager.read()
        assert "Update the care plan" in done
        assert "new limit 25 March 2026" in done

        manager.follow("See the child")
        self.look_at_the_child(manager, ref)

    def be_refused(self, worker: Person) -> None:
        """Submit too little: the summary has the focus, leads to the field, keeps the rest."""
        worker.answer({"mode": "hybrid", "late_reason": "The carers\nare away"})
        worker.press("Submit")
        summary = worker.page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        assert worker.page.title().startswith("Error: ")
        summary.get_by_role("link").first.click()
        expect(worker.page.locator("#meeting_date-day")).to_be_focused()
        expect(worker.page.locator("input[name=mode][value=hybrid]")).to_be_checked()
        reason = worker.page.locator("#late_reason")
        expect(reason).to_have_value("The carers\nare away")
        reason.fill("")

    def move_the_clock(self, worker: Person, day: str) -> None:
        worker.follow("Move the clock", within="body")
        worker.date("to", day)
        worker.press("Move the clock")
        expect(
            worker.page.get_by_text("It is Wednesday 18 March 2026, 9:00am.").first
        ).to_be_visible()

    def look_at_the_child(self, person: Person, ref: str) -> None:
        """The page says where the plan is in words, and the flowchart marks the same."""
        words = person.read()
        assert ref in words
        plan = person.page.get_by_role("region", name="Care plan update")
        expect(plan).to_contain_text("By Wednesday 25 March 2026")
        expect(plan).to_contain_text("5 working days after 18 March 2026")
        meeting = person.page.get_by_role("region", name="Permanence Planning Meeting", exact=True)
        expect(meeting).to_contain_text("6 weeks after 18 March 2026")
        assert "Next Permanence Planning Meeting agreed for: 29 April 2026" in words
        drawing = person.page.locator(".app-diagram")
        expect(drawing.locator(".app-diagram__waiting").first).to_contain_text("Waiting: ")
        expect(drawing.locator(".djs-element.app-done").first).to_be_attached()
