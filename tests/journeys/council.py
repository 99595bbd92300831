"""A council's people at work over HTTP: one client per person, on the training clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.people import people
from engine.storage import database
from tests.apps import give_back, take_app
from tests.builders.world import ARRANGE, CASE, CHAIR, START
from tests.builders.world import ROLES as OF_DUDLEY

ROLES = (*OF_DUDLEY, "auditor", "process_owner")


REVIEW = {
    "plan_ratified": True,
    "permanence_confirmed": False,
    "plan_valid": True,
    "progress": "as_planned",
    "plan_changed": False,
}


PANEL = {
    "pmp_chair": "dudley.pmp_chair",
    "service_manager": "dudley.service_manager",
    "panel_since_on": "2026-03-09",
}


class Refused(AssertionError):
    """An answer other than the one that was wanted, with its body."""


class Council:
    """The application on one database, with a bearer token per role."""

    def __init__(self, url: str) -> None:
        self.engine = database.create_engine(url)
        self.app = take_app(url)
        self.tokens = self._tokens()
        self.ref = ""
        self.reader = "social_worker"

    def _tokens(self) -> dict[str, str]:
        with database.transaction(self.engine) as connection:
            return {role: people.create_token(connection, _user(role), now=START) for role in ROLES}

    def close(self) -> None:
        self.engine.dispose()
        give_back(self.app)

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def call(
        self, method: str, path: str, *, role: str = "social_worker", status: int = 200, **more: Any
    ) -> Any:
        """Call the API as a role and return its JSON; another status fails the test."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}", **more.pop("headers", {})}
        answer = self.client().open(f"/api/v1{path}", method=method, headers=headers, **more)
        if answer.status_code != status:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.get_json()

    def open_case(self, policy: str = "D-PG", **facts: Any) -> dict[str, Any]:
        """Open the case with CASE and `facts`."""
        again = "Another child of the journeys"
        asked = {"policy": policy, "again_because": again}
        body = {"pack": "dudley", **asked, "facts": {**CASE, **facts}}
        case = self.call("POST", "/cases", json=body, status=201)
        self.ref = case["ref"]
        return case

    def open_panel(self, *, role: str = "pmp_chair", status: int = 201, **facts: Any) -> Any:
        """Open the Permanence Monitoring Panel with PANEL and `facts`; what follows is its."""
        body = {"pack": "dudley", "kind": "monitoring_panel", "facts": {**PANEL, **facts}}
        case = self.call("POST", "/cases", role=role, json=body, status=status)
        if status == 201:
            self.ref, self.reader = case["ref"], role
        return case

    def case(self, role: str = "") -> dict[str, Any]:
        return self.call("GET", f"/cases/{self.ref}", role=role or self.reader)

    def work(self, name: str) -> list[dict[str, Any]]:
        """Return the open work items of that name, oldest first."""
        items = [each for each in self.case()["work_items"] if each["name"] == name]
        return sorted(items, key=lambda each: each["opened_at"])

    def complete(
        self,
        role: str,
        name: str,
        answers: Mapping[str, Any],
        *,
        title: str = "",
        status: int = 200,
    ) -> Any:
        """Complete the newest open work item of that name, of those with `title` in theirs."""
        item = [each for each in self.work(name) if title in each["title"]][-1]
        path = f"/work-items/{item['id']}/completion"
        return self.call("POST", path, role=role, json={"answers": answers}, status=status)

    def send(self, name: str, *, status: int = 200, **payload: Any) -> Any:
        body = {"name": name, "payload": payload}
        return self.call("POST", f"/cases/{self.ref}/messages", json=body, status=status)

    def correct(self, fact: str, value: Any, reason: str, *, on: str | None = None) -> Any:
        """Correct a fact; a date stands from that day, anything else from `on`."""
        body = {"fact": fact, "value": value, "reason": reason, "effective_on": on or value}
        return self.call("POST", f"/cases/{self.ref}/corrections", json=body)

    def go(self, day: str, time: str = "09:00") -> Any:
        """Move the training clock."""
        return self.call("POST", "/clock", json={"now": f"{day}T{time}:00+00:00"})

    def deadlines(self, name: str, *, all: bool = False) -> list[dict[str, Any]]:
        path = f"/cases/{self.ref}/deadlines{'?all=1' if all else ''}"
        rows = self.call("GET", path, role=self.reader)
        return [each for each in rows if each["name"] == name]

    def limit(self, name: str) -> str:
        """Return the governing LIMIT of an open deadline."""
        [row] = [each for each in self.deadlines(name) if each["governing"]]
        return str(row["limit_on"])

    def history(self) -> list[dict[str, Any]]:
        path = f"/cases/{self.ref}/history?limit=200"
        return list(self.call("GET", path, role="auditor"))

    def told_late(self, of: str = "") -> list[str]:
        """Return the LIMITs of which somebody was told that they were missed, each time once.

        `of`: of the duties alone whose label begins so.
        """
        told = {
            (event["sequence"], each["text"])
            for event in self.history()
            for each in event["notices"]
            if ": not done by the last date, " in each["text"] and each["text"].startswith(of)
        }
        days = [text.partition(" date, ")[2].partition(".")[0] for _, text in told]
        return sorted(
            datetime.strptime(f"{day} +0000", "%d %B %Y %z").date().isoformat() for day in days
        )

    def meeting(self, day: str, **chair: Any) -> None:
        """Arrange and chair a meeting held on `day`; the draft care plan is written before it."""
        if self.work("draft_care_plan"):
            draft = {"text": "In LCS", "completed_on": day}
            self.complete("social_worker", "draft_care_plan", draft)
        late = {"late_reason": "Ill"} if self.limit("ppm") < day else {}
        self.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": day, **late})
        following = (date.fromisoformat(day) + timedelta(days=42)).isoformat()
        answers = {**CHAIR, "held_date": day, "next_ppm_date": following, **chair}
        self.complete("team_manager", "chair_ppm", answers)

    def follow_up(self, day: str) -> None:
        """Update the care plan after the newest meeting."""
        answers = {
            "updated_on": day,
            "permanence_section": "Adoption",
            "pre_meeting_report_ref": "R-1",
        }
        self.complete("social_worker", "update_care_plan", answers)

    def review(self, day: str, *, updated: bool = False, **answers: Any) -> None:
        """Book and hold the child in care review on `day`; the report comes before it.

        `updated`: the report says that the assessment was updated that day.
        """
        if day > self.call("GET", "/clock")["now"][:10]:
            self.go(day)
        self.complete("iro", "book_review", {"review_date": day})
        report = {"permanence_section": "Adoption"}
        if updated:
            report["assessment_updated_on"] = day
        self.complete("social_worker", "write_pre_meeting_report", report)
        following = date.fromisoformat(day) + timedelta(days=80)
        # On a Sunday it would be asked whether that is right.
        following += timedelta(days=following.weekday() == 6)
        asked = {
            **REVIEW,
            "held_date": day,
            "next_review_date": following.isoformat(),
            **answers,
        }
        if asked["permanence_confirmed"]:
            asked = {"confirmed_reason": "The order was made", **asked}
        self.complete("iro", "conduct_review", asked)

    def running(self, process: str) -> int:
        """Return how many instances of a process run in the case."""
        return sum(each["process"] == process for each in self.case()["instances"])

    def statements(self) -> Statements:
        """Return a counter of the SQL that the application runs from now on."""
        return Statements(self.app.extensions["permanence"].engine)


class Statements:
    """Counts the SQL statements that an engine runs."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._add)

    def _add(self, *_: object) -> None:
        self.count += 1


def _user(role: str) -> str:
    return role if role in ("auditor", "process_owner") else f"dudley.{role}"
