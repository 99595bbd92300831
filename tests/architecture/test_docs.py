"""The guides name what exists: links, commands with their options, modules, files."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.cli import command_line

ROOT = Path(__file__).parent.parent.parent
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMED = [guide.relative_to(ROOT).as_posix() for guide in GUIDES]

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_COMMAND = re.compile(r"(?:`|\.venv/bin/)permanence ((?:\\\n|[^\n`])+)")
_PLACE = re.compile(
    r"(?<![\w/])(?:engine|web|training|workflows|tests|scripts|bpmn_diagrams)"
    r"/[\w/-]+\.(?:py|sh|html)\b"
)
_DEFINED = re.compile(r"`(\w+(?:\.\w+)?)`\s+(?:in|of)\s+(?:`|\[)([\w/]+\.py)(?:`|\])")


def links(text: str) -> list[str]:
    """Return the targets of a guide's links, those inside code left out."""
    return _LINK.findall(_FENCED.sub("", text))


def anchors(text: str) -> set[str]:
    """Return what `#…` may name in a guide: headings as web sites write them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(_FENCED.sub("", text))
    }


def is_broken(guide: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return False
    path, _, anchor = target.partition("#")
    found = guide.parent / path if path else guide
    if not found.exists():
        return True
    return bool(anchor) and anchor not in anchors(found.read_text("utf-8"))


def defined(source: str) -> set[str]:
    """Return what a module defines: its functions, classes with their methods, constants."""
    found = set()
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name, body=body):
                methods = [each.name for each in body if isinstance(each, ast.FunctionDef)]
                found |= {name, *(f"{name}.{each}" for each in methods)}
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words after `permanence` where a guide shows a command as code."""
    for line in _COMMAND.findall(text):
        yield line.replace("\\\n", " ").split()


def what_is_unknown(words: list[str]) -> str | None:
    """Return the first word of a command that the command line does not know, or None."""
    parser = command_line._parser()
    rest = list(words)
    while (choices := _choices(parser)) is not None:
        if not rest or rest[0] not in choices:
            return rest[0] if rest else "a command is missing"
        parser = choices[rest.pop(0)]
    return next((w for w in rest if w.startswith("--") and w not in _options(parser)), None)


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser] | None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return None


def _options(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("name", NAMED)
class TestEveryGuide:
    def test_links_to_what_is_there(self, name: str) -> None:
        guide = ROOT / name

        broken = [each for each in links(guide.read_text("utf-8")) if is_broken(guide, each)]

        assert broken == []

    def test_names_commands_that_exist(self, name: str) -> None:
        shown = [(words, what_is_unknown(words)) for words in commands((ROOT / name).read_text())]

        assert [" ".join(words) for words, unknown in shown if unknown] == []

    def test_names_modules_that_exist(self, name: str) -> None:
        named = set(_PLACE.findall((ROOT / name).read_text("utf-8")))

        assert sorted(place for place in named if not (ROOT / place).is_file()) == []

    def test_names_functions_where_they_are(self, name: str) -> None:
        named = _DEFINED.findall((ROOT / name).read_text("utf-8"))
        product = [(each, place) for each, place in named if (ROOT / place).is_file()]

        wrong = [
            (each, place)
            for each, place in product
            if each not in defined((ROOT / place).read_text("utf-8"))
        ]
        assert wrong == []


class TestTheSearchesThemselves:
    def test_find_what_is_said_to_stand_in_a_module(self) -> None:
        assert _DEFINED.findall("`A.b` in `web/c.py`, `d`\nof [web/e.py](web/e.py)") == [
            ("A.b", "web/c.py"),
            ("d", "web/e.py"),
        ]
        assert defined("A = 1\nclass B:\n    def c(self): ...\n") == {"A", "B", "B.c"}

    def test_find_commands_and_what_is_wrong_with_them(self) -> None:
        text = "`permanence veryfy`\n\n    .venv/bin/permanence init --dema\n\npermanence is good\n"

        assert [what_is_unknown(words) for words in commands(text)] == ["veryfy", "--dema"]

    def test_find_a_link_to_nothing(self) -> None:
        guide = ROOT / "README.md"

        assert links("[a](docs) [b](docs/no.md) [c](#no)") == [
            "docs",
            "docs/no.md",
            "#no",
        ]
        assert not is_broken(guide, "docs")
        assert is_broken(guide, "docs/no.md")
        assert is_broken(guide, "#no-such-heading")
