"""A published Dudley pack, four people and a training clock, driven through the commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import commands, reads
from engine.context import Actor, Context
from engine.firing import training_clock
from engine.people import people
from engine.reads import history
from engine.storage import database, tables
from tests.publishing import published
from web.cli.pack_files import read_pack
from workflows.permanence.domain import DOMAIN

PACKS = Path(__file__).parents[2] / "bpmn_diagrams"
START = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
ROLES = (
    "social_worker",
    "team_manager",
    "iro",
    "service_manager",
    "aepp_chair",
    "pmp_chair",
    "panel_administrator",
    "adm",
    "nominated_officer",
)
SECRET = bytes(range(32))
CASE_ID = UUID("6f1c8f4e-2b34-5d0c-9a55-0a4c8b1f7e11")

CASE: dict[str, Any] = {
    "child_ref": "X-1",
    "child_name": "Sam Example",
    "dob": "2020-01-01",
    "cause": "care_entry",
    "event_date": "2026-03-09",
    "legal_status": "V2",
    "in_proceedings": False,
    "emergency": False,
    "likely_permanent_from_onset": False,
    "social_worker": "dudley.social_worker",
    "team_manager": "dudley.team_manager",
    "iro": "dudley.iro",
    "service_manager": "dudley.service_manager",
}

ARRANGE: dict[str, Any] = {"mode": "in_person", "invitees": ["team_manager"]}

OPTIONS = (
    "reunification",
    "family_arrangement",
    "child_arrangements_order",
    "special_guardianship",
    "kinship_care",
    "long_term_fostering",
    "residential",
    "adoption",
)


def every_option(**standings: str) -> list[dict[str, str]]:
    """Return a row for each option: as `standings` says, else ruled out."""
    return [
        {"option": each, "standing": standings.get(each, "ruled_out"), "reason": "Assessed"}
        for each in OPTIONS
    ]


CHAIR: dict[str, Any] = {
    "attendance": [{"role": "team_manager", "standing": "present"}],
    "child_views": "Wants to stay near school.",
    "views_date": "2026-03-09",
    "views_by": "Social worker",
    "views_method": "direct_work",
    "seen_alone": "yes",
    "genogram_reviewed": "2026-03-09",
    "genogram_current": True,
    "needs": "Speech therapy",
    "siblings": "None",
    "family_time": "Weekly",
    "options": every_option(adoption="pursued"),
    "assessment_needed": False,
    "primary_plan": "adoption",
    "parallel_plan": "special_guardianship",
    "stage": "assessment",
    "drift": False,
    "actions": [
        {"text": "Assess aunt", "owner": "SW", "due": "2026-04-01", "review_point": "Next meeting"}
    ],
    "permanence_achieved": False,
    "decision": "Adoption, with special guardianship beside it",
    "rationale": "No change at home",
    "record_ref": "LCS-1",
}


def pack_files(pack: str = "dudley") -> dict[str, bytes]:
    """Return a pack of this repository as path -> content."""
    return read_pack(PACKS / pack)


def actor(role: str, pack: str | None = "dudley") -> Actor:
    """Return the demo person of a role."""
    if pack is None:
        return Actor(role, role, frozenset({role}))
    name = f"{pack}.{role}"
    return Actor(name, name, frozenset({role}), pack, f"{pack}.team_manager")


def fill(url: str) -> None:
    """Make the schema, the people and the published pack in an empty database."""
    fill_with(url, "dudley", ROLES, also=("social_worker",))


def fill_with(
    url: str,
    pack: str,
    roles: Iterable[str],
    *,
    at: datetime = START,
    also: Iterable[str] = (),
) -> None:
    """Make the schema, a person for each role of a pack, and its publication, in an empty database.

    Args:
        also: roles with a second person, `<pack>.<role>_2`.
    """
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    named = {f"{pack}.{role}": role for role in roles} | {f"{pack}.{each}_2": each for each in also}
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=at)
        for name, role in named.items():
            people.add_person(
                connection,
                name,
                display_name="Second Worker" if name.endswith("_2") else _titled(role),
                roles=[role],
                pack=pack,
                manager=f"{pack}.team_manager",
            )
        for role in ("auditor", "process_owner", "administrator"):
            people.add_person(connection, role, display_name=role, roles=[role])
        owner = Context(connection, actor("process_owner", None), START, DOMAIN)
        published(owner, pack_files(pack), reason="First publication")
    engine.dispose()


def _titled(role: str) -> str:
    return role.replace("_", " ").title()


@dataclass
class World:
    """One database with one case in it; `now` is the training clock."""

    engine: sa.Engine
    now: datetime = START
    case_id: UUID = CASE_ID
    ref: str = ""

    def act(self, role: str, work: Any) -> Any:
        """Run `work(ctx)` as the demo person of `role`, in a transaction with its retries."""
        return database.in_transaction(
            self.engine, lambda c: work(Context(c, actor(role), self.now, DOMAIN))
        )

    def open(self, **facts: Any) -> None:
        """Open the case with CASE and `facts`."""
        answers = {**CASE, **facts}
        saved = self.act(
            "social_worker",
            lambda ctx: commands.open_case(
                ctx, pack="dudley", answers=answers, case_id=self.case_id, secret=SECRET
            ),
        )
        self.ref = saved.ref

    def go(self, day: str) -> int:
        """Move the clock to 09:00 UTC of `day`; return how often timers fired."""
        self.now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
        return training_clock.advance(self.engine, self.now, domain=DOMAIN)

    def work(self, element: str) -> list[UUID]:
        """Return the open work items of an element, oldest first."""
        t = tables.work_item.c
        query = (
            sa.select(t.id)
            .where(t.case_id == self.case_id, t.element == element, t.status == "open")
            .order_by(t.opened_sequence)
        )
        with database.reading(self.engine) as connection:
            return list(connection.scalars(query))

    def complete(self, role: str, element: str, answers: Mapping[str, Any]) -> Any:
        """Complete the newest open work item of an element."""
        id = self.work(element)[-1]
        return self.act(role, lambda ctx: commands.complete_work_item(ctx, id, answers=answers))

    def send(self, name: str, role: str = "social_worker", **payload: Any) -> Any:
        """Send a message to the case."""
        return self.act(role, lambda ctx: commands.send_message(ctx, self.ref, name, payload))

    def correct(self, fact: str, value: Any, reason: str = "Typing mistake") -> Any:
        """Correct a fact."""
        return self.act(
            "social_worker",
            lambda ctx: commands.correct_fact(
                ctx, self.ref, fact, value, effective_on=None, reason=reason
            ),
        )

    def meeting(self, day: str, **chair: Any) -> None:
        """Arrange and chair a meeting held on `day`."""
        late = {} if self.governing("ppm") >= date.fromisoformat(day) else {"late_reason": "Ill"}
        self.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": day, **late})
        following = (date.fromisoformat(day) + timedelta(days=42)).isoformat()
        answers = {**CHAIR, "held_date": day, "next_ppm_date": following, **chair}
        self.complete("team_manager", "chair_ppm", answers)

    def follow_up(self, day: str) -> None:
        """Update the care plan after the newest meeting."""
        self.complete(
            "social_worker",
            "update_care_plan",
            {
                "updated_on": day,
                "permanence_section": "Adoption",
                "pre_meeting_report_ref": "R-1",
            },
        )

    def told(self, sequence: int) -> list[str | None]:
        """Return who was told by an event."""
        with database.reading(self.engine) as connection:
            [event] = history.list_history(connection, self.case_id, after=sequence - 1, limit=1)
        return [notice["person"] for notice in event.notices]

    def deadlines(self, *, all: bool = False) -> list[reads.DeadlineRow]:
        """Return the case's deadlines as of the clock's day."""
        with database.reading(self.engine) as connection:
            return reads.list_deadlines(
                connection, self.case_id, today=DOMAIN.today(self.now), all=all
            )

    def governing(self, name: str) -> date:
        """Return the governing LIMIT of an open deadline."""
        [row] = [each for each in self.deadlines() if each.name == name and each.governing]
        return row.limit_on

    def view(self) -> reads.CaseView:
        """Return the case as it stands."""
        with database.reading(self.engine) as connection:
            return reads.get_case(connection, self.ref, today=DOMAIN.today(self.now))
