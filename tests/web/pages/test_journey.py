"""A team starts one child's planning on the pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import CHILD, open_child

ARRANGE = "Arrange the Permanence Planning Meeting"
CHAIR = "Chair and record the Permanence Planning Meeting"


def arranged(day: str) -> dict[str, object]:
    return {
        **date_fields("meeting_date", day),
        "mode": "in_person",
        "invitees": ["team_manager", "social_worker"],
    }


class TestOpenACase:
    def test_says_what_was_set_in_motion(self, worker: Visitor):
        worker.open("/cases/open/dudley")
        ref = open_child(worker)

        page = worker.open(f"/cases/{ref}/recorded/1")
        assert f"{ARRANGE}: " in page.text
        assert "by Monday 23 March 2026" in page.text

    def test_sent_twice_opens_one_case(self, worker: Visitor):
        page = worker.open("/cases/open/dudley")
        case_id = re.search(r'name="case_id" value="([^"]+)"', page.text)[1]
        fields = {**CHILD, **date_fields("event_date", "2026-03-09"), "case_id": case_id}

        first = worker.send("/cases/open/dudley", fields)
        worker.open("/cases/open/dudley")
        second = worker.send("/cases/open/dudley", fields)

        assert second.headers["Location"] == first.headers["Location"]
        assert "1 child, " in worker.open("/your-cases").text

    def test_keeps_what_was_typed_when_it_is_refused(self, worker: Visitor):
        page = worker.open("/cases/open/dudley")
        case_id = re.search(r'name="case_id" value="([^"]+)"', page.text)[1]
        fields = {**CHILD, "case_id": case_id, "event_date-day": "31", "event_date-month": "2"}
        fields["event_date-year"] = "2026"

        page = worker.send("/cases/open/dudley", fields, status=422)

        assert 'href="#event_date-day"' in page.text
        assert "must be a real date" in page.text
        assert 'value="Robin Example"' in page.text
        assert 'id="event_date-day" name="event_date-day" type="text" value="31"' in page.text


class TestDoTheWork:
    def test_leads_from_the_list_through_the_form_to_what_follows(
        self, app: Flask, worker: Visitor, child: str
    ):
        task = worker.work(ARRANGE)
        page = worker.open(task)
        assert "Do this by <strong>Monday 16 March 2026</strong>" in page.text
        assert "10 working days after 9 March 2026" in page.text

        done = worker.follow(worker.send(task, arranged("2026-03-18")))

        assert f"{CHAIR}: " in done.text
        manager = Visitor(app, "dudley.team_manager")
        assert manager.work(CHAIR)
        page = worker.open(f"/cases/{child}")
        assert "Next Permanence Planning Meeting: 18 March 2026" in page.text
        assert "&#34;waiting&#34;: [{" in page.text

    @pytest.mark.usefixtures("child")
    def test_sent_twice_by_the_same_person_shows_the_same_page(self, worker: Visitor):
        task = worker.work(ARRANGE)
        worker.open(task)
        first = worker.send(task, arranged("2026-03-18"))

        second = worker.send(task, arranged("2026-03-18"))

        assert second.headers["Location"] == first.headers["Location"]

    @pytest.mark.usefixtures("child")
    def test_tells_the_second_who_was_first_and_keeps_their_words(self, worker: Visitor):
        task = worker.work(ARRANGE)
        worker.open(task)
        worker.send(task, arranged("2026-03-18"))

        page = worker.send(task, arranged("2026-03-19"), status=409)

        assert "Someone completed this before you" in page.text
        assert "Amara Okafor" in page.text
        assert "19 3 2026" in page.text or "19 03 2026" in page.text

    @pytest.mark.usefixtures("child")
    def test_saves_for_later(self, worker: Visitor):
        task = worker.work(ARRANGE)
        worker.open(task)

        page = worker.follow(worker.send(task, {**arranged("2026-03-18"), "action": "save"}))

        assert "Saved for later" in page.text
        assert 'name="meeting_date-day" type="text" value="18"' in page.text

    @pytest.mark.usefixtures("child")
    def test_adds_a_row_without_losing_anything(self, app: Flask, worker: Visitor):
        worker.open(worker.work(ARRANGE))
        worker.send(worker.page.request.path, arranged("2026-03-09"))
        manager = Visitor(app, "dudley.team_manager")
        task = manager.work(CHAIR)
        manager.open(task)

        typed = {"attendance-0-role": "team_manager", "child_views": "Wants to stay\r\nhere."}
        page = manager.send(task, {**typed, "add_row": "attendance"}, status=200)

        assert 'name="attendance-1-role"' in page.text
        assert 'name="attendance-2-role"' not in page.text
        assert "Wants to stay\nhere.</textarea>" in page.text


class TestFollowTheChild:
    def test_a_significant_change_moves_the_meeting(self, worker: Visitor, child: str):
        worker.open(f"/cases/{child}/messages/significant_change")
        fields = {**date_fields("changed_on", "2026-03-09"), "what": "The carers gave notice"}
        page = worker.follow(worker.send(f"/cases/{child}/messages/significant_change", fields))

        assert "Significant change to the permanence plan" in page.text
        assert "Told: Sunita Rao" in page.text or "Told: " in page.text

    def test_a_correction_replaces_the_deadline_and_says_so(self, worker: Visitor, child: str):
        worker.open(f"/cases/{child}/corrections?fact=came_into_care_on")
        fields = {
            "fact": "came_into_care_on",
            **date_fields("value", "2026-03-02"),
            "reason": "The order was made a week before",
        }
        worker.follow(worker.send(f"/cases/{child}/corrections", fields))

        page = worker.open(f"/cases/{child}")
        assert "By Monday 16 March 2026" in page.text
        assert "Replaced" in page.text
        assert "The order was made a week before" in page.text

    def test_an_auditor_steps_through_the_history(self, app: Flask, worker: Visitor, child: str):
        worker.open(worker.work(ARRANGE))
        worker.send(worker.page.request.path, arranged("2026-03-18"))
        auditor = Visitor(app, None)
        auditor.open("/sign-in")
        auditor.send("/sign-in", {"person": "auditor"})

        auditor.open("/cases")
        page = auditor.open(f"/cases/{child}/history/1")
        assert "Next Permanence Planning Meeting" not in page.text
        assert "event 1 of 2" in page.text
        page = auditor.open(f"/cases/{child}/history/2")
        assert "18 March 2026" in page.text
        assert auditor.open(f"/cases/{child}/history").text.count("/history/") >= 2
        day = auditor.open(f"/cases/{child}/history/day?day=9&month=3&year=2026", status=303)
        assert day.headers["Location"].endswith("/history/2")

    def test_no_name_stands_in_a_title_or_an_address(self, worker: Visitor, child: str):
        for address in (f"/cases/{child}", worker.work(ARRANGE), f"/cases/{child}/history/1"):
            page = worker.open(address)
            title = page.text.split("<title>")[1].split("</title>")[0]
            assert "Robin" not in title
            assert not worker.links(r"[^\"]*Robin[^\"]*")


class TestMoveTheClock:
    @pytest.mark.usefixtures("child")
    def test_says_how_many_things_happened(self, worker: Visitor):
        worker.open("/clock")
        fields = {"day": "24", "month": "3", "year": "2026", "time": "09:00"}

        page = worker.follow(worker.send("/clock", fields))

        assert "It is Tuesday 24 March 2026, 9:00am." in page.text
        assert "fell due" in page.text
        assert "1 day late" in worker.open("/work").text

    def test_refuses_to_go_back(self, worker: Visitor):
        worker.open("/clock")
        fields = {"day": "1", "month": "3", "year": "2026", "time": "09:00"}

        page = worker.send("/clock", fields, status=409)

        assert "cannot move back" in page.text
        assert "It is Monday 9 March 2026" in page.text
