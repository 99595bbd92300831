"""When a body sits, as pack.toml plans it, and what expressions ask of that."""

from datetime import date

import pytest

from engine.packs.sittings import read_sittings, sitting_functions

MONTHLY = {"every": "third Wednesday", "dates": [date(2026, 3, 30)], "not_on": [date(2026, 4, 15)]}


def sittings(**entries):
    return read_sittings({"sittings": {"panel": entries}})["panel"]


class TestSittings:
    @pytest.mark.parametrize(
        ("day", "first", "last"),
        [
            ("2026-03-18", "2026-03-18", "2026-03-18"),
            ("2026-03-19", "2026-03-30", "2026-03-18"),
            ("2026-04-15", "2026-05-20", "2026-03-30"),
            ("2026-12-31", "2027-01-20", "2026-12-16"),
        ],
    )
    def test_are_the_planned_days_around_a_day(self, day, first, last):
        panel = sittings(**MONTHLY)

        assert panel.first_from(date.fromisoformat(day)) == date.fromisoformat(first)
        assert panel.last_until(date.fromisoformat(day)) == date.fromisoformat(last)

    @pytest.mark.parametrize(
        ("every", "first"),
        [
            ("first Monday", "2026-03-02"),
            ("fourth Friday", "2026-03-27"),
            ("last Tuesday", "2026-03-31"),
            ("second Sunday", "2026-03-08"),
        ],
    )
    def test_can_be_any_weekday_of_the_month(self, every, first):
        assert sittings(every=every).first_from(date(2026, 3, 1)) == date.fromisoformat(first)

    def test_of_a_list_alone_run_out(self):
        panel = sittings(dates=[date(2026, 3, 18)])

        assert panel.first_from(date(2026, 3, 19)) is None
        assert panel.last_until(date(2026, 3, 17)) is None

    @pytest.mark.parametrize(
        "entries",
        [
            {"every": "5th Wednesday"},
            {"every": "third wednesday"},
            {"every": 3},
            {"dates": ["soon"]},
            {"every": "first Monday", "not_on": [3]},
            {},
        ],
    )
    def test_that_cannot_be_read_are_named(self, entries):
        with pytest.raises(ValueError, match=r"sittings\.panel"):
            sittings(**entries)

    def test_are_asked_by_name(self):
        ask = sitting_functions(read_sittings({"sittings": {"panel": MONTHLY}}))

        assert ask["sitting_from"]("panel", "2026-03-19") == date(2026, 3, 30)
        assert ask["sitting_until"]("panel", date(2026, 3, 29)) == date(2026, 3, 18)
        assert ask["sitting_from"]("panel", None) is None
        with pytest.raises(ValueError, match="no sittings 'court'"):
            ask["sitting_from"]("court", "2026-03-19")
