"""People at work by the guidance note over HTTP, on the training clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.people import people
from engine.storage import database
from tests.builders.world import START, fill_with
from tests.journeys.council import Council
from workflows.permanence.domain import DOMAIN

PACK = "guidance_note"
ROLES = (
    "social_worker",
    "team_manager",
    "service_manager",
    "iro",
    "fgc_coordinator",
    "panel_administrator",
    "panel_chair",
    "service_director",
    "legal",
    "nominated_officer",
)
OF_NO_PACK = ("auditor", "process_owner", "administrator")

CASE: dict[str, Any] = {
    "child_ref": "X-1",
    "child_name": "Sam Example",
    "dob": "2020-01-01",
    "cause": "care_entry",
    "event_date": "2026-02-02",
    "legal_status": "V2",
    "health_contact": "Dr Example",
    "education_contact": "Ms Example",
    **{role: f"{PACK}.{role}" for role in ("social_worker", "team_manager", "iro")},
    "service_manager": f"{PACK}.service_manager",
}
ROUTES = (
    "reunification",
    "family_friends",
    "child_arrangements_order",
    "long_term_fostering",
    "special_guardianship",
    "adoption",
)


def every_route(**standings: str) -> list[dict[str, str]]:
    """Return a row for each route: as `standings` says, else pursued."""
    return [
        {"option": each, "standing": standings.get(each, "pursued"), "reason": "Assessed"}
        for each in ROUTES
    ]


CHAIR: dict[str, Any] = {
    "attendance": [{"role": "team_manager", "standing": "present"}],
    "background": "Neglect",
    "legal_context": "Section 20",
    "no_assessment": True,
    "health": "Well",
    "education": "Near school",
    "child_views": "Wants to go home",
    "views_date": "2026-02-02",
    "views_of_others": "Mother agrees",
    "options": every_route(),
    "efforts": "Support at home",
    "risk_of_harm": "Neglect",
    "fgc_answer": "declined",
    "fgc_reason": "No relatives",
    "sgo_considered": True,
    "sgo_reason": "Nobody yet",
    "primary_plan": "reunification",
    "decision": "Return home",
    "rationale": "Mother engages",
    "record_ref": "T-1",
}
CONSIDERED: dict[str, Any] = {
    "outcome": "on_track",
    "progress": "As planned",
    "fgc_used": False,
    "amend": False,
    "placement_secured": False,
    "basis": "care_plan",
}


def fill(url: str) -> None:
    """Make the schema, the people and the published pack in an empty database."""
    fill_with(url, PACK, ROLES, at=START.replace(month=2, day=2))


class NoteCouncil(Council):
    """The application with the note's pack; a bearer token per role."""

    def _tokens(self) -> dict[str, str]:
        names = {role: f"{PACK}.{role}" for role in ROLES} | {each: each for each in OF_NO_PACK}
        with database.transaction(self.engine) as connection:
            return {
                role: people.create_token(connection, name, now=START)
                for role, name in names.items()
            }

    def open(self, *, status: int = 201, linked_to: str | None = None, **facts: Any) -> Any:
        """Open a case with CASE and `facts`, None leaving one out."""
        given = {key: value for key, value in {**CASE, **facts}.items() if value is not None}
        body: dict[str, Any] = {"pack": PACK, "facts": given, "again_because": "Of the journeys"}
        if linked_to is not None:
            body["linked_to"] = linked_to
        case = self.call("POST", "/cases", json=body, status=status)
        if status == 201:
            self.ref = case["ref"]
        return case

    def ppm(self, day: str, *, status: int = 200, **chair: Any) -> Any:
        """Arrange a meeting for `day` if none is booked, and record it."""
        if any(each["title"].startswith("Arrange") for each in self.work("arrange_ppm")):
            late = {"late_reason": "Ill"} if self.limit("ppm") < day else {}
            booked = {"meeting_date": day, "invitees": ["team_manager"], **late}
            self.complete("social_worker", "arrange_ppm", booked)
        answers = {**CHAIR, "held_date": day, **chair}
        answers = {key: value for key, value in answers.items() if value is not None}
        return self.complete("team_manager", "chair_ppm", answers, status=status)

    def refer(self, day: str) -> None:
        """Send the referral form."""
        answers = {"referred_on": day, "summary": "Options"}
        self.complete("social_worker", "refer_to_tracking_panel", answers)

    def consider(self, day: str, next_date: str, *, status: int = 200, **more: Any) -> Any:
        """Record that the panel considered the child; `next_date` "" leaves it out."""
        answers = {**CONSIDERED, "considered_on": day, "next_date": next_date or None, **more}
        answers = {key: value for key, value in answers.items() if value is not None}
        return self.complete("panel_chair", "record_tracking_panel", answers, status=status)

    def defer(self, day: str) -> Any:
        """Record that the panel deferred the child."""
        answers = {"considered_on": day, "deferred": True, "defer_reason": "No report"}
        return self.complete("panel_chair", "record_tracking_panel", answers)

    def hold_review(self, day: str, following: str) -> None:
        """Book the review if it is not booked, and hold it on `day`."""
        if any(each["title"].startswith("Book") for each in self.work("book_review")):
            self.complete("iro", "book_review", {"review_date": day})
        answers = {"held_date": day, "next_review_date": following}
        self.complete("iro", "conduct_review", answers)

    def people_told(self, words: str) -> set[str]:
        """Return the roles of everybody who was told something with `words` in it."""
        return {who.removeprefix(f"{PACK}.") for _, who in self.told(words)}

    def told(self, words: str) -> set[tuple[str, str]]:
        """Return (London day, person) of everybody who was told something with `words` in it."""
        return {
            (_day_of(event["at"]), each["person"] or each.get("role", ""))
            for event in self.history()
            for each in event["notices"]
            if words in each["text"]
        }

    def facts(self) -> dict[str, Any]:
        """Return the case's facts."""
        return dict(self.case()["facts"])


def _day_of(instant: str) -> str:
    return DOMAIN.today(datetime.fromisoformat(instant)).isoformat()


def fields_of(refused: Any) -> set[str]:
    """Return the fields that a refusal speaks of."""
    return {each["field"] for each in refused["errors"]}
