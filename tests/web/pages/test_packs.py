"""A process owner reads the pack, changes a file, checks it and publishes it."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from flask import Flask

from tests.builders.visitor import Visitor
from tests.web.conftest import open_child, pack_files
from tests.web.pages.test_journey import ARRANGE


@pytest.fixture
def owner(app: Flask) -> Visitor:
    """The process owner, on the pack's page."""
    visitor = Visitor(app)
    visitor.open("/sign-in")
    visitor.send("/sign-in", {"person": "process_owner"})
    visitor.open("/packs/dudley")
    return visitor


def upload(visitor: Visitor, *files: tuple[str, bytes], status: int = 200):
    sent = {"files": [(io.BytesIO(data), name) for name, data in files]}
    return visitor.send("/packs/dudley/check", sent, status=status)


def publish(visitor: Visitor, *, reason: str = "Eight days", status: int = 303):
    found = {
        name: re.search(rf'name="{name}" value="([^"]+)"', visitor.page.text)[1]
        for name in ("based_on", "changed")
    }
    return visitor.send("/packs/dudley/publish", {**found, "reason": reason}, status=status)


def eight_days() -> bytes:
    """The timescales with 10 working days for the first meeting changed to 8."""
    text = pack_files()["timescales.dmn"].decode()
    start = text.index('id="ppm_first"')
    changed = re.sub(r"<text>10</text>", "<text>8</text>", text[start:], count=1)
    return (text[:start] + changed).encode()


class TestRead:
    def test_every_file_can_be_downloaded_byte_for_byte(self, owner: Visitor):
        files = pack_files()
        links = owner.links(r"/versions/[0-9a-f]+/files/[^\"]+")
        assert len(links) == len(files)

        for link in links:
            path = link.split("/files/")[1]
            assert owner.client.get(link).data == files[path]

    def test_p8_a_file_is_saved_and_never_a_page_of_the_council_s(self, owner: Visitor):
        for link in owner.links(r"/versions/[0-9a-f]+/files/[^\"]+"):
            answer = owner.client.get(link)
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.mimetype == "application/octet-stream"

    def test_the_zip_holds_all_of_them(self, owner: Visitor):
        [link] = owner.links(r"/versions/[0-9a-f]+\.zip")
        answer = owner.client.get(link)

        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == pack_files()

    def test_each_drawing_is_told_in_words(self, owner: Visitor):
        links = owner.links(r"/packs/dudley/versions/[0-9a-f]+/processes/\w+")
        assert len(links) == sum(path.endswith(".bpmn") for path in pack_files())

        for link in links:
            assert "steps in order" in owner.open(link).text


class TestPublish:
    def test_changes_the_next_new_case_and_not_the_running_one(self, app: Flask, owner: Visitor):
        worker = Visitor(app, "dudley.social_worker")
        running = open_child(worker)
        diagram = pack_files()["ppm.bpmn"].decode()
        renamed = diagram.replace('name="Arrange', 'name="Set up', 1)
        assert renamed != diagram

        found = upload(owner, ("timescales.dmn", eight_days()), ("ppm.bpmn", renamed.encode()))
        assert "ppm.bpmn, timescales.dmn" in found.text
        page = owner.follow(publish(owner))
        assert "Eight days" in page.text

        new = open_child(worker)
        assert "By Thursday 19 March 2026" in worker.open(f"/cases/{new}").text
        assert "By Monday 23 March 2026" in worker.open(f"/cases/{running}").text

    def test_needs_a_reason(self, owner: Visitor):
        upload(owner, ("timescales.dmn", eight_days()))
        page = publish(owner, reason=" ", status=422)
        assert "Say why" in page.text

        publish(owner)

    def test_is_refused_when_somebody_else_published_meanwhile(self, owner: Visitor):
        upload(owner, ("timescales.dmn", eight_days()))
        older = owner.page
        publish(owner)
        owner.page = older

        page = publish(owner, status=409)
        assert "Somebody published another version" in page.text

    def test_takes_the_whole_pack_as_a_zip(self, owner: Visitor):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, data in {**pack_files(), "timescales.dmn": eight_days()}.items():
                archive.writestr(f"dudley/{path}", data)

        page = upload(owner, ("dudley.zip", buffer.getvalue()))

        assert "version in force: timescales.dmn." in page.text

    def test_is_for_process_owners(self, app: Flask):
        worker = Visitor(app, "dudley.social_worker")
        page = worker.open("/packs/dudley")
        assert "Change this pack" not in page.text
        worker.open("/work")
        worker.send("/packs/dudley/publish", {}, status=403)


class TestCheck:
    def test_names_what_is_wrong_with_a_broken_file(self, owner: Visitor):
        page = upload(owner, ("ppm.bpmn", b"<not a diagram"), status=422)

        assert "Must be mended" in page.text
        assert "ppm.bpmn" in page.text
        assert "Publish for new cases" not in page.text

    def test_says_when_no_file_was_chosen(self, owner: Visitor):
        page = owner.send("/packs/dudley/check", {"files": (io.BytesIO(b""), "")}, status=422)
        assert 'href="#files"' in page.text

    def test_refuses_what_is_no_file_of_a_pack(self, owner: Visitor):
        page = upload(owner, ("letter.docx", b"PK"), status=422)
        assert "letter.docx" in page.text

    def test_refuses_a_zip_that_is_none_or_holds_too_much(self, owner: Visitor):
        upload(owner, ("pack.zip", b"no zip"), status=400)
        owner.open("/packs/dudley")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("case.bpmn", b" " * 20_000_000)
        upload(owner, ("pack.zip", buffer.getvalue()), status=400)

    def test_refuses_files_that_did_not_come_from_the_check(self, owner: Visitor):
        owner.send("/packs/dudley/publish", {"changed": "x", "reason": "y"}, status=400)

    def test_finds_nothing_to_publish_in_the_same_files(self, owner: Visitor):
        page = upload(owner, ("case.bpmn", pack_files()["case.bpmn"]))
        assert "nothing to publish" in page.text


def test_the_running_case_keeps_its_words(app: Flask, owner: Visitor):
    worker = Visitor(app, "dudley.social_worker")
    open_child(worker)
    files = pack_files()
    upload(owner, ("ppm.bpmn", files["ppm.bpmn"].replace(b'name="Arrange', b'name="Set up', 1)))
    publish(owner)

    assert worker.work(ARRANGE)
