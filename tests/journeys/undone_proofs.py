"""Who is told of what Dudley's people leave undone, rule by rule, and the journey that shows it."""

from __future__ import annotations

from collections.abc import Callable

from engine.packs.version import Definition
from tests.builders.world import pack_files
from tests.journeys.carriers import cells
from tests.journeys.changed_pack import Change, tells, without_check
from tests.journeys.council import Council
from tests.journeys.test_left_undone import DUTIES, TestAnEarlierReview, TestAReviewAfterTheFirst

Plain = tuple[str, str, Change, Callable[[Council], object]]

_PACK = Definition(pack_files())


def _others_told() -> tuple[Plain, ...]:
    rows = [(f"missed_dates_{duty.row}", duty) for duty in DUTIES]
    return tuple(
        (rule, f"{row}: others told", tells(row, "nominated_officer"), duty.left_undone)
        for row, duty in rows
        for rule in cells(_PACK, "missed_dates.dmn", row)["rule"].split()
    )


UNDONE: tuple[Plain, ...] = (
    *_others_told(),
    (
        "D-41",
        "not sooner, without a reason",
        without_check("consider_earlier_review", "reason"),
        TestAnEarlierReview().test_not_required_needs_a_reason_and_moves_nothing,
    ),
    (
        "D-46",
        "progress is not asked",
        without_check("conduct_review", "progress"),
        TestAReviewAfterTheFirst().test_says_what_progress_was_made,
    ),
)
