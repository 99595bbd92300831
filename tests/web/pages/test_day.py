"""A worker's day: claim, cover, search, filters, comments, short answers, handing over."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from engine.firing import training_clock
from engine.open_work import case_heads, work_list
from engine.people import people
from engine.reads import history
from engine.storage import database
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import open_child
from tests.web.pages.test_journey import ARRANGE, CHAIR, arranged
from tests.web.request.test_access import log
from workflows.permanence.domain import PermanenceDomain

NEXT_DAY = "2026-03-10"
SECOND = "dudley.social_worker_2"
MANAGER = "dudley.team_manager"


def engine_of(app: Flask) -> Any:
    return app.extensions["permanence"].engine


def events(app: Flask, ref: str) -> list[Any]:
    with database.reading(engine_of(app)) as connection:
        head = case_heads.get_case_head(connection, ref)
        return history.list_history(connection, head.id)


def go(app: Flask, day: str) -> None:
    """Move the training clock to 09:00 of a day."""
    from datetime import datetime

    then = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    training_clock.advance(engine_of(app), then, domain=PermanenceDomain())


def name_cover(visitor: Visitor, person: str, covered_by: str, days: tuple[str, str]) -> Any:
    """Name a cover on the person's page, whatever comes of it."""
    page = visitor.open(f"/people/{person}")
    cover_id = re.search(r'name="cover_id" value="([^"]+)"', page.text)[1]
    first, last = days
    fields = {
        "cover_id": cover_id,
        "covered_by": covered_by,
        **date_fields("from_on", first),
        **date_fields("to_on", last),
    }
    return visitor.client.post(
        f"/people/{person}/cover",
        data={"csrf_token": re.search(r'csrf_token" value="([^"]+)', page.text)[1], **fields},
    )


@pytest.mark.usefixtures("child")
class TestCover:
    def test_shows_the_work_of_the_absent_and_records_for_whom_it_is_done(
        self, app: Flask, worker: Visitor, child: str, token: Callable[[str], str]
    ):
        second = Visitor(app, SECOND)
        answer = name_cover(worker, "dudley.social_worker", SECOND, ("2026-03-09", NEXT_DAY))
        assert answer.status_code == 303

        page = second.open("/work?show=cover")
        assert "Covering for Amara Okafor until 10 March 2026 (" in page.text
        task = re.search(rf'href="(/work-items/[^"]+)">{ARRANGE}</a>', page.text)[1]
        second.open(task)
        done = second.follow(second.send(task, arranged("2026-03-18")))

        assert CHAIR in done.text
        assert "for Amara Okafor" in second.open(f"/cases/{child}").text
        api = app.test_client().get(
            f"/api/v1/cases/{child}/history",
            headers={"Authorization": f"Bearer {token('auditor')}"},
        )
        last = api.json[-1]
        assert (last["actor"], last["acting_for"]) == (SECOND, "dudley.social_worker")

    def test_begins_and_ends_by_itself_on_its_days(self, app: Flask, worker: Visitor, child: str):
        second = Visitor(app, SECOND)
        task = worker.work(ARRANGE)
        name_cover(worker, "dudley.social_worker", SECOND, (NEXT_DAY, "2026-03-11"))

        second.open(task, status=404)
        assert "Covering" not in second.open("/work").text
        go(app, NEXT_DAY)
        second.open(task)
        go(app, "2026-03-11")
        second.open(f"/cases/{child}")
        go(app, "2026-03-12")
        second.open(task, status=404)
        second.open(f"/cases/{child}", status=404)
        assert "Covering" not in second.open("/work").text

    def test_may_report_for_the_absent_but_their_own_acts_stay_their_own(
        self, app: Flask, worker: Visitor, child: str
    ):
        name_cover(worker, "dudley.social_worker", SECOND, ("2026-03-09", NEXT_DAY))
        second = Visitor(app, SECOND)
        second.open(f"/cases/{child}/messages/significant_change")
        fields = {**date_fields("changed_on", "2026-03-09"), "what": "Carers gave notice"}
        second.send(f"/cases/{child}/messages/significant_change", fields)
        worker.open(f"/cases/{child}")
        worker.send(f"/cases/{child}/comments", {"text": "Noted"})

        said = [(event.actor, event.acting_for) for event in events(app, child)[1:]]
        assert said == [(SECOND, "dudley.social_worker"), ("dudley.social_worker", None)]

    def test_is_for_people_of_the_same_role_alone(self, worker: Visitor):
        answer = name_cover(worker, "dudley.social_worker", "dudley.iro", ("2026-03-09", NEXT_DAY))
        assert answer.status_code == 422
        assert "must be one of the answers offered" in answer.text

        answer = name_cover(worker, "dudley.social_worker", SECOND, (NEXT_DAY, "2026-03-09"))
        assert answer.status_code == 422
        assert "The last day must not be before the first day." in answer.text
        answer = name_cover(worker, "dudley.social_worker", SECOND, ("2026-03-01", "2026-03-08"))
        assert "The last day must be today or later." in answer.text

    def test_is_arranged_by_oneself_or_the_manager_alone(
        self, app: Flask, worker: Visitor, token: Callable[[str], str]
    ):
        Visitor(app, SECOND).open("/people/dudley.social_worker", status=404)
        Visitor(app, "dudley.iro").open("/people", status=403)
        bearer = {"Authorization": f"Bearer {token(SECOND)}"}
        body = {
            "person": "dudley.social_worker",
            "covered_by": SECOND,
            "from_on": "2026-03-09",
            "to_on": NEXT_DAY,
        }
        assert app.test_client().post("/api/v1/cover", json=body, headers=bearer).status_code == 403

        manager = Visitor(app, MANAGER)
        days = ("2026-03-09", NEXT_DAY)
        assert name_cover(manager, "dudley.social_worker", SECOND, days).status_code == 303
        assert "Named by David Thornton" in worker.open("/people/dudley.social_worker").text

    def test_can_be_called_off(self, app: Flask, worker: Visitor):
        name_cover(worker, "dudley.social_worker", SECOND, ("2026-03-09", NEXT_DAY))
        second = Visitor(app, SECOND)
        second.open("/work?show=cover")
        page = worker.open("/people/dudley.social_worker")
        end = re.search(r'action="(/people/cover/[^"]+)"', page.text)[1]
        second.send(end, status=404)

        worker.open("/people/dudley.social_worker")
        worker.send(end)

        assert "Covering" not in second.open("/work").text


class TestSearch:
    @pytest.mark.parametrize("term", ["robin", "EXAMPLE ro", "lcs-1", "róbin"])
    def test_finds_by_name_and_reference_without_a_trace_of_the_term(
        self, app: Flask, worker: Visitor, child: str, term: str
    ):
        worker.open("/work")
        page = worker.send("/search", {"term": term}, status=200)

        assert worker.links('/cases/P-[^"]+') == [f"/cases/{child}"]
        assert "1 child with" in page.text
        assert all(term.lower() not in str(line).lower() for line in log(app))

    def test_finds_by_our_own_reference(self, worker: Visitor, child: str):
        worker.open("/work")
        worker.send("/search", {"term": child[2:7].lower()}, status=200)
        assert worker.links('/cases/P-[^"]+') == [f"/cases/{child}"]

    @pytest.mark.usefixtures("child")
    def test_finds_only_what_one_may_see(self, app: Flask):
        other = Visitor(app, SECOND)
        other.open("/work")
        page = other.send("/search", {"term": "Robin"}, status=200)
        assert "Nothing of yours has" in page.text
        assert other.links('/cases/P-[^"]+') == []

    @pytest.mark.usefixtures("child")
    def test_answers_the_api_and_needs_something_to_look_for(
        self, app: Flask, worker: Visitor, token: Callable[[str], str]
    ):
        bearer = {"Authorization": f"Bearer {token('auditor')}"}
        client = app.test_client()
        found = client.post("/api/v1/search", json={"term": "robin"}, headers=bearer)
        assert [each["name"] for each in found.json["items"]] == ["Robin Example"]
        nothing = client.post("/api/v1/search", json={"term": " "}, headers=bearer)
        assert nothing.json == {"items": []}
        worker.open("/work")
        assert "Type a name" in worker.send("/search", {"term": ""}, status=200).text


class TestFilters:
    @pytest.fixture
    def two(self, worker: Visitor) -> tuple[str, str]:
        """A child whose meeting is late by 26 March, and one who came in a fortnight later."""
        first = open_child(worker)
        return first, open_child(worker, child_name="Sam Second", entered="2026-03-02")

    def test_narrow_the_list_and_are_kept_for_their_owner(
        self, app: Flask, worker: Visitor, two: tuple[str, str]
    ):
        page = worker.open(f"/work?task=arrange_ppm&case={two[1]}")
        assert worker.links(r"/work-items/[^\"#]+")[1:] == []
        assert "Sam Second" in page.text

        worker.send("/filters", {"back": f"case={two[1]}", "title": "  Sam  alone "})

        worker.open("/work")
        [kept] = worker.links(r"/work\?[^\"]*case=[^\"]+")
        assert "Sam alone" in worker.page.text
        assert "Sam alone" not in Visitor(app, MANAGER).open("/work").text
        page = worker.open(kept.replace("&amp;", "&"))
        assert "Keep this filter as" in page.text

    @pytest.mark.usefixtures("two")
    def test_show_what_is_overdue(self, app: Flask, worker: Visitor):
        go(app, "2026-03-16")
        page = worker.open("/work?task=arrange_ppm&due=overdue")
        assert "Overdue (1)" in page.text
        assert "Sam Second" in page.text
        assert "Later (" not in page.text

    def test_need_a_name(self, worker: Visitor):
        worker.open("/work?due=overdue")
        page = worker.send("/filters", {"back": "due=overdue", "title": " "}, status=422)
        assert 'href="#title"' in page.text
        assert "Enter a name for the filter." in page.text

    @pytest.mark.parametrize(
        "query", ["status=bogus", "show=everything", "due=soon", "after=x", "limit=abc"]
    )
    def test_that_do_not_exist_are_refused(self, sqlite_app: Flask, query: str):
        page = Visitor(sqlite_app, "dudley.social_worker").open(f"/work?{query}", status=400)
        assert "cannot be understood" in page.text

    @pytest.mark.parametrize("query", ["status=bogus", "limit=abc", "limit=0", "limit=-1"])
    def test_of_the_api_are_refused_too(self, sqlite_app: Flask, query: str):
        with database.transaction(engine_of(sqlite_app)) as connection:
            secret = people.create_token(
                connection, "auditor", now=training_clock.current_time(connection)
            )
        bearer = {"Authorization": f"Bearer {secret}"}
        answer = sqlite_app.test_client().get(f"/api/v1/work-items?{query}", headers=bearer)
        assert answer.status_code == 400
        assert query.partition("=")[0] in answer.json["detail"]


class TestComments:
    def test_stand_in_the_timeline_and_in_the_replay(self, app: Flask, worker: Visitor, child: str):
        worker.open(f"/cases/{child}")
        answer = worker.send(f"/cases/{child}/comments", {"text": "Met the aunt.\r\nShe is keen."})
        page = worker.follow(answer)

        assert "Met the aunt.\nShe is keen." in page.text
        [_, event] = events(app, child)
        assert (event.kind, event.actor) == ("comment_added", "dudley.social_worker")
        assert not event.steps
        assert not event.facts_changed
        assert "Met the aunt." in Visitor(app, "dudley.iro").open(f"/cases/{child}/history/2").text

    @pytest.mark.parametrize("text", ["", "  \r\n ", "x" * 4001])
    def test_are_refused_empty_or_endless(self, worker: Visitor, child: str, text: str):
        worker.open(f"/cases/{child}")
        page = worker.send(f"/cases/{child}/comments", {"text": text}, status=422)
        assert 'href="#comment"' in page.text

    def test_are_for_those_who_work_with_the_child(
        self, app: Flask, child: str, token: Callable[[str], str]
    ):
        auditor = Visitor(app)
        auditor.open("/sign-in")
        auditor.send("/sign-in", {"person": "auditor"})
        assert "Add a comment" not in auditor.open(f"/cases/{child}").text
        auditor.send(f"/cases/{child}/comments", {"text": "Hello"}, status=403)
        bearer = {"Authorization": f"Bearer {token(SECOND)}"}
        body = {"text": "Hello"}
        address = f"/api/v1/cases/{child}/comments"
        assert app.test_client().post(address, json=body, headers=bearer).status_code == 404
        bearer = {"Authorization": f"Bearer {token('dudley.iro')}"}
        said = app.test_client().post(address, json=body, headers=bearer)
        assert (said.status_code, said.json["comment"]) == (201, "Hello")


class TestShortAnswers:
    def test_complete_the_task_and_show_the_list_again(
        self, app: Flask, worker: Visitor, child: str
    ):
        go(app, "2026-03-24")
        manager = Visitor(app, MANAGER)
        page = manager.open("/work?show=mine&due=")
        asked = page.text.partition("Say why it was missed")[2]
        [form] = re.findall(r'action="(/answers/[^"]+)"', asked)[:1]

        wrong = manager.send(form, {"back": "show=mine"}, status=422)
        assert 'class="govuk-error-summary"' in wrong.text
        answer = manager.send(form, {"back": "show=mine", "reason": "The carer was ill"})
        assert answer.headers["Location"] == "/work?show=mine"
        assert f"Recorded for {child}" in manager.follow(answer).text

        last = events(app, child)[-1]
        assert last.kind == "work_item_completed"
        assert last.answers["reason"] == "The carer was ill"
        assert worker.open("/work").status_code == 200

    @pytest.mark.usefixtures("child")
    def test_are_not_offered_for_long_forms_or_to_others(self, worker: Visitor, app: Flask):
        page = worker.open("/work?task=arrange_ppm")
        assert ARRANGE in page.text
        assert "Answer here" not in page.text
        go(app, "2026-03-24")
        assert "Answer here" not in Visitor(app, "dudley.iro").open("/work?show=waiting").text


class TestWaitingForOthers:
    def test_lists_what_others_do_for_my_children(self, app: Flask, worker: Visitor, child: str):
        iro = Visitor(app, "dudley.iro")
        page = iro.open("/work?show=waiting")
        assert ARRANGE in page.text
        assert "With Amara Okafor" in page.text
        assert "<strong>Amara Okafor</strong>: " + ARRANGE in iro.open("/your-cases").text
        assert f"<strong>you</strong>: {ARRANGE}" in worker.open("/your-cases").text
        assert ARRANGE not in worker.open("/work?show=waiting").text
        assert child in page.text


class TestAllocation:
    @pytest.fixture
    def orphan(self, worker: Visitor) -> str:
        """A child whom no social worker is named for."""
        return open_child(worker, social_worker="")

    def test_is_one_list_with_a_choice_of_people(self, app: Flask, orphan: str):
        manager = Visitor(app, MANAGER)
        page = manager.open("/allocation")
        assert "For: Social worker (" in page.text
        items = re.findall(r'name="item" value="([^"]+)"', page.text)

        manager.send("/allocation", {"item": items, "to": ""}, status=422)
        manager.send("/allocation", {"to": SECOND}, status=422)
        manager.send("/allocation", {"item": items, "to": SECOND})

        assert "Everything in your team is allocated." in manager.open("/allocation").text
        second = Visitor(app, SECOND)
        assert second.work(ARRANGE)
        second.open(f"/cases/{orphan}")
        assert events(app, orphan)[-1].kind == "work_item_assigned"

    def test_says_who_cannot_get_a_task(self, app: Flask, orphan: str):
        manager = Visitor(app, MANAGER)
        page = manager.open("/allocation")
        items = re.findall(r'name="item" value="([^"]+)"', page.text)
        page = manager.send("/allocation", {"item": items, "to": "auditor"}, status=422)
        assert "Nobody called auditor does this work." in page.text
        assert events(app, orphan)[-1].kind == "case_opened"

    def test_is_for_managers(self, app: Flask):
        Visitor(app, SECOND).open("/allocation", status=403)


class TestClaim:
    def test_stands_in_the_row_and_leads_back_to_the_list(self, app: Flask, worker: Visitor):
        open_child(worker, team_manager="", service_manager="", social_worker="")
        manager = Visitor(app, MANAGER)
        page = manager.open("/work?show=claim")
        claim = re.search(r'action="(/claims/[^"]+)"', page.text)[1]

        answer = manager.send(claim, {"back": "show=claim"})

        assert answer.headers["Location"] == "/work?show=claim"
        assert claim not in manager.follow(answer).text
        assert UUID(claim.split("/")[2]) in assigned(app, MANAGER)


def assigned(app: Flask, name: str) -> set[UUID]:
    with database.reading(engine_of(app)) as connection:
        return {item.id for item in work_list.list_work(connection, assignee=name).items}


class TestLeaving:
    def test_hands_over_each_case_as_its_own_event(self, app: Flask, worker: Visitor):
        refs = sorted(open_child(worker) for _ in range(2))
        manager = Visitor(app, MANAGER)
        page = manager.open("/people/dudley.social_worker")
        assert "2 cases, 4 open tasks" in page.text

        page = manager.send("/people/dudley.social_worker/leave", {}, status=422)
        assert "Choose who follows as Social worker." in page.text
        fields = {"to-social_worker": SECOND}
        page = manager.send("/people/dudley.social_worker/leave", fields, status=200)

        assert "Done. Amara Okafor has no case" in page.text
        assert re.findall("P-[A-Z0-9]{5}-[A-Z0-9]{5}", page.text) == refs
        for ref in refs:
            last = events(app, ref)[-1]
            assert (last.kind, last.actor) == ("handed_over", MANAGER)
            assert [change["value"] for change in last.facts_changed] == [SECOND]
            assert last.notices[-1]["person"] == SECOND
        assert len(assigned(app, SECOND)) == 4
        assert worker.client.get("/work").status_code == 303
        assert "by Amara Okafor" in Visitor(app, SECOND).open(f"/cases/{refs[0]}").text
        assert "2 children" in Visitor(app, SECOND).open("/your-cases").text

    def test_leaves_nobody_inactive_while_a_case_is_theirs(
        self, app: Flask, worker: Visitor, monkeypatch: pytest.MonkeyPatch
    ):
        refs = sorted(open_child(worker) for _ in range(3))
        monkeypatch.setattr("web.pages.people.AT_ONCE", 2)
        manager = Visitor(app, MANAGER)
        manager.open("/people/dudley.social_worker")
        fields = {"to-social_worker": SECOND}

        page = manager.send("/people/dudley.social_worker/leave", fields, status=200)
        assert "2 cases handed over just now; 1 left." in page.text
        worker.open("/work")
        following = re.search(r'name="after" value="([^"]+)"', page.text)[1]
        assert following == refs[1]
        page = manager.send(
            "/people/dudley.social_worker/leave", {**fields, "after": following}, status=200
        )
        assert "Done." in page.text
        assert [events(app, ref)[-1].kind for ref in refs] == ["handed_over"] * 3

    def test_of_a_manager_takes_the_team_along(
        self, app: Flask, child: str, token: Callable[[str], str]
    ):
        with database.transaction(engine_of(app)) as connection:
            people.add_person(
                connection,
                "dudley.new_manager",
                display_name="New Manager",
                roles=["team_manager"],
                pack="dudley",
            )
        bearer = {"Authorization": f"Bearer {token('administrator')}"}
        body = {"successors": {"team_manager": "dudley.new_manager"}}
        answer = app.test_client().post(
            f"/api/v1/people/{MANAGER}/departure", json=body, headers=bearer
        )

        assert answer.json == {
            "items": [{"case_ref": child, "problem": None}],
            "next": None,
            "inactive": True,
        }
        page = Visitor(app, "dudley.new_manager").open("/work?show=team")
        assert ARRANGE in page.text
        with database.reading(engine_of(app)) as connection:
            second = people.get_person(connection, SECOND)
        assert second.manager == "dudley.new_manager"

    def test_is_for_their_manager_and_administrators(self, app: Flask, worker: Visitor):
        page = worker.open("/people/dudley.social_worker")
        assert "If they leave" not in page.text
        worker.send("/people/dudley.social_worker/leave", {}, status=403)
        service = Visitor(app, "dudley.service_manager")
        service.open("/people/dudley.social_worker", status=404)
