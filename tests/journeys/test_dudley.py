"""Dudley's scenarios over HTTP, on both databases."""

from __future__ import annotations


class TestS01:
    def test_care_entry_sets_the_first_meeting_and_the_first_review(self, council):
        case = council.open_case(event_date="2026-03-09", legal_status="V2")

        assert council.limit("ppm") == "2026-03-23"
        assert council.limit("cic_review") == "2026-04-08"
        [row] = council.deadlines("ppm")
        assert row["explanation"] == (
            "10 working days after 9 March 2026, the day the child came into care "
            "(Practice guidance p1). Weekends not counted."
        )
        assert row["rule_ids"] == ["D-05", "D-33"]
        assert {each["name"] for each in case["work_items"]} >= {"arrange_ppm", "book_review"}


class TestS02:
    def test_the_care_plan_is_due_five_working_days_after_the_meeting(self, council):
        council.open_case()
        council.go("2026-03-23")

        council.meeting("2026-03-23")

        assert council.limit("care_plan_update") == "2026-03-30"
        council.go("2026-03-30", "22:59")
        assert council.work("explain_breach") == []
        council.go("2026-03-30", "23:00")
        [asked] = council.work("explain_breach")
        assert asked["role"] == "team_manager"
        [fired] = [each for each in council.history() if each["kind"] == "timer_fired"]
        assert fired["at"] == "2026-03-30T23:00:00+00:00"


class TestS05:
    def test_a_limit_on_good_friday_stays_and_is_acted_on_the_day_before(self, council):
        council.open_case(event_date="2026-02-09")

        council.meeting("2026-02-20")

        [row] = council.deadlines("ppm")
        assert (row["limit_on"], row["act_by_on"]) == ("2026-04-03", "2026-04-02")
        council.go("2026-04-03", "22:59")
        assert council.deadlines("ppm")[0]["status"] == "open"
        council.go("2026-04-03", "23:00")
        assert council.deadlines("ppm")[0]["status"] == "breached"


class TestS06:
    def test_a_significant_change_reconvenes_and_the_cycle_rolls_on(self, council):
        council.open_case(event_date="2026-02-16")
        council.meeting("2026-03-03")
        assert council.limit("ppm") == "2026-04-14"
        council.go("2026-03-16")

        council.send("significant_change", changed_on="2026-03-16", what="Placement ended")

        event = council.history()[-1]
        assert event["at"].startswith("2026-03-16")
        assert [each["person"] for each in event["notices"]] == ["dudley.iro"]
        assert council.limit("ppm") == "2026-03-30"
        assert len(council.work("arrange_ppm")) == 1
        council.go("2026-03-24")
        council.meeting("2026-03-24")
        assert council.limit("ppm") == "2026-05-05"


class TestS08:
    def test_a_review_booked_early_brings_the_meeting_forward(self, council):
        council.open_case()

        council.complete("iro", "book_review", {"review_date": "2026-03-19"})

        rows = {each["limit_on"]: each for each in council.deadlines("ppm")}
        assert set(rows) == {"2026-03-18", "2026-03-23"}
        assert rows["2026-03-18"]["governing"]
        assert rows["2026-03-18"]["act_by_on"] == "2026-03-18"
        assert rows["2026-03-18"]["rule_ids"] == ["D-30"]
        [item] = council.work("arrange_ppm")
        assert (item["act_by_on"], item["limit_on"]) == ("2026-03-11", "2026-03-18")


class TestS33:
    def test_superseded_dates_explain_themselves(self, council):
        council.open_case()
        council.go("2026-03-12")
        limits = [council.limit("ppm")]
        council.complete("iro", "book_review", {"review_date": "2026-03-19"})
        limits.append(council.limit("ppm"))
        council.complete("iro", "book_review", {"review_date": "2026-03-27"})
        limits.append(council.limit("ppm"))

        council.correct("came_into_care_on", "2026-03-11", "Typing mistake")

        limits.append(council.limit("ppm"))
        assert limits == ["2026-03-23", "2026-03-18", "2026-03-23", "2026-03-25"]
        assert council.limit("cic_review") == "2026-04-10"
        rows = council.deadlines("ppm", all=True)
        old = {each["limit_on"]: each for each in rows if each["status"] == "superseded"}
        assert set(old) == {"2026-03-18", "2026-03-23"}
        assert "from 9 March 2026 to 11 March 2026" in old["2026-03-23"]["reason"]
        assert "Typing mistake" in old["2026-03-23"]["reason"]
        replacement = next(
            each for each in rows if each["id"] == old["2026-03-23"]["superseded_by"]
        )
        assert replacement["limit_on"] == "2026-03-25"
