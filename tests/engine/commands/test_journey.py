"""The scenarios of a child's first months, through the commands, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import AnswersRefused, NothingWaits
from engine.integrity import verification
from engine.storage import database
from tests.builders.world import ARRANGE, World


def rows(world: World, name: str, *, all: bool = False) -> list[tuple[str, str]]:
    return [
        (each.limit_on.isoformat(), each.status)
        for each in world.deadlines(all=all)
        if each.name == name
    ]


class TestFirstMeeting:
    def test_is_due_ten_working_days_after_care_entry(self, world):
        world.open()

        assert world.governing("ppm") == date(2026, 3, 23)
        assert world.governing("cic_review") == date(2026, 4, 8)

    def test_is_brought_forward_by_an_earlier_review(self, world):
        world.open()

        world.complete("iro", "book_review", {"review_date": "2026-03-19"})

        assert rows(world, "ppm") == [("2026-03-23", "open"), ("2026-03-18", "open")]
        assert world.governing("ppm") == date(2026, 3, 18)

    def test_missed_asks_the_team_manager_once_why(self, world):
        world.open()
        world.go("2026-03-30")

        late = {**ARRANGE, "meeting_date": "2026-03-31", "late_reason": "Ill"}
        world.complete("social_worker", "arrange_ppm", late)

        assert len(world.work("explain_breach")) == 1

    def test_sets_the_care_plan_and_the_next_meeting(self, world):
        world.open()
        world.go("2026-03-23")

        world.meeting("2026-03-23")

        assert world.governing("care_plan_update") == date(2026, 3, 30)
        assert world.governing("ppm") == date(2026, 5, 4)
        assert rows(world, "ppm", all=True)[0] == ("2026-03-23", "met")

    def test_recorded_late_counts_from_the_day_it_was_held(self, world):
        world.open(event_date="2026-01-05")

        world.meeting("2026-02-20")

        [limit] = [each for each in world.deadlines() if each.name == "ppm"]
        assert (limit.limit_on, limit.act_by_on) == (date(2026, 4, 3), date(2026, 4, 2))


class TestSignificantChange:
    def test_tells_the_reviewing_officer_and_reopens_the_meeting(self, world):
        world.open(event_date="2026-02-16")
        world.meeting("2026-03-03")
        assert world.governing("ppm") == date(2026, 4, 14)
        world.go("2026-03-16")
        assert world.work("arrange_ppm") == []

        saved = world.send("significant_change", changed_on="2026-03-16", what="Placement ended")

        assert world.told(saved.version) == ["dudley.iro"]
        assert world.governing("ppm") == date(2026, 3, 30)
        assert len(world.work("arrange_ppm")) == 1
        world.go("2026-03-24")
        world.meeting("2026-03-24")
        assert world.governing("ppm") == date(2026, 5, 5)

    def test_in_the_future_is_refused(self, world):
        world.open()

        with pytest.raises(AnswersRefused) as caught:
            world.send("significant_change", changed_on="2026-04-16", what="Later")
        assert list(caught.value.problems) == ["changed_on"]


class TestCorrection:
    def test_supersedes_with_its_reason(self, world):
        world.open()
        world.go("2026-03-12")
        world.complete("iro", "book_review", {"review_date": "2026-03-19"})
        assert world.governing("ppm") == date(2026, 3, 18)
        world.complete("iro", "rebook_review", {"review_date": "2026-03-27"})
        assert world.governing("ppm") == date(2026, 3, 23)

        world.correct("came_into_care_on", "2026-03-11")

        assert world.governing("ppm") == date(2026, 3, 25)
        assert world.governing("cic_review") == date(2026, 4, 10)
        old = {
            each.limit_on.isoformat(): each
            for each in world.deadlines(all=True)
            if each.name == "ppm" and each.status == "superseded"
        }
        assert set(old) == {"2026-03-18", "2026-03-23"}
        assert "from 19 March 2026 to 27 March 2026" in old["2026-03-18"].reason
        assert "from 9 March 2026 to 11 March 2026" in old["2026-03-23"].reason
        assert "Typing mistake" in old["2026-03-23"].reason
        current = {each.id: each.limit_on.isoformat() for each in world.deadlines()}
        assert current[old["2026-03-23"].superseded_by] == "2026-03-25"


class TestAnUnmetDuty:
    def test_stands_when_the_next_meeting_is_held(self, world):
        world.open(event_date="2026-01-05")
        world.meeting("2026-01-16")
        world.meeting("2026-02-20")

        [update] = [each for each in world.deadlines() if each.name == "care_plan_update"]
        assert (update.limit_on, update.status) == (date(2026, 1, 23), "breached")
        items = [each for each in world.view().work_items if each.name == "update_care_plan"]
        # One update does for both; it is late for the first.
        assert [each.limit_on for each in items] == [date(2026, 1, 23)]


class TestReviews:
    def hold(self, world: World, day: str, **answers: object) -> None:
        world.complete(
            "iro",
            "conduct_review",
            {
                "held_date": day,
                "plan_ratified": True,
                "permanence_confirmed": False,
                "plan_valid": True,
                "progress": "as_planned",
                "plan_changed": False,
                "participation": "PN1",
                "confirmed_reason": "The order was made",
                "next_review_date": "2027-01-15",
                **answers,
            },
        )

    def test_follow_each_other_by_three_then_six_months(self, world):
        world.open(event_date="2026-01-05")
        world.meeting("2026-01-16")
        world.complete("iro", "book_review", {"review_date": "2026-01-30"})
        self.hold(world, "2026-01-30", next_review_date="2026-03-09")
        assert world.governing("cic_review") == date(2026, 4, 30)

        self.hold(world, "2026-03-09")

        assert world.governing("cic_review") == date(2026, 9, 9)
        assert world.work("rebook_review") == []

    def test_not_ratified_goes_back_to_the_worker(self, world):
        world.open(event_date="2026-01-05")
        world.meeting("2026-01-16")
        world.complete("iro", "book_review", {"review_date": "2026-01-30"})

        self.hold(
            world,
            "2026-01-30",
            plan_ratified=False,
            plan_ratified_reason="No parallel plan",
            next_review_date="2026-03-09",
        )

        assert len(world.work("revise_care_plan")) == 1

    def test_confirming_permanence_ends_the_meetings(self, world):
        world.open(event_date="2026-01-05")
        world.meeting("2026-01-16")
        world.complete("iro", "book_review", {"review_date": "2026-01-30"})
        self.hold(world, "2026-01-30", next_review_date="2026-03-09")

        self.hold(world, "2026-03-09", permanence_confirmed=True)

        assert rows(world, "ppm") == []
        assert {each.name for each in world.deadlines()} >= {"cic_review"}

    def test_confirming_permanence_withdraws_a_meeting_being_arranged(self, world):
        world.open(event_date="2026-01-05")
        world.meeting("2026-01-16")
        world.complete("iro", "book_review", {"review_date": "2026-01-30"})
        self.hold(world, "2026-01-30", next_review_date="2026-03-09")
        assert len(world.work("arrange_ppm")) == 1

        self.hold(world, "2026-03-09", permanence_confirmed=True)

        assert world.work("arrange_ppm") == []
        world.send("significant_change", changed_on="2026-03-09", what="Placement ended")
        assert len(world.work("arrange_ppm")) == 1


class TestPeople:
    def test_an_auditor_gets_nobody_to_look_after(self, world):
        world.open()

        with pytest.raises(AnswersRefused) as caught:
            world.send("transfer", social_worker="auditor", **{"from": "2026-03-09"})
        assert list(caught.value.problems) == ["social_worker"]


class TestAnUnbornChild:
    def test_has_no_review_until_care_entry(self, world):
        world.open(cause="pre_birth", legal_status="none", dob=None, edd="2026-06-01")
        assert rows(world, "cic_review") == []
        assert world.work("book_review") == []

        world.go("2026-03-20")
        world.send("care_entry", entry_date="2026-03-20", legal_status="V2")

        assert world.work("record_care_entry") == []
        assert len(world.work("book_review")) == 1
        assert world.governing("ppm") == date(2026, 3, 23)

    def test_has_its_care_entry_reported_once_and_then_corrected(self, world):
        world.open()

        with pytest.raises(AnswersRefused) as caught:
            world.send("care_entry", entry_date="2026-03-02", legal_status="V2")
        assert list(caught.value.problems) == ["entry_date"]


class TestClosing:
    def test_leaves_no_work_no_timer_and_a_whole_chain(self, world):
        world.open()
        world.go("2026-03-25")

        world.send("case_closed", closed_on="2026-03-25", reason="E4A")

        view = world.view()
        assert view.head.status == "closed"
        assert (view.work_items, view.deadlines, view.instances) == ((), (), ())
        assert world.go("2027-03-25") == 0
        with database.reading(world.engine) as connection:
            assert verification.verify_case(connection, world.case_id) is None


class TestMessages:
    def test_that_nothing_awaits_are_refused(self, world):
        world.open()

        with pytest.raises(NothingWaits):
            world.send("court_date_set", on="2026-03-09")
        assert world.view().head.version == 1
