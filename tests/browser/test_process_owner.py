"""A process owner changes the policy; an auditor sees each case on the version it began on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser import editor
from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.test_first_meeting import open_case
from tests.builders.world import ARRANGE

OLD = "Arrange the Permanence Planning Meeting"
NEW = "Set up the Permanence Planning Meeting"
REVIEW = "20 working days after 9 March 2026"


def download(owner: Person, name: str, folder: Path) -> Path:
    """Download a file of the pack as the browser does, and return where it was saved."""
    with owner.page.expect_download() as waiting:
        owner.page.get_by_role("link", name=name, exact=True).click()
    assert waiting.value.suggested_filename == name
    file = folder / name
    waiting.value.save_as(file)
    return file


def upload(owner: Person, *files: Path) -> None:
    """Send files from the pack's page to be checked."""
    owner.page.locator("input[type=file]").set_input_files(files)
    owner.press("Check the files")


def meeting_duty(person: Person, ref: str) -> str:
    """Return what a child's page says of the next meeting's limit."""
    person.open(f"/cases/{ref}")
    duty = person.page.get_by_role("region", name="Permanence Planning Meeting", exact=True)
    return duty.inner_text()


class TestChangeThePolicy:
    def test_changes_new_cases_and_no_running_one(
        self, child: str, worker: Person, new_person: NewPerson, tmp_path: Path
    ):
        owner = new_person("process_owner")
        self.publish(owner, tmp_path)

        worker.open("/work")
        ref = open_case(worker, child_ref="LCS-2", child_name="Alex Other")
        assert f"{NEW}: Social Worker, by Thursday 12 March 2026" in worker.read()
        changed = meeting_duty(worker, ref)
        assert "By Thursday 19 March 2026" in changed
        assert "8 working days after 9 March 2026" in changed
        review = worker.page.get_by_role("region", name="Child in care review")
        expect(review).to_contain_text(REVIEW)

        before = meeting_duty(worker, child)
        assert "By Monday 23 March 2026" in before
        assert "10 working days after 9 March 2026" in before
        assert OLD in worker.read()
        assert NEW not in worker.read()
        expect(worker.page.get_by_role("region", name="Child in care review")).to_contain_text(
            REVIEW
        )

        for title, case in ((OLD, child), (NEW, ref)):
            worker.open(f"/cases/{case}")
            worker.follow(title)
            worker.answer({**ARRANGE, "meeting_date": "2026-03-16"})
            worker.press("Submit")
        auditor = new_person("auditor")
        auditor.expect_address("/cases")
        versions = {
            self.step_through(auditor, child, OLD),
            self.step_through(auditor, ref, NEW),
        }
        assert len(versions) == 2

    def publish(self, owner: Person, folder: Path) -> None:
        """Download, edit, upload, read the findings, publish with a reason."""
        owner.expect_address("/packs")
        owner.follow("Dudley")
        table = download(owner, "timescales.dmn", folder)
        diagram = download(owner, "ppm.bpmn", folder)
        editor.change_first_meeting(table, days=8)
        editor.rename(diagram, "arrange_ppm", NEW)

        upload(owner, table, diagram)
        findings = owner.read()
        assert "Changed against the version in force: ppm.bpmn, timescales.dmn." in findings
        assert "The diagram says 'Within 10 working days'" in findings
        assert "says 8 working days. Change one of them." in findings
        assert "Must be mended" not in findings

        owner.press("Publish for new cases")
        expect(owner.page.locator(".govuk-error-summary")).to_be_focused()
        owner.page.locator("#reason").fill("We want to meet sooner")
        owner.press("Publish for new cases")
        assert "Published. New cases run on it from now on" in owner.read()
        expect(
            owner.page.get_by_role("row").filter(has_text="We want to meet sooner")
        ).to_have_count(1)
        assert "2 versions, newest first" in owner.read()

    def step_through(self, auditor: Person, ref: str, label: str) -> str:
        """Step from the first event to the last and back; return the version, the same at each."""
        auditor.open("/cases")
        auditor.page.get_by_role("row", name=ref).get_by_role("link", name="2 events").click()
        auditor.look()
        auditor.follow("Permanence Planning Meeting", exact=True)
        seen = []
        for step, number in (("First", 1), ("Next", 2), ("Previous", 1), ("Last", 2)):
            auditor.follow(step, exact=True)
            assert f"event {number} of 2" in auditor.page.title()
            self.expect_label(auditor, label)
            marker = "app-done" if number == 2 else "app-waiting"
            task = auditor.page.locator(f".djs-element.{marker}[data-element-id=arrange_ppm]")
            expect(task).to_be_attached()
            seen.append(auditor.page.locator("#where + p .app-hash").inner_text())
        assert len(set(seen)) == 1
        return seen[0]

    def expect_label(self, auditor: Person, label: str) -> None:
        """The drawing shows the task by this label; it is broken into lines there."""
        text = auditor.page.locator("[data-element-id=arrange_ppm] > .djs-visual text")
        assert text.text_content().replace(" ", "") == label.replace(" ", "")


class TestUploadSomethingBroken:
    def test_says_what_to_mend_and_publishes_nothing(self, new_person: NewPerson, tmp_path: Path):
        owner = new_person("process_owner")
        owner.open("/packs/dudley")
        diagram = download(owner, "ppm.bpmn", tmp_path)
        editor.take_out_of_its_lane(diagram, "arrange_ppm")

        upload(owner, diagram)
        findings = owner.read()
        assert f"The task '{OLD}' has no lane" in findings
        assert "Must be mended" in findings
        expect(owner.button("Publish for new cases")).to_have_count(0)

        owner.follow("Back to the pack")
        diagram.write_text("Dear colleagues, here is the diagram.", encoding="utf-8")
        upload(owner, diagram)
        findings = owner.read()
        assert "ppm.bpmn" in findings
        assert "Must be mended" in findings
        expect(owner.button("Publish for new cases")).to_have_count(0)
        owner.follow("Back to the pack")
        assert "1 version, newest first" in owner.read()
