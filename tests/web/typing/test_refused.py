"""Whatever is refused, each typed word stays in sight, with the true reason and a way on (F4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.builders.meeting import carried_by, typed_in
from tests.builders.two_councils import TwoCouncils
from tests.builders.visitor import TOKEN, Visitor, date_fields
from tests.web.pages.test_long_forms import chair_task

WORDS = "She wants to stay near her school"
MOVED = date_fields("moved_on", "2026-03-09")


def visitor(councils: TwoCouncils, role: str) -> Visitor:
    return Visitor(councils.app, f"north.{role}")


def transfer(councils: TwoCouncils) -> None:
    """Hand the case over, so that its first worker sees it no longer."""
    other = {"social_worker": "north.social_worker_2"}
    body = {"name": "transfer", "payload": other}
    councils.call("north.team_manager", "POST", f"/cases/{councils.case}/messages", body)


def close(councils: TwoCouncils) -> None:
    """Do all work, so that the case ends."""
    holders = {"prepare": "north.panel_administrator", "advise": "north.agency"}
    for task, role in (("visit", "social_worker"), ("manage", "team_manager"), ("review", "iro")):
        holders[task] = f"north.{role}"
    for task, person in holders.items():
        path = f"{councils.path(task)}/completion"
        councils.call(person, "POST", path, {"answers": {"note": "Done"}})


def address(councils: TwoCouncils, kind: str) -> str:
    """Return where one kind of form stands."""
    ref = councils.case
    return {
        "task": f"/work-items/{councils.work('visit', ref)['id']}",
        "list": f"/work-items/{councils.work('visit', ref)['id']}",
        "message": f"/cases/{ref}/messages/moved",
        "correction": f"/cases/{ref}/corrections?fact=view",
        "comment": f"/cases/{ref}/comments",
        "opening": "/cases/open/north",
        "cover": "/people/north.social_worker",
    }[kind]


def sending(councils: TwoCouncils, kind: str, page: str) -> tuple[str, dict[str, str]]:
    """Return where a form is sent, and what is typed into it."""
    at = address(councils, kind)
    case_id = re.search(r'name="case_id" value="([^"]+)"', page)
    cover_id = re.search(r'name="cover_id" value="([^"]+)"', page)
    typed = {
        "task": {"note": WORDS},
        "list": {"note": WORDS, "back": ""},
        "message": {**MOVED, "moved_on-year": WORDS},
        "correction": {"fact": "view", "value": WORDS, "reason": "Misheard"},
        "comment": {"text": WORDS},
        "opening": {"view": WORDS, "case_id": case_id[1] if case_id else ""},
        "cover": {
            "cover_id": cover_id[1] if cover_id else "",
            "covered_by": "north.social_worker_2",
            "from_on-day": WORDS,
        },
    }[kind]
    to = at.replace("/work-items/", "/answers/") if kind == "list" else at.partition("?")[0]
    return (f"{to}/cover" if kind == "cover" else to), typed


def words_of(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.text))


def typed_page(councils: TwoCouncils, who: Visitor, kind: str) -> tuple[str, dict[str, Any]]:
    """Open a form; return where it is sent, and what with: everything that a browser sends."""
    page = who.open("/work" if kind == "list" else address(councils, kind)).text
    carried = carried_by(page.partition("/answers/")[2] if kind == "list" else page)
    to, typed = sending(councils, kind, page)
    return to, {**carried, **typed}


class TestGivenToSomebodyElse:
    """f4: the task goes to a colleague while somebody types."""

    def assign(self, councils: TwoCouncils, task: str, to: str) -> None:
        path = f"{councils.path(task)}/assignment"
        councils.call("north.team_manager", "POST", path, {"to": to})

    @pytest.mark.parametrize(("kind", "action"), [("task", ""), ("task", "save"), ("list", "")])
    def test_f4_who_has_it_now_and_each_word(
        self, councils: TwoCouncils, kind: str, action: str
    ) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, kind)
        self.assign(councils, "visit", "north.social_worker_2")

        answer = worker.send(to, {**fields, "action": action}, status=403)

        assert "This task is with North Social Worker 2 now" in words_of(answer)
        assert WORDS in answer.text
        assert worker.links(r"/work-items/[^\"]+") == [address(councils, "task")]

    def test_f4_autosaving_says_who_has_it(self, councils: TwoCouncils) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, "task")
        self.assign(councils, "visit", "north.social_worker_2")

        answer = worker.send(f"{to}/draft", fields, status=403)

        assert answer.get_json() == {"problem": "This task is with North Social Worker 2 now"}

    def test_f4_claimed_work_given_away_takes_the_case_out_of_sight(
        self, councils: TwoCouncils
    ) -> None:
        councils.open_case(view="Quiet")
        item = councils.path("prepare")
        councils.call("north.panel_administrator", "POST", f"{item}/claim")
        panel = visitor(councils, "panel_administrator")
        page = panel.open(item).text
        self.assign(councils, "prepare", "north.panel_administrator_2")

        sent = {**carried_by(page), "note": WORDS}
        answer = panel.send(item, sent, status=403)

        assert "This task is with North Panel Administrator 2 now" in words_of(answer)
        assert "Note" in words_of(answer)
        assert WORDS in answer.text
        assert panel.links(r"/(?:work-items|cases)/[^\"]+") == []

    def test_f4_a_hidden_task_is_told_to_nobody_who_was_not_shown_it(
        self, councils: TwoCouncils
    ) -> None:
        councils.open_case(view="Quiet")
        shown = visitor(councils, "social_worker")
        other = visitor(councils, "social_worker_2")
        carried = carried_by(shown.open(address(councils, "task")).text)
        other.open("/work")

        answer = other.send(address(councils, "task"), {**carried, "note": WORDS}, status=404)

        assert "Page not found" in answer.text
        assert "Social Worker" not in words_of(answer).partition("Signed in as")[0]


class TestLostSight:
    @pytest.mark.parametrize("kind", ["message", "correction", "comment"])
    def test_f4_the_case_goes_to_other_people(self, councils: TwoCouncils, kind: str) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, kind)
        transfer(councils)

        answer = worker.send(to, fields, status=403)

        assert "You do not see this case any more" in words_of(answer)
        assert WORDS in answer.text


class TestClosed:
    @pytest.mark.parametrize("kind", ["message", "correction", "comment"])
    def test_f4_what_closed_it_and_each_word(self, councils: TwoCouncils, kind: str) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, kind)
        fields |= MOVED if kind == "message" else {}
        close(councils)

        answer = worker.send(to, fields, status=409)

        assert "This case is closed since 9 March 2026." in words_of(answer)
        assert ("09/03/2026" if kind == "message" else WORDS) in answer.text
        assert f"/cases/{councils.case}" in worker.links(r"/cases/[^\"]+")

    def test_f4_done_by_somebody_else_from_the_list(self, councils: TwoCouncils) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, "list")
        close(councils)

        answer = worker.send(to, fields, status=409)

        assert "was completed by" in words_of(answer)
        assert WORDS in answer.text


class TestNoLongerPermitted:
    def test_f4_a_role_that_cannot_say_it_hears_which_can(self, councils: TwoCouncils) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        worker.open(f"/cases/{councils.case}/comments")

        typed = date_fields("decided_on", "2026-03-09")
        answer = worker.send(f"/cases/{councils.case}/messages/decided", typed, status=403)

        assert "It is for people whom the case names as: Reviewing officer." in words_of(answer)
        assert "09/03/2026" in answer.text


class TestSignedOut:
    @pytest.mark.parametrize(
        "kind", ["task", "list", "message", "correction", "comment", "opening", "cover"]
    )
    def test_f4_is_told_and_each_word_comes_back(self, councils: TwoCouncils, kind: str) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, kind)
        worker.client.delete_cookie("permanence")

        answer = worker.send(to, fields, status=401)

        words = words_of(answer)
        assert "You were signed out" in words
        assert "is put back where you typed it" in words
        assert WORDS in answer.text
        [way] = worker.links(r"/sign-in[^\"]*")
        assert WORDS not in Visitor(councils.app, "north.social_worker_2").open("/work").text
        again = visitor(councils, "social_worker")
        at = worker.open(way).text.split('name="next" value="')[1].split('"')[0]
        back = again.open(at.replace("&amp;", "&"))
        assert "Nothing was lost" in back.text
        assert WORDS in back.text
        forgotten = again.send("/kept-typing/forget", carried_by(back.text))
        assert "Nothing was lost" not in again.follow(forgotten).text

    @pytest.mark.parametrize("kind", ["message", "correction", "comment", "opening", "cover"])
    def test_f4_what_was_sent_after_all_does_not_come_back(
        self, councils: TwoCouncils, kind: str
    ) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, kind)
        good = {
            "message": MOVED,
            "correction": {},
            "comment": {},
            "opening": date_fields("began", "2026-03-09"),
            "cover": {
                **date_fields("from_on", "2026-03-10"),
                **date_fields("to_on", "2026-03-11"),
            },
        }[kind]
        sent = {**fields, **good}
        worker.client.delete_cookie("permanence")
        worker.send(to, sent, status=401)
        again = visitor(councils, "social_worker")
        at = address(councils, kind)
        page = again.open(at).text
        assert "Nothing was lost" in page

        again.send(to, {**sent, **carried_by(page)})

        assert "Nothing was lost" not in again.open(at).text

    def test_f4_rows_choices_and_dates_are_told_in_the_words_of_the_form(
        self, sqlite_app: Flask
    ) -> None:
        _, manager, item = chair_task(sqlite_app)
        carried = carried_by(manager.open(f"{item}/sections/work").text)
        manager.client.delete_cookie("permanence")
        row = {"text": "Call the aunt", "owner": "dudley.social_worker", "due": "2026-04-01"}

        sent = {**carried, **typed_in("work", actions=[row, {**row, "text": "Ring; twice"}])}
        words = words_of(manager.send(f"{item}/sections/work", sent, status=401))

        assert "Action: Call the aunt; Who does it: Amara Okafor; By when: 1/4/2026" in words
        assert "Action: Ring; twice" in words

    def test_f4_an_old_form_token_leads_back_to_the_words(self, councils: TwoCouncils) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, "comment")

        answer = worker.send(to, {**fields, "csrf_token": "old"})

        assert WORDS in worker.follow(answer).text

    def test_f4_who_signed_in_as_somebody_else_is_told_whose_words_are_kept(
        self, councils: TwoCouncils
    ) -> None:
        councils.open_case(view="Quiet")
        worker = visitor(councils, "social_worker")
        to, fields = typed_page(councils, worker, "comment")
        worker.send("/sign-out")
        worker.open("/sign-in")
        worker.send("/sign-in", {"person": "north.team_manager"})
        worker.open("/work")

        answer = worker.send(to, {**fields, "csrf_token": "old"}, status=400)

        assert "kept for North Social Worker" in words_of(answer)
        assert WORDS in answer.text
        assert WORDS not in worker.open(address(councils, "comment")).text

    def test_f4_without_a_note_the_words_stay_in_sight_to_copy(self, councils: TwoCouncils) -> None:
        councils.open_case(view="Quiet")
        page = Visitor(councils.app).open("/sign-in").text
        token = TOKEN.search(page)
        assert token is not None

        answer = councils.app.test_client().post(
            f"/cases/{councils.case}/comments", data={"csrf_token": token[1], "text": WORDS}
        )

        assert answer.status_code == 401
        assert WORDS in answer.text
        assert "copy what stands below" in words_of(answer)
