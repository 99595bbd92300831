"""Two councils of the same pack under two ids, with the people of each: who may do what in which.

The pack asks little: one process whose tasks wait side by side for a worker, a manager, a
reviewing officer, a pool, and an agency outside the council.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import sqlalchemy as sa
from flask.testing import FlaskClient

from engine.commands import open_case
from engine.context import Actor, Context
from engine.firing import training_clock
from engine.packs.version import Definition
from engine.people import people
from engine.publishing.publish import put_in_force
from engine.storage import database
from engine.storage.published_versions import current_definition
from tests.apps import give_back, take_app
from tests.builders.small_pack import BPMN_HEAD, FORMS, table
from workflows.permanence.domain import DOMAIN

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
COUNCILS = ("north", "south")
NAMESPACE = UUID("5a4e0c2b-8a9e-4b52-9a0c-5f6f3f2f7d11")
TASKS = {
    "visit": "social_worker",
    "manage": "team_manager",
    "review": "iro",
    "prepare": "panel_administrator",
    "advise": "agency",
}
ROLES = (*TASKS.values(), "service_manager")

PACK = """
id = "{id}"
title = "Council of the {id}"

[opening]
process = "case"
form = "case"
roles = ["social_worker", "team_manager"]

[authority]
tracks = ["team_manager", "service_manager", "iro"]

[policies.P-1]
title = "The policy"
default = true

[roles.social_worker]
label = "Social worker"
work_goes_to = "case"
unallocated_goes_to = "team_manager"

[roles.team_manager]
label = "Team Manager"
work_goes_to = "case"
unallocated_goes_to = "service_manager"

[roles.service_manager]
label = "Service Manager"
work_goes_to = "case"
unallocated_goes_to = "team_manager"

[roles.iro]
label = "Reviewing officer"
work_goes_to = "case"
unallocated_goes_to = "team_manager"

[roles.panel_administrator]
label = "Panel administrator"

[roles.agency]
label = "Agency"
outside_agency = true
seen_for = "5 days"

[deadlines]
visit = "Visit"

[facts.social_worker]
type = "user"
label = "Social worker"

[facts.team_manager]
type = "user"
label = "Team Manager"

[facts.service_manager]
type = "user"
label = "Service Manager"

[facts.iro]
type = "user"
label = "Reviewing officer"

[facts.child_name]
type = "text"
label = "Name"
personal = true

[facts.view]
type = "text"
label = "View of the family"
personal = true

[facts.began_on]
type = "date"
label = "Began"
day_phrase = "the day it began"

[facts.visited_on]
type = "date"
label = "Visited"
latest = true

[facts.ended_on]
type = "date"
label = "Ended"

[facts.decided_on]
type = "date"
label = "Decided"
corrected_by = ["iro"]

[messages.decided]
label = "The officer decided"
told_by = ["iro"]
payload = {{ decided_on = "date" }}
sets = {{ decided_on = "decided_on" }}

[messages.papers_sent]
label = "The papers are sent"
told_by = ["panel_administrator"]
payload = {{ sent_on = "date" }}
sets = {{ decided_on = "sent_on" }}

[messages.moved]
label = "The child moved"
payload = {{ moved_on = "date" }}
sets = {{ began_on = "moved_on" }}
notify = ["team_manager"]

[messages.transfer]
label = "The case goes to other people"
payload = {{ social_worker = "user?", team_manager = "user?", iro = "user?" }}
sets = {{ social_worker = "social_worker", team_manager = "team_manager", iro = "iro" }}

[messages.case_closed]
label = "It ends"
payload = {{ closed_on = "date" }}
sets = {{ ended_on = "closed_on" }}

[tracker.columns]
view = {{ label = "View", value = "view" }}
"""

_TASK = """
  <bpmn:userTask id="{id}" name="{id}"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="role" value="{role}" />
    <spiffworkflow:property name="form" value="{id}" />
  </spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>
  <bpmn:sequenceFlow id="to_{id}" sourceRef="fork" targetRef="{id}" />
  <bpmn:sequenceFlow id="from_{id}" sourceRef="{id}" targetRef="join" />
"""


def pack_of(council: str) -> dict[str, bytes]:
    """Return the files of a council's pack."""
    tasks = "".join(_TASK.format(id=id, role=role) for id, role in TASKS.items())
    process = f"""{BPMN_HEAD}
<bpmn:process id="case" name="The case" isExecutable="true">
  <bpmn:startEvent id="opened" /><bpmn:endEvent id="over" />
  <bpmn:parallelGateway id="fork" /><bpmn:parallelGateway id="join" />
  <bpmn:sequenceFlow id="begin" sourceRef="opened" targetRef="fork" />
  <bpmn:sequenceFlow id="end" sourceRef="join" targetRef="over" />{tasks}
</bpmn:process>
</bpmn:definitions>"""
    forms = {
        "case": _form("Open a case", _opening_questions(), ["began"]),
        **{task: _form(task, {"note": _text("Note", "view")}, ["note"]) for task in TASKS},
        "done_with_note": FORMS["done_with_note"],
    }
    return {
        "pack.toml": PACK.format(id=council).encode(),
        "case.bpmn": process.encode(),
        "timescales.dmn": table(rule='""').encode(),
        **{f"forms/{name}.json": json.dumps(form).encode() for name, form in forms.items()},
    }


def _opening_questions() -> dict[str, Any]:
    people = ("social_worker", "team_manager", "service_manager", "iro")
    began = {"type": "string", "format": "date", "title": "When?", "x-fact": "began_on"}
    return {
        "began": began,
        "child_name": _text("Name", "child_name"),
        "view": _text("View", "view"),
        **{role: {**_text(role, role), "x-widget": "user", "x-role": role} for role in people},
    }


def _text(title: str, fact: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": 200, "title": title, "x-fact": fact}


def _form(title: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": title,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def fill(url: str) -> None:
    """Make a training database with both councils and their people, and no case.

    Of each role there are two, `north.iro` and `north.iro_2`; each council has an auditor, a
    process owner and an administrator of its own, and all councils have one of each.
    """
    database.upgrade_schema(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=NOW)
        for role in ("auditor", "process_owner", "administrator"):
            people.add_person(connection, role, display_name=role, roles=[role])
        for council in COUNCILS:
            publish(connection, pack_of(council))
            for role in (*ROLES, "auditor", "process_owner", "administrator"):
                for name in (f"{council}.{role}", f"{council}.{role}_2"):
                    people.add_person(
                        connection,
                        name,
                        display_name=name.replace(".", " ").replace("_", " ").title(),
                        roles=[role],
                        pack=council,
                        manager=f"{council}.team_manager",
                    )
    engine.dispose()


def publish(
    connection: sa.Connection, files: dict[str, bytes], instead_of: str | None = None
) -> str:
    """Put a pack in force as the process owner of all councils; return the version."""
    owner = Actor("process_owner", "Owner", frozenset({"process_owner"}))
    definition = Definition(files)
    ctx = Context(connection, owner, NOW, DOMAIN)
    put_in_force(ctx, definition, reason="First", instead_of=instead_of)
    return definition.hash


class TwoCouncils:
    """The application on one database; `case` is the reference of the case opened last."""

    def __init__(self, url: str) -> None:
        self.engine = database.create_engine(url)
        self.app = take_app(url)
        self.case = ""
        self._tokens: dict[str, str] = {}
        self._pages: dict[str, FlaskClient] = {}

    def close(self) -> None:
        self.engine.dispose()
        give_back(self.app)

    def token(self, person: str) -> str:
        if person not in self._tokens:
            with database.transaction(self.engine) as connection:
                self._tokens[person] = people.create_token(connection, person, now=NOW)
        return self._tokens[person]

    def ask(self, person: str | None, method: str, path: str, **more: Any) -> Any:
        """Send a request as somebody and return the answer: of the API by their token."""
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.token(person)}"} if person else {}
            headers |= more.pop("headers", {})
            return self.app.test_client().open(path, method=method, headers=headers, **more)
        return self.pages(person).open(path, method=method, **more)

    def pages(self, person: str | None) -> FlaskClient:
        """Return a browser in which somebody is signed in; forms need no token in it."""
        key = person or ""
        if key not in self._pages:
            client = self.app.test_client()
            if person is not None:
                with database.transaction(self.engine) as connection:
                    sid = people.open_session(connection, person, now=datetime.now(UTC))
                with client.session_transaction() as session:
                    session["sid"] = sid
            self._pages[key] = client
        return self._pages[key]

    def csrf(self, person: str, page: str) -> str:
        """Return the token of a page's form."""
        found = re.search(
            r'name="csrf_token" value="([^"]+)"',
            self.ask(person, "GET", page).get_data(as_text=True),
        )
        assert found, f"{page} shows {person} no form"
        return found[1]

    def call(
        self, person: str, method: str, path: str, body: Any = None, *, status: int = 200
    ) -> Any:
        """Call the API as somebody and return its JSON; another status fails the test."""
        answer = self.ask(person, method, f"/api/v1{path}", json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.get_data(as_text=True)}"
        return answer.get_json()

    def add_person(self, name: str, roles: list[str]) -> None:
        """Add somebody of the council that their name begins with."""
        council = name.partition(".")[0]
        with database.transaction(self.engine) as connection:
            people.add_person(connection, name, display_name=name, roles=roles, pack=council)

    def republish(self, council: str, path: str, *changes: tuple[str, str]) -> str:
        """Put a council's pack in force with texts of one file replaced: (old, new) each."""
        files = pack_of(council)
        text = files[path].decode()
        for old, new in changes:
            assert old in text, f"{old!r} does not stand in {path}"
            text = text.replace(old, new)
        files[path] = text.encode()
        with database.transaction(self.engine) as connection:
            before = current_definition(connection, council).hash
            return publish(connection, files, instead_of=before)

    def version(self, council: str) -> str:
        """Return the hash of a council's pack in force."""
        with database.reading(self.engine) as connection:
            return current_definition(connection, council).hash

    def open_case(self, council: str = "north", **facts: Any) -> str:
        """Open a case of a council as its social worker; who is given as None is not named."""
        named = ("social_worker", "team_manager", "service_manager", "iro")
        everything = {
            "began": "2026-03-09",
            "child_name": f"Child of the {council}",
            **{role: f"{council}.{role}" for role in named},
            **facts,
        }
        given = {name: value for name, value in everything.items() if value is not None}
        person = f"{council}.social_worker"
        opener = Actor(person, person, frozenset({"social_worker"}), council)
        with database.transaction(self.engine) as connection:
            ctx = Context(connection, opener, NOW, DOMAIN)
            self.case = open_case(ctx, pack=council, answers=given, case_id=uuid4()).ref
        return self.case

    def work(self, name: str, ref: str = "") -> dict[str, Any]:
        """Return an open work item of a case as the auditor of all councils sees it."""
        found = self.call("auditor", "GET", f"/work-items?case={ref or self.case}&name={name}")
        [item] = found["items"]
        return dict(item)

    def path(self, name: str, ref: str = "") -> str:
        return f"/work-items/{self.work(name, ref)['id']}"

    def unknown(self, name: str) -> UUID:
        """Return an id that nothing has."""
        return uuid5(NAMESPACE, name)
