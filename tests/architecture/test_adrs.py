"""Each decision in docs/adr has its number, its date, its status; links between them hold."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "docs/adr"
DECISIONS = sorted(FOLDER.glob("*.md"))

_TITLE = re.compile(r"# (\d+)\. \S")
_STATUS = re.compile(
    r"(?:Superseded by \[(?P<by>\d+)\]\((?P<file>[\w-]+\.md)\)\. )?"
    r"(?:Proposed|Accepted|Rejected), (?P<day>\d{4}-\d{2}-\d{2})\."
    r"(?: Supersedes \[\d+\]\([\w-]+\.md\)\.)?"
)


def status(text: str) -> re.Match[str] | None:
    """Return the status line: the third, after the title and an empty line."""
    return _STATUS.fullmatch((text.splitlines() + [""] * 3)[2])


@pytest.mark.parametrize("file", DECISIONS, ids=lambda each: each.stem)
class TestEveryDecision:
    def test_has_the_number_of_its_file(self, file: Path) -> None:
        title = _TITLE.match(file.read_text("utf-8"))

        assert title is not None
        assert int(title.group(1)) == int(file.name[:4])

    def test_says_its_status_with_a_date(self, file: Path) -> None:
        found = status(file.read_text("utf-8"))

        assert found is not None
        assert date.fromisoformat(found["day"])

    def test_is_overtaken_by_one_that_says_so(self, file: Path) -> None:
        found = status(file.read_text("utf-8"))

        if found is not None and found["file"]:
            later = (FOLDER / found["file"]).read_text("utf-8")
            assert f"]({file.name})" in later.splitlines()[2]


class TestAllOfThem:
    def test_have_numbers_of_their_own(self) -> None:
        numbers = [each.name[:4] for each in DECISIONS]

        assert sorted(set(numbers)) == numbers


class TestTheSearchItself:
    @pytest.mark.parametrize("line", ["Accepted.", "Accepted, soon.", "2026-11-22", ""])
    def test_finds_a_status_that_is_none(self, line: str) -> None:
        assert status(f"# 1. A\n\n{line}\n") is None
