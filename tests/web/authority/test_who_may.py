"""P3: the pack says who tells, corrects, allocates, tracks, searches; a claim gives a task."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.builders.two_councils import TwoCouncils, pack_of

WORKER, SECOND = "north.social_worker", "north.social_worker_2"
MANAGER, OFFICER, POOL = "north.team_manager", "north.iro", "north.panel_administrator"
DAY = "2026-03-09"
MESSAGES = {
    "moved": {"moved_on": DAY},
    "transfer": {"social_worker": SECOND},
    "case_closed": {"closed_on": DAY},
    "decided": {"decided_on": DAY},
    "papers_sent": {"sent_on": DAY},
}


@pytest.fixture(autouse=True)
def case(councils: TwoCouncils) -> str:
    return councils.open_case()


def tell(councils: TwoCouncils, person: str, name: str) -> int:
    """Tell the case something over the API, and hold its page to the same answer."""
    body = {"name": name, "payload": MESSAGES[name]}
    page = councils.ask(person, "GET", f"/cases/{councils.case}/messages/{name}").status_code
    said = councils.ask(person, "POST", f"/api/v1/cases/{councils.case}/messages", json=body)
    assert (page, said.status_code) in ((200, 200), (403, 403)), said.text
    return page


def correct(councils: TwoCouncils, person: str, fact: str, value: str = DAY) -> int:
    body = {"fact": fact, "value": value, "reason": "Mistyped"}
    path = f"/cases/{councils.case}/corrections"
    said = councils.ask(person, "POST", f"/api/v1{path}", json=body).status_code
    page = councils.ask(person, "GET", f"{path}?fact={fact}").status_code
    assert (page, said) in ((200, 200), (403, 403))
    return said


class TestWhoeverClaimsATask:
    def test_p3_gets_the_task_and_the_reading_and_nothing_else(self, councils: TwoCouncils):
        task = councils.path("prepare")
        councils.call(POOL, "POST", f"{task}/claim")

        told = {name: tell(councils, POOL, name) for name in ("moved", "transfer", "case_closed")}
        corrected = {fact: correct(councils, POOL, fact) for fact in ("began_on", "view")}

        assert set(told.values()) == set(corrected.values()) == {403}
        page = councils.ask(POOL, "GET", f"/cases/{councils.case}").text
        assert f"/cases/{councils.case}/corrections" not in page
        assert f"/cases/{councils.case}/messages/moved" not in page
        councils.call(POOL, "GET", f"/cases/{councils.case}")
        councils.call(WORKER, "GET", f"/cases/{councils.case}")
        councils.call(POOL, "POST", f"{task}/completion", {"answers": {"note": "Ready"}})

    def test_p3_tells_what_the_pack_gives_their_role_while_they_have_it(
        self, councils: TwoCouncils
    ):
        assert tell(councils, POOL, "papers_sent") == 200
        councils.call(POOL, "POST", f"{councils.path('prepare')}/claim")
        assert tell(councils, POOL, "papers_sent") == 200
        body = {"name": "papers_sent", "payload": MESSAGES["papers_sent"]}
        path = f"/cases/{councils.case}/messages"

        councils.call("north.panel_administrator_2", "POST", path, body, status=404)
        done = {"answers": {"note": "Ready"}}
        councils.call(POOL, "POST", f"{councils.path('prepare')}/completion", done)
        councils.call(POOL, "POST", path, body, status=404)

    def test_p3_who_was_given_one_task_of_a_role_of_the_case_is_not_named_by_it(
        self, councils: TwoCouncils
    ):
        path = councils.path("visit")
        councils.call(MANAGER, "POST", f"{path}/assignment", {"to": SECOND})

        assert tell(councils, SECOND, "moved") == 403
        assert correct(councils, SECOND, "began_on") == 403
        councils.call(SECOND, "POST", f"{path}/completion", {"answers": {"note": "Seen"}})


class TestMessagesAndFacts:
    def test_p3_are_the_named_peoples_where_nothing_else_is_said(self, councils: TwoCouncils):
        assert [tell(councils, person, "moved") for person in (WORKER, MANAGER, OFFICER)] == [
            200
        ] * 3
        assert [correct(councils, each, "began_on") for each in (WORKER, OFFICER)] == [200] * 2

    def test_p3_that_say_whose_they_are_are_theirs_alone(self, councils: TwoCouncils):
        assert [tell(councils, each, "decided") for each in (WORKER, MANAGER, OFFICER)] == [
            403,
            403,
            200,
        ]
        assert correct(councils, WORKER, "decided_on", "2026-03-08") == 403
        assert correct(councils, OFFICER, "decided_on", "2026-03-08") == 200

    def test_p3_are_offered_to_those_who_may(self, councils: TwoCouncils):
        page = f"/cases/{councils.case}"
        theirs = councils.ask(WORKER, "GET", page).text
        officers = councils.ask(OFFICER, "GET", page).text
        tell(councils, OFFICER, "decided")
        facts = councils.ask(WORKER, "GET", f"{page}/corrections").text

        assert ("The child moved" in theirs, "The officer decided" in theirs) == (True, False)
        assert "The officer decided" in officers
        assert ("Began" in facts, "Decided" in facts) == (True, False)

    def test_p3_are_for_who_covers_too(self, councils: TwoCouncils):
        cover = {"person": WORKER, "covered_by": SECOND, "from_on": DAY, "to_on": DAY}
        councils.call(WORKER, "POST", "/cover", cover, status=201)

        assert tell(councils, SECOND, "moved") == 200
        assert tell(councils, SECOND, "decided") == 403

    def test_p3_a_role_of_somebodys_that_the_case_does_not_name_them_in_gives_nothing(
        self, councils: TwoCouncils
    ):
        councils.add_person("north.both", ["social_worker", "iro"])
        councils.open_case(social_worker="north.both")

        assert tell(councils, "north.both", "moved") == 200
        assert tell(councils, "north.both", "decided") == 403


class TestPowers:
    def publish(self, councils: TwoCouncils, *entries: str) -> None:
        said = "\n".join(entries)
        councils.republish("north", "pack.toml", ('tracks = ["team_manager"', f"{said}\n#"))

    def test_p3_to_track_are_the_packs(self, councils: TwoCouncils):
        assert councils.ask(MANAGER, "GET", "/api/v1/tracker").status_code == 200

        self.publish(councils, 'tracks = ["service_manager"]')

        for path in ("/api/v1/tracker", "/tracker", "/tracker/file"):
            assert councils.ask(MANAGER, "GET", path).status_code == 403
            assert councils.ask("north.service_manager", "GET", path).status_code == 200
            assert councils.ask("north.auditor", "GET", path).status_code == 200
        assert "Tracker" not in councils.ask(MANAGER, "GET", "/work").text

    def test_p3_to_allocate_are_the_packs(self, councils: TwoCouncils):
        path = f"{councils.path('visit')}/assignment"
        councils.call(MANAGER, "POST", path, {"to": SECOND})

        self.publish(councils, 'allocates = ["service_manager"]')

        councils.call(MANAGER, "POST", path, {"to": WORKER}, status=403)
        assert councils.ask(MANAGER, "GET", "/allocation").status_code == 403
        assert councils.ask(MANAGER, "GET", "/people").status_code == 403

    def test_p3_whose_team_a_case_is_of_is_the_kinds_to_say(self, councils: TwoCouncils):
        head, visit = "north.service_manager", lambda: f"{councils.path('visit')}/assignment"
        councils.call(head, "POST", visit(), {"to": SECOND}, status=403)

        named = ("[opening]", '[opening]\nmanaged_by = "service_manager"')
        councils.republish("north", "pack.toml", named)
        councils.open_case()

        councils.call(MANAGER, "POST", visit(), {"to": SECOND}, status=403)
        councils.call(head, "POST", visit(), {"to": SECOND})
        assert councils.case in councils.ask(head, "GET", "/work?show=team").text

    def test_p3_to_look_for_cases_are_the_packs(self, councils: TwoCouncils):
        body = {"term": "Child"}
        councils.call(WORKER, "POST", "/search", body)

        self.publish(councils, 'lists = ["team_manager"]')

        councils.call(WORKER, "POST", "/search", body, status=403)
        assert councils.ask(WORKER, "GET", "/search").status_code == 403
        assert councils.ask(WORKER, "GET", "/your-cases").status_code == 403
        assert 'action="/search"' not in councils.ask(WORKER, "GET", "/work").text
        councils.call(MANAGER, "POST", "/search", body)

    def test_p3_nobody_takes_the_work_of_an_independent_role(self, councils: TwoCouncils):
        asks = (
            'label = "Reviewing officer"\nwork',
            'label = "Reviewing officer"\nindependent = true\nwork',
        )
        councils.republish("north", "pack.toml", asks)
        councils.open_case()
        path = f"{councils.path('review')}/assignment"

        councils.call(MANAGER, "POST", path, {"to": "north.iro_2"}, status=403)
        councils.call(OFFICER, "POST", path, {"to": MANAGER}, status=422)
        councils.call(OFFICER, "POST", path, {"to": "north.iro_2"})
        councils.open_case(iro=None)
        councils.call(MANAGER, "POST", f"{councils.path('review')}/assignment", {"to": OFFICER})


WRONG = {
    "no such role": ('tracks = ["team_manager"', 'tracks = ["team_mangaer"', "authority",
        "unknown-role", "Did you mean 'team_manager'?"),
    "an outside agency": ('tracks = ["team_manager"', 'tracks = ["agency"', "authority",
        "outside-agency", "their own tasks"),
    "no such power": ("tracks = [", "track = [", "authority", "unknown-entry",
        "Did you mean 'tracks'?"),
    "nobody": ("tracks = [", "tells = []\ntracks = [", "", "wrong kind", "one role or more"),
    "message told by no role": ('told_by = ["iro"]', 'told_by = ["iron"]', "decided",
        "unknown-role", "Did you mean 'iro'?"),
    "fact corrected by no role": ('corrected_by = ["iro"]', 'corrected_by = ["iron"]',
        "decided_on", "unknown-role", "Did you mean 'iro'?"),
    "fact corrected by one in words": ('corrected_by = ["iro"]', 'corrected_by = "iro"',
        "corrected_by", "entry-type", "a list of texts"),
    "managed by no role": ('[opening]', '[opening]\nmanaged_by = "iron"', "iron",
        "unknown-role", "Did you mean 'iro'?"),
    "managed by a pool": ('[opening]', '[opening]\nmanaged_by = "panel_administrator"', "child",
        "managed-by", "no person of the case"),
    "time of an agency": ('seen_for = "5 days"', 'seen_for = "5 working days"', "agency",
        "seen-for", "days or weeks"),
    "time of no agency": ("outside_agency = true\n", "", "agency", "seen-for", "outside agency"),
}  # fmt: skip


class TestCheck:
    def check(self, councils: TwoCouncils, *changes: tuple[str, str]) -> list[dict[str, Any]]:
        files = pack_of("north")
        text = files["pack.toml"].decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        files["pack.toml"] = text.encode()
        parts = [(io.BytesIO(data), name) for name, data in files.items()]
        path = "/api/v1/definitions/check"
        answer = councils.ask("north.process_owner", "POST", path, data={"files": parts})
        found: list[dict[str, Any]] = answer.json
        return found

    @pytest.mark.parametrize("name", WRONG)
    def test_p3_names_what_is_wrong_and_what_to_do(self, councils: TwoCouncils, name: str):
        old, new, element, rule, words = WRONG[name]

        found = self.check(councils, (old, new))

        assert (element, rule) in {(each["element"], each["rule"]) for each in found}
        assert any(words in each["message"] for each in found)

    def test_p3_warns_of_a_role_that_gets_nothing_by_it(self, councils: TwoCouncils):
        given = 'tells = ["iro", "panel_administrator"]\ntracks = ["team_manager"'

        found = self.check(councils, ('tracks = ["team_manager"', given))

        [warned] = [each for each in found if each["rule"] == "no-effect"]
        assert "told_by of a message" in warned["message"]

    def test_p3_is_read_out_with_the_pack_and_with_what_is_checked(self, councils: TwoCouncils):
        owner = "north.process_owner"
        page = councils.ask(owner, "GET", "/packs/north").text
        csrf = councils.csrf(owner, "/packs/north")
        files = [(io.BytesIO(b'{"type": "object", "title": "x"}'), "done_with_note.json")]
        sent = {"csrf_token": csrf, "files": files}
        checked = councils.ask(owner, "POST", "/packs/north/check", data=sent).text

        for text in (page, checked):
            assert "Who may do what" in text
            assert "Reports: The officer decided" in text
            assert "Sees their own task alone, and 5 days after" in text
