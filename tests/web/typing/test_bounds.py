"""T6: what a date may be by its meaning: refused if impossible, asked once if unlikely."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.builders.meeting import carried_by, chair
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import AGAIN, CHILD, open_child
from tests.web.pages.test_long_forms import ARRANGE

Token = Callable[[str], str]
FACTS = {
    "child_ref": "LCS-9",
    "child_name": "Robin Example",
    "cause": "care_entry",
    "event_date": "2026-03-09",
    "dob": "2019-06-01",
    "legal_status": "C1",
    "in_proceedings": False,
    "emergency": False,
    "likely_permanent_from_onset": False,
}
IMPOSSIBLE = {
    "born tomorrow": ("dob", "2026-03-10"),
    "born in the year 1": ("dob", "0001-01-01"),
    "came into care before birth": ("event_date", "2019-05-01"),
    "came into care 100 years ago": ("event_date", "1926-03-09"),
}
UNLIKELY = {
    "born 1962": ({"dob": "1962-01-01"}, "dob", "Is 1962 right?"),
    "came into care at 28": (
        {"dob": "1998-01-01", "event_date": "2026-03-09"},
        "event_date",
        "Is 9 March 2026 right? The child was 18 or more then",
    ),
}
UNBORN = {"cause": "pre_birth", "legal_status": "none", "dob": ""}


def opening(page: str, **facts: str) -> dict[str, str]:
    """Return what the opening form sends, with some answers changed."""
    case_id = page.split('name="case_id" value="')[1].split('"')[0]
    sent = {**CHILD, **AGAIN, **date_fields("event_date", "2026-03-09"), "case_id": case_id}
    for name, value in facts.items():
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
        sent |= date_fields(name, value) if is_day else {name: value}
    return sent


def confirmed_by(page: str) -> list[str]:
    return re.findall(r'name="confirmed"[^>]*value="([^"]+)"', page)


class TestOpening:
    @pytest.mark.parametrize("case", IMPOSSIBLE)
    def test_t6_the_impossible_is_refused_whatever_is_confirmed(
        self, worker: Visitor, case: str
    ) -> None:
        name, day = IMPOSSIBLE[case]
        fields = opening(worker.open("/cases/open/dudley").text, **{name: day})

        page = worker.send(
            "/cases/open/dudley", {**fields, "confirmed": f"{name}={day}"}, status=422
        ).text

        assert f'href="#{name}' in page
        assert f"{name}={day}" not in confirmed_by(page)

    @pytest.mark.parametrize("case", UNLIKELY)
    def test_t6_the_unlikely_is_asked_about_once(self, worker: Visitor, case: str) -> None:
        facts, name, question = UNLIKELY[case]
        fields = opening(worker.open("/cases/open/dudley").text, **facts)

        page = worker.send("/cases/open/dudley", fields, status=422).text
        assert question in page
        asked = confirmed_by(page)
        assert f"{name}={facts[name]}" in asked
        worker.send("/cases/open/dudley", {**fields, "confirmed": asked})

    def test_t6_another_unlikely_value_is_asked_about_again(self, worker: Visitor) -> None:
        fields = opening(worker.open("/cases/open/dudley").text, dob="1962-01-01")

        sent = {**fields, "confirmed": "dob=1961-01-01"}
        page = worker.send("/cases/open/dudley", sent, status=422).text

        assert "Is 1962 right?" in page

    @pytest.mark.parametrize(
        ("edd", "status"), [("2028-03-09", 422), ("9999-12-31", 422), ("2026-08-01", 303)]
    )
    def test_t6_an_expected_birth_two_years_off(
        self, worker: Visitor, edd: str, status: int
    ) -> None:
        page = worker.open("/cases/open/dudley").text
        fields = {**opening(page, edd=edd), **UNBORN}
        fields |= dict.fromkeys(("dob-day", "dob-month", "dob-year"), "")

        worker.send("/cases/open/dudley", fields, status=status)


class TestApi:
    def call(self, app: Flask, token: Token, path: str, body: Any, *, status: int) -> Any:
        headers = {"Authorization": f"Bearer {token('dudley.social_worker')}"}
        answer = app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def test_t6_says_what_to_confirm_and_takes_it(self, app: Flask, token: Token) -> None:
        body = {"pack": "dudley", "facts": {**FACTS, "dob": "1962-01-01"}}

        refused = self.call(app, token, "/cases", body, status=422)

        assert refused["fields"]["dob"].startswith("Is 1962 right?")
        assert refused["confirm"]["dob"] == "1962-01-01"
        again = {**body, "confirmed": refused["confirm"]}
        case = self.call(app, token, "/cases", again, status=201)
        assert case["facts"]["dob"] == "1962-01-01"

    def test_t6_corrections_and_messages_alike(
        self, app: Flask, worker: Visitor, token: Token
    ) -> None:
        ref = open_child(worker)
        body = {"fact": "dob", "value": "1962-01-01", "reason": "Typing"}
        at = f"/cases/{ref}/corrections"

        future = {**body, "value": "2026-03-10", "confirmed": {"value": "2026-03-10"}}
        refused = self.call(app, token, at, future, status=422)
        assert refused["fields"] == {"value": "The date of birth cannot be in the future"}
        refused = self.call(app, token, at, body, status=422)
        self.call(app, token, at, {**body, "confirmed": refused["confirm"]}, status=200)

    def test_t6_a_message_says_what_is_born_when(
        self, app: Flask, worker: Visitor, token: Token
    ) -> None:
        page = worker.open("/cases/open/dudley").text
        fields = {**opening(page, edd="2026-04-01"), **UNBORN}
        fields |= dict.fromkeys(("dob-day", "dob-month", "dob-year"), "")
        ref = worker.send("/cases/open/dudley", fields).headers["Location"].split("/")[2]
        body = {"name": "child_born", "payload": {"born_on": "1962-01-01"}}

        refused = self.call(app, token, f"/cases/{ref}/messages", body, status=422)

        assert refused["fields"]["born_on"].startswith("Is 1962 right?")


class TestPages:
    @pytest.mark.usefixtures("child")
    def test_t6_a_task_asks_about_a_sunday(self, worker: Visitor) -> None:
        task = worker.work("Arrange the Permanence Planning Meeting")
        worker.open(task)
        sent = {
            **date_fields("meeting_date", "2026-03-15"),
            "mode": "online",
            "invitees": "iro",
        }

        page = worker.send(task, sent, status=422).text
        assert "Is 15 March 2026 right? It is a Sunday" in page
        worker.send(task, {**sent, "confirmed": confirmed_by(page)})

    def test_t6_the_check_of_a_long_form_asks(self, sqlite_app: Flask) -> None:
        worker = Visitor(sqlite_app, "dudley.social_worker")
        open_child(worker, entered="2026-03-02")
        item = worker.work("Arrange the Permanence Planning Meeting")
        worker.open(item)
        worker.send(item, ARRANGE)
        manager = Visitor(sqlite_app, "dudley.team_manager")
        item = manager.work("Chair and record the Permanence Planning Meeting")

        held = {"held_date": "2026-03-08", "genogram_reviewed": "2026-03-08"}
        page = chair(manager, item, status=422, **held).text
        assert "Is 8 March 2026 right? It is a Sunday" in page
        manager.send(f"{item}/check", {**carried_by(page), "confirmed": confirmed_by(page)})

    def test_t6_a_correction_asks(self, worker: Visitor, child: str) -> None:
        at = f"/cases/{child}/corrections"
        worker.open(f"{at}?fact=dob")
        sent = {"fact": "dob", "reason": "Typing", **date_fields("value", "1962-01-01")}

        page = worker.send(at, sent, status=422).text
        assert "Is 1962 right?" in page
        worker.send(at, {**sent, "confirmed": confirmed_by(page)})
