"""Wokingham's people at work over HTTP, on the training clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.people import people
from engine.storage import database
from tests.builders.world import fill_with
from tests.journeys.council import Council

START = datetime(2026, 4, 4, 9, 0, tzinfo=UTC)
ROLES = (
    "social_worker",
    "team_manager",
    "service_manager",
    "iro",
    "atv",
    "here4you_manager",
    "family_placement_worker",
    "family_placement_manager",
    "advocate",
    "nominated_officer",
)

CASE: dict[str, Any] = {
    "child_ref": "W-1",
    "child_name": "Alex Example",
    "dob": "2020-01-01",
    "cause": "care_entry",
    "event_date": "2026-06-01",
    "legal_status": "V2",
    "in_proceedings": False,
    "emergency": False,
    "likely_permanent_from_onset": False,
    **{role: f"wokingham.{role}" for role in (*ROLES[:4], "family_placement_worker")},
}

OPTIONS = ("reunification", "family_arrangement", "adoption", "residential", "long_term_fostering")


def every_option(**standings: str) -> list[dict[str, str]]:
    """Return a row for each option: as `standings` says, else ruled out."""
    return [
        {"option": each, "standing": standings.get(each, "ruled_out"), "reason": "Assessed"}
        for each in OPTIONS
    ]


CHAIR: dict[str, Any] = {
    "attendance": [{"role": "team_manager", "standing": "present"}],
    "child_views": "Wants to stay near school.",
    "options": every_option(adoption="pursued", family_arrangement="parallel"),
    "primary_plan": "adoption",
    "parallel_plan": "family_arrangement",
    "decision": "Adoption, with the aunt beside it",
    "rationale": "No change at home",
    "permanence_achieved": False,
}

REVIEW: dict[str, Any] = {
    "plan_ratified": True,
    "plan_valid": True,
    "plan_changed": False,
    "permanence_confirmed": False,
    "reunification_prospect": True,
    "adoption_strong_possibility": False,
    "objectives_met": True,
}


def fill(url: str) -> None:
    """Make the schema, the people and the published pack in an empty database."""
    fill_with(url, "wokingham", ROLES)


class Wokingham(Council):
    """Wokingham's application on one database, with a bearer token per role."""

    def _tokens(self) -> dict[str, str]:
        users = {role: f"wokingham.{role}" for role in ROLES}
        users |= {role: role for role in ("auditor", "process_owner")}
        with database.transaction(self.engine) as connection:
            return {
                role: people.create_token(connection, user, now=START)
                for role, user in users.items()
            }

    def open_case(self, policy: str = "W-v3", **facts: Any) -> dict[str, Any]:
        """Open the case on the day of the event with CASE and `facts`; None leaves one out."""
        given = {name: each for name, each in {**CASE, **facts}.items() if each is not None}
        if given["event_date"] > self.today():
            self.go(given["event_date"])
        body = {"pack": "wokingham", "policy": policy, "facts": given}
        case = self.call("POST", "/cases", json=body, status=201)
        self.ref = case["ref"]
        return case

    def today(self) -> str:
        """Return the day of the training clock."""
        return str(self.call("GET", "/clock")["now"][:10])

    def book(self, day: str, **answers: Any) -> None:
        """Book the Permanency Planning Meeting, or move it, to `day`."""
        late = {"late_reason": "Ill"} if self.limit("ppm") < day else {}
        asked = {"meeting_date": day, "invitees": [], **late, **answers}
        self.complete("social_worker", "arrange_ppm", asked)

    def chair(self, day: str, role: str = "service_manager", *, status: int = 200, **chair: Any):
        """Record the meeting held on `day`."""
        asked = {**CHAIR, "held_date": day, **chair}
        given = {name: each for name, each in asked.items() if each is not None}
        return self.complete(role, "chair_ppm", given, status=status)

    def meeting(self, day: str, **chair: Any) -> None:
        """Book a meeting for `day` and record it."""
        if self.work("chair_ppm") == [] or self.booked() != day:
            self.book(day)
        if day > self.today():
            self.go(day)
        self.chair(day, **chair)

    def asked(self, name: str, role: str) -> Any:
        """Return the form of the newest open work item of that name, with what it opens with."""
        return self.call("GET", f"/work-items/{self.work(name)[-1]['id']}", role=role)["form"]

    def booked(self) -> str:
        return str(self.case()["facts"].get("next_ppm_on", ""))

    def book_review(self, day: str) -> None:
        """Book the statutory review for `day`, or move it there."""
        self.complete("iro", "book_review", {"review_date": day})

    def review(self, day: str, *, recorded: str = "", **answers: Any) -> None:
        """Hold the statutory review on `day`, booked for it, and record it."""
        if not self.work("conduct_review"):
            self.book_review(day)
        recorded = recorded or day
        if recorded > self.today():
            self.go(recorded)
        given = {**REVIEW, "held_date": day, **answers}
        given = {name: each for name, each in given.items() if each is not None}
        self.complete("iro", "conduct_review", given)

    def limits(self, name: str) -> dict[str, str]:
        """Return rule ids -> LIMIT of the open rows of a deadline."""
        return {" ".join(each["rule_ids"]): each["limit_on"] for each in self.deadlines(name)}

    def row(self, name: str) -> Mapping[str, Any]:
        """Return the governing open row of a deadline."""
        [found] = [each for each in self.deadlines(name) if each["governing"]]
        return found

    def told(self, words: str) -> set[tuple[str, str]]:
        """Return (day, role) for each notice that holds `words`."""
        return {
            (event["at"][:10], notice["role"])
            for event in self.history()
            for notice in event["notices"]
            if words in notice["text"]
        }
