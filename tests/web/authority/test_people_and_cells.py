"""P10: a cell of a file computes nothing, and only facts that hold people make people."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa

from engine.storage import database, tables
from tests.builders.two_councils import TwoCouncils

MANAGER = "north.team_manager"
FORMULAS = (
    "=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1",
    "\uff1d1", "\uff0b1", "\uff0d1", "\uff201",
)  # fmt: skip
ROLE = '<spiffworkflow:property name="role" value="social_worker" />'
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


class TestCells:
    @pytest.mark.parametrize("text", FORMULAS)
    @pytest.mark.parametrize("path", ["/tracker/file", "/api/v1/tracker?format=csv"])
    def test_p10_are_guarded_labels_as_well_as_values(
        self, councils: TwoCouncils, text: str, path: str
    ):
        said = text.replace("\t", "\\t").replace("\r", "\\r")
        column = ('label = "View"', f'label = "{said}"')
        role = ('label = "Social worker"\nwork', f'label = "{said}."\nwork')
        councils.republish("north", "pack.toml", column, role)
        councils.open_case(view=text)

        heads, *found = rows(councils.ask(MANAGER, "GET", path).get_data(as_text=True))

        for cell in (*heads, *found[0]):
            assert not cell.lstrip(" ").startswith(BEGINNINGS)
        assert f"'{text}" in heads

    def test_p10_leaves_numbers_and_plain_words_alone(self, councils: TwoCouncils):
        councils.republish("north", "pack.toml", ('value = "view"', 'value = "0 - 5"'))
        councils.open_case()

        heads, row = rows(councils.ask(MANAGER, "GET", "/tracker/file").get_data(as_text=True))

        assert dict(zip(heads, row, strict=True))["View"] == "-5"


class TestTextsThatReadLikeUserNames:
    """The text `view` is as somebody's user name is: it makes them nobody's worker."""

    def seen_by(self, councils: TwoCouncils, person: str) -> dict[str, Any]:
        return {
            "case": councils.ask(person, "GET", f"/api/v1/cases/{councils.case}").status_code,
            "search": councils.call(person, "POST", "/search", {"term": "Child"})["items"],
            "work": councils.call(person, "GET", "/work-items")["items"],
            "children": councils.case in councils.ask(person, "GET", "/your-cases").text,
            "waiting": councils.case in councils.ask(person, "GET", "/work?show=waiting").text,
        }

    @pytest.mark.parametrize("name", ["north.social_worker_2", "north.iro_2"])
    def test_p10_put_the_case_in_nobodys_lists(self, councils: TwoCouncils, name: str):
        councils.open_case(view=name)

        nothing = {"case": 404, "search": [], "work": [], "children": False, "waiting": False}
        assert self.seen_by(councils, name) == nothing

    def test_p10_are_not_tracked_for_who_is_called_so(self, councils: TwoCouncils):
        councils.open_case(view="north.team_manager_2")

        assert councils.call("north.team_manager_2", "GET", "/tracker")["rows"] == []

    def test_p10_give_nobody_work(self, councils: TwoCouncils):
        councils.republish(
            "north",
            "case.bpmn",
            (ROLE, f'{ROLE}<spiffworkflow:property name="person" value="=view" />'),
        )
        councils.open_case(view="north.iro_2")

        item = councils.work("visit")
        assert (item["assignee"], item["role"]) == ("north.social_worker", "social_worker")

    def test_p10_are_handed_over_to_nobody(self, councils: TwoCouncils):
        councils.open_case(view="north.iro_2")
        body: dict[str, Any] = {"successors": {}}

        gone = councils.call("north.administrator", "POST", "/people/north.iro_2/departure", body)

        assert gone == {"items": [], "next": None, "inactive": True}


class TestFactsOfBefore:
    def test_p10_are_told_apart_by_the_pack_of_their_case(self, councils: TwoCouncils):
        """As a release before it was kept left them: the migration fills it in."""
        councils.open_case(view="north.iro_2")
        fact = tables.fact.c

        def kept() -> dict[str, bool]:
            with database.reading(councils.engine) as connection:
                return dict(connection.execute(sa.select(fact.name, fact.is_person)).all())

        before = kept()
        with database.transaction(councils.engine) as connection:
            connection.execute(tables.fact.update().values(is_person=None))
            path = "engine.storage.migrations.versions.0012_add_fact_is_person"
            import_module(path)._fill_in(connection)

        assert kept() == before
        assert (before["iro"], before["view"]) == (True, False)
