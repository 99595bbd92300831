"""The project cites what a reader of it has: no plan or note that was never part of it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CODE = ("engine", "web", "training", "workflows", "scripts", "tests")
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAPERS = "DESIGN|DOMAIN|PAGES|PACK|FIDELITY|HOUSE|CASES|STYLE|SPIFFWORKFLOW"
"""Names that notes about the project have had."""

_NAMED = re.compile(rf"\b({PAPERS})\b(?!_)")
_CITED = re.compile(
    rf"\b(?:{PAPERS})(?:\.md| section \d| [A-Z]\b|'s\b)|\.\./shared|\bshared/|\bscenario S\d"
)
_FILE = re.compile(r"\b[A-Z][A-Z_-]+\.md\b")
_CODE = re.compile(r"`([A-Z_]+)`")
KNOWN = {each.name for each in TEXTS}


def prose(source: str) -> Iterator[str]:
    """Yield the comments and docstrings of a module."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def names(source: str) -> set[str]:
    """Return what a module calls by name: its own constants may be spoken of."""
    nodes = list(ast.walk(ast.parse(source)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    return used | {node.name for node in nodes if isinstance(node, ast.alias)}


def strangers(text: str, known: set[str]) -> set[str]:
    """Return what `text` cites that the project does not contain."""
    cited = {match.group() for match in _CITED.finditer(text)}
    cited |= {match.group() for match in _NAMED.finditer(text) if match.group() not in known}
    return cited | {each for each in _FILE.findall(text) if each not in KNOWN}


def modules() -> list[Path]:
    here = Path(__file__)
    found = [each for folder in CODE for each in (ROOT / folder).rglob("*.py") if each != here]
    return sorted(found)


def _unless_constant(match: re.Match[str]) -> str:
    """Return nothing for a constant of the code, which a guide may name as `CODE`."""
    return "" if match.group(1) in CONSTANTS else match.group()


CONSTANTS = set().union(*(names(file.read_text("utf-8")) for file in modules()))


class TestTheProject:
    def test_cites_in_its_code_only_what_it_contains(self) -> None:
        found = {}
        for file in modules():
            source = file.read_text("utf-8")
            own = names(source)
            if cited := set().union(*(strangers(text, own) for text in prose(source))):
                found[file.relative_to(ROOT).as_posix()] = cited

        assert found == {}

    @pytest.mark.parametrize("guide", TEXTS, ids=lambda each: each.name)
    def test_cites_in_its_guides_only_what_it_contains(self, guide: Path) -> None:
        text = _CODE.sub(_unless_constant, guide.read_text("utf-8"))

        assert strangers(text, set()) == set()


class TestTheSearchItself:
    def test_tells_a_constant_from_a_paper(self) -> None:
        source = '"""As PACK.md says; see DOMAIN D. Fills CASES."""\nCASES = DOMAIN\n'

        [text] = prose(source)

        assert strangers(text, names(source)) == {"PACK", "PACK.md", "DOMAIN D"}
