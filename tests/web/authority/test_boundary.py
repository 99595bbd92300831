"""P2: what is another council's answers like what does not exist, to whatever role asks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.storage import database, tables
from tests.builders.two_councils import TwoCouncils, pack_of

UNKNOWN = "P-AAAAA-AAAAA"
ADMINISTRATOR, OWNER, AUDITOR = "north.administrator", "north.process_owner", "north.auditor"
ELSEWHERE = "south.social_worker"
SUCCESSORS = {"successors": {"social_worker": "south.social_worker_2"}}


@pytest.fixture
def there(councils: TwoCouncils) -> str:
    """Reference of a case of the other council."""
    return councils.open_case("south")


def alike(
    councils: TwoCouncils, person: str, method: str, path: str, theirs: str, none: str, **more: Any
) -> Any:
    """Hold that `{}` in a path answers of what is theirs as of what there is not; return how."""
    found = councils.ask(person, method, path.format(theirs), **more)
    missing = councils.ask(person, method, path.format(none), **more)
    said = [
        _plain(each.get_data(as_text=True).replace(asked, "…"))
        for each, asked in ((found, theirs), (missing, none))
    ]
    assert (found.status_code, said[0]) == (missing.status_code, said[1])
    assert found.headers["Content-Type"] == missing.headers["Content-Type"]
    return found


def _plain(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text)


class TestPeople:
    def test_p2_of_another_council_cannot_be_seen_off(self, councils: TwoCouncils, there: str):
        where = "/api/v1/people/{}/departure"
        asked = (ADMINISTRATOR, "POST", where, ELSEWHERE, "south.nobody")
        assert alike(councils, *asked, json=SUCCESSORS).status_code == 404
        page = (ADMINISTRATOR, "GET", "/people/{}", ELSEWHERE, "south.nobody")
        assert alike(councils, *page).status_code == 404
        assert councils.work("visit", there)["assignee"] == ELSEWHERE

    def test_p2_of_another_council_are_not_listed(self, councils: TwoCouncils):
        page = councils.ask(ADMINISTRATOR, "GET", "/people").get_data(as_text=True)

        assert "North Social Worker" in page
        assert "South" not in page

    def test_p2_cannot_be_covered_for_across(self, councils: TwoCouncils):
        body = {"covered_by": "north.iro", "from_on": "2026-03-09", "to_on": "2026-03-10"}
        answers = [
            councils.ask(ADMINISTRATOR, "POST", "/api/v1/cover", json={**body, "person": who})
            for who in (ELSEWHERE, "south.nobody")
        ]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].data == answers[1].data

    def test_p2_covers_of_another_council_cannot_be_ended(self, councils: TwoCouncils):
        body = {
            "person": ELSEWHERE,
            "covered_by": "south.social_worker_2",
            "from_on": "2026-03-09",
            "to_on": "2026-03-10",
        }
        cover = councils.call(ELSEWHERE, "POST", "/cover", body, status=201)["id"]

        asked = (ADMINISTRATOR, "DELETE", "/api/v1/cover/{}", cover, str(councils.unknown("cover")))
        assert alike(councils, *asked).status_code == 404
        assert councils.call(ELSEWHERE, "GET", "/cover")["covered_by"]

    def test_p2_one_cannot_be_named_across(self, councils: TwoCouncils):
        ref = councils.open_case("north")
        body = {"name": "transfer", "payload": {"social_worker": ELSEWHERE}}
        councils.call("north.social_worker", "POST", f"/cases/{ref}/messages", body, status=422)


@pytest.mark.usefixtures("there")
class TestOperators:
    def test_p2_cannot_fire_in_another_council(self, councils: TwoCouncils, there: str):
        csrf = _csrf(councils, ADMINISTRATOR, "/work")
        asked = (ADMINISTRATOR, "POST", "/health/cases/{}/fire", there, UNKNOWN)
        assert alike(councils, *asked, data={"csrf_token": csrf}).status_code == 404

    def test_p2_look_over_their_own_alone(self, councils: TwoCouncils, there: str):
        silence(councils)

        ours = councils.ask(ADMINISTRATOR, "GET", "/health?check=all", headers=HTML)
        every = councils.ask("administrator", "GET", "/health?check=all", headers=HTML)

        assert there not in ours.get_data(as_text=True)
        assert there in every.get_data(as_text=True)

    def test_p2_read_the_metrics_of_all_only_for_all(self, councils: TwoCouncils):
        def metrics(person: str) -> int:
            headers = {"Authorization": f"Bearer {councils.token(person)}"}
            client = councils.app.test_client()
            from_afar = {"REMOTE_ADDR": "192.0.2.1"}
            return client.get("/metrics", headers=headers, environ_base=from_afar).status_code

        assert metrics(ADMINISTRATOR) == 403
        assert metrics("administrator") == 200


HTML = {"Accept": "text/html"}


def silence(councils: TwoCouncils) -> None:
    """Close all work behind the product's back: nothing moves its cases any more."""
    with database.transaction(councils.engine) as connection:
        connection.execute(tables.work_item.update().values(status="cancelled"))


def _csrf(councils: TwoCouncils, person: str, page: str) -> str:
    text = councils.ask(person, "GET", page).get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', text)[1]  # type: ignore[index]


class TestAuditors:
    def test_p2_see_their_own_council_alone(self, councils: TwoCouncils, there: str):
        for path in ("/api/v1/cases/{}", "/api/v1/cases/{}/history", "/cases/{}/history"):
            assert alike(councils, AUDITOR, "GET", path, there, UNKNOWN).status_code == 404

        here = councils.open_case("north")
        listed = councils.ask(AUDITOR, "GET", "/cases").get_data(as_text=True)
        assert (here in listed, there in listed) == (True, False)
        assert there not in councils.ask(AUDITOR, "GET", "/cases?pack=south").get_data(as_text=True)
        tracked = councils.call(AUDITOR, "GET", "/tracker")["rows"]
        assert [each["ref"] for each in tracked] == [here]
        found = councils.call(AUDITOR, "POST", "/search", {"term": "Child"})["items"]
        assert [each["ref"] for each in found] == [here]
        items = councils.call(AUDITOR, "GET", "/work-items")["items"]
        assert {each["case_ref"] for each in items} == {here}


class TestPacks:
    def test_p2_of_another_council_are_not_there(self, councils: TwoCouncils):
        version = councils.version("south")
        unknown = "0" * 64
        pages = (
            ("/packs/{}", "south", "west"),
            ("/versions/{}/files/pack.toml", version, unknown),
            ("/versions/{}.zip", version, unknown),
            ("/packs/south/versions/{}/processes/case", version, unknown),
            ("/packs/south/versions/{}/tables/timescales", version, unknown),
            ("/packs/south/versions/{}/forms/case", version, unknown),
            ("/cases/open/{}", "south", "west"),
        )
        for path, theirs, none in pages:
            person = "north.social_worker" if "/cases/" in path else OWNER
            assert alike(councils, person, "GET", path, theirs, none).status_code == 404
        assert "Council of the south" not in councils.ask(OWNER, "GET", "/packs").text

    def test_p2_are_checked_and_published_at_home_alone(self, councils: TwoCouncils):
        csrf = _csrf(councils, OWNER, "/packs/north")
        for what in ("check", "publish"):
            asked = (OWNER, "POST", f"/packs/{{}}/{what}", "south", "west")
            answer = alike(councils, *asked, data={"csrf_token": csrf, "reason": "Mine"})
            assert answer.status_code == 404

        def sent(path: str, pack: str, files: dict[str, bytes]) -> Any:
            import io

            data = {
                "pack": pack,
                "files": [(io.BytesIO(text), name) for name, text in files.items()],
            }
            return councils.ask(OWNER, "POST", path, data=data)

        form = {"forms/visit.json": pack_of("south")["forms/visit.json"]}
        answers = [sent("/api/v1/definitions/check", pack, form) for pack in ("south", "west")]
        said = [each.text.replace("south", "…").replace("west", "…") for each in answers]
        assert said[0] == said[1]
        before = councils.version("south")
        changed = {**pack_of("south"), "case.bpmn": pack_of("south")["case.bpmn"] + b"\n"}
        assert sent("/api/v1/definitions", "south", changed).status_code == 422
        assert councils.version("south") == before

    def test_p2_no_case_of_another_council_is_opened(self, councils: TwoCouncils):
        answers = [
            councils.ask(
                "north.social_worker",
                "POST",
                "/api/v1/cases",
                json={"pack": pack, "facts": {"began": "2026-03-09"}},
            )
            for pack in ("south", "west")
        ]
        said = [each.text.replace("south", "…").replace("west", "…") for each in answers]
        assert said[0] == said[1]
        assert answers[0].status_code == 422
