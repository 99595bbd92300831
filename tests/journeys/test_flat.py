"""A step costs the same at the twentieth meeting as at the third, counted at the front door."""

from __future__ import annotations

import sys

import sqlalchemy as sa

from engine import database, loading, records

BREACH_ON = "2026-03-25"


def state_bytes(council) -> int:
    t = records.instance.c
    with database.reading(council.engine) as connection:
        case_id = loading.find_case(connection, council.ref)
        total = connection.scalar(
            sa.select(sa.func.sum(sa.func.length(t.state))).where(t.case_id == case_id)
        )
    return int(total or 0)


def test_twenty_meetings_with_a_breach_and_a_follow_up_open(council):
    council.open_case()
    council.go(BREACH_ON)
    statements = council.statements()
    figures = {}
    for number in range(1, 21):
        day = max(council.limit("ppm"), BREACH_ON)
        council.go(day)
        statements.count = 0
        council.meeting(day)
        asked = statements.count
        if number > 1:
            council.follow_up(day)
        response = council.client().get(
            f"/api/v1/cases/{council.ref}",
            headers={"Authorization": f"Bearer {council.tokens['iro']}"},
        )
        figures[number] = (asked, state_bytes(council), len(response.data))

    # For a reader of `pytest -rP`.
    sys.stdout.write(f"SQL of a meeting, state bytes, response bytes: {figures[3]} {figures[20]}\n")
    for third, twentieth in zip(figures[3], figures[20], strict=True):
        assert twentieth <= third * 1.1
    assert council.work("explain_breach")[0]["limit_on"] == "2026-03-23"
    assert len(council.work("update_care_plan")) == 1
    assert day > "2028-01-01"
