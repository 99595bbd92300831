"""Which policy a case can take, and what is said of one whose review is overdue, over HTTP."""

from __future__ import annotations

from engine.storage import database, tables
from tests.builders.visitor import Visitor
from tests.builders.world import CASE
from tests.journeys.council import Council

OPENING = {**CASE, "event_date": "2021-02-05"}


def at(council: Council, day: str) -> None:
    """Set the training clock of an empty council; it cannot be moved back over HTTP."""
    setting = tables.setting
    with database.transaction(council.engine) as connection:
        moved = setting.update().where(setting.c.name == "clock")
        connection.execute(moved.values(value=f"{day}T09:00:00+00:00"))


class TestD2021:
    def test_is_taken_from_8_february_2021(self, council: Council):
        at(council, "2021-02-07")
        body = {"pack": "dudley", "policy": "D-2021", "facts": OPENING}
        refused = council.call("POST", "/cases", json=body, status=422)
        assert refused["fields"] == {
            "policy": "The policy D-2021 is not in force yet. Choose another."
        }
        worker = Visitor(council.app, "dudley.social_worker")
        assert "D-2021" not in worker.open("/cases/open/dudley").text

        council.go("2021-02-08")

        assert council.call("POST", "/cases", json=body, status=201)["policy"] == "D-2021"
        assert "D-2021" in worker.open("/cases/open/dudley").text

    def test_says_that_its_review_is_overdue_from_the_day_after(self, council: Council):
        at(council, "2022-01-04")
        council.open_case(policy="D-2021", event_date="2022-01-03")
        worker = Visitor(council.app, "dudley.social_worker")
        banner = "was to be reviewed by 4 January 2022"
        assert banner not in worker.open(f"/cases/{council.ref}").text

        council.go("2022-01-05")

        assert banner in worker.open(f"/cases/{council.ref}").text

    def test_has_no_banner_for_a_policy_without_a_review(self, council: Council):
        council.open_case()
        worker = Visitor(council.app, "dudley.social_worker")

        assert "was to be reviewed by" not in worker.open(f"/cases/{council.ref}").text
