"""The table of routes, held to for everybody: every cell of it answers as it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.builders.two_councils import TwoCouncils, fill
from tests.measures.authority import HIDDEN, LET_IN, OF_EACH_KIND, REFUSED, Cell, Matrix, wrong
from web.request.routes import ROUTES

pytestmark = pytest.mark.xdist_group("authority matrix")


@pytest.fixture(scope="module")
def cells(sqlite_databases) -> list[Cell]:
    councils = TwoCouncils(sqlite_databases.create(fill))
    found = list(Matrix(councils).cells(OF_EACH_KIND))
    councils.close()
    return found


class TestMatrix:
    def test_p2_p3_p5_answers_everybody_as_the_table_of_routes_says(
        self, cells: list[Cell], record_property: Callable[[str, object], None]
    ):
        found = wrong(cells)

        record_property("cells", len(cells))
        assert found == [], f"{len(found)} of {len(cells)} cells are wrong"

    def test_asks_every_route_as_everybody(self, cells: list[Cell]):
        asked = {(each.route, each.person) for each in cells}

        assert asked == {
            (route, who) for route in ROUTES for who in OF_EACH_KIND if route != "static"
        }
        assert {each.wanted for each in cells} >= {LET_IN, HIDDEN, REFUSED}


class TestTheRuleItself:
    CELL = Cell("cases.show", "GET", "north.iro", "own", LET_IN, LET_IN, "")

    def test_finds_a_door_that_is_open(self):
        opened = Cell("cases.show", "GET", "south.iro", "own", HIDDEN, LET_IN, "")

        assert wrong([self.CELL, opened]) == ["GET cases.show (own) for south.iro: let in, not 404"]

    def test_finds_a_404_that_tells_what_is_there_from_what_is_not(self):
        told = [
            Cell("cases.show", "GET", "south.iro", about, HIDDEN, HIDDEN, body)
            for about, body in (("own", "No such child"), ("nothing", "No such case"))
        ]

        assert wrong(told) == ["GET cases.show for south.iro: 2 ways of saying that there is none"]
