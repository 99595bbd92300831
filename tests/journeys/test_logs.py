"""What is written to the log says who did what to which case, and nothing of the child."""

from __future__ import annotations

import pytest

from tests.builders.world import CASE, CHAIR
from tests.journeys.council import Council


def test_nothing_of_the_child_is_logged(council: Council, capfd: pytest.CaptureFixture[str]):
    council.open_case(preferred_name="Sammy-Preferred")
    council.complete("social_worker", "arrange_ppm", {"meeting_date": "not a day"}, status=422)
    council.meeting("2026-03-09", dissent=[{"person": "Grandmother Gwen", "view": "Come home"}])
    council.correct("dob", "2020-01-02", "The certificate says Samantha-Certificate")
    council.go("2026-06-01")
    council.call("GET", f"/cases/{council.ref}", role="auditor")
    council.call("GET", "/cases/P-NOONE-ISHER", status=404)

    logged = "".join(capfd.readouterr())

    assert council.ref in logged
    personal = (
        CASE["child_name"], CASE["child_ref"], CHAIR["child_views"], CHAIR["needs"],
        "Sammy-Preferred", "Grandmother Gwen", "Come home", "Samantha-Certificate", "2020-01-02",
    )  # fmt: skip
    assert [each for each in personal if each in logged] == []
