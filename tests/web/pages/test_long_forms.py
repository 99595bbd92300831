"""A long form without scripts: by sections, with rows, and with nothing lost."""

from __future__ import annotations

import html
import re

from tests.builders.meeting import MEETING, carried_by, chair, submit, typed_in
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import open_child

ARRANGE = {**date_fields("meeting_date", "2026-03-09"), "mode": "online", "invitees": "iro"}
LIGHT_PAGE = 100_000


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
    def test_are_listed_with_how_far_each_is(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        page = manager.open(item).text
        assert "0 of 7 completed" in page
        assert "Who was there: 8" in page
        assert len(manager.links(rf"{item}/sections/[a-z]+")) == 7

        manager.open(f"{item}/sections/family")
        manager.send(f"{item}/sections/family", {**typed_in("family"), "action": "save"})

        assert "1 of 7 completed" in manager.open(item).text

    def test_are_saved_one_by_one_by_whoever_may_draft(self, sqlite_app):
        worker, manager, item = chair_task(sqlite_app)
        seen = carried_by(worker.open(f"{item}/sections/child").text)

        typed = {"section": "child", "child_views": "Near school", "action": "save"}
        answer = worker.send(f"{item}/sections/child", {**seen, **typed})

        assert answer.headers["Location"].endswith(f"{item}/sections/family")
        assert "drafted this" in manager.open(item).text
        assert "Near school" in manager.open(f"{item}/sections/child").text
        assert "Near school" in manager.open(f"{item}/check").text

    def test_saving_one_leaves_the_others_as_they_were(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        for section in ("child", "family"):
            manager.open(f"{item}/sections/{section}")
            manager.send(f"{item}/sections/{section}", {**typed_in(section), "action": "save"})

        assert MEETING["child_views"] in manager.open(f"{item}/sections/child").text

    def test_saved_by_somebody_else_meanwhile_are_not_replaced_unseen(self, sqlite_app):
        worker, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        seen = carried_by(manager.open(at).text)
        worker.open(at)
        theirs = {"section": "child", "child_views": "What the worker wrote", "action": "save"}
        worker.send(at, theirs)

        mine = {**typed_in("child"), "action": "save"}
        clash = manager.send(at, {**seen, **mine}, status=409)
        assert "What the worker wrote" in clash.text
        assert MEETING["child_views"] in clash.text

        manager.send(at, {**carried_by(clash.text), **mine})
        assert "What the worker wrote" not in manager.open(at).text

    def test_cleared_stay_empty_in_the_draft(self, sqlite_app):
        worker, _, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        worker.open(at)
        worker.send(at, {**typed_in("child"), "action": "save"})
        worker.open(at)

        worker.send(at, {**typed_in("child", child_views=None), "action": "save"})

        assert "stay near school" not in worker.open(at).text

    def test_with_a_date_that_is_none_are_saved_as_typed_and_shown_again(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        manager.open(at)

        typed = {**typed_in("child"), "views_date-day": "31", "views_date-month": "2"}
        page = manager.send(at, {**typed, "action": "save"}, status=422).text

        assert "must be a real date" in page
        assert 'value="31"' in manager.open(at).text


class TestCheck:
    def test_lists_every_problem_with_a_link_to_its_question(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)

        page = submit(manager, item, status=422).text

        summary = page.split("govuk-error-summary__list")[1].split("</ul>")[0]
        links = [html.unescape(each) for each in re.findall(r'href="([^"]+)"', summary)]
        assert len(links) == 44
        for address in links:
            where, _, anchor = address.partition("#")
            shown = manager.open(where).text
            assert re.search(rf'<(input|select|textarea)[^>]* id="{anchor}"', shown), address
            assert "There is a problem" in shown

    def test_submits_nothing_that_was_saved_after_it_was_shown(self, sqlite_app):
        worker, manager, item = chair_task(sqlite_app)
        for section in ("meeting", "child", "family", "plan", "work", "progress", "next"):
            manager.open(f"{item}/sections/{section}")
            manager.send(f"{item}/sections/{section}", {**typed_in(section), "action": "save"})
        shown = carried_by(manager.open(f"{item}/check").text)
        worker.open(f"{item}/sections/child")
        later = {**typed_in("child", child_views="Said today"), "action": "save"}
        worker.send(f"{item}/sections/child", later)

        page = manager.send(f"{item}/check", shown, status=409).text
        assert "was saved after you opened this page" in page
        assert "Said today" in page

        assert manager.send(f"{item}/check", carried_by(page)).headers["Location"]

    def test_leaves_out_what_does_not_matter(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)

        done = manager.follow(chair(manager, item, drift=False, drift_reason="By mistake"))

        [address] = manager.links(r"/cases/[^\"]+/paper")
        assert done.status_code == 200
        assert "By mistake" not in manager.open(address).text


class TestRows:
    def test_are_added_and_removed_by_buttons_with_all_else_kept(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/plan"
        manager.open(at)
        page = manager.send(at, {**typed_in("plan"), "add_row": "options"}, status=200).text
        assert 'name="options-8-reason"' in page

        page = manager.send(at, {**typed_in("plan"), "remove_row": "options-0"}, status=200).text

        assert 'name="options-6"' in page
        assert 'name="options-7"' not in page
        assert "Assessed" in page
        assert MEETING["rationale"] in page

    def test_that_are_filled_in_fold_to_a_line_and_open_again(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/work"
        actions = [
            {"text": f"Call {n} & ask", "owner": "SW", "due": "2026-04-01"} for n in range(6)
        ]
        manager.open(at)
        manager.send(at, {**typed_in("work", actions=actions), "action": "save"})

        page = manager.open(at).text
        assert 'name="actions-3-text"' not in page
        assert "Call 3 &amp; ask, SW, 1 April 2026" in page
        page = manager.send(at, {**self.as_shown(page), "open_row": "actions-3"}, status=200).text
        fields = {**self.as_shown(page), "actions-3-text": "Call the aunt", "action": "save"}
        fields |= {"actions-3-owner": "SW", **date_fields("actions-3-due", "2026-04-01")}
        manager.send(at, fields)

        page = manager.open(at).text
        assert "Call the aunt, SW, 1 April 2026" in page
        assert page.count("app-line") == 6

    def as_shown(self, page: str) -> dict[str, str]:
        """Return the hidden inputs of a page, as a browser sends them."""
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
        return {name: html.unescape(value) for name, value in found if name != "csrf_token"}

    def test_carried_by_thirties_leave_every_page_light(self, sqlite_app):
        """Thirty rows in each table, carried to the next meeting, and every error there is."""
        _, manager, item = chair_task(sqlite_app)
        manager.follow(chair(manager, item, **MANY))
        manager.open("/clock")
        manager.send("/clock", {"day": "13", "month": "4", "year": "2026"})
        worker = Visitor(sqlite_app, "dudley.social_worker")
        # Their actions and assessments fill the first page of the list.
        page = worker.open("/work?task=arrange_ppm").text
        arrange = re.findall(r'href="(/work-items/[^"/]+)"', page)[0]
        worker.open(arrange)
        worker.send(arrange, {**ARRANGE, **date_fields("meeting_date", "2026-04-13")})
        item = manager.work("Chair and record the Permanence Planning Meeting")

        weights = {"list": len(manager.open(item).data)}
        weights["check"] = len(submit(manager, item, status=422).data)
        for section in ("meeting", "child", "family", "plan", "work", "progress", "next"):
            page = manager.open(f"{item}/sections/{section}?check=1")
            weights[section] = len(page.data)
            if section == "work":
                assert page.text.count("app-line") == 150

        # Two of the work plan's five tables offer the council's people.
        assert weights.pop("work") <= LIGHT_PAGE * 1.05, weights
        assert max(weights.values()) <= LIGHT_PAGE, weights


MANY = {
    "attendance": [{"role": f"Neighbour {n}", "standing": "present"} for n in range(30)],
    "network": [
        {"person": f"Aunt {n}", "relation": "Aunt", "standing": "support"} for n in range(30)
    ],
    "options": [
        {"option": f"Option {n}", "standing": "ruled_out", "reason": "Does not fit the child"}
        for n in range(22)
    ]
    + MEETING["options"],
    "assessments": [
        {"type": f"Viability {n}", "subject": "An aunt", "assessor": "SW", "due_date": "2026-05-01"}
        for n in range(30)
    ],
    "actions": [
        {
            "text": f"Action {n}: ask the school nurse about the hearing test and tell the carers",
            "owner": "Social worker",
            "due": "2026-04-01",
            "review_point": "Next meeting",
        }
        for n in range(30)
    ],
    "support_needs": [
        {"need": f"Need {n}: speech and language therapy", "signposted_to": "The school"}
        for n in range(30)
    ],
    "risks": [
        {"risk": "stability", "mitigation": f"Visit {n} twice a week", "owner": "SW"}
        for n in range(30)
    ],
    "links": [{"family": f"Family {n}", "note": "Not taken further"} for n in range(30)],
}


class TestSessionEnded:
    def test_what_was_sent_comes_back_to_its_writer_and_to_nobody_else(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        carried = carried_by(manager.open(at).text)
        manager.client.delete_cookie("permanence")

        typed = {"section": "child", "child_views": "Do not lose this", "action": "save"}
        answer = manager.send(at, {**carried, **typed}, status=401)

        assert "next=" in answer.text
        assert "Do not lose this" not in Visitor(sqlite_app, "dudley.social_worker").open(at).text
        again = Visitor(sqlite_app, "dudley.team_manager")
        page = again.follow(again.client.get(item)).text
        assert "Nothing was lost" in page
        assert "Do not lose this" in page
        again.send("/kept-typing/forget", carried_by(page))
        assert "Do not lose this" not in again.open(at).text

    def test_an_old_form_token_loses_nothing(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        carried = carried_by(manager.open(at).text)

        typed = {"section": "child", "child_views": "Do not lose this", "action": "save"}
        answer = manager.send(at, {**carried, "csrf_token": "old", **typed})

        page = manager.follow(manager.client.get(answer.headers["Location"])).text
        assert "Do not lose this" in page

    def test_nothing_is_kept_for_whoever_was_not_shown_the_form(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        at = f"{item}/sections/child"
        manager.open(at)

        planted = {"section": "child", "child_views": "Planted", "shown_to": "forged"}
        manager.client.post(at, data=planted)

        assert "Planted" not in manager.open(at).text


class TestPaper:
    def test_holds_the_name_but_neither_title_nor_address_do(self, sqlite_app):
        _, manager, item = chair_task(sqlite_app)
        done = manager.follow(chair(manager, item))
        [address] = manager.links(r"/cases/[^\"]+/paper")

        page = manager.open(address).text

        assert done.status_code == 200
        assert "Robin Example" in page
        assert "Robin" not in address + page.split("</title>")[0]
        assert "special guardianship" in page.lower()
