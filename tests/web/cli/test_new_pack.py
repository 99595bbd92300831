"""From `permanence new-pack` to a running case: an amount, a task, a form and a role changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps import give_back, take_app
from web.cli import main
from web.cli.pack_files import own_packs, read_pack

MINUTES = {
    "$id": "send_minutes",
    "title": "Send the minutes",
    "type": "object",
    "properties": {
        "sent": {"type": "string", "format": "date", "title": "When were the minutes sent?"}
    },
    "required": ["sent"],
    "additionalProperties": False,
}
CHAIR = """[roles.chair]
label = "Chair"
work_goes_to = "pool"
unallocated_goes_to = "manager"

[roles.manager]"""
TASK = """<bpmn:userTask id="send_minutes" name="Send the minutes">
      <bpmn:documentation>The minutes go to everybody who was there.</bpmn:documentation>
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="role" value="chair" />
        <spiffworkflow:property name="form" value="send_minutes" />
      </spiffworkflow:properties></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="to_the_end" sourceRef="send_minutes" targetRef="case_ended" />
    <bpmn:endEvent id="case_ended\""""
DRAWN = """<bpmndi:BPMNShape id="send_minutes_di" bpmnElement="send_minutes">
        <dc:Bounds x="580" y="290" width="160" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="to_the_end_di" bpmnElement="to_the_end">
        <di:waypoint x="740" y="330" />
        <di:waypoint x="790" y="330" />
        <di:waypoint x="790" y="208" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNShape id="case_ended_di\""""


class Terminal:
    """Runs commands, counts them, and keeps what the last one printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.commands = 0

    def run(self, *line: str, fails: bool = False) -> str:
        self.commands += 1
        self._capsys.readouterr()
        assert main(list(line)) == int(fails), self._capsys.readouterr().err
        printed = self._capsys.readouterr()
        return printed.out + printed.err if fails else printed.out


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def change(file: Path, *changes: tuple[str, str]) -> None:
    """Replace texts that stand once in a file, as in a text editor."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_a_new_pack_with_an_amount_a_task_a_form_and_a_role_of_its_own(
    terminal: Terminal,
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PERMANENCE_MODE", "training")
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", database_url)
    terminal.run("new-pack", "allotments", "--in", str(tmp_path))
    folder = tmp_path / "allotments"
    change(folder / "timescales.dmn", ("<text>10</text>", "<text>8</text>"))
    change(folder / "pack.toml", ("[roles.manager]", CHAIR))
    change(
        folder / "case.bpmn",
        ('<bpmn:endEvent id="case_ended"', TASK),
        ('name="No" sourceRef="another_meeting" targetRef="case_ended"',
         'name="No" sourceRef="another_meeting" targetRef="send_minutes"'),
        ('<bpmndi:BPMNShape id="case_ended_di"', DRAWN),
        ('<di:waypoint x="685" y="190" />\n        <di:waypoint x="772" y="190" />',
         '<di:waypoint x="660" y="215" />\n        <di:waypoint x="660" y="290" />'),
    )  # fmt: skip
    (folder / "forms" / "send_minutes.json").write_text(json.dumps(MINUTES), encoding="utf-8")

    # What the policy led to before is told, with what it leads to now.
    assert "2 errors found" in terminal.run("check", str(folder), fails=True)
    change(
        folder / "scenarios.toml",
        ("meeting = 2026-03-23", "meeting = 2026-03-19"),
        ("meeting = 2026-04-07", "meeting = 2026-04-01"),
    )
    assert terminal.run("check", str(folder)) == "Nothing found.\n"
    terminal.run("init", "--demo", "--pack", str(folder))
    facts = tmp_path / "facts.json"
    facts.write_text('{"reference": "A-7", "name": "Plot 7", "began": "2026-03-16"}')
    opened = ("case", "open", "--pack", "allotments", "--facts", str(facts))
    ref = terminal.run(*opened, "--user", "allotments.worker").strip()
    shown = terminal.run("case", "show", ref)
    # 8 working days after Monday 16 March.
    assert "deadline  meeting  2026-03-26  open" in shown
    held = {"held": "2026-03-16", "decision": "It is let.", "another": False}
    tokens = {
        role: terminal.run("token", "create", "--user", f"allotments.{role}").strip()
        for role in ("worker", "chair")
    }
    complete(database_url, tokens["worker"], ref, "hold_meeting", held)
    assert "work      send_minutes  chair" in terminal.run("case", "show", ref)
    complete(database_url, tokens["chair"], ref, "send_minutes", {"sent": "2026-03-16"})
    assert ref + "  allotments P-1  closed" in terminal.run("case", "show", ref)
    terminal.run("verify")
    assert terminal.commands < 20


def complete(url: str, token: str, ref: str, name: str, answers: dict[str, Any]) -> None:
    """Complete the open task of that name over HTTP."""
    app = take_app(url)
    headers = {"Authorization": f"Bearer {token}"}
    listed = app.test_client().get(f"/api/v1/work-items?case={ref}&name={name}", headers=headers)
    [item] = listed.get_json()["items"]
    path = f"/api/v1/work-items/{item['id']}/completion"
    done = app.test_client().post(path, headers=headers, json={"answers": answers})
    assert done.status_code == 200, done.get_data(as_text=True)
    give_back(app)


def test_it_lasts_in_a_simulation(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("new-pack", "allotments", "--in", str(tmp_path))

    printed = terminal.run(
        "simulate", "--pack", str(tmp_path / "allotments"), "--cases", "2", "--days", "60", "--json"
    )

    figures = json.loads(printed)
    assert (figures["lasted"], figures["problems"]) == (60, [])
    assert figures["done"]["hold_meeting"] >= 2


@pytest.mark.parametrize("source", [folder.name for folder in own_packs()])
def test_a_copy_runs_under_its_own_id(terminal: Terminal, tmp_path: Path, source: str) -> None:
    terminal.run("new-pack", "copied", "--from", source, "--in", str(tmp_path))

    assert terminal.run("check", str(tmp_path / "copied")) == "Nothing found.\n"
    text = (tmp_path / "copied" / "demo.toml").read_text(encoding="utf-8")
    assert f"{source}." not in text
    copied, original = read_pack(tmp_path / "copied"), read_pack(own_packs_by_id()[source])
    assert {path for path in original if copied[path] != original[path]} == {"pack.toml"}


def own_packs_by_id() -> dict[str, Path]:
    return {folder.name: folder for folder in own_packs()}


def test_without_made_up_people_there_is_one_for_each_role(
    terminal: Terminal,
    tmp_path: Path,
    new_database: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PERMANENCE_MODE", "training")
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", new_database("sqlite"))
    terminal.run("new-pack", "allotments", "--in", str(tmp_path))
    folder = tmp_path / "allotments"
    (folder / "demo.toml").unlink()
    begin = ("init", "--demo", "--pack", str(folder))

    refused = terminal.run(*begin, "--caseload", "2", fails=True)
    printed = json.loads(terminal.run(*begin, "--json"))
    monkeypatch.delenv("PERMANENCE_MODE")
    figures = json.loads(
        terminal.run("simulate", "--pack", str(folder), "--cases", "1", "--days", "30", "--json")
    )

    assert "needs [[simulation.states]]" in refused
    # The worker and the manager, and those of no pack.
    assert (printed["people"], printed["cases"]) == (2 + 3, 0)
    assert (figures["lasted"], figures["problems"]) == (30, [])


def test_a_check_reads_the_made_up_people_too(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("new-pack", "allotments", "--in", str(tmp_path))
    folder = tmp_path / "allotments"
    change(folder / "demo.toml", ('do = "hold_meeting"', 'do = "hold_meting"'))

    checked = terminal.run("check", str(folder), fails=True)
    simulated = terminal.run("simulate", "--pack", str(folder), fails=True)

    words = "cases[2].acts[2]: there is no task 'hold_meting'. Did you mean 'hold_meeting'?"
    assert f"error: demo.toml: {words}" in checked
    assert f"demo.toml of allotments: {words}" in simulated


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["My pack"], "is no id: write small letters"),
        (["mine", "--from", "nowhere"], "There is no pack nowhere"),
        (["there"], "is there already"),
    ],
)
def test_what_cannot_be_written_is_refused(
    terminal: Terminal, tmp_path: Path, line: list[str], words: str
) -> None:
    (tmp_path / "there").mkdir()

    assert words in terminal.run("new-pack", *line, "--in", str(tmp_path), fails=True)
