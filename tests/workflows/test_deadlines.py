"""Deadlines against dates worked out by hand, and what must hold of any of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import Amount, DaysOff, DerivedDeadline, FactChange
from engine.errors import CalendarExhausted, ExpressionError
from tests.builders.timescales import (
    BEFORE_REVIEW,
    CARE_PLAN,
    FACT_TYPES,
    FIRST_PPM,
    FIRST_REVIEW,
    NEXT_PPM,
    derive,
    timescale,
)
from workflows.permanence.calendar import calendar_for
from workflows.permanence.deadlines import reconcile_deadlines, windows_open
from workflows.permanence.domain import DOMAIN

MON_9_MARCH = date(2026, 3, 9)
ROWS = [FIRST_PPM, NEXT_PPM, BEFORE_REVIEW, FIRST_REVIEW, CARE_PLAN]

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
facts_of_a_case = st.fixed_dictionaries(
    {
        name: st.none() | days
        for name in ["came_into_care_on", "identified_on", "last_ppm_held_on", "next_review_on"]
    }
)


def reconcile(current, derived, *changed, stopped=None):
    return reconcile_deadlines(
        current, derived, changed=changed, fact_types=FACT_TYPES, stopped=stopped or {}
    )


def changes_between(old, new):
    return [FactChange(name, old[name], new[name]) for name in old if old[name] != new[name]]


COURT = timescale(
    "court",
    count_from="came_into_care_on",
    count=26,
    unit="weeks",
    then=((Amount(1, "days"), "before"),),
    extended_by="weeks_more",
)


class TestAmountsCountedOneAfterAnother:
    @pytest.mark.parametrize(
        ("more", "limit"),
        [(None, date(2026, 7, 8)), (0, date(2026, 7, 8)), (8, date(2026, 9, 2))],
    )
    def test_26_weeks_beginning_with_a_day_are_extended_by_weeks(self, more, limit):
        [row] = derive([COURT], came_into_care_on=date(2026, 1, 8), weeks_more=more)

        assert row.limit_on == limit

    def test_say_how_they_were_counted(self):
        steps = ((Amount(3, "months"), "after"), (Amount(1, "days"), "before"))
        first = timescale(
            "plan", count_from="came_into_care_on", count=20, unit="working days", then=steps
        )
        [row] = derive([first], came_into_care_on=MON_9_MARCH)

        assert row.limit_on == date(2026, 7, 7)
        assert row.explanation.startswith(
            "1 day before the day that is 3 months after the day that is 20 working days after"
            " 9 March 2026, the day the child came into care"
        )
        assert "3 and 6 April" in row.explanation
        assert "May" not in row.explanation

    def test_begin_with_the_day_itself_where_the_first_amount_is_none(self):
        none = timescale(
            "day", count_from="came_into_care_on", count=0, unit="days",
            then=((Amount(1, "days"), "before"),),
        )  # fmt: skip
        [row] = derive([none], came_into_care_on=MON_9_MARCH)

        assert row.limit_on == date(2026, 3, 8)
        assert row.explanation.startswith("1 day before 9 March 2026, the day the child")


class TestWindow:
    PANEL = timescale(
        "panel", count_from="came_into_care_on", count=8, unit="weeks",
        not_before=Amount(6, "weeks"),
    )  # fmt: skip

    def test_opens_so_long_after_day_0_and_the_sentence_says_so(self):
        [row] = derive([self.PANEL], came_into_care_on=date(2026, 2, 2))
        [opens] = windows_open(
            [self.PANEL, FIRST_PPM],
            facts={"came_into_care_on": date(2026, 2, 2)},
            fact_types=FACT_TYPES,
            days_off=DaysOff(),
        )

        assert (opens, row.limit_on) == (date(2026, 3, 16), date(2026, 3, 30))
        assert "Not before 16 March 2026, 6 weeks after." in row.explanation


class TestDerive:
    def test_s01_counts_from_entry_into_care(self):
        ppm, review = derive([FIRST_PPM, FIRST_REVIEW], came_into_care_on=MON_9_MARCH)

        assert ppm.limit_on == date(2026, 3, 23)
        assert review.limit_on == date(2026, 4, 8)

    def test_s02_gives_five_days_for_the_care_plan_and_breaks_it_in_summer_time(self):
        [plan] = derive([CARE_PLAN], last_ppm_held_on=date(2026, 3, 23))

        assert plan.limit_on == date(2026, 3, 30)
        assert DOMAIN.breach_instant(plan.limit_on) == datetime(2026, 3, 30, 23, tzinfo=UTC)

    def test_s04_counts_from_a_saturday_over_bank_holidays(self):
        ppm, review = derive([FIRST_PPM, FIRST_REVIEW], came_into_care_on=date(2026, 5, 2))

        assert (ppm.limit_on, review.limit_on) == (date(2026, 5, 18), date(2026, 6, 2))

    def test_s05_leaves_a_limit_on_good_friday_and_acts_the_day_before(self):
        [ppm] = derive([NEXT_PPM], last_ppm_held_on=date(2026, 2, 20))

        assert (ppm.limit_on, ppm.act_by_on) == (date(2026, 4, 3), date(2026, 4, 2))
        assert DOMAIN.breach_instant(ppm.limit_on) == datetime(2026, 4, 3, 23, tzinfo=UTC)

    def test_s06_rolls_from_the_meeting_held(self):
        [ppm] = derive([NEXT_PPM], last_ppm_held_on=date(2026, 3, 24))

        assert ppm.limit_on == date(2026, 5, 5)

    def test_s08_puts_a_meeting_before_the_review(self):
        first, before = derive(
            [FIRST_PPM, BEFORE_REVIEW],
            came_into_care_on=MON_9_MARCH,
            next_review_on=date(2026, 3, 19),
        )

        assert (first.act_by_on, before.act_by_on) == (date(2026, 3, 23), date(2026, 3, 18))

    def test_s32_clamps_months_and_acts_before_a_sunday(self):
        three_months = timescale("w06", count_from="last_ppm_held_on", count=3, unit="months")
        [ppm] = derive([three_months], last_ppm_held_on=date(2026, 11, 30))
        [before] = derive([BEFORE_REVIEW], next_review_on=date(2027, 2, 11))

        assert (ppm.limit_on, ppm.act_by_on) == (date(2027, 2, 28), date(2027, 2, 26))
        assert before.limit_on == date(2027, 2, 10)

    def test_names_the_fact_that_came_first(self):
        [ppm] = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH, identified_on=date(2026, 3, 2))

        assert (ppm.day_0, ppm.day_0_fact) == (date(2026, 3, 2), "identified_on")

    def test_takes_the_first_fact_that_is_set(self):
        row = timescale(
            "r", count_from=("next_review_on", "last_review_held_on"), count=1, unit="weeks"
        )
        [ppm] = derive([row], last_review_held_on=MON_9_MARCH)

        assert ppm.day_0_fact == "last_review_held_on"

    def test_says_nothing_of_a_day_unset(self):
        assert derive(ROWS) == []

    def test_opens_work_before_the_day_to_act(self):
        [ppm] = derive([NEXT_PPM], last_ppm_held_on=date(2026, 2, 20))

        assert ppm.opens_on == calendar_for(DaysOff()).working_day_before(date(2026, 4, 2), 15)

    def test_opens_weeks_before_the_day_to_act(self):
        row = timescale(
            "r", count_from="next_review_on", count=1, unit="days", opens_before=Amount(2, "weeks")
        )
        [ppm] = derive([row], next_review_on=MON_9_MARCH)

        assert ppm.opens_on == date(2026, 2, 24)

    def test_refuses_to_count_from_what_is_no_date(self):
        row = timescale("r", count_from="permanence_confirmed", count=1, unit="days")

        with pytest.raises(ExpressionError, match="not a date"):
            derive([row], permanence_confirmed=True)

    def test_ends_with_the_calendar(self):
        with pytest.raises(CalendarExhausted):
            derive([NEXT_PPM], last_ppm_held_on=date(2060, 12, 1))

    @given(facts_of_a_case)
    def test_every_row_with_a_day_0_appears_and_is_acted_on_in_time(self, facts):
        derived = derive(ROWS, **facts)

        clock = facts["came_into_care_on"] or facts["identified_on"]
        expected = {
            "first": clock,
            "next": facts["last_ppm_held_on"],
            "before_review": facts["next_review_on"],
            "first_review": facts["came_into_care_on"],
            "care_plan": facts["last_ppm_held_on"],
        }
        assert [row.key for row in derived] == [key for key, day in expected.items() if day]
        for row in derived:
            assert row.limit_on - timedelta(days=6) < row.act_by_on <= row.limit_on
            assert calendar_for(DaysOff()).why_closed(row.act_by_on) is None
            assert row.opens_on is None or row.opens_on < row.act_by_on

    @given(facts_of_a_case, facts_of_a_case, st.sampled_from(ROWS))
    def test_a_limit_moves_only_with_its_own_fact(self, one, other, row):
        mixed = {**other, **{name: one[name] for name in read_by(row)}}

        assert derive([row], **mixed) == derive([row], **one)


def read_by(row):
    [name] = row.count_from
    return FACT_TYPES[name].earliest_of or (name,)


class TestExplanation:
    def test_tells_amount_day_and_source(self):
        [ppm] = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)

        assert ppm.explanation == (
            "10 working days after 9 March 2026, the day the child came into care "
            "(Practice guidance p1). Weekends not counted."
        )

    def test_names_the_bank_holidays_passed_over(self):
        [review] = derive([FIRST_REVIEW], came_into_care_on=MON_9_MARCH)

        assert review.explanation.endswith(
            "Weekends and the bank holidays on 3 and 6 April not counted."
        )

    def test_names_holidays_of_two_months_and_closures(self):
        [ppm] = derive(
            [FIRST_PPM], came_into_care_on=date(2026, 12, 21), closures=[date(2026, 12, 24)]
        )

        assert ppm.limit_on == date(2027, 1, 8)
        assert ppm.explanation.endswith(
            "Weekends, the bank holidays on 25 and 28 December and 1 January "
            "and the closure on 24 December not counted."
        )

    def test_counts_by_the_calendar_of_its_row(self):
        row = timescale(
            "request", count_from="came_into_care_on", count=20, unit="working days",
            calendar="united kingdom",
        )  # fmt: skip

        [reply] = derive([row], came_into_care_on=MON_9_MARCH)

        assert reply.limit_on == date(2026, 4, 9)
        assert reply.calendar_version.startswith("united-kingdom-2026.1+")
        assert reply.explanation.endswith(
            "Weekends and the bank holidays on 17 March and 3 and 6 April not counted."
        )

    def test_counts_back_from_a_booking(self):
        [ppm] = derive([BEFORE_REVIEW], next_review_on=date(2026, 3, 19))

        assert ppm.explanation == (
            "1 working day before 19 March 2026, the day booked for the review "
            "(Practice guidance p1)."
        )

    def test_tells_why_to_act_before_the_limit(self):
        [ppm] = derive([NEXT_PPM], last_ppm_held_on=date(2026, 2, 20))

        assert ppm.explanation == (
            "6 weeks after 20 February 2026, the day the last meeting was held "
            "(Practice guidance p1). The limit is Friday 3 April 2026, Good Friday, "
            "so act by Thursday 2 April 2026."
        )

    def test_marks_an_assumption(self):
        row = timescale("r", count_from="next_review_on", count=2, unit="weeks", assumption=True)
        [ppm] = derive([row], next_review_on=MON_9_MARCH)

        assert ppm.explanation.endswith("This is an assumption, not policy.")


class TestReconcile:
    def test_opens_what_is_new(self):
        derived = derive([FIRST_PPM, FIRST_REVIEW], came_into_care_on=MON_9_MARCH)

        changes = reconcile([], derived, FactChange("came_into_care_on", None, MON_9_MARCH))

        assert [(c.change, c.derived) for c in changes] == [("opened", row) for row in derived]

    def test_leaves_alone_what_did_not_change(self):
        derived = derive(ROWS, came_into_care_on=MON_9_MARCH)

        assert reconcile(derived, derived, FactChange("dob", None, MON_9_MARCH)) == []

    @pytest.mark.parametrize(
        ("held", "change"), [(date(2026, 3, 23), "met"), (date(2026, 3, 24), "late")]
    )
    def test_meets_a_deadline_by_its_limit(self, held, change):
        current = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)
        derived = derive([NEXT_PPM], came_into_care_on=MON_9_MARCH, last_ppm_held_on=held)

        met, opened = reconcile(current, derived, FactChange("last_ppm_held_on", None, held))

        assert (met.change, met.previous, met.met_on) == (change, "first", held)
        assert (opened.change, opened.derived) == ("opened", derived[0])

    def test_meets_two_rows_with_one_meeting_each_by_its_own_limit(self):
        facts = {"came_into_care_on": MON_9_MARCH, "next_review_on": date(2026, 3, 19)}
        current = derive([FIRST_PPM, BEFORE_REVIEW], **facts)
        held = date(2026, 3, 20)

        changes = reconcile(current, [], FactChange("last_ppm_held_on", None, held))

        assert [(c.change, c.previous) for c in changes] == [
            ("met", "first"),
            ("late", "before_review"),
        ]

    def test_meets_a_cycle_and_opens_its_next_round(self):
        before, held = date(2026, 2, 20), date(2026, 4, 1)
        current = derive([NEXT_PPM], last_ppm_held_on=before)
        derived = derive([NEXT_PPM], last_ppm_held_on=held)

        met, opened = reconcile(current, derived, FactChange("last_ppm_held_on", before, held))

        assert (met.change, met.previous, opened.change) == ("met", "next", "opened")
        assert opened.derived.limit_on == date(2026, 5, 13)

    def test_does_not_meet_a_cycle_by_correcting_where_it_counts_from(self):
        before, held = date(2026, 2, 20), date(2026, 2, 19)
        current = derive([NEXT_PPM], last_ppm_held_on=before)
        derived = derive([NEXT_PPM], last_ppm_held_on=held)

        [change] = reconcile(
            current, derived, FactChange("last_ppm_held_on", before, held, corrects=True)
        )

        assert (change.change, change.derived) == ("superseded", derived[0])

    def test_meets_a_deadline_by_correcting_a_date_that_was_missing(self):
        current = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)

        [change] = reconcile(
            current,
            [],
            FactChange("last_ppm_held_on", None, date(2026, 3, 20), corrects=True),
        )

        assert (change.change, change.met_on) == ("met", date(2026, 3, 20))

    def test_keeps_open_what_is_derived_just_the_same_after_the_meeting(self):
        current = derive([BEFORE_REVIEW], next_review_on=date(2026, 3, 19))

        assert reconcile(current, current, FactChange("last_ppm_held_on", None, MON_9_MARCH)) == []

    def test_reads_json_dates(self):
        current = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)

        [change] = reconcile(current, [], FactChange("last_ppm_held_on", None, "2026-03-25"))

        assert (change.change, change.met_on) == ("late", date(2026, 3, 25))

    def test_s33_supersedes_each_in_turn_with_its_reason(self):
        rows = [FIRST_PPM, BEFORE_REVIEW]
        entry, booked, rebooked = MON_9_MARCH, date(2026, 3, 19), date(2026, 3, 27)
        first = derive(rows, came_into_care_on=entry)
        second = derive(rows, came_into_care_on=entry, next_review_on=booked)
        third = derive(rows, came_into_care_on=entry, next_review_on=rebooked)
        corrected = date(2026, 3, 11)
        fourth = derive(rows, came_into_care_on=corrected, next_review_on=rebooked)

        [booking] = reconcile(first, second, FactChange("next_review_on", None, booked))
        [rebooking] = reconcile(second, third, FactChange("next_review_on", booked, rebooked))
        [correction] = reconcile(
            third,
            fourth,
            FactChange("came_into_care_on", entry, corrected, True, "typing mistake"),
            FactChange("clock_started_on", entry, corrected, True),
        )

        governing = [min(row.limit_on for row in rows) for rows in (first, second, third, fourth)]
        assert governing == [
            date(2026, 3, 23), date(2026, 3, 18), date(2026, 3, 23), date(2026, 3, 25),
        ]  # fmt: skip
        assert (booking.change, booking.derived) == ("opened", second[1])
        assert (rebooking.change, rebooking.previous) == ("superseded", "before_review")
        assert rebooking.reason == (
            "The day booked for the review changed from 19 March 2026 to 27 March 2026."
        )
        assert (correction.previous, correction.derived) == ("first", fourth[0])
        assert correction.reason == (
            "The day the child came into care was corrected from 9 March 2026 to 11 March 2026: "
            "typing mistake."
        )

    def test_replaces_a_row_by_another_of_the_same_rule(self):
        stricter = timescale("strict", count_from="clock_started_on", count=5, unit="working days")
        current = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)
        derived = derive([stricter], came_into_care_on=MON_9_MARCH)

        [change] = reconcile(current, derived)

        assert (change.change, change.derived) == ("superseded", derived[0])
        assert change.reason == "The table of timescales changed."

    def test_supersedes_what_is_gone_while_another_row_stays(self):
        facts = {"came_into_care_on": MON_9_MARCH}
        booked = date(2026, 3, 19)
        current = derive([FIRST_PPM, BEFORE_REVIEW], next_review_on=booked, **facts)

        [change] = reconcile(
            current, derive([FIRST_PPM], **facts), FactChange("next_review_on", booked, None)
        )

        assert (change.change, change.previous) == ("superseded", "before_review")
        assert change.reason == (
            "No longer applies. The day booked for the review, 19 March 2026, was withdrawn."
        )

    def test_cancels_what_is_gone_altogether(self):
        current = derive([NEXT_PPM], last_ppm_held_on=MON_9_MARCH)

        [change] = reconcile(
            current,
            [],
            FactChange("plan_target_on", None, MON_9_MARCH),
            FactChange("permanence_confirmed", None, True),
            stopped={current[0].key: frozenset({"policy", "permanence_confirmed"})},
        )

        assert (change.change, change.derived) == ("cancelled", None)
        assert change.reason == "No longer applies: “Permanence confirmed” was recorded."

    def test_guesses_no_reason(self):
        current = derive([NEXT_PPM], last_ppm_held_on=MON_9_MARCH)

        [change] = reconcile(current, [], FactChange("plan_target_on", None, MON_9_MARCH))

        assert change.reason == "No longer applies."

    def test_says_when_the_calendar_moved_a_deadline(self):
        current = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH)
        derived = derive([FIRST_PPM], came_into_care_on=MON_9_MARCH, closures=[date(2026, 3, 12)])

        [change] = reconcile(current, derived)

        assert change.reason == "The working-day calendar changed."

    @given(facts_of_a_case, facts_of_a_case)
    def test_leaves_open_exactly_what_is_derived(self, old, new):
        current, derived = derive(ROWS, **old), derive(ROWS, **new)

        changes = reconcile(current, derived, *changes_between(old, new))

        still_open = {row.key: row for row in current}
        for change in changes:
            if change.previous is not None:
                del still_open[change.previous]
        for change in changes:
            if change.derived is not None:
                assert change.derived.key not in still_open
                still_open[change.derived.key] = change.derived
        assert {key: dates(row) for key, row in still_open.items()} == {
            row.key: dates(row) for row in derived
        }
        assert all(
            change.reason for change in changes if change.change in ("superseded", "cancelled")
        )

    @given(facts_of_a_case, facts_of_a_case)
    def test_does_the_same_every_time(self, old, new):
        current, derived = derive(ROWS, **old), derive(ROWS, **new)
        changed = changes_between(old, new)

        assert reconcile(current, derived, *changed) == reconcile(current, derived, *changed)


def dates(row: DerivedDeadline) -> tuple[object, ...]:
    return (row.name, row.day_0, row.limit_on, row.act_by_on, row.opens_on)
