"""docs/architecture.md shows the code as it is: its picture, its table of folders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scripts import draw_architecture
from scripts.draw_architecture import Room, imports, rooms

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs/architecture.md"

_ROW = re.compile(r"^\| `([a-z_.]+)` \| (.+) \|$", re.MULTILINE)


def says(room: Room) -> str:
    """Return the first line of a folder's own words."""
    place = ROOT / room.name.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return docstring.partition("\n")[0]


class TestThePage:
    def test_shows_the_picture_that_the_script_draws_now(self) -> None:
        kept = draw_architecture.PICTURE.read_text("utf-8")

        assert kept == draw_architecture.draw(), "python -m scripts.draw_architecture draws it anew"

    def test_says_of_each_folder_what_the_folder_says(self) -> None:
        told = _ROW.findall(PAGE.read_text("utf-8"))

        assert told == [(room.name, says(room)) for room in rooms()]


class TestThePicture:
    def test_holds_every_folder_of_the_product(self) -> None:
        shown = {room.name for room in rooms()}
        there = {"training", "workflows"}
        for house in ("engine", "web"):
            inside = (ROOT / house).iterdir()
            there |= {
                f"{house}.{each.stem}"
                for each in inside
                if (each / "__init__.py").is_file() or each.suffix == ".py"
            }

        assert shown == there - {"engine.__init__", "web.__init__"}

    def test_has_nothing_below_its_diagonal(self) -> None:
        order = [room.name for room in rooms()]
        upwards = [pair for pair in imports(rooms()) if order.index(pair[0]) > order.index(pair[1])]

        assert upwards == []

    @pytest.mark.parametrize(("importer", "imported"), [("engine.step", "engine.bpmn")])
    def test_counts_what_the_code_imports(self, importer: str, imported: str) -> None:
        assert imports(rooms())[importer, imported] > 0
