"""Dates that follow from other facts: worked out in order, followed by corrections."""

from dataclasses import replace
from datetime import date

import pytest

from engine.domain import FactType
from engine.errors import ExpressionError
from engine.packs.worked_out import bases_of, work_out

HELD = FactType("held_on", "date", "Held")
SECOND = FactType("second_on", "date", "Second", worked_out="add_days(held_on, 90)")
SOONER = FactType("sooner_on", "date", "Sooner", worked_out="earlier(second_on, booked_on)")
BOOKED = FactType("booked_on", "date", "Booked")


def add_days(day: date | None, n: int) -> date | None:
    return None if day is None else date.fromordinal(day.toordinal() + n)


def worked_out(*kinds: FactType, **values: object) -> dict[str, object]:
    found: dict[str, object] = {kind.name: values.get(kind.name) for kind in (HELD, BOOKED)}
    work_out(kinds, found, {"add_days": add_days, "today": lambda: date(2026, 6, 1)})
    return found


class TestWorkedOut:
    def test_follows_from_what_stands_before_it(self):
        found = worked_out(SECOND, SOONER, held_on=date(2026, 1, 1), booked_on=date(2026, 3, 1))

        assert found["second_on"] == date(2026, 4, 1)
        assert found["sooner_on"] == date(2026, 3, 1)

    def test_is_unset_while_what_it_counts_from_is(self):
        assert worked_out(SECOND, SOONER)["sooner_on"] is None

    def test_what_is_no_day_is_refused(self):
        wrong = FactType("wrong_on", "date", "Wrong day", worked_out="1 + 1")

        with pytest.raises(ExpressionError, match="Wrong day"):
            worked_out(wrong)

    def test_comes_down_to_what_is_recorded(self):
        known = {"held_on": HELD}
        known["second_on"] = replace(SECOND, reads=("held_on",))

        assert bases_of("earlier(second_on, booked_on)", known) == ("booked_on", "held_on")
