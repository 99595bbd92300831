"""P1: to allocate work is not to do it: only somebody with its own role does, whoever has it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders.two_councils import TwoCouncils

MANAGER, REVIEWER, SECOND = "north.team_manager", "north.iro", "north.iro_2"
DONE = {"answers": {"note": "Ratified"}}


@pytest.fixture
def case(councils: TwoCouncils) -> str:
    return councils.open_case()


def give(councils: TwoCouncils, person: str, task: str, to: str, *, status: int = 200) -> Any:
    path = f"{councils.path(task)}/assignment"
    return councils.call(person, "POST", path, {"to": to}, status=status)


def do(councils: TwoCouncils, person: str, task: str, *, status: int = 200) -> Any:
    return councils.call(person, "POST", f"{councils.path(task)}/completion", DONE, status=status)


def form_token(councils: TwoCouncils, person: str, page: str) -> str:
    text = councils.ask(person, "GET", page).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, page
    return found[1]


@pytest.mark.usefixtures("case")
class TestGiving:
    def test_p1_refuses_the_manager_themselves_without_the_role(self, councils: TwoCouncils):
        refused = give(councils, MANAGER, "review", MANAGER, status=422)

        assert list(refused["fields"]) == ["to"]
        assert councils.work("review")["assignee"] == REVIEWER

    @pytest.mark.parametrize(
        "to", ["north.social_worker", "north.service_manager", "north.administrator", "south.iro"]
    )
    def test_p1_refuses_whoever_has_another_role_or_council(self, councils: TwoCouncils, to: str):
        give(councils, MANAGER, "review", to, status=422)

    def test_p1_takes_somebody_with_the_role_who_then_does_it(self, councils: TwoCouncils):
        assert give(councils, MANAGER, "review", SECOND)["assignee"] == SECOND
        do(councils, SECOND, "review")

    def test_p1_is_the_same_on_the_page_and_of_several_at_once(self, councils: TwoCouncils):
        task = councils.work("review")["id"]
        page = f"/work-items/{task}"
        csrf = form_token(councils, MANAGER, page)
        shown = councils.ask(MANAGER, "GET", page).get_data(as_text=True)

        sent = {"csrf_token": csrf, "to": MANAGER}
        one = councils.ask(MANAGER, "POST", f"{page}/assign", data=sent)
        several = councils.ask(MANAGER, "POST", "/allocation", data={**sent, "item": task})

        assert f'value="{SECOND}"' in shown
        assert f'value="{MANAGER}"' not in shown
        assert (one.status_code, several.status_code) == (422, 422)
        assert councils.work("review")["assignee"] == REVIEWER

    def test_p1_refuses_a_transfer_and_a_correction_to_somebody_without_the_role(
        self, councils: TwoCouncils, case: str
    ):
        transfer = {"name": "transfer", "payload": {"iro": MANAGER}}
        councils.call(REVIEWER, "POST", f"/cases/{case}/messages", transfer, status=422)
        correction = {"fact": "iro", "value": MANAGER, "reason": "Mine"}
        councils.call(REVIEWER, "POST", f"/cases/{case}/corrections", correction, status=422)

    def test_p1_refuses_a_successor_without_the_role(self, councils: TwoCouncils):
        body = {"successors": {"iro": MANAGER}}
        path = f"/people/{REVIEWER}/departure"
        councils.call("north.administrator", "POST", path, body, status=422)

        also = {"successors": {"iro": SECOND, "team_manager": "north.social_worker"}}
        councils.call("north.administrator", "POST", path, also, status=422)
        gone = councils.call("north.administrator", "POST", path, {"successors": {"iro": SECOND}})

        assert gone["inactive"]
        assert councils.work("review")["assignee"] == SECOND

    def test_p1_refuses_a_cover_without_the_role(self, councils: TwoCouncils):
        body = {
            "person": REVIEWER,
            "covered_by": MANAGER,
            "from_on": "2026-03-09",
            "to_on": "2026-03-10",
        }
        councils.call(REVIEWER, "POST", "/cover", body, status=422)

        councils.call(REVIEWER, "POST", "/cover", {**body, "covered_by": SECOND}, status=201)
        do(councils, SECOND, "review")


class TestNobodyNamed:
    """Work of a role of which nobody is named is with a stand-in: to allocate, and no more."""

    def test_p1_is_not_done_by_who_stands_in(self, councils: TwoCouncils):
        councils.open_case(iro=None)

        item = councils.work("review")
        assert (item["assignee"], item["needs_allocating"]) == (MANAGER, True)
        do(councils, MANAGER, "review", status=403)
        path = f"/work-items/{item['id']}"
        councils.call(MANAGER, "PUT", f"{path}/draft", DONE, status=403)
        give(councils, MANAGER, "review", MANAGER, status=422)

        given = give(councils, MANAGER, "review", SECOND)
        assert (given["role"], given["needs_allocating"]) == ("iro", False)
        do(councils, MANAGER, "review", status=403)
        do(councils, SECOND, "review")

    def test_p1_claimed_to_allocate_stays_undone(self, councils: TwoCouncils):
        councils.open_case(iro=None, team_manager=None)
        item = councils.work("review")
        assert item["assignee"] is None

        councils.call(MANAGER, "POST", f"{councils.path('review')}/claim")
        do(councils, MANAGER, "review", status=403)
        assert councils.work("review")["needs_allocating"]
        give(councils, MANAGER, "review", REVIEWER)
        do(councils, REVIEWER, "review")

    def test_p1_goes_to_whoever_is_named_later(self, councils: TwoCouncils):
        ref = councils.open_case(iro=None)
        body = {"name": "transfer", "payload": {"iro": SECOND}}
        councils.call("north.social_worker", "POST", f"/cases/{ref}/messages", body)

        item = councils.work("review")
        assert (item["assignee"], item["role"], item["needs_allocating"]) == (SECOND, "iro", False)

    def test_p1_is_offered_on_the_page_of_allocation_to_its_role_alone(self, councils: TwoCouncils):
        councils.open_case(iro=None)
        page = councils.ask(MANAGER, "GET", "/allocation").get_data(as_text=True)

        assert "For: Reviewing officer" in page
        assert f'value="{SECOND}"' in page
        assert f'value="{MANAGER}"' not in page


class TestClaiming:
    @pytest.mark.usefixtures("case")
    def test_p1_is_for_the_role_alone(self, councils: TwoCouncils):
        path = f"{councils.path('prepare')}/claim"
        councils.call(MANAGER, "POST", path, status=403)
        councils.call("south.panel_administrator", "POST", path, status=404)
        councils.call("north.panel_administrator", "POST", path)

        do(councils, "north.panel_administrator_2", "prepare", status=404)
        do(councils, "north.panel_administrator", "prepare")


class TestFormsThatNamePeople:
    def test_p1_take_for_a_role_only_who_has_it_though_the_question_says_none(
        self, councils: TwoCouncils
    ):
        """A question that sets the fact named like a role says by that whose people it takes."""
        asks = ('"x-role": "iro"', '"x-hint": "Anybody"')
        councils.republish("north", "forms/case.json", asks)
        body = {"pack": "north", "facts": {"began": "2026-03-09", "iro": MANAGER}}

        refused = councils.call("north.social_worker", "POST", "/cases", body, status=422)

        assert list(refused["fields"]) == ["iro"]
