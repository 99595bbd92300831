"""scenarios.toml: what a policy must lead to, told step by step and played by the check."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from tests.builders.world import PACKS
from training.scenario_file import read_scenarios
from training.toml_entries import DemoRefused
from web.cli import main

WITH = sorted(path.parent.name for path in PACKS.glob("*/scenarios.toml"))
Check = Callable[[Path], tuple[int, list[str]]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    def check(folder: Path) -> tuple[int, list[str]]:
        capsys.readouterr()
        status = main(["check", str(folder)])
        return status, capsys.readouterr().out.splitlines()

    return check


@pytest.fixture
def dudley(tmp_path: Path) -> Path:
    """Return a copy of a pack with one scenario alone."""
    folder = copytree(PACKS / "dudley", tmp_path / "dudley")
    told = folder / "scenarios.toml"
    begins, *scenarios = told.read_text().split("[[scenarios]]\n")
    told.write_text("[[scenarios]]\n".join([begins, scenarios[0]]))
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("pack", WITH)
def test_those_of_every_pack_shipped_come_out(check: Check, pack: str):
    assert check(PACKS / pack) == (0, ["Nothing found."])


def test_a_changed_amount_is_found_by_its_outcome(check: Check, dudley: Path):
    table = (dudley / "timescales.dmn").read_text()
    row = table.index('<rule id="ppm_first">')
    at = table.index("<text>10</text>", row)
    changed = table[:at] + "<text>8</text>" + table[at + len("<text>10</text>") :]
    (dudley / "timescales.dmn").write_text(changed)

    status, found = check(dudley)

    assert status == 1
    [said] = [each for each in found if each.startswith("error")]
    assert "scenarios.toml S01: scenarios[1].steps[1] (open child)" in said
    assert "limit of ppm: expected 2026-03-23, and it is 2026-03-19" in said


EXPECTED = {
    "no such task": ('work = ["arrange_ppm"', 'work = ["arange_ppm"', "no task arange_ppm is open"),
    "not what is open": ("cic_review = 2026-04-08", "cic_review = false", "expected not open"),
    "told nobody": ("then = {", 'then = { told = ["iro"],', "roles told: expected iro, and it is"),
    "refused": ('legal_status = "V2"', 'legal_status = "X9"', "it is refused. legal_status"),
    "not refused": ("then = {", 'refused = ["dob"], then = {', "it was to be refused, and went"),
    "nobody": ("then = {", 'by = "chair", then = {', "there is nobody called dudley.chair"),
}


@pytest.mark.parametrize("case", EXPECTED)
def test_what_does_not_come_out_is_named(check: Check, dudley: Path, case: str):
    old, new, words = EXPECTED[case]
    change(dudley / "scenarios.toml", old, new)

    status, found = check(dudley)

    assert status == 1
    assert any(words in each for each in found), found


WRONG = {
    "no TOML": ("[[scenarios", "cannot be read as TOML"),
    "a strange entry": ('[[scenarios]]\nid = "A"\nstep = []', "Did you mean 'steps'?"),
    "no step": ('[[scenarios]]\nid = "A"\nsteps = []', "must begin with the one that opens it"),
    "two things at once": (
        '[[scenarios]]\nid = "A"\nsteps = [{ open = "x", wait = 2026-03-09 }]',
        "scenarios[1].steps[1]: it must say one of open, do, report, correct, wait",
    ),
    "an instant without its zone": (
        '[[scenarios]]\nid = "A"\nsteps = [{ open = "x", on = 2026-03-09T10:00:00 }]',
        "needs its zone",
    ),
    "no day": (
        '[[scenarios]]\nid = "A"\n[[scenarios.steps]]\nopen = "x"\non = 2026-03-09\n'
        "then = { limit = { a = 3 } }",
        "a must be a date, or false",
    ),
    "an id twice": (
        2 * '[[scenarios]]\nid = "A"\nsteps = [{ open = "x", on = 2026-03-09 }]\n',
        "A stands there twice",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_entry_is_named(case: str):
    text, words = WRONG[case]
    with pytest.raises(DemoRefused, match=re.escape(words)):
        read_scenarios(text.encode())
