"""A demo.toml that cannot be used is refused by a sentence that names the entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.packs.version import Definition
from tests.builders.world import PACKS, pack_files
from training.demo_check import require_known
from training.demo_file import read_demo
from training.toml_entries import DemoRefused
from web.cli.pack_files import own_packs

OPENED = "[[cases]]\nacts = [{ open = true, ago = 1, answers = { complaint_ref = 'H-1' } }, %s]\n"
BAD = {
    "no TOML": ("[people", "cannot be read as TOML"),
    "an unknown entry": ("[peple]", "'peple' means nothing here. Did you mean 'people'?"),
    "an unknown role": ("[people]\nsecond = ['boss']", "people.second: there is no role 'boss'"),
    "names that are no texts": ("[people]\nnames = [1]", "people.names must be a list of texts"),
    "nothing opened": (
        "[[cases]]\nacts = [{ do = 'respond_stage_1', ago = 1 }]",
        "cases[1]: its acts must begin with the one that opens it",
    ),
    "two things at once": (OPENED % "{ do = 'a', report = 'b', ago = 1 }", "says do and report"),
    "no day": (OPENED % "{ do = 'respond_stage_1' }", "cases[1].acts[2]: it must say when"),
    "an hour that there is not": (
        OPENED % "{ do = 'respond_stage_1', ago = 1, hour = 25 }",
        "hour must be a whole number from 0 to 23",
    ),
    "repeated without end": (
        OPENED % "{ do = 'respond_stage_1', ago = 1, every = 3 }",
        "needs every and until",
    ),
    "an unknown task": (
        OPENED % "{ do = 'respond_stage1', ago = 1 }",
        "cases[1].acts[2]: there is no task 'respond_stage1'. Did you mean 'respond_stage_1'?",
    ),
    "an unknown message": (
        OPENED % "{ report = 'withdrawn', ago = 1 }",
        "cases[1].acts[2]: there is no message 'withdrawn'",
    ),
    "an unknown question": (
        OPENED % "{ do = 'respond_stage_1', ago = 1, answers = { decison = 'upheld' } }",
        "cases[1].acts[2].answers: there is no question 'decison'. Did you mean 'decision'?",
    ),
    "an unknown kind": (
        "[[cases]]\nkind = 'appeal'\nacts = [{ open = true, ago = 1 }]",
        "cases[1]: there is no kind of case 'appeal'",
    ),
    "a formula outside the language": (
        "[simulation.opening]\nwhat = 'import os'",
        "simulation.opening.what: 'import os'",
    ),
    "a likelihood above one": ("[simulation.often]\ntransfer = 2", "a number from 0 to 1"),
    "answers to no form": ("[simulation.answers.nothing]\na = 1", "there is no form 'nothing'"),
    "a state of no days": (
        "[[simulation.states]]\nname = 'a'\ncame = [5, 2]",
        "came must be two numbers of days",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name: str) -> None:
    text, words = BAD[name]

    with pytest.raises(DemoRefused) as refused:
        require_known(read_demo("complaints", text.encode()), Definition(pack_files("complaints")))

    assert str(refused.value).startswith("demo.toml of complaints: ")
    assert words in str(refused.value)


@pytest.mark.parametrize("folder", own_packs(), ids=lambda folder: folder.name)
def test_each_that_ships_names_what_its_pack_has(folder: Path) -> None:
    demo = read_demo(folder.name, (folder / "demo.toml").read_bytes())

    require_known(demo, Definition(pack_files(folder.name)))

    assert demo.cases
    assert demo.rules.states


def test_it_is_no_part_of_the_version() -> None:
    assert (PACKS / "complaints" / "demo.toml").is_file()
    assert "demo.toml" not in pack_files("complaints")
