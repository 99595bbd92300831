"""Y11: whoever is invited is told, and reads what the meeting is about until some days after it.

People do nothing, move it, call it off, leave somebody out; over HTTP on both databases.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.integrity import verification
from engine.packs.version import Definition
from engine.people import people
from engine.storage import database, tables
from engine.storage.loading import find_case
from tests.builders.visitor import Visitor
from tests.builders.world import ARRANGE, START, pack_files
from tests.journeys.council import Council

INVITED = ("permanence_coordinator", "adoption_at_heart", "family_finder")
UNBORN: dict[str, Any] = {"cause": "pre_birth", "legal_status": "none", "dob": None}


@pytest.fixture
def council(council: Council) -> Council:
    """The council with those people who are invited to meetings."""
    with database.transaction(council.engine) as connection:
        for role in INVITED:
            name = f"dudley.{role}"
            people.add_person(
                connection, name, display_name=role, roles=[role], pack="dudley", manager=None
            )
            council.tokens[role] = people.create_token(connection, name, now=START)
    council.open_case()
    return council


def book(council: Council, day: str = "2026-03-18", **more: Any) -> None:
    council.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": day, **more})


def sees(council: Council, role: str) -> bool:
    """Whether the API shows the case to a role; anything but yes and no fails the test."""
    headers = {"Authorization": f"Bearer {council.tokens[role]}"}
    answer = council.client().get(f"/api/v1/cases/{council.ref}", headers=headers)
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


def is_told(council: Council, role: str) -> bool:
    """Whether somebody who reads no record finds there what they were told of the case."""
    page = Visitor(council.app, f"dudley.{role}").open("/your-cases").text
    assert f"/cases/{council.ref}" not in page
    return council.ref in page


def told(council: Council) -> dict[str, str]:
    """Return role -> what it was told by the newest event."""
    return {each["role"]: each["text"] for each in council.history()[-1]["notices"]}


class TestWhoIsInvited:
    """D-09, D-31."""

    def test_carers_and_their_social_worker_always_are(self, council):
        book(council)

        assert {"foster_carer", "fostering_social_worker"} <= set(
            council.case()["facts"]["invited"]
        )
        assert told(council)["social_worker"].startswith(
            "Write to Fostering, Foster carer or provider, Fostering social worker, who cannot"
        )

    def test_a_child_who_is_not_in_care_has_no_carer(self, council):
        council.open_case(**UNBORN)

        book(council)

        assert "foster_carer" not in council.case()["facts"]["invited"]

    def test_the_family_finder_is_where_one_is_required(self, council):
        book(council)

        assert "family_finder" not in council.case()["facts"]["invited"]


class TestWhoeverIsInvited:
    """D-09: told, and sees what their part needs."""

    def test_reads_the_record_from_the_booking_on(self, council):
        assert not sees(council, "permanence_coordinator")

        book(council, time="10:00")

        assert sees(council, "permanence_coordinator")
        assert not sees(council, "family_finder")
        invited = Visitor(council.app, "dudley.permanence_coordinator")
        listed = invited.open("/your-cases").text
        assert (
            "You are invited to a Permanence Planning Meeting on Wednesday 18 March 2026" in listed
        )
        assert "Until Wednesday 1 April 2026" in listed
        page = invited.open(f"/cases/{council.ref}").text
        assert "Looking on" in page
        assert "Report or correct" not in page

    def test_from_outside_the_council_is_told_and_reads_no_record(self, council):
        assert not is_told(council, "adoption_at_heart")

        book(council, time="10:00")

        assert is_told(council, "adoption_at_heart")
        assert not sees(council, "adoption_at_heart")

    def test_is_found_by_their_search(self, council):
        def found() -> list[str]:
            body = {"term": "Sam"}
            rows = council.call("POST", "/search", role="permanence_coordinator", json=body)
            return [each["ref"] for each in rows["items"]]

        assert found() == []

        book(council)

        assert found() == [council.ref]

    def test_changes_nothing(self, council):
        book(council)
        [draft] = council.work("draft_care_plan")
        path = f"/cases/{council.ref}"

        for address, body in (
            (f"{path}/comments", {"text": "x"}),
            (f"{path}/messages", {"name": "plo_entry", "payload": {"entry_date": "2026-03-09"}}),
            (f"{path}/corrections", {"fact": "dob", "value": "2020-01-02", "reason": "x"}),
            (f"/work-items/{draft['id']}/completion", {"answers": {}}),
        ):
            council.call("POST", address, role="permanence_coordinator", json=body, status=403)

    def test_is_no_part_of_their_work_or_the_tracker(self, council):
        book(council)

        path = f"/work-items?case={council.ref}&assignee=dudley.permanence_coordinator"
        assert council.call("GET", path, role="permanence_coordinator")["items"] == []
        council.call("GET", "/tracker", role="permanence_coordinator", status=403)

    def test_has_each_look_written_down(self, council):
        book(council)

        sees(council, "permanence_coordinator")
        sees(council, "family_finder")

        t = tables.access_log.c
        query = sa.select(t.actor, t.outcome).where(t.case_id.is_not(None)).order_by(t.id.desc())
        with database.reading(council.engine) as connection:
            newest = connection.execute(query.limit(2)).all()
        assert [tuple(each) for each in newest] == [
            ("dudley.family_finder", "refused"),
            ("dudley.permanence_coordinator", "read"),
        ]

    def test_cannot_be_made_longer_behind_the_engines_back(self, council):
        book(council)
        t = tables.onlooker
        with database.transaction(council.engine) as connection:
            connection.execute(t.update().values(until_on=date(2030, 1, 1)))

        with database.reading(council.engine) as connection:
            found = verification.verify_case(connection, find_case(connection, council.ref))

        assert found == f"Who looks on since event {len(council.history())} was altered."

    def test_stands_in_the_history_with_the_day(self, council):
        book(council)

        looking = council.history()[-1]["onlookers"]

        day = "2026-04-01"
        assert looking == [
            {"role": role, "about": "ppm", "until_on": day}
            for role in ("adoption_at_heart", "permanence_coordinator")
        ]


class TestForHowLong:
    """Assumption: 10 working days after the meeting."""

    def test_until_ten_working_days_after_it_was_held(self, council):
        book(council, "2026-03-18")
        council.go("2026-03-20")
        council.meeting("2026-03-20")

        council.go("2026-04-07")
        # Good Friday and Easter Monday are left out.
        assert sees(council, "permanence_coordinator")
        council.go("2026-04-08")

        assert not sees(council, "permanence_coordinator")
        assert (
            Visitor(council.app, "dudley.permanence_coordinator")
            .open("/your-cases")
            .text.count(council.ref)
            == 0
        )

    def test_not_longer_if_nobody_holds_it(self, council):
        book(council, "2026-03-18")

        council.go("2026-04-01")
        assert sees(council, "permanence_coordinator")
        council.go("2026-04-02")

        assert not sees(council, "permanence_coordinator")

    def test_longer_if_it_is_moved(self, council):
        book(council, "2026-03-18")
        council.go("2026-03-17")
        book(council, "2026-04-14", late_reason="Ill", change_reason="Ill")

        council.go("2026-04-28")

        assert sees(council, "permanence_coordinator")
        council.go("2026-04-29")
        assert not sees(council, "permanence_coordinator")

    def test_ten_working_days_more_if_it_is_called_off(self, council):
        book(council, "2026-03-23")
        off = {"called_off": True, "change_reason": "Mother is ill"}
        council.complete("social_worker", "arrange_ppm", off)

        council.go("2026-03-23")
        assert sees(council, "permanence_coordinator")
        council.go("2026-03-24")

        assert not sees(council, "permanence_coordinator")


class TestOthersInvited:
    """D-66: free additions, at any time."""

    def test_hear_of_it_though_no_date_changes(self, council):
        book(council)
        assert not sees(council, "family_finder")

        book(council, invitees=["family_finder"])

        heard = told(council)
        assert heard["family_finder"].startswith("You are invited to a Permanence Planning Meeting")
        assert "adoption_at_heart" not in heard
        assert sees(council, "family_finder")

    def test_hear_that_they_are_not_invited_any_more(self, council):
        book(council, invitees=["family_finder", "Grandmother"])

        book(council)

        heard = told(council)
        said = "You are not invited any more to the Permanence Planning Meeting on Wednesday 18"
        assert heard["family_finder"].startswith(said)
        assert f"Write to Grandmother, who cannot be told here: {said}" in heard["social_worker"]
        council.go("2026-03-23")
        assert sees(council, "family_finder")
        council.go("2026-03-24")
        assert not sees(council, "family_finder")
        assert sees(council, "permanence_coordinator")


class TestToldIsShown:
    """Nobody of the council is told of a child whose record they cannot open."""

    def test_the_adoption_agency_finds_what_it_is_told(self, council):
        book(council, "2026-03-09")
        council.go("2026-03-24")
        assert not is_told(council, "adoption_at_heart")

        council.meeting("2026-03-24")

        assert "adoption_at_heart" in told(council)
        assert is_told(council, "adoption_at_heart")
        assert not sees(council, "adoption_at_heart")

    def test_holds_for_every_message_to_a_pool(self):
        pack = Definition(pack_files()).pack
        pools = {name for name, role in pack.roles.items() if role.is_pool}

        of_children = [each for each in pack.messages.values() if each.name not in OF_THE_PANEL]
        shown = {each.name for each in of_children if pools & {*each.notify} and each.seen_for}
        assert shown == {
            "minutes_published",
            "adoption_considered",
            "dissent_escalated",
        }
        assert {each.name for each in of_children if pools & {*each.notify}} == shown


OF_THE_PANEL = {
    "panel_overdue",
    "agency_answer_overdue",
    "leadership_overdue",
    "escalated_delay_overdue",
}
"""Told in the Monitoring Panel's own case, which names whom they tell."""
