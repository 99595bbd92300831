"""Lengths of time after instants, against another library's calendar, 1995 to 2060."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import whenever
from hypothesis import example, given
from hypothesis import strategies as st

from engine.domain import Length
from engine.errors import CalendarExhausted
from workflows.permanence.civil_time import LONDON, later, start_of

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1995, 2061))
INSTANTS = st.integers(FIRST, LAST).map(lambda second: datetime.fromtimestamp(second, UTC))
LENGTHS = st.builds(
    Length,
    st.integers(0, 1200),
    st.integers(0, 1000),
    st.integers(0, 40 * 24 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds)),
)


def theirs(instant: datetime, length: Length) -> datetime:
    """What `whenever` makes of it: on London's clocks, then as a clock runs."""
    there = whenever.Instant(instant).to_tz("Europe/London")
    moved = there.add(months=length.months, days=length.days)
    return moved.to_instant().add(seconds=length.rest // timedelta(seconds=1)).to_stdlib()


# Unless told otherwise it keeps to the hour's side of the change if it can, as is right.
@pytest.mark.filterwarnings("ignore::whenever.ImplicitDisambiguationWarning")
@given(INSTANTS, LENGTHS)
@example(datetime(2026, 10, 24, 23, tzinfo=UTC), Length(days=1))
@example(datetime(2024, 2, 29, 12, tzinfo=UTC), Length(months=12))
@example(datetime(2026, 1, 31, tzinfo=UTC), Length(months=1))
@example(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), Length(days=1))
@example(datetime(2026, 10, 24, 0, 30, tzinfo=UTC), Length(days=1))
@example(datetime(2025, 10, 26, 1, 30, tzinfo=UTC), Length(days=364))
def test_a_length_is_added_as_on_their_calendar(instant, length):
    assert later(instant, length) == theirs(instant, length)


@given(st.dates(date(1995, 1, 1), date(2060, 12, 31)), st.integers(0, 600), st.integers(0, 1000))
def test_midnight_stays_midnight(day, months, days):
    there = later(start_of(day), Length(months, days)).astimezone(LONDON)
    assert there.time() == time()
    assert there.date() == whenever.Date(day).add(months=months).add(days=days).to_stdlib()


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=400)))
def test_hours_pass_as_they_pass(instant, rest):
    assert later(instant, Length(rest=rest)) == instant + rest


@pytest.mark.parametrize(
    ("name", "began", "length", "comes"),
    [
        ("T2", date(2026, 9, 21), Length(days=42), date(2026, 11, 2)),
        ("T3", date(2026, 5, 1), Length(months=1), date(2026, 6, 1)),
        ("T4", date(2026, 10, 25), Length(days=1), date(2026, 10, 26)),
    ],
)
def test_a_case_from_london(name, began, length, comes):
    assert later(start_of(began), length) == start_of(comes), name


def test_there_is_an_end():
    with pytest.raises(CalendarExhausted):
        later(datetime(9990, 1, 1, tzinfo=UTC), Length(months=1200))
