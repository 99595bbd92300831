"""A complaint and a request for information in Chromium, and not one word about children."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import Site, running
from tests.journeys.complaints import COMPLAINT, REQUEST, fill

OF_ANOTHER_TRADE = re.compile(r"\b(child|children|care|permanence plan\w*)\b", re.IGNORECASE)


@pytest.fixture
def site(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> Iterator[Site]:
    """The application with the pack of complaints and its people, and no case yet."""
    request.getfixturevalue("built_assets")
    with running(new_database("sqlite", fill=fill)) as site:
        yield site


class Colleague(Person):
    """Somebody who reads every page for words of another trade."""

    def look(self) -> None:
        super().look()
        words = f"{self.page.title()}\n{self.page.locator('body').inner_text()}"
        assert OF_ANOTHER_TRADE.findall(words) == [], f"{self.page.url}: {words}"

    def record(self, task: str, answers: dict[str, object]) -> str:
        """Do a task that waits in one's list; return what the page says then."""
        self.open("/work")
        self.follow(task)
        self.answer(answers)
        self.press("Submit")
        return self.read()

    def move_the_clock(self, day: str) -> None:
        self.open("/clock")
        self.date("to", day)
        self.press("Move the clock")


@pytest.fixture
def colleague(new_person: NewPerson) -> Callable[[str], Colleague]:
    """Sit somebody of the council down at a browser of their own."""

    def sit_down(role: str) -> Colleague:
        person = new_person(f"complaints.{role}", kind=Colleague)
        assert isinstance(person, Colleague)
        return person

    return sit_down


class TestComplaint:
    def test_from_opening_to_its_end(self, colleague: Callable[[str], Colleague]) -> None:
        officer = colleague("complaints_officer")
        ref = self.open_complaint(officer)
        words = officer.record(
            "Acknowledge, define and log the complaint",
            {
                "acknowledged_on": "2026-03-09",
                "definition": "Three missed visits",
                "accepted": True,
                "stage_1_investigator": "complaints.stage_1_investigator",
            },
        )
        assert "by Monday 23 March 2026" in words

        self.respond_with_a_promise(colleague("stage_1_investigator"))
        self.keep_the_promise(colleague("repairs_team"))
        self.go_to_stage_2(officer, ref)
        self.give_the_final_response(colleague("stage_2_reviewer"))

        officer.open(f"/cases/{ref}")
        assert "Closed on 9 March 2026." in officer.read()
        for page in ("history", "processes/stage_1", "processes/missed_dates"):
            officer.open(f"/cases/{ref}/{page}")
        self.look_around(colleague("service_head"))

    def open_complaint(self, officer: Colleague) -> str:
        officer.press("Open a case")
        officer.answer(COMPLAINT)
        officer.press("Open the case")
        return officer.page.url.split("/cases/")[1].split("/")[0]

    def respond_with_a_promise(self, investigator: Colleague) -> None:
        investigator.open("/work")
        investigator.follow("Investigate and respond at stage 1")
        investigator.answer({"responded_on": "2026-03-09", "decision": "upheld"})
        investigator.answer({"reasons": "Nobody booked the visits", "remedy": "A new boiler"})
        investigator.add_row("actions")
        investigator.answer({"actions-0-text": "Replace the boiler"})
        investigator.answer({"actions-0-owner": "complaints.repairs_team"})
        investigator.date("actions-0-due", "2026-03-20")
        investigator.answer({"told_stage_2": True})
        investigator.press("Submit")
        assert "Replace the boiler" in investigator.read()

    def keep_the_promise(self, repairs: Colleague) -> None:
        assert "Recorded for" in repairs.record("Replace the boiler", {"standing": "done"})

    def go_to_stage_2(self, officer: Colleague, ref: str) -> None:
        officer.open(f"/cases/{ref}")
        officer.follow("The resident asks for stage 2")
        officer.answer({"requested_on": "2026-03-09"})
        officer.press("Record this")
        officer.record(
            "Acknowledge, define and log the request for stage 2",
            {
                "acknowledged_on": "2026-03-09",
                "definition": "It leaks",
                "accepted": True,
                "stage_2_reviewer": "complaints.stage_2_reviewer",
            },
        )

    def give_the_final_response(self, reviewer: Colleague) -> None:
        answers = {"responded_on": "2026-03-09", "decision": "not_upheld"}
        more = {"reasons": "The leak is mended", "told_ombudsman": True}
        reviewer.record("Review and give the final response", {**answers, **more})

    def look_around(self, head: Colleague) -> None:
        """The other pages of the council speak of complaints too."""
        for page in ("/work", "/your-cases", "/tracker", "/people", "/packs", "/packs/complaints"):
            head.open(page)


class TestInformation:
    def test_is_opened_and_answered(self, colleague: Callable[[str], Colleague]) -> None:
        officer = colleague("information_officer")
        officer.press("Open a case")
        officer.answer(REQUEST)
        officer.press("Open the case")
        officer.open("/tracker")
        assert "Request for information" in officer.read()

        answers = {"responded_on": "2026-03-09", "outcome": "given", "told_review": True}
        assert officer.record("Respond to the request", answers)
