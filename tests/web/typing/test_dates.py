"""F1: a whole date pasted into one box of a date is read, or stays as it was typed."""

from __future__ import annotations

import re

import pytest

from tests.builders.two_councils import TwoCouncils
from tests.builders.visitor import Visitor
from tests.web.conftest import open_child

READ = (
    "18/3/2026",
    "18.3.2026",
    "18-03-2026",
    "18 March 2026",
    "Wednesday 18th March 2026",
    "March 18, 2026",
    "2026-03-18",
)
NOT_READ = {
    "18/3/26": "the year must have 4 numbers, such as 2026",
    "3/18/2026": "must be a real date, day first, such as 27 3 2026",
    "31/2/2026": "must be a real date, day first, such as 27 3 2026",
    "next Wednesday": "must be a day, a month and a year, such as 27 3 2026",
    "soon": "must be a day, a month and a year, such as 27 3 2026",
    "18032026": "must be a day, a month and a year, such as 27 3 2026",
}


def boxes(page: str, name: str) -> list[str]:
    """Return what stands in the three boxes of a date."""
    found = {}
    for tag in re.findall(rf'<input[^>]*name="{name}-(?:day|month|year)"[^>]*>', page):
        value = re.search(r'value="([^"]*)"', tag)
        part = re.search(rf'name="{name}-(day|month|year)"', tag)
        assert part is not None
        found[part[1]] = value[1] if value else ""
    return [found["day"], found["month"], found["year"]]


def pasted(name: str, text: str, part: str = "day") -> dict[str, str]:
    return {**{f"{name}-{each}": "" for each in ("day", "month", "year")}, f"{name}-{part}": text}


@pytest.mark.usefixtures("child")
class TestDraft:
    @pytest.mark.parametrize("text", READ)
    def test_f1_a_whole_date_in_the_day_box_is_saved_as_a_day(
        self, worker: Visitor, text: str
    ) -> None:
        task = worker.work("Arrange the Permanence Planning Meeting")
        worker.open(task)

        worker.send(task, {**pasted("meeting_date", text), "action": "save"})

        assert boxes(worker.open(task).text, "meeting_date") == ["18", "3", "2026"]

    @pytest.mark.parametrize("text", NOT_READ)
    def test_f1_what_is_no_date_stays_as_it_was_typed(self, worker: Visitor, text: str) -> None:
        task = worker.work("Arrange the Permanence Planning Meeting")
        worker.open(task)

        worker.send(task, {**pasted("meeting_date", text), "action": "save"})

        left = boxes(worker.open(task).text, "meeting_date")
        assert "/".join(filter(None, left)) == text

    @pytest.mark.parametrize(("text", "said"), NOT_READ.items())
    def test_f1_submitting_says_what_to_type_and_keeps_it(
        self, worker: Visitor, text: str, said: str
    ) -> None:
        task = worker.work("Arrange the Permanence Planning Meeting")
        worker.open(task)

        page = worker.send(task, pasted("meeting_date", text), status=422).text

        assert said in page
        assert boxes(page, "meeting_date") == [text, "", ""]


class TestElsewhere:
    def test_f1_at_opening_in_the_month_box_and_in_two_boxes(self, worker: Visitor) -> None:
        dob = pasted("dob", "1 June 2019", "month")
        entered = {"event_date-day": "9/3", "event_date-month": "", "event_date-year": "2026"}

        ref = open_child(worker, **{**dob, **entered})

        assert "1 June 2019" in worker.open(f"/cases/{ref}").text

    def test_f1_in_a_message_a_correction_and_a_cover(self, councils: TwoCouncils) -> None:
        ref = councils.open_case()
        worker = Visitor(councils.app, "north.social_worker")
        at = f"/cases/{ref}/messages/moved"
        worker.open(at)
        worker.send(at, pasted("moved_on", "8/3/2026"))
        worker.open(f"/cases/{ref}/corrections?fact=began_on")
        fix = {"fact": "began_on", "reason": "Typing", **pasted("value", "7 March 2026", "year")}
        worker.send(f"/cases/{ref}/corrections", fix)
        page = worker.open("/people/north.social_worker").text
        cover = re.search(r'name="cover_id" value="([^"]+)"', page)
        assert cover is not None
        days = {**pasted("from_on", "2026-03-10"), **pasted("to_on", "11.3.2026")}
        named = {"covered_by": "north.social_worker_2", "cover_id": cover[1]}
        worker.send("/people/north.social_worker/cover", {**named, **days})

        facts = councils.call("north.social_worker", "GET", f"/cases/{ref}")["facts"]
        assert facts["began_on"] == "2026-03-07"
        assert "10 March 2026" in worker.open("/people/north.social_worker").text

    def test_f1_when_the_clock_is_moved_and_when_a_day_is_looked_up(
        self, worker: Visitor, child: str
    ) -> None:
        worker.open("/clock")
        worker.send("/clock", {"day": "10/3/2026", "month": "", "year": "", "time": "09:00"})

        there = worker.client.get(f"/cases/{child}/history/day?day=9.3.2026&month=&year=")
        assert "10 March 2026" in worker.open("/clock").text
        assert there.headers["Location"].endswith("/history/1")
