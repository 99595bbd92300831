"""Dudley's rules that the tracker carries, and the journeys that show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.journeys.changed_pack import Change, form, text, without_row
from tests.journeys.council import Council
from tests.journeys.test_tracker import TestColumns, TestFilters, TestFlags, TestMeasures

Plain = tuple[str, str, Change, Callable[[Council], object]]
FLAGS, COLUMNS, FILTERS, MEASURES = TestFlags(), TestColumns(), TestFilters(), TestMeasures()

PARALLEL = MEASURES.test_a_parallel_plan_counts_as_a_plan
IN_TIME = MEASURES.test_the_first_meeting_in_time
BY_SECOND = MEASURES.test_the_plan_by_the_second_review
FOSTERING = MEASURES.test_days_from_fostering_agreed_to_matched
ADOPTION = MEASURES.test_days_from_adoption_agreed_to_matched
CARE_ORDERS = MEASURES.test_long_on_a_care_order_without_special_guardianship_considered
NARROWED = FILTERS.test_section_20_worker_and_flag_narrow_the_list
ON_S20 = COLUMNS.test_days_in_care_and_on_section_20_count_from_their_days


def _toml(old: str, new: str) -> Change:
    return text("pack.toml", old, new)


def _sets_no(name: str, question: str, fact: str) -> Change:
    """Return the change after which a question no longer sets this fact."""

    def edit(schema: dict[str, Any]) -> None:
        rules = schema["properties"][question]["x-fact"]
        schema["properties"][question]["x-fact"] = [
            each for each in rules if not isinstance(each, dict) or each["fact"] != fact
        ]

    return form(name, edit)


TRACKER: tuple[Plain, ...] = (
    ("D-32", "no parallel plan counts", _toml(' or is_set(parallel_plan)"', '"'), PARALLEL),
    (
        "D-33",
        "late counts too",
        _toml("first.ppm == 'met'", "first.ppm in ['met', 'late']"),
        IN_TIME,
    ),
    ("D-54", "any review will do", _toml("is_set(second_review_held_on)", "true"), BY_SECOND),
    (
        "D-58",
        "no V2",
        _toml("when = \"legal_status in ['V2', ", 'when = "legal_status in ['),
        NARROWED,
    ),
    (
        "D-58",
        "from care",
        _toml("legal_status in ['V2', 'V3', 'V4'] else null", "true else null"),
        ON_S20,
    ),
    (
        "D-58",
        "no flag",
        without_row("rag.dmn", "rag_section_20"),
        FLAGS.test_long_on_section_20_is_amber,
    ),
    (
        "D-87",
        "a missed date is green",
        without_row("rag.dmn", "rag_missed"),
        FLAGS.test_a_missed_date_is_red_and_says_which,
    ),
    (
        "D-87",
        "a meeting near is green",
        without_row("rag.dmn", "rag_meeting_near"),
        FLAGS.test_a_meeting_near_and_not_arranged_is_amber,
    ),
    (
        "D-87",
        "a delay is green",
        without_row("rag.dmn", "rag_delay"),
        FLAGS.test_a_flagged_delay_is_red_until_the_next_meeting,
    ),
    (
        "D-88",
        "not known when agreed",
        _sets_no("conduct_review", "held_date", "long_term_fostering_agreed_on"),
        FOSTERING,
    ),
    (
        "D-88",
        "from the day of care",
        _toml(
            'median_of = "days_between(long_term_fostering_agreed_on',
            'median_of = "days_between(came_into_care_on',
        ),
        FOSTERING,
    ),
    (
        "D-89",
        "not known when agreed",
        _sets_no("conduct_review", "held_date", "adoption_agreed_on"),
        ADOPTION,
    ),
    (
        "D-89",
        "from the day of care",
        _toml("days_between(adoption_agreed_on", "days_between(came_into_care_on"),
        ADOPTION,
    ),
    (
        "D-90",
        "never considered",
        _sets_no("chair_ppm", "options", "special_guardianship_considered_on"),
        CARE_ORDERS,
    ),
    ("D-90", "a day sooner", _toml("today()) > 365", "today()) > 364"), CARE_ORDERS),
    ("D-90", "a day later", _toml("today()) > 365", "today()) > 366"), CARE_ORDERS),
)
