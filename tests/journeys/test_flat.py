"""A step costs the same at the twentieth meeting as at the fifth, counted at the front door."""

from __future__ import annotations

import sys

from tests.journeys.years import meet


def test_twenty_meetings_with_a_breach_a_dissent_and_an_assessment_open(council):
    costs = meet(council, 20)

    sys.stdout.write(f"{costs[5]} -> {costs[20]}\n")  # for a reader of `pytest -rP`
    assert costs[20].statements <= costs[5].statements * 1.1
    assert costs[20].state <= costs[5].state * 1.1
    assert costs[20].response <= costs[5].response * 1.1
    assert council.work("explain_breach")[0]["limit_on"] == "2026-03-31"
    # What was updated after a later meeting was updated for the first as well.
    assert council.work("update_care_plan") == []
    assert len(council.work("answer_dissent_iro")) == len(council.work("complete_assessment")) == 1
    assert council.limit("ppm") > "2028-02-01"
