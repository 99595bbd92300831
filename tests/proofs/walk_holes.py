"""Holes planted into Dudley's pack, each of which the walks must find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.databases import SqliteDatabases
from tests.journeys.changed_pack import Change, met_by, tells, text, without_row
from tests.proofs.random_walks import in_a_folder, walk_all

MOST = 400
"""Walks within which each must be found."""

SLOW = (
    "a review that is held does not count as held",
    "planning goes on after a death",
    "it is still asked why after a correction",
)
"""Those that take more than a few walks: they happen late, or seldom."""

HOLES: Mapping[str, Change] = {
    "no watch begins beside the case": text(
        "pack.toml", 'beside = ["missed_dates", ', "beside = ["
    ),
    "the watch has no timer": text("missed_dates.bpmn", ">next_miss(noted)<", ">null<"),
    "the watch forgets what it told": text(
        "missed_dates.bpmn", "noted = still_missed(noted)", "noted = noted"
    ),
    "those are not told whom a missed review concerns": without_row(
        "missed_dates.dmn", "missed_dates_review"
    ),
    "of a missed meeting the Service Manager is not told": tells(
        "missed_dates_ppm_agreed", "social_worker", "team_manager"
    ),
    "others are told of a first meeting that is still missed": without_row(
        "missed_dates.dmn", "missed_dates_first_ppm"
    ),
    "a plan that was reconsidered is still to be reconsidered": text(
        "timescales.dmn", "flagged_on if not is_set(reconsidered_on) else null", "flagged_on"
    ),
    "a review that is held does not count as held": met_by("review_initial", "draft_care_plan_on"),
    "a report for a review is nobody's task": text(
        "cic_review.bpmn", 'opens("pre_meeting_report")', "null"
    ),
    "planning goes on after a death": text(
        "pack.toml",
        'sets = { died_on = "closed_on", case_closed_on = "closed_on", ',
        'sets = { died_on = "closed_on", ',
    ),
    "it is still asked why after a correction": text(
        "missed_dates.bpmn", "undone = taken_back(noted)", "undone = []"
    ),
}


def find(hole: str, databases: SqliteDatabases, *, most: int) -> tuple[int, str] | None:
    """Return after how many walks a hole was found, and in which words; None if it was not."""
    for number, walk in enumerate(walk_all(range(most), databases, change=HOLES[hole]), 1):
        if walk.problems:
            return number, walk.problems[0]
    return None


def prove() -> dict[str, Any]:
    """Return for each hole after how many walks it was found; `missed`: those that were not."""
    with in_a_folder() as databases:
        found = {hole: find(hole, databases, most=MOST) for hole in HOLES}
    return {
        "proof": "holes planted into Dudley's pack are found by random walks",
        "walks until found": found,
        "missed": [hole for hole, walks in found.items() if walks is None],
    }
