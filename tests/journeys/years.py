"""One child's meetings and reviews for years, and what each meeting cost."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from engine.storage import database, loading, tables
from tests.journeys.council import Council

BREACH_ON = "2026-03-25"
FAR_OFF = "2044-12-30"
BESIDE = {
    "dissent": [{"person": "Mother", "view": "Wants the child to come home"}],
    "assessments": [{"type": "Life story work", "due_date": FAR_OFF}],
}
"""What the first meeting records and nobody ever answers."""


@dataclass(frozen=True)
class Cost:
    """SQL statements of the meeting's requests, bytes of the case's state and of its response."""

    statements: int
    state: int
    response: int


def meet(council: Council, meetings: int) -> dict[int, Cost]:
    """Hold that many six-weekly meetings and the reviews between; return each meeting's cost.

    The first meeting is late and nobody says why; its dissent and its assessment stay open. Its
    follow-up waits for the next one's; later ones are done.
    """
    council.open_case()
    council.go(BREACH_ON)
    statements = council.statements()
    costs = {}
    for number in range(1, meetings + 1):
        day = max(council.limit("ppm"), BREACH_ON)
        council.go(day)
        statements.count = 0
        council.meeting(day, **(BESIDE if number == 1 else {}))
        asked = statements.count
        response = council.client().get(
            f"/api/v1/cases/{council.ref}",
            headers={"Authorization": f"Bearer {council.tokens['iro']}"},
        )
        costs[number] = Cost(asked, state_bytes(council), len(response.data))
        if number > 1:
            council.follow_up(day)
        if council.work("consider_earlier_review"):
            no = {"bring_forward": False, "reason": "The plan is on its way"}
            council.complete("iro", "consider_earlier_review", no)
        if council.limit("cic_review") < council.limit("ppm"):
            council.review(max(day, council.limit("cic_review")))
    return costs


def state_bytes(council: Council) -> int:
    """Return the bytes of all instance states of the council's case."""
    t = tables.instance.c
    with database.reading(council.engine) as connection:
        case_id = loading.find_case(connection, council.ref)
        total = connection.scalar(
            sa.select(sa.func.sum(sa.func.length(t.state))).where(t.case_id == case_id)
        )
    return int(total or 0)
