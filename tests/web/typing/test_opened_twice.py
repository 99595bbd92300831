"""F5: a second case about the same is told, with the open one named to whoever may see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.two_councils import TwoCouncils
from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import CHILD

SAME = (
    'roles = ["social_worker", "team_manager"]\n',
    """roles = ["social_worker", "team_manager"]
same = [["child_name", "began_on"]]
""",
)
WHY = "The first was opened for the wrong council area"


@pytest.fixture(autouse=True)
def _with_same(councils: TwoCouncils) -> None:
    councils.republish("north", "pack.toml", SAME)


def typed(page: str, name: str = "child of  THE north") -> dict[str, str]:
    case_id = page.split('name="case_id" value="')[1].split('"')[0]
    named = {"child_name": name, "social_worker": "north.social_worker"}
    return {"case_id": case_id, **named, **date_fields("began", "2026-03-09")}


def told_in_history(councils: TwoCouncils, ref: str) -> bool:
    page = Visitor(councils.app, "north.social_worker").open(f"/cases/{ref}").text
    return f"Opened though one about the same was open: {WHY}" in page


def body(**more: Any) -> dict[str, Any]:
    named = {"social_worker": "north.social_worker", "child_name": "Chîld of the north"}
    return {"pack": "north", "facts": {"began": "2026-03-09", **named}, **more}


class TestPage:
    def test_f5_is_told_with_the_open_case_and_opened_with_a_reason(
        self, councils: TwoCouncils
    ) -> None:
        ref = councils.open_case()
        worker = Visitor(councils.app, "north.social_worker")
        fields = typed(worker.open("/cases/open/north").text)

        page = worker.send("/cases/open/north", fields, status=409)
        assert "A case with the same Name and Began is open already" in page.text
        assert f"/cases/{ref}" in worker.links(r"/cases/P-[^\"]+")
        assert 'value="child of THE north"' in page.text
        page = worker.send("/cases/open/north", {**fields, "again_because": " "}, status=409)
        assert "is open already" in page.text
        answer = worker.send("/cases/open/north", {**fields, "again_because": WHY})

        new = answer.headers["Location"].split("/")[2]
        assert new != ref
        assert WHY in worker.follow(answer).text
        assert told_in_history(councils, new)

    def test_f5_names_no_case_that_the_opener_may_not_see(self, councils: TwoCouncils) -> None:
        ref = councils.open_case(social_worker="north.social_worker_2")
        worker = Visitor(councils.app, "north.social_worker")
        fields = typed(worker.open("/cases/open/north").text)

        page = worker.send("/cases/open/north", fields, status=409).text

        assert ref not in page
        assert "1 case that you may not see" in page

    def test_f5_another_day_is_not_the_same(self, councils: TwoCouncils) -> None:
        councils.open_case()
        worker = Visitor(councils.app, "north.social_worker")
        fields = typed(worker.open("/cases/open/north").text)

        worker.send("/cases/open/north", {**fields, **date_fields("began", "2026-03-08")})


class TestApi:
    def test_f5_answers_409_with_the_field_to_send(self, councils: TwoCouncils) -> None:
        ref = councils.open_case()

        refused = councils.call("north.social_worker", "POST", "/cases", body(), status=409)
        assert (refused["field"], refused["cases"]) == ("again_because", [ref])
        assert "again_because" in refused["detail"]
        new = councils.call(
            "north.social_worker", "POST", "/cases", body(again_because=WHY), status=201
        )

        assert told_in_history(councils, new["ref"])

    def test_f5_another_councils_child_is_not_looked_at(self, councils: TwoCouncils) -> None:
        councils.open_case("south", child_name="Child of the north")

        councils.call("north.social_worker", "POST", "/cases", body(), status=201)


class TestDudley:
    def test_f5_the_same_reference_is_the_same_child(self, worker: Visitor, child: str) -> None:
        page = worker.open("/cases/open/dudley").text
        case_id = page.split('name="case_id" value="')[1].split('"')[0]
        days = {**date_fields("event_date", "2026-03-09"), **date_fields("dob", "2018-01-01")}

        answer = worker.send(
            "/cases/open/dudley",
            {**CHILD, **days, "child_name": "Somebody Else", "case_id": case_id},
            status=409,
        )

        assert f"/cases/{child}" in answer.text
