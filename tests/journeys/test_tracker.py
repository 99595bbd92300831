"""The tracker: who drifts and why, and how the council is doing, over HTTP."""

from __future__ import annotations

from typing import Any

from engine.people import people
from engine.storage import database
from tests.builders.visitor import Visitor
from tests.builders.world import every_option
from tests.journeys.council import Council

LIGHT_PAGE = 100_000


def tracker(council: Council, query: str = "", role: str = "team_manager") -> Any:
    return council.call("GET", f"/tracker{query}", role=role)


def row(council: Council, query: str = "") -> dict[str, Any]:
    """Return the row of the council's newest case."""
    [found] = [each for each in tracker(council, query)["rows"] if each["ref"] == council.ref]
    return dict(found)


def kpi(council: Council, name: str) -> dict[str, Any]:
    [found] = [each for each in tracker(council)["kpis"] if each["name"] == name]
    return dict(found)


def refs(answer: Any) -> set[str]:
    return {each["ref"] for each in answer["rows"]}


class TestFlags:
    def test_a_missed_date_is_red_and_says_which(self, council: Council):
        council.open_case()
        assert row(council)["rag"] == "green"

        council.go("2026-03-24")

        found = row(council)
        assert found["rag"] == "red"
        assert found["reason"] == "A last date was missed: Permanence Planning Meeting"
        assert found["values"]["ppms_late"] == 1

    def test_a_meeting_near_and_not_arranged_is_amber(self, council: Council):
        council.open_case()
        council.go("2026-03-15")
        assert row(council)["rag"] == "green"

        council.go("2026-03-16")

        assert row(council)["rag"] == "amber"

    def test_a_flagged_delay_is_red_until_the_next_meeting(self, council: Council):
        council.open_case()
        council.go("2026-03-12")
        council.send("delay_flagged", flagged_on="2026-03-12", reason="No match")
        assert row(council)["reason"] == "A delay was flagged, and no meeting was held since"

        council.go("2026-03-13")
        council.meeting("2026-03-13")

        assert row(council)["rag"] == "green"

    def test_long_on_section_20_is_amber(self, council: Council):
        council.open_case()
        council.correct("came_into_care_on", "2025-09-01", "Wrong year")
        council.correct("legal_status_from", "2025-09-01", "Wrong year")
        council.go("2026-03-10")
        council.meeting("2026-03-10")
        council.follow_up("2026-03-10")
        council.review("2026-03-11")

        found = row(council)

        assert found["values"]["days_on_section_20"] == 191
        assert found["reason"] == "Accommodated under Section 20 for more than 182 days"


class TestColumns:
    def test_days_in_care_and_on_section_20_count_from_their_days(self, council: Council):
        council.open_case()
        council.go("2026-03-19")
        payload = {"status": "C1", "from": "2026-03-17"}
        body = {"name": "legal_status_changed", "payload": payload}
        council.call("POST", f"/cases/{council.ref}/messages", json=body)

        values = row(council)["values"]

        assert values["age"] == 6
        assert values["days_in_care"] == 10
        assert values["days_on_section_20"] is None
        assert values["legal_status"] == "Interim care order"
        assert values["next_ppm"] == council.limit("ppm")

    def test_a_meeting_moves_what_is_last_next_and_how_many(self, council: Council):
        council.open_case()
        council.go("2026-03-17")
        council.meeting("2026-03-17")

        values = row(council)["values"]

        assert (values["last_ppm"], values["ppms_held"]) == ("2026-03-17", 1)
        assert values["primary_plan"] == "Adoption"
        assert values["next_ppm"] == "2026-04-28"

    def test_who_belongs_together_conference_court_and_delay(self, council: Council):
        council.open_case(sibling_group="F-17", event_date="2026-01-05")
        council.send("proceedings_issued", issued_on="2026-01-08")
        council.send("fgc_held", held_on="2026-03-02")
        council.go("2026-03-12")
        council.send("delay_flagged", flagged_on="2026-03-10", reason="No match")

        values = row(council)["values"]

        assert values["sibling_group"] == "F-17"
        assert values["fgc_held_on"] == "2026-03-02"
        assert values["twenty_six_weeks_on"] == "2026-07-08"
        assert values["days_delayed"] == 2
        council.send("final_order", made_on="2026-03-11", order="Care order")
        council.meeting("2026-03-12")
        values = row(council)["values"]
        assert (values["twenty_six_weeks_on"], values["days_delayed"]) == (None, None)

    def test_the_day_moves_them_without_an_event(self, council: Council):
        council.open_case()
        council.send("delay_flagged", flagged_on="2026-03-09", reason="No match")
        assert row(council)["values"]["days_delayed"] == 0

        council.go("2026-03-13")

        assert row(council)["values"]["days_delayed"] == 4


class TestFilters:
    def test_section_20_worker_and_flag_narrow_the_list(self, council: Council):
        council.open_case()
        accommodated = council.ref
        council.open_case(legal_status="C1", social_worker="dudley.social_worker_2")
        ordered = council.ref

        assert refs(tracker(council)) == {accommodated, ordered}
        assert refs(tracker(council, "?filter=section_20")) == {accommodated}
        assert refs(tracker(council, "?person=dudley.social_worker_2")) == {ordered}
        assert refs(tracker(council, "?rag=red")) == set()
        council.go("2026-03-24")
        assert refs(tracker(council, "?rag=red")) == {accommodated, ordered}

    def test_shows_only_children_whom_one_may_see(self, council: Council):
        council.open_case()
        mine = council.ref
        with database.transaction(council.engine) as connection:
            people.add_person(
                connection,
                "dudley.other_manager",
                display_name="Other Manager",
                roles=["service_manager"],
                pack="dudley",
            )
        council.open_case(service_manager="dudley.other_manager")

        assert refs(tracker(council, role="service_manager")) == {mine}
        assert refs(tracker(council, role="auditor")) == {mine, council.ref}
        council.call("GET", "/tracker", role="social_worker", status=403)


class TestMeasures:
    def test_the_first_meeting_in_time(self, council: Council):
        council.open_case()
        in_time = council.ref
        council.go("2026-03-23")
        council.meeting("2026-03-23")
        council.open_case(event_date="2026-03-09")
        assert kpi(council, "first_ppm_in_time")["among"] == 1
        council.go("2026-03-24")

        found = kpi(council, "first_ppm_in_time")
        assert (found["count"], found["among"], found["percent"]) == (1, 2, 50)
        assert found["listed"] == [council.ref]

        council.meeting("2026-03-24")
        found = kpi(council, "first_ppm_in_time")
        assert (found["count"], found["among"], found["listed"]) == (1, 2, [])
        assert in_time != council.ref

    def test_a_parallel_plan_counts_as_a_plan(self, council: Council):
        council.open_case()
        assert kpi(council, "has_permanence_plan")["count"] == 0
        correction = {
            "fact": "parallel_plan",
            "value": "special_guardianship",
            "reason": "From the paper file",
        }
        council.call("POST", f"/cases/{council.ref}/corrections", json=correction)

        assert kpi(council, "has_permanence_plan")["count"] == 1

    def test_the_plan_by_the_second_review(self, council: Council):
        council.open_case()
        council.go("2026-03-17")
        council.meeting("2026-03-17")
        council.follow_up("2026-03-17")
        council.review("2026-03-30")
        assert kpi(council, "plan_by_second_review")["among"] == 0
        council.go("2026-04-20")
        council.meeting("2026-04-20")
        council.follow_up("2026-04-20")
        council.review("2026-05-20")

        found = kpi(council, "plan_by_second_review")

        assert (found["count"], found["among"]) == (1, 1)

    def test_days_from_fostering_agreed_to_matched(self, council: Council):
        council.open_case()
        _agree(council, "long_term_fostering")
        found = kpi(council, "fostering_to_match")
        assert (found["median"], found["listed"]) == (None, [council.ref])

        council.go("2026-04-20")
        council.send("matched", matched_on="2026-04-20", plan="long_term_fostering")

        found = kpi(council, "fostering_to_match")
        assert (found["median"], found["listed"]) == (21, [])
        assert kpi(council, "adoption_to_match")["among"] == 0

    def test_days_from_adoption_agreed_to_matched(self, council: Council):
        council.open_case()
        _agree(council, "adoption")
        council.go("2026-04-10")
        council.send("matched", matched_on="2026-04-10", plan="adoption")

        found = kpi(council, "adoption_to_match")

        assert (found["among"], found["median"], found["listed"]) == (1, 11, [])

    def test_long_on_a_care_order_without_special_guardianship_considered(self, council: Council):
        council.open_case(event_date="2025-03-09", legal_status="C2")
        council.open_case(event_date="2025-03-08", legal_status="C2")  # 366 days ago
        found = kpi(council, "care_order_without_special_guardianship")
        assert (found["listed"], found["assumption"]) == ([council.ref], True)

        council.go("2026-03-10")
        council.meeting(
            "2026-03-10",
            options=every_option(special_guardianship="pursued"),
            primary_plan="special_guardianship",
            parallel_plan="adoption",
        )

        assert council.ref not in kpi(council, "care_order_without_special_guardianship")["listed"]


class TestPage:
    def test_shows_flags_in_words_and_stays_light(self, council: Council):
        for _ in range(3):
            council.open_case()
        few = council.statements()
        tracker(council)
        before = few.count
        for _ in range(6):
            council.open_case()
        council.go("2026-03-24")
        many = council.statements()
        tracker(council)
        assert many.count == before, "the statements grow with the cases"
        manager = Visitor(council.app, "dudley.team_manager")

        page = manager.open("/tracker")

        assert "Red" in page.text
        assert "A last date was missed: Permanence Planning Meeting" in page.text
        assert len(page.data) < LIGHT_PAGE
        assert "Assumption, not policy" in page.text

    def test_the_file_has_every_column_and_no_names_or_formulas(self, council: Council):
        council.open_case()
        council.send("placement_changed", placement_type="=1+1", **{"from": "2026-03-09"})
        manager = Visitor(council.app, "dudley.team_manager")

        file = manager.client.get("/tracker/file").text

        assert council.ref in file
        assert "'=1+1" in file
        assert "Sam" not in file
        assert "Days on Section 20" in file


def _agree(council: Council, plan: str) -> None:
    """Hold a meeting for this plan and, on 30 March, the review that ratifies it."""
    council.go("2026-03-17")
    options = every_option(**{plan: "pursued"})
    council.meeting("2026-03-17", options=options, primary_plan=plan)
    council.follow_up("2026-03-17")
    council.review("2026-03-30")
