"""The Achieving Early Permanence Panel considers each child in the child's own case."""

from __future__ import annotations

from typing import Any

from tests.journeys.council import Council

ON_TRACK = {"outcome": "on_track", "next_date": "2026-05-13"}


def considered(council: Council, day: str, *, status: int = 200, **answers: Any) -> Any:
    """Let the panel consider the child on `day`."""
    given = {"considered_on": day, **ON_TRACK, **answers}
    return council.complete("aepp_chair", "review_child_at_aepp", given, status=status)


def met(council: Council) -> None:
    """Hold the first meeting on 17 March; the panel's first month ends on 9 April."""
    council.open_case()
    council.go("2026-03-17")
    council.meeting("2026-03-17")


class TestEarlyPermanencePanel:
    def test_every_child_comes_to_the_monthly_sitting(self, council: Council):
        met(council)
        assert council.limit("aepp_consideration") == "2026-04-09"

        council.go("2026-03-30")
        assert council.work("review_child_at_aepp") == []
        council.go("2026-03-31")

        [item] = council.work("review_child_at_aepp")
        assert (item["role"], item["limit_on"]) == ("aepp_chair", "2026-04-09")

    def test_each_sitting_leads_to_the_next(self, council: Council):
        met(council)
        council.go("2026-04-14")
        considered(council, "2026-04-14", next_date="2026-05-20")
        assert council.limit("aepp_consideration") == "2026-05-14"
        assert council.work("review_child_at_aepp") == []

        council.go("2026-05-12")
        considered(council, "2026-05-12", next_date="2026-05-26")

        assert council.limit("aepp_consideration") == "2026-05-26"

    def test_nobody_does_paperwork_for_it(self, council: Council):
        met(council)

        council.go("2026-04-10")

        asked = [
            (each["name"], each["role"])
            for each in council.case()["work_items"]
            if each["process"] == "aepp_consideration"
        ]
        assert asked == [("review_child_at_aepp", "aepp_chair")]

    def test_escalating_flags_a_delay(self, council: Council):
        met(council)
        council.go("2026-04-10")
        assert considered(council, "2026-04-10", outcome="escalate", status=422)[
            "fields"
        ].keys() == {
            "advice",
            "escalate_to",
        }

        considered(
            council,
            "2026-04-10",
            outcome="escalate",
            advice="No family finder",
            escalate_to="service_manager",
        )

        assert council.case()["facts"]["delay_flagged_on"] == "2026-04-10"
        assert len(council.work("reconsider_plan")) == 1
        told = {each["role"] for each in council.history()[-1]["notices"]}
        assert {"iro", "service_manager", "team_manager"} <= told

    def test_support_is_noted_and_flags_no_delay(self, council: Council):
        met(council)
        council.go("2026-04-10")

        considered(council, "2026-04-10", outcome="support", advice="Life story work")

        facts = council.case()["facts"]
        assert (facts["aepp_outcome"], facts["aepp_advice"]) == ("support", "Life story work")
        assert "delay_flagged_on" not in facts
        assert council.work("reconsider_plan") == []

    def test_only_the_panel_answers(self, council: Council):
        met(council)
        council.go("2026-04-10")
        [item] = council.work("review_child_at_aepp")
        path = f"/work-items/{item['id']}/completion"
        answers = {"considered_on": "2026-04-10", **ON_TRACK}

        council.call("POST", path, role="team_manager", json={"answers": answers}, status=403)
