"""The council of the pack of complaints at work over HTTP: one client per person, on its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.context import Actor, Context
from engine.firing import training_clock
from engine.people import people
from engine.storage import database
from tests.apps import give_back, take_app
from tests.builders.world import START, pack_files
from tests.publishing import published
from workflows.permanence.domain import DOMAIN

ROLES = (
    "complaints_officer",
    "stage_1_investigator",
    "stage_2_reviewer",
    "service_head",
    "repairs_team",
    "information_officer",
    "information_reviewer",
)
OWNER = Actor("process_owner", "Owner", frozenset({"process_owner"}))

COMPLAINT = {
    "complaint_ref": "H-101",
    "resident_name": "Pat Example",
    "received_on": "2026-03-09",
    "about": "repairs",
    "what": "The boiler was reported three times and nobody came.",
}
REQUEST = {
    "request_ref": "F-7",
    "applicant_name": "Robin Reader",
    "received_on": "2026-03-09",
    "wanted": "How many lifts were out of order last year",
}
DEFINED = {"definition": "Three missed visits", "outcome_sought": "A repair and an apology"}
ANSWERED = {
    "decision": "upheld",
    "reasons": "The visits were not booked.",
    "remedy": "An apology, and a new boiler",
}


def fill(url: str) -> None:
    """Make the schema, the people and the published pack in an empty database."""
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=START)
        for name in (*ROLES, "stage_1_investigator_2"):
            people.add_person(
                connection,
                f"complaints.{name}",
                display_name=name.replace("_", " ").title(),
                roles=[name.removesuffix("_2")],
                pack="complaints",
            )
        people.add_person(connection, "auditor", display_name="Auditor", roles=["auditor"])
        ctx = Context(connection, OWNER, START, DOMAIN)
        published(ctx, pack_files("complaints"), reason="First publication")
    engine.dispose()


class Office:
    """The application on one database; `ref` is the reference of the case opened last."""

    def __init__(self, url: str) -> None:
        self.engine = database.create_engine(url)
        self.app = take_app(url)
        self.ref = ""
        names = {role: f"complaints.{role}" for role in ROLES} | {"auditor": "auditor"}
        with database.transaction(self.engine) as connection:
            self._tokens = {
                role: people.create_token(connection, name, now=START)
                for role, name in names.items()
            }

    def close(self) -> None:
        self.engine.dispose()
        give_back(self.app)

    def call(
        self, role: str, method: str, path: str, body: Any = None, *, status: int = 200
    ) -> Any:
        """Call the API as a role and return its JSON; another status fails the test."""
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        answer = self.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, json=body
        )
        said = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {said}"
        return answer.get_json()

    def open(self, kind: str = "complaint", *, status: int = 201, **facts: Any) -> Any:
        """Open a complaint, or a request for information, as its officer."""
        asked = COMPLAINT if kind == "complaint" else REQUEST
        role = "complaints_officer" if kind == "complaint" else "information_officer"
        body = {"pack": "complaints", "kind": kind, "facts": {**asked, **facts}}
        case = self.call(role, "POST", "/cases", body, status=status)
        if status == 201:
            self.ref = case["ref"]
        return case

    def case(self) -> dict[str, Any]:
        return dict(self.call("auditor", "GET", f"/cases/{self.ref}"))

    def fact(self, name: str) -> Any:
        """Return what a fact of the case is now, None for nothing."""
        return self.case()["facts"].get(name)

    def work(self) -> list[str]:
        """Return the names of the open tasks, in order."""
        return sorted(each["name"] for each in self.case()["work_items"])

    def item(self, name: str) -> dict[str, Any]:
        """Return the one open task of that name."""
        [item] = [each for each in self.case()["work_items"] if each["name"] == name]
        return dict(item)

    def complete(
        self, role: str, name: str, answers: Mapping[str, Any], *, status: int = 200
    ) -> Any:
        path = f"/work-items/{self.item(name)['id']}/completion"
        return self.call(role, "POST", path, {"answers": answers}, status=status)

    def send(
        self, name: str, *, role: str = "complaints_officer", status: int = 200, **payload: Any
    ) -> Any:
        body = {"name": name, "payload": payload}
        return self.call(role, "POST", f"/cases/{self.ref}/messages", body, status=status)

    def correct(self, fact: str, value: Any, *, status: int = 200) -> Any:
        body = {"fact": fact, "value": value, "effective_on": "2026-03-09", "reason": "Mistyped"}
        path = f"/cases/{self.ref}/corrections"
        return self.call("complaints_officer", "POST", path, body, status=status)

    def go(self, day: str) -> None:
        """Move the training clock to 09:00 UTC of a day."""
        self.call("complaints_officer", "POST", "/clock", {"now": f"{day}T09:00:00+00:00"})

    def refused(self, answer: Mapping[str, Any]) -> set[str]:
        """Return the fields that an answer refuses."""
        return {each["field"] for each in answer["errors"]}

    def deadline(self, name: str) -> dict[str, Any]:
        """Return the governing deadline of that name, as it is or last was."""
        rows = self.call("auditor", "GET", f"/cases/{self.ref}/deadlines?all=1")
        return dict([row for row in rows if row["name"] == name][-1])

    def limit(self, name: str) -> str:
        """Return the last day of an open deadline."""
        rows = self.call("auditor", "GET", f"/cases/{self.ref}/deadlines")
        [row] = [each for each in rows if each["name"] == name and each["governing"]]
        return str(row["limit_on"])

    def told(self, text: str) -> set[str]:
        """Return who was told something that contains `text`."""
        history = self.call("auditor", "GET", f"/cases/{self.ref}/history?limit=200")
        return {
            str(notice["person"] or notice["role"]).removeprefix("complaints.")
            for event in history
            for notice in event["notices"]
            if text in notice["text"]
        }

    # What is done again and again

    def acknowledge(self, day: str, **answers: Any) -> None:
        """Acknowledge and accept the complaint on a day."""
        self.go(day)
        named = {"accepted": True, "stage_1_investigator": "complaints.stage_1_investigator"}
        said = {"acknowledged_on": day, **DEFINED, **named, **answers}
        self.complete("complaints_officer", "acknowledge_complaint", said)

    def respond(self, stage: int, day: str, **answers: Any) -> None:
        """Send the response of a stage on a day."""
        self.go(day)
        told = {"told_stage_2": True} if stage == 1 else {"told_ombudsman": True}
        role = "stage_1_investigator" if stage == 1 else "stage_2_reviewer"
        said = {"responded_on": day, **ANSWERED, **told, **answers}
        self.complete(role, f"respond_stage_{stage}", said)

    def escalate(self, asked: str, acknowledged: str) -> None:
        """Have stage 2 asked for and acknowledged."""
        self.go(asked)
        self.send("escalation_requested", requested_on=asked)
        self.go(acknowledged)
        answers = {
            "acknowledged_on": acknowledged,
            "definition": "The boiler fails again",
            "accepted": True,
            "stage_2_reviewer": "complaints.stage_2_reviewer",
        }
        self.complete("complaints_officer", "acknowledge_stage_2", answers)
