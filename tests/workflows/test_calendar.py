"""The working days of the country's parts against GOV.UK's list and against plain counting."""

from datetime import date, timedelta

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import CALENDARS, DaysOff
from engine.errors import CalendarExhausted
from workflows.permanence.calendar import add_days, add_months, bank_holidays, calendar_for

CALENDAR = calendar_for(DaysOff())
WORLD_CUP = date(2026, 6, 15)
"""Proclaimed for Scotland after the list that stands in the package was taken."""
days = st.dates(date(2000, 1, 1), date(2055, 12, 31))
counts = st.integers(1, 300)


def in_year(year: int) -> list[str]:
    return [f"{day.day} {day:%b}" for day in bank_holidays() if day.year == year]


def naive_count(day: date, n: int, step: int) -> date:
    """Count day by day, asking of each day alone whether it is worked."""
    while n:
        day += timedelta(days=step)
        if day.weekday() < 5 and day not in bank_holidays():
            n -= 1
    return day


class TestBankHolidays:
    @pytest.mark.parametrize(
        ("of", "division"),
        [
            ("england", BankHolidays.ENGLAND_AND_WALES),
            ("wales", BankHolidays.ENGLAND_AND_WALES),
            ("scotland", BankHolidays.SCOTLAND),
            ("northern ireland", BankHolidays.NORTHERN_IRELAND),
        ],
    )
    def test_are_those_that_gov_uk_publishes(self, of: str, division: str):
        published = BankHolidays(use_cached_holidays=True)
        theirs = {
            event["date"]
            for event in published.get_holidays(division=division)
            if 2012 <= event["date"].year <= 2028
        }
        assert max(theirs).year == 2028

        ours = {day for day in bank_holidays(of) if 2012 <= day.year <= 2028}

        later = {WORLD_CUP} if of == "scotland" else set()
        assert ours == {day for day in theirs | later if day.weekday() < 5}

    def test_of_the_united_kingdom_are_those_of_any_part(self):
        parts = [bank_holidays(of).keys() for of in CALENDARS if of != "united kingdom"]
        assert bank_holidays("united kingdom").keys() == set().union(*parts)
        assert calendar_for(DaysOff("united kingdom")).why_closed(date(2026, 3, 17)) is not None

    def test_are_those_of_the_domain_reference(self):
        assert in_year(2026) == [
            "1 Jan", "3 Apr", "6 Apr", "4 May", "25 May", "31 Aug", "25 Dec", "28 Dec",
        ]  # fmt: skip
        assert in_year(2027) == [
            "1 Jan", "26 Mar", "29 Mar", "3 May", "31 May", "30 Aug", "27 Dec", "28 Dec",
        ]  # fmt: skip

    def test_leave_out_scotlands(self):
        assert CALENDAR.why_closed(date(2026, 1, 2)) is None
        assert calendar_for(DaysOff("scotland")).why_closed(date(2026, 1, 2)) is not None

    def test_of_england_have_the_version_that_deadlines_were_kept_with(self):
        assert CALENDAR.version.startswith("england-2026.1+")


class TestWorkingDays:
    @given(days, counts)
    def test_after_a_day_are_those_counted_one_by_one(self, day, n):
        assert CALENDAR.working_day_after(day, n) == naive_count(day, n, 1)

    @given(days, counts)
    def test_before_a_day_are_those_counted_one_by_one(self, day, n):
        assert CALENDAR.working_day_before(day, n) == naive_count(day, n, -1)

    @given(days, counts)
    def test_counted_back_come_home_from_a_working_day(self, day, n):
        start = CALENDAR.last_working_day_on_or_before(day)

        assert CALENDAR.working_day_before(CALENDAR.working_day_after(start, n), n) == start

    @given(days)
    def test_roll_back_to_the_nearest(self, day):
        found = CALENDAR.last_working_day_on_or_before(day)

        assert found == (naive_count(day, 1, -1) if CALENDAR.why_closed(day) else day)

    def test_none_after_a_day_is_the_day(self):
        assert CALENDAR.working_day_after(date(2026, 5, 2), 0) == date(2026, 5, 2)

    def test_refuse_to_be_counted_backwards(self):
        with pytest.raises(ValueError, match="0 or more"):
            CALENDAR.working_day_after(date(2026, 5, 2), -1)

    @pytest.mark.parametrize("day", [date(1994, 12, 31), date(2061, 1, 1), date(2060, 12, 30)])
    def test_end_where_the_calendar_ends(self, day):
        with pytest.raises(CalendarExhausted):
            CALENDAR.working_day_after(day, 5)

    def test_start_where_the_calendar_starts(self):
        with pytest.raises(CalendarExhausted):
            CALENDAR.working_day_before(date(1995, 1, 5), 5)


class TestClosures:
    def test_are_not_worked(self):
        closed = calendar_for(DaysOff(closures=(date(2026, 3, 12),)))

        assert closed.working_day_after(date(2026, 3, 9), 10) == date(2026, 3, 24)
        assert closed.why_closed(date(2026, 3, 12)) == "a day the council is closed"

    def test_give_the_calendar_another_version(self):
        assert calendar_for(DaysOff(closures=(date(2026, 3, 12),))).version != CALENDAR.version

    @pytest.mark.parametrize("day_off", [date(2026, 12, 25), date(2026, 3, 14)])
    def test_on_a_day_off_change_nothing_that_is_counted(self, day_off):
        assert calendar_for(DaysOff(closures=(day_off,))).version == CALENDAR.version

    def test_are_built_once(self):
        assert calendar_for(DaysOff(closures=(date(2026, 3, 12),))) is calendar_for(
            DaysOff(closures=(date(2026, 3, 12),) * 2)
        )


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "n", "moved"),
        [
            (date(2026, 11, 30), 3, date(2027, 2, 28)),
            (date(2027, 11, 30), 3, date(2028, 2, 29)),
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2026, 3, 31), -1, date(2026, 2, 28)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
        ],
    )
    def test_are_clamped_to_the_months_end(self, day, n, moved):
        assert add_months(day, n) == moved

    @given(days, st.integers(-24, 24))
    def test_keep_the_day_number_or_end_the_month(self, day, n):
        moved = add_months(day, n)

        assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == n
        assert moved.day == day.day or (
            moved.day < day.day and (moved + timedelta(days=1)).month != moved.month
        )

    def test_end_where_the_calendar_ends(self):
        with pytest.raises(CalendarExhausted):
            add_months(date(2026, 1, 1), 10**12)
        with pytest.raises(CalendarExhausted):
            add_days(date(2026, 1, 1), 10**12)
