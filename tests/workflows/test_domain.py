"""Allocation, London's days and the rule catalogue."""

from datetime import UTC, date, datetime

import pytest

from engine.domain import Allocation, Role
from workflows.permanence.domain import DOMAIN, whole_years
from workflows.permanence.rules import rule_catalogue

ROLES = {
    "social_worker": Role("social_worker", "Social worker", "case", "team_manager"),
    "team_manager": Role("team_manager", "Team manager", "case"),
    "panel_administrator": Role("panel_administrator", "Panel administrator", "pool"),
    "carer": Role("carer", "Carer", "case", "panel_administrator"),
}


def allocate(role, **facts):
    return DOMAIN.allocate(ROLES[role], roles=ROLES, facts=facts)


class TestAllocate:
    def test_gives_work_to_the_childs_own_worker(self):
        facts = {"social_worker": "ann", "team_manager": "tim"}

        assert allocate("social_worker", **facts) == Allocation("ann", "social_worker")

    @pytest.mark.parametrize("unset", [None, ""])
    def test_gives_it_to_the_manager_where_nobody_is_allocated(self, unset):
        given = allocate("social_worker", social_worker=unset, team_manager="tim")

        assert given == Allocation("tim", "team_manager", needs_allocating=True)

    def test_gives_it_to_all_managers_where_there_is_no_manager_either(self):
        assert allocate("social_worker") == Allocation(None, "team_manager", needs_allocating=True)

    def test_gives_it_to_a_pool_that_stands_in(self):
        given = allocate("carer", panel_administrator="somebody")

        assert given == Allocation(None, "panel_administrator", needs_allocating=True)

    def test_keeps_it_with_the_role_where_nobody_stands_in(self):
        assert allocate("team_manager") == Allocation(None, "team_manager", needs_allocating=True)

    def test_leaves_a_pool_to_its_people(self):
        given = allocate("panel_administrator", panel_administrator="somebody")

        assert given == Allocation(None, "panel_administrator")


class TestDays:
    @pytest.mark.parametrize(
        ("day", "instant"),
        [
            (date(2026, 3, 28), datetime(2026, 3, 29, 0, tzinfo=UTC)),
            (date(2026, 3, 29), datetime(2026, 3, 29, 23, tzinfo=UTC)),
            (date(2026, 10, 24), datetime(2026, 10, 24, 23, tzinfo=UTC)),
            (date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),
        ],
    )
    def test_a_breach_begins_when_the_limit_has_passed_in_london(self, day, instant):
        found = DOMAIN.breach_instant(day)

        assert (found, found.tzinfo) == (instant, UTC)

    def test_today_is_londons(self):
        assert DOMAIN.today(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
        assert DOMAIN.today(DOMAIN.start_of(date(2026, 7, 1))) == date(2026, 7, 1)

    def test_an_instant_without_zone_is_refused(self):
        with pytest.raises(ValueError, match="zone"):
            DOMAIN.today(datetime(2026, 7, 1))  # noqa: DTZ001

    @pytest.mark.parametrize(
        ("born", "on", "age"),
        [
            (date(2018, 6, 10), date(2026, 6, 9), 7),
            (date(2018, 6, 10), date(2026, 6, 10), 8),
            (date(2020, 2, 29), date(2026, 2, 28), 5),
            (date(2020, 2, 29), date(2026, 3, 1), 6),
        ],
    )
    def test_age_is_in_whole_years(self, born, on, age):
        assert whole_years(born, on) == age


class TestRuleCatalogue:
    def test_holds_every_rule_with_what_it_says(self):
        catalogue = rule_catalogue()

        assert len(catalogue) == 158
        assert all(
            rule.id == key and rule.kind and rule.phrase and rule.source and rule.reading
            for key, rule in catalogue.items()
        )
        assert "within 10 working days" in catalogue["D-05"].phrase
