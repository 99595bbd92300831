"""A whole pack is tried in a child process: what only running shows becomes a finding."""

import resource
from pathlib import Path

import pytest

from engine.errors import Finding
from engine.publishing.check import check_definition, check_files
from engine.publishing.dry_run import environment
from engine.storage.published_versions import Definition
from tests.builders.small_pack import small_pack, with_change
from tests.engine.publishing.corpus.structure import RUNNING
from web.cli.pack_files import own_packs, read_pack
from workflows.permanence.domain import DOMAIN

PHRASES = {
    "loop that a value keeps going": ("error", "The loop around 'work' never waits"),
    "timer that is always due": ("error", "The loop around 'tick' never waits"),
    "nine thousand at once": ("error", "Too large: running the process 'Follow-up'"),
    "eight thousand in two layers": ("error", "Too large: running the process 'Follow-up'"),
    "join that one of two reaches": ("warning", "stops at 'join' for ever"),
    "number and text": ("warning", "'adds' failed: 'policy + 1'"),
    "a list that doubles": ("warning", "'doubles' failed: '[t, t]': the value is too large"),
}


def dry_run(files: dict[str, bytes]) -> list[Finding]:
    return [each for each in check_files(files, domain=DOMAIN) if each.rule == "dry-run"]


def children_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


@pytest.mark.parametrize("hostile", RUNNING, ids=lambda hostile: hostile.name)
def test_what_running_shows_is_told_with_its_element(hostile) -> None:
    severity, phrase = PHRASES[hostile.name]
    found = [each for each in dry_run(hostile.files) if each.element == hostile.element]
    assert {(each.severity, each.file) for each in found} == {(severity, hostile.path)}
    assert phrase in found[0].message


@pytest.mark.parametrize("folder", own_packs(), ids=lambda folder: folder.name)
def test_each_pack_that_ships_runs_without_a_finding(folder: Path) -> None:
    assert dry_run(read_pack(folder)) == []


def test_the_same_pack_is_tried_once() -> None:
    definition = Definition(with_change("pack.toml", "A small pack", "A pack tried once"))
    before = children_seconds()
    check_definition(definition, domain=DOMAIN)
    once = children_seconds()
    check_definition(definition, domain=DOMAIN)
    assert before < once == children_seconds()


def test_the_child_is_told_nothing_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", "postgresql://somebody:secret@localhost/x")
    assert not [name for name in environment() if name.startswith("PERMANENCE")]
    assert "secret" not in "".join(environment().values())


def test_a_finding_of_the_static_checks_spares_the_run() -> None:
    files = {**RUNNING[0].files, "missed.bpmn": b"<x/>"}
    assert {each.rule for each in check_files(files, domain=DOMAIN)} >= {"not-bpmn"}
    assert dry_run(files) == []


def test_the_small_pack_runs_without_a_finding() -> None:
    assert dry_run(small_pack()) == []
