"""Bad input: a clear message at the field, the right status, nothing written."""

from __future__ import annotations

from flask import Flask

from engine import reads
from engine.open_work import case_heads
from engine.storage import database
from tests.builders.meeting import chair
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import open_child
from tests.web.pages.test_journey import ARRANGE, CHAIR, arranged


def version(app: Flask, ref: str) -> int:
    with database.reading(app.extensions["permanence"].engine) as connection:
        return case_heads.get_case_head(connection, ref).version


def count_cases(app: Flask) -> int:
    with database.reading(app.extensions["permanence"].engine) as connection:
        return len(reads.list_cases(connection).items)


class TestOpening:
    def test_an_unknown_pack_is_not_found(self, worker: Visitor):
        worker.open("/cases/open/nowhere", status=404)

    def test_a_care_entry_in_the_future_is_refused(self, app: Flask, worker: Visitor):
        page = worker.open("/cases/open/dudley")
        case_id = page.text.split('name="case_id" value="')[1].split('"')[0]
        fields = {
            "child_ref": "LCS-1",
            "child_name": "Robin Example",
            "cause": "care_entry",
            "legal_status": "C1",
            "in_proceedings": "true",
            "emergency": "false",
            "likely_permanent_from_onset": "false",
            "case_id": case_id,
            **date_fields("dob", "2019-06-01"),
            **date_fields("event_date", "2026-03-10"),
        }

        page = worker.send("/cases/open/dudley", fields, status=422)

        assert 'href="#event_date-day"' in page.text
        assert count_cases(app) == 0

    def test_a_case_id_that_is_none_is_refused(self, worker: Visitor):
        worker.open("/cases/open/dudley")
        worker.send("/cases/open/dudley", {"case_id": "x"}, status=400)


class TestWork:
    def test_a_held_date_before_the_entry_is_refused(self, app: Flask, worker: Visitor, child: str):
        worker.open(worker.work(ARRANGE))
        worker.send(worker.page.request.path, arranged("2026-03-09"))
        manager = Visitor(app, "dudley.team_manager")
        task = manager.work(CHAIR)

        page = chair(manager, task, held_date="2026-03-01", status=422)

        assert "/sections/meeting?check=1#held_date-day" in page.text
        assert version(app, child) == 2

    def test_a_choice_that_is_not_offered_is_refused(self, app: Flask, worker: Visitor, child: str):
        task = worker.work(ARRANGE)
        worker.open(task)

        page = worker.send(task, {**arranged("2026-03-18"), "mode": "by pigeon"}, status=422)

        assert "must be one of the answers offered" in page.text
        assert version(app, child) == 1

    def test_an_answer_of_five_megabytes_is_too_large(
        self, app: Flask, worker: Visitor, child: str
    ):
        task = worker.work(ARRANGE)
        worker.open(task)

        page = worker.send(task, {"late_reason": "x" * 5_000_000}, status=413)

        assert "too large" in page.text
        assert version(app, child) == 1

    def test_another_roles_task_can_be_read_but_not_done(
        self, app: Flask, worker: Visitor, child: str
    ):
        task = worker.work(ARRANGE)
        manager = Visitor(app, "dudley.team_manager")
        page = manager.open(task)
        assert "only they can record it" in page.text

        manager.send(task, arranged("2026-03-18"), status=403)

        assert version(app, child) == 1

    def test_a_task_that_does_not_exist_is_not_found(self, worker: Visitor):
        worker.open("/work-items/00000000-0000-0000-0000-000000000000", status=404)
        worker.open("/work-items/nonsense", status=404)

    def test_a_history_beyond_its_end_is_not_found(self, worker: Visitor, child: str):
        worker.open(f"/cases/{child}/history/99", status=404)
        worker.open(f"/cases/{child}/history/99999999999999999999", status=404)
        worker.open(f"/cases/{child}/recorded/99", status=404)

    def test_odd_addresses_never_fail(self, worker: Visitor, child: str):
        worker.open("/work?after=nonsense", status=400)
        worker.open("/work?show=nonsense", status=400)
        worker.open(f"/cases/{child}/history?after=nonsense")
        worker.open(f"/cases/{child}/history?after=99999999999999999999")
        worker.open(f"/cases/{child}/processes/nonsense", status=404)
        worker.open(f"/cases/{child}/messages/nonsense", status=404)
        worker.open(f"/cases/{child}/history/1?process=nonsense")
        worker.open("/packs/nonsense", status=404)
        worker.open("/packs/dudley?version=nonsense", status=404)
        worker.open("/versions/nonsense.zip", status=404)


class TestChildrenOfOthers:
    def test_a_case_that_is_not_mine_is_not_found(self, app: Flask, worker: Visitor):
        ref = open_child(worker)
        stranger = Visitor(app, "dudley.social_worker_2")
        task = worker.work(ARRANGE)

        there = stranger.open(f"/cases/{ref}", status=404)
        nowhere = stranger.open("/cases/P-AAAAA-AAAAA", status=404)
        stranger.open(task, status=404)

        assert main_of(there.text) == main_of(nowhere.text)


def main_of(html: str) -> str:
    return html.split("<main")[1].split("</main>")[0]
