"""A council whose cases are complaints: every word of its pages comes from its pack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask

from engine.context import Actor, Context
from engine.firing import training_clock
from engine.open_work.case_heads import get_case_head
from engine.packs.version import Definition
from engine.people import people
from engine.reads.search import find_cases
from engine.storage import database
from tests.apps import application
from tests.builders.small_pack import small_pack
from tests.builders.visitor import Visitor, date_fields
from tests.databases import Kind, prepare_database
from tests.publishing import published
from tests.web.conftest import NOW, OWNER
from workflows.permanence.domain import DOMAIN

CHILDS = re.compile(r'\[kinds.child\]\n.*record = "Plan"\n', re.DOTALL)
COMPLAINT = """[kinds.complaint]
title = "Complaint"
one = "complaint"
many = "complaints"
name = "complainant"
reference = "letter"
line = ["letter"]
summary = ["letter", "outcome"]
"""
FACTS = """[facts.complainant]
type = "text"
label = "Complainant"

[facts.letter]
type = "text"
label = "Our letter"

[facts.began_on]"""
ASKED = {
    "complainant": {"type": "string", "title": "Who complains?", "x-fact": "complainant"},
    "letter": {"type": "string", "title": "Which letter?", "x-fact": "letter"},
}
PAYLOAD = 'payload = { moved_on = "date", where = "text?" }\n'
ASKS = """asks = { where = { title = "Where to?", hint = "A town.", longest = 10, lines = true } }
"""
PEOPLE = {"worker": ["social_worker"], "leader": ["team_manager"], "auditor": ["auditor"]}


def complaints() -> dict[str, bytes]:
    """Return the small pack as that of another trade."""
    files = small_pack()
    pack = CHILDS.sub(COMPLAINT, files["pack.toml"].decode())
    pack = pack.replace("[facts.began_on]", FACTS, 1).replace("The child moved", "It moved")
    assert PAYLOAD in pack
    files["pack.toml"] = pack.replace(PAYLOAD, PAYLOAD + ASKS).encode()
    files["case.bpmn"] = files["case.bpmn"].replace(b"Visit the child", b"Answer it")
    form = json.loads(files["forms/case.json"])
    form["properties"] |= ASKED
    files["forms/case.json"] = json.dumps(form).encode()
    return files


def fill(url: str) -> None:
    prepare_database(url)
    engine = database.create_engine(url)
    with database.transaction(engine) as connection:
        training_clock.set_up(connection, mode="training", now=NOW)
        published(Context(connection, OWNER, NOW, DOMAIN), complaints(), reason="First")
        for name, roles in PEOPLE.items():
            people.add_person(
                connection, name, display_name=name.title(), roles=roles, pack="small"
            )
    engine.dispose()


@pytest.fixture
def app(database_kind: Kind, new_database: Callable[..., str]) -> Iterator[Flask]:
    with application(new_database(database_kind, fill=fill)) as app:
        yield app


def open_one(worker: Visitor) -> str:
    worker.open("/cases/open/small")
    fields = {
        **date_fields("began", "2026-03-09"), "worker": "worker", "complainant": "Łucja Example",
        "letter": "C/17", "case_id": str(uuid4()),
    }  # fmt: skip
    return worker.send("/cases/open/small", fields).headers["Location"].split("/")[2]


def words_of(page: str) -> str:
    """Return what a page says, without its mark-up."""
    return re.sub(r"<[^>]+>", " ", page).lower()


def test_its_pages_have_its_own_words(app: Flask) -> None:
    worker = Visitor(app, "worker")
    ref = open_one(worker)
    pages = {
        path: worker.open(path).text
        for path in ("/work", "/your-cases", f"/cases/{ref}", f"/cases/{ref}/comments", "/search")
    }
    pages["found"] = worker.send("/search", {"term": "lucja"}, status=200).text
    pages["nothing"] = worker.send("/search", {"term": "nobody"}, status=200).text
    leader = Visitor(app, "leader")
    pages |= {path: leader.open(path).text for path in ("/people", "/cases/open/small")}
    auditor = Visitor(app)
    auditor.open("/sign-in")
    auditor.send("/sign-in", {"person": "auditor"})
    pages["/cases"] = auditor.open("/cases").text

    assert {path for path, text in pages.items() if "child" in words_of(text)} == set()
    assert "Your complaints" in pages["/work"]
    assert "1 complaint, the next date first" in pages["/your-cases"]
    assert "Find a complaint" in pages["/search"]
    assert "1 complaint with “lucja”" in pages["found"]
    assert "reference C/17" in pages["found"]
    assert f"Complaint {ref}</h1>" in pages[f"/cases/{ref}"]
    assert "Łucja Example" in pages[f"/cases/{ref}"]
    assert f"{ref}, C/17" in pages[f"/cases/{ref}"]
    assert "Everybody who may see this complaint reads it." in pages[f"/cases/{ref}/comments"]


def test_it_is_found_and_named_by_its_own_facts(app: Flask) -> None:
    ref = open_one(Visitor(app, "worker"))
    actor = Actor("auditor", "Auditor", frozenset({"auditor"}))
    with database.reading(app.extensions["permanence"].engine) as connection:
        head = get_case_head(connection, ref)
        found = {
            term: [each.ref for each in find_cases(connection, actor, term, today=NOW.date())]
            for term in ("lucja example", "c/17", "worker", "complaint")
        }
    assert (head.name, head.subject, head.kind) == ("Łucja Example", "Łucja Example", "complaint")
    assert found == {"lucja example": [ref], "c/17": [ref], "worker": [], "complaint": []}


def test_a_message_asks_as_its_pack_says(app: Flask) -> None:
    worker = Visitor(app, "worker")
    path = f"/cases/{open_one(worker)}/messages/moved"
    page = worker.open(path).text
    assert "Where to?" in page
    assert "A town." in page
    assert re.search(r"<textarea[^>]*name=.where", page)

    moved = {**date_fields("moved_on", "2026-03-09"), "where": "Llanfairpwll"}
    refused = worker.send(path, moved, status=422).text
    assert "Llanfairpwll" in refused
    assert "10 characters" in refused


def test_a_kind_that_the_pack_does_not_have_is_none(app: Flask) -> None:
    assert Visitor(app, "worker").client.get("/cases/open/small/child").status_code == 404


def test_packs_from_before_kinds_are_read_as_they_were() -> None:
    files = complaints()
    pack = files["pack.toml"].decode().replace(COMPLAINT, "[opening]\n")
    old = Definition({**files, "pack.toml": pack.encode()}).pack
    assert [(each.id, each.many, each.name) for each in old.kinds.values()] == [
        ("child", "cases", "")
    ]
    assert old.messages["moved"].kind == "child"
