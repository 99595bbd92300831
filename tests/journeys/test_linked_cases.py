"""A case that stands beside another, of the same pack or of another, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from engine.context import Context
from engine.integrity import sealed
from engine.people import people
from engine.storage import database, tables
from tests.builders.world import CASE as OF_DUDLEY
from tests.builders.world import START, actor, pack_files
from tests.databases import Kind
from tests.journeys.guidance_note import NoteCouncil, fields_of
from tests.journeys.guidance_note import fill as fill_note
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

DUDLEYS = "social_worker_of_dudley"


def fill(url: str) -> None:
    """Publish the note's pack and Dudley's, with a social worker of each."""
    fill_note(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        for role in ("social_worker", "team_manager", "iro", "service_manager"):
            name = f"dudley.{role}"
            people.add_person(connection, name, display_name=role, roles=[role], pack="dudley")
        owner = Context(connection, actor("process_owner", None), START, DOMAIN)
        published(owner, pack_files("dudley"), reason="First publication")
    engine.dispose()


class TwoCouncils(NoteCouncil):
    """Both packs on one database."""

    def _tokens(self) -> dict[str, str]:
        tokens = super()._tokens()
        with database.transaction(self.engine) as connection:
            token = people.create_token(connection, "dudley.social_worker", now=START)
        return {**tokens, DUDLEYS: token}

    def open_dudleys(self) -> str:
        body = {"pack": "dudley", "facts": {**OF_DUDLEY, "event_date": "2026-02-02"}}
        case = self.call("POST", "/cases", role=DUDLEYS, json=body, status=201)
        return str(case["ref"])


@pytest.fixture
def councils(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[TwoCouncils]:
    councils = TwoCouncils(new_database(database_kind, fill=fill))
    yield councils
    councils.close()


class TestLinkedCases:
    def test_show_each_other_across_packs_and_keep_it_in_the_event(self, councils):
        other = councils.open_dudleys()

        case = councils.open(linked_to=other)

        beside = {"pack": "dudley", "kind": "child", "status": "open"}
        assert case["linked"] == [{"ref": other, **beside}]
        theirs = councils.call("GET", f"/cases/{other}", role=DUDLEYS)
        mine = {"ref": case["ref"], "pack": "guidance_note", "kind": "child", "status": "open"}
        assert theirs["linked"] == [mine]
        councils.call("GET", f"/cases/{other}", status=404)
        [opened] = councils.call("GET", f"/cases/{case['ref']}/history", role="auditor")
        assert opened["kind"] == "case_opened"

    def test_are_sealed(self, councils):
        case = councils.open(linked_to=councils.open_dudleys())
        c = tables.case.c
        with database.transaction(councils.engine) as connection:
            id = connection.scalars(sa.select(c.id).where(c.ref == case["ref"])).one()
            assert list(sealed.problems(connection, id)) == []
            connection.execute(tables.case.update().where(c.id == id).values(linked_to=None))
            [found] = sealed.problems(connection, id)

        assert "linked_to" in found

    @pytest.mark.parametrize(
        ("ref", "facts"),
        [
            ("P-AAAAA-AAAAA", {}),
            ("theirs", {"child_ref": "X-2", "child_name": "Another Child"}),
            ("theirs", {"child_ref": "X-2", "dob": "2020-01-02"}),
        ],
    )
    def test_are_refused_alike_if_unknown_or_about_somebody_else(self, councils, ref, facts):
        wanted = councils.open_dudleys() if ref == "theirs" else ref

        refused = councils.open(linked_to=wanted, status=422, **facts)

        assert fields_of(refused) == {"linked_to"}
        assert f"There is no case {wanted} that you may link to" in str(refused)

    def test_of_one_council_are_linked_by_who_sees_them(self, councils):
        first = councils.open()["ref"]

        second = councils.open(linked_to=first, child_ref="X-2", child_name="Brother")

        assert [each["ref"] for each in second["linked"]] == [first]
