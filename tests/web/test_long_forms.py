"""A long form without scripts: by sections, with rows, and with nothing lost."""

from __future__ import annotations

import re

from tests.web.conftest import open_child
from tests.web.meeting import chaired
from tests.web.visitor import Visitor, date_fields

HIDDEN = re.compile(r'<input type="hidden" name="((?:seen-|shown_to)[^"]*)" value="([^"]*)">')
ARRANGE = {**date_fields("meeting_date", "2026-03-09"), "mode": "online", "invitees": "iro"}


def carried_by(page: str) -> dict[str, str]:
    """Return what a page of a task sends along with what is typed."""
    return dict(HIDDEN.findall(page))


def chair_task(app) -> tuple[Visitor, Visitor, str]:
    """Return the worker, the manager, and the address of the meeting that they write about."""
    worker = Visitor(app, "dudley.social_worker")
    open_child(worker)
    item = worker.work("Arrange the Permanence Planning Meeting")
    worker.open(item)
    worker.send(item, ARRANGE)
    manager = Visitor(app, "dudley.team_manager")
    return worker, manager, manager.work("Chair and record the Permanence Planning Meeting")


class TestSections:
    def test_are_saved_one_by_one_by_whoever_may_draft(self, sqlite_app):
        worker, manager, item = chair_task(sqlite_app)
        seen = carried_by(worker.open(item).text)

        typed = {"child_views": "Near school", "action": "save:child"}
        answer = worker.send(item, {**seen, **typed})

        assert answer.headers["Location"].endswith(f"{item}#section-family")
        page = manager.open(item).text
        assert "drafted this" in page
        assert "Near school" in page

    def test_saved_by_somebody_else_meanwhile_are_not_replaced_unseen(self, sqlite_app):
        worker, manager, item = chair_task(sqlite_app)
        seen = carried_by(manager.open(item).text)
        worker.open(item)
        worker.send(item, {"child_views": "What the worker wrote", "action": "save"})

        clash = manager.send(item, {**seen, **chaired()}, status=409)
        assert "What the worker wrote" in clash.text
        assert chaired()["child_views"][0] in clash.text

        manager.send(item, {**carried_by(clash.text), **chaired()})

    def test_cleared_stay_empty_in_the_draft(self, sqlite_app):
        worker, _, item = chair_task(sqlite_app)
        worker.open(item)
        worker.send(item, {**chaired(), "action": "save"})
        worker.open(item)

        worker.send(item, {**chaired(child_views=None), "action": "save"})

        assert "stay near school" not in worker.open(item).text


class TestRows:
    def test_are_added_and_removed_by_buttons_with_all_else_kept(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        manager.open(item)
        page = manager.send(item, {**chaired(), "add_row": "options"}, status=200).text
        assert 'name="options-2-reason"' in page

        page = manager.send(item, {**chaired(), "remove_row": "options-0"}, status=200).text

        assert 'name="options-0-reason"' in page
        assert 'name="options-1-reason"' not in page
        assert "Grandmother." in page
        assert "Would like to stay near school." in page


class TestSessionEnded:
    def test_what_was_sent_comes_back_to_its_writer_and_to_nobody_else(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        carried = carried_by(manager.open(item).text)
        manager.client.delete_cookie("permanence")

        answer = manager.send(item, {**carried, "child_views": "Do not lose this"})

        assert "next=" in answer.headers["Location"]
        assert "Do not lose this" not in Visitor(sqlite_app, "dudley.social_worker").open(item).text
        again = Visitor(sqlite_app, "dudley.team_manager")
        page = again.open(item).text
        assert "Nothing was lost" in page
        assert "Do not lose this" in page
        again.send(item, {**carried_by(page), "action": "forget"})
        assert "Do not lose this" not in again.open(item).text

    def test_an_old_form_token_loses_nothing(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        carried = carried_by(manager.open(item).text)

        fields = {**carried, "csrf_token": "old", "child_views": "Do not lose this"}
        answer = manager.send(item, fields)

        assert "Do not lose this" in manager.follow(answer).text

    def test_nothing_is_kept_for_whoever_was_not_shown_the_form(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        manager.open(item)

        manager.client.post(item, data={"child_views": "Planted", "shown_to": "forged"})

        assert "Planted" not in manager.open(item).text


class TestPaper:
    def test_holds_the_name_but_neither_title_nor_address_do(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        manager.open(item)
        done = manager.follow(manager.send(item, chaired()))
        [address] = manager.links(r"/cases/[^\"]+/paper")

        page = manager.open(address).text

        assert done.status_code == 200
        assert "Robin Example" in page
        assert "Robin" not in address + page.split("</title>")[0]
        assert "Grandmother." in page
