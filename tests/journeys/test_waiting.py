"""A task that waits for something says so, and cannot be completed before it came."""

from __future__ import annotations

from tests.builders.visitor import Visitor, date_fields
from tests.journeys.council import Council

WAITS = (
    "It waits for a Permanence Planning Meeting held since the delay was flagged on 12 March 2026."
    " Hold and record it first."
)
HELD = {"ppm_date": "2026-03-13", "drift_or_family_finding": "drift"}


class TestTheMeetingAboutTheDelay:
    def test_is_said_to_be_waited_for_until_it_is_held(self, council: Council):
        council.open_case()
        council.go("2026-03-12")
        council.send("delay_flagged", flagged_on="2026-03-12", reason="No match")
        manager = Visitor(council.app, "dudley.service_manager")
        address = manager.work("Ensure that a meeting about the drift is held")
        assert f"<strong>Not yet:</strong> {WAITS}" in manager.open("/work").text

        page = manager.open(address).text
        assert f"This cannot be completed yet. {WAITS}" in page
        assert ">Submit</button>" not in page
        fields = {**date_fields("ppm_date", "2026-03-12"), "drift_or_family_finding": "drift"}
        assert WAITS in manager.send(address, fields, status=422).text
        [item] = council.work("hold_drift_ppm")
        read = council.call("GET", f"/work-items/{item['id']}", role="service_manager")
        assert read["form"]["waits_for"] == [WAITS]
        refused = council.complete("service_manager", "hold_drift_ppm", HELD, status=422)
        assert refused["fields"] == {"": WAITS}

        council.go("2026-03-13")
        council.meeting("2026-03-13")

        page = manager.open(address).text
        assert "cannot be completed yet" not in page
        assert ">Submit</button>" in page
        council.complete("service_manager", "hold_drift_ppm", HELD)
        assert council.deadlines("drift_ppm") == []
