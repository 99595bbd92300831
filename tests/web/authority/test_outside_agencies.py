"""P5: an outside agency sees its task and the papers of it, while it has it and for a while."""

from __future__ import annotations

import re

import pytest

from tests.builders.two_councils import TwoCouncils

AGENCY, COLLEAGUE, WORKER = "north.agency", "north.agency_2", "north.social_worker"
SECRET = "What the family said"


@pytest.fixture(autouse=True)
def case(councils: TwoCouncils) -> str:
    return councils.open_case(view=SECRET)


def statuses(councils: TwoCouncils, person: str) -> set[int]:
    """Return how the record of the case answers somebody, by whichever way."""
    ref = councils.case
    ways = (
        f"/cases/{ref}", f"/cases/{ref}/history", f"/cases/{ref}/history/1",
        f"/cases/{ref}/recorded/1", f"/cases/{ref}/recorded/1/paper", f"/cases/{ref}/corrections",
        f"/cases/{ref}/messages/moved", f"/cases/{ref}/processes/case", f"/cases/{ref}/comments",
        f"/api/v1/cases/{ref}", f"/api/v1/cases/{ref}/deadlines", f"/api/v1/cases/{ref}/history",
        f"/api/v1/cases/{ref}/history/1", f"/api/v1/work-items?case={ref}",
        councils.path("visit"), f"/api/v1{councils.path('review')}",
    )  # fmt: skip
    return {councils.ask(person, "GET", way).status_code for way in ways}


def go(councils: TwoCouncils, day: str) -> None:
    councils.call("administrator", "POST", "/clock", {"now": f"{day}T09:00:00+00:00"})


class TestOutsideAgencies:
    def test_p5_see_their_task_and_nothing_of_the_record(self, councils: TwoCouncils):
        task = councils.path("advise")
        councils.call(AGENCY, "POST", f"{task}/claim")

        page = councils.ask(AGENCY, "GET", task)
        form = councils.call(AGENCY, "GET", task)

        assert (page.status_code, form["name"]) == (200, "advise")
        assert statuses(councils, AGENCY) == {404}
        for text in (page.text, str(form)):
            assert SECRET not in text
        assert not re.findall(rf'href="/cases/{councils.case}', page.text)
        assert councils.path("visit") not in page.text

    def test_p5_see_what_waits_to_be_claimed_and_not_what_a_colleague_has(
        self, councils: TwoCouncils
    ):
        task = councils.path("advise")
        assert councils.ask(AGENCY, "GET", task).status_code == 200
        mine = councils.call(AGENCY, "GET", "/work-items?role=agency")["items"]
        assert [each["name"] for each in mine] == ["advise"]
        councils.call(COLLEAGUE, "POST", f"{task}/claim")

        assert councils.ask(AGENCY, "GET", task).status_code == 404
        councils.call(AGENCY, "GET", task, status=404)
        for query in ("", "?role=agency", "?status=all", f"?assignee={COLLEAGUE}"):
            assert councils.call(AGENCY, "GET", f"/work-items{query}")["items"] == []

    def test_p5_are_answered_with_their_part_alone(self, councils: TwoCouncils):
        answers = {"answers": {"note": "Our advice"}}
        case = councils.call(AGENCY, "POST", f"{councils.path('advise')}/completion", answers)

        assert case["facts"] == {}
        assert (case["instances"], case["deadlines"], case["work_items"]) == ([], [], [])
        assert SECRET not in str(case)

    def test_p5_see_what_they_did_for_as_long_as_the_pack_says(self, councils: TwoCouncils):
        task = councils.path("advise")
        councils.call(AGENCY, "POST", f"{task}/completion", {"answers": {"note": "Our advice"}})

        page = councils.ask(AGENCY, "GET", task)
        assert "Our advice" in page.text
        assert f"/cases/{councils.case}" not in page.text
        assert councils.ask(COLLEAGUE, "GET", task).status_code == 404
        go(councils, "2026-03-14")
        assert councils.ask(AGENCY, "GET", task).status_code == 200
        go(councils, "2026-03-15")
        assert councils.ask(AGENCY, "GET", task).status_code == 404
        councils.call(AGENCY, "GET", task, status=404)
        assert statuses(councils, AGENCY) == {404}

    def test_p5_see_it_to_the_end_of_the_day_if_the_pack_does_not_say(self, councils: TwoCouncils):
        councils.republish("north", "pack.toml", ('seen_for = "5 days"\n', ""))
        councils.open_case()
        task = councils.path("advise")
        councils.call(AGENCY, "POST", f"{task}/completion", {"answers": {"note": "Our advice"}})

        assert councils.ask(AGENCY, "GET", task).status_code == 200
        go(councils, "2026-03-10")
        assert councils.ask(AGENCY, "GET", task).status_code == 404

    def test_p5_have_no_search_no_tracker_and_no_children(self, councils: TwoCouncils):
        councils.call(AGENCY, "POST", "/search", {"term": "Child"}, status=403)
        councils.call(AGENCY, "GET", "/tracker", status=403)
        assert councils.case not in councils.ask(AGENCY, "GET", "/your-cases").text
        assert councils.case not in councils.ask(AGENCY, "GET", "/work?show=waiting").text

    def test_p5_do_their_work_on_pages(self, councils: TwoCouncils):
        task = councils.path("advise")
        csrf = councils.csrf(AGENCY, task)
        sent = {"csrf_token": csrf, "note": "Our advice"}
        done = councils.ask(AGENCY, "POST", task, data=sent)

        assert (done.status_code, done.headers["Location"]) == (303, "/work")
        assert "Our advice" in councils.ask(AGENCY, "GET", task).text

    def test_p5_that_are_told_are_told_and_read_no_record(self, councils: TwoCouncils):
        told = (
            'notify = ["team_manager"]',
            'notify = ["agency", "panel_administrator"]\nseen_for = "1 month"',
        )
        councils.republish("north", "pack.toml", told)
        councils.open_case(view=SECRET)
        for task, person in (("advise", COLLEAGUE), ("prepare", "north.panel_administrator_2")):
            councils.call(person, "POST", f"{councils.path(task)}/claim")
        body = {"name": "moved", "payload": {"moved_on": "2026-03-09"}}
        councils.call(WORKER, "POST", f"/cases/{councils.case}/messages", body)

        assert statuses(councils, AGENCY) == {404}
        councils.call("north.panel_administrator", "GET", f"/cases/{councils.case}")
        page = councils.ask(AGENCY, "GET", "/your-cases").text
        assert "The child moved" in page
        assert f"/cases/{councils.case}" not in page

    def test_p5_are_named_in_a_case_for_nothing(self, councils: TwoCouncils):
        named = '[facts.agency]\ntype = "user"\nlabel = "Agency"\n\n[facts.child_name]'
        councils.republish("north", "pack.toml", ("[facts.child_name]", named))
        councils.open_case()
        body = {"fact": "agency", "value": AGENCY, "reason": "Asked"}
        councils.call(WORKER, "POST", f"/cases/{councils.case}/corrections", body)

        assert statuses(councils, AGENCY) == {404}
