"""Nothing is a value too: left empty, corrected to nothing, answered although it is not asked.

The tests are named after the cases that were found to go wrong.
"""

from __future__ import annotations

from typing import Any

from engine.reads.history import list_history
from engine.storage import database, loading
from tests.builders.visitor import Visitor
from tests.journeys.council import Council
from tests.journeys.test_tracker import row

ADOPTION = {"primary_plan": "reunification", "parallel_plan": "adoption"}
ALONE = {"primary_plan": "adoption", "parallel_plan": "", "no_parallel_reason": "No kin is left"}


def correct(council: Council, fact: str, value: Any, *, status: int = 200) -> Any:
    body = {"fact": fact, "value": value, "reason": "It was never so"}
    return council.call("POST", f"/cases/{council.ref}/corrections", json=body, status=status)


def answered(council: Council, name: str) -> dict[str, Any]:
    """Return what was kept of the newest answers that have `name`."""
    with database.reading(council.engine) as connection:
        case = loading.find_case(connection, council.ref)
        events = list_history(connection, case, limit=50, newest_first=True)
    return next(dict(each.answers) for each in events if name in each.answers)


def page(council: Council, path: str = "") -> str:
    return Visitor(council.app, "dudley.social_worker").open(f"/cases/{council.ref}{path}").text


class TestN1:
    def test_what_a_meeting_leaves_empty_is_taken_back(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", plan_target_date="2026-09-30", **ADOPTION)
        assert council.limit("plan_target") == "2026-09-30"
        council.go("2026-04-13")

        council.meeting("2026-04-13", plan_target_date="", **ALONE)

        facts = council.case()["facts"]
        assert facts["primary_plan"] == "adoption"
        assert facts.get("parallel_plan") is None
        assert facts["no_parallel_reason"] == "No kin is left"
        assert council.deadlines("plan_target") == []
        changed = {
            name: change["value"]
            for event in council.history()[-3:]
            for change in event["facts_changed"]
            if (name := change["name"]) in ("parallel_plan", "plan_target_on")
        }
        assert changed == {"parallel_plan": None, "plan_target_on": None}

    def test_the_page_says_that_there_is_none_and_why(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", **ADOPTION)
        council.go("2026-04-13")
        council.meeting("2026-04-13", **ALONE)

        shown = " ".join(page(council).split())
        assert "No parallel plan, because" in shown
        assert "No kin is left" in shown

    def test_the_reason_goes_when_there_is_a_parallel_plan_again(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09", **ALONE)
        council.go("2026-04-13")

        council.meeting("2026-04-13", **ADOPTION)

        assert council.case()["facts"].get("no_parallel_reason") is None

    def test_what_was_not_asked_stays(self, council: Council):
        council.open_case(preferred_name="Jo")
        council.meeting("2026-03-09")
        assert council.case()["facts"]["preferred_name"] == "Jo"


class TestN2:
    def test_a_fact_is_corrected_to_nothing_with_a_reason(self, council: Council):
        council.open_case(preferred_name="Jo")

        correct(council, "preferred_name", None)

        assert council.case()["facts"].get("preferred_name") is None
        [change] = council.history()[-1]["facts_changed"]
        assert (change["old"], change["value"], change["corrects"]) == ("Jo", None, True)

    def test_work_of_a_person_who_is_nobody_goes_to_who_stands_in(self, council: Council):
        council.open_case()
        [item] = council.work("book_review")
        assert item["assignee"] == "dudley.iro"

        correct(council, "iro", None)

        answers = {"review_date": "2026-04-02"}
        [item] = council.work("book_review")
        assert item["assignee"] == "dudley.team_manager"
        council.complete("team_manager", "book_review", answers, status=403)
        given = {"to": "dudley.iro"}
        path = f"/work-items/{item['id']}/assignment"
        council.call("POST", path, role="team_manager", json=given)
        council.complete("iro", "book_review", answers)
        [item] = council.work("conduct_review")
        assert item["assignee"] == "dudley.team_manager"

    def test_a_plan_corrected_to_none_is_flagged(self, council: Council):
        council.open_case()
        council.meeting("2026-03-09")

        correct(council, "parallel_plan", None)
        assert row(council)["rag"] == "green"
        correct(council, "primary_plan", None)

        flagged = row(council)
        assert flagged["rag"] == "amber"
        assert "there is no permanence plan" in flagged["reason"]

    def test_what_every_case_has_is_not_taken_back(self, council: Council):
        council.open_case()
        refused = correct(council, "child_ref", None, status=422)
        assert "must be known" in refused["fields"]["value"]

    def test_the_page_asks_whether_there_is_none(self, council: Council):
        council.open_case(preferred_name="Jo")
        worker = Visitor(council.app, "dudley.social_worker")
        path = f"/cases/{council.ref}/corrections"
        fields = {"fact": "preferred_name", "reason": "Never used", "value": ""}
        assert "Is there none?" in worker.open(f"{path}?fact=preferred_name").text

        worker.send(path, fields, status=422)
        worker.send(path, {**fields, "nothing": "true"})

        assert council.case()["facts"].get("preferred_name") is None
        assert "Is there none?" not in worker.open(f"{path}?fact=child_ref").text


class TestN3:
    def test_an_answer_to_a_question_that_is_not_asked_is_dropped(self, council: Council):
        council.open_case(edd="2026-08-01")
        assert council.case()["facts"].get("edd") is None
        assert "edd" not in answered(council, "cause")

    def test_a_task_drops_it_before_its_checks(self, council: Council):
        council.open_case(cause="pre_birth", edd="2026-08-01", legal_status="none")
        council.go("2026-03-16")
        council.meeting("2026-03-16", drift=False, drift_reason="Left over from before")
        assert "drift_reason" not in answered(council, "drift")
