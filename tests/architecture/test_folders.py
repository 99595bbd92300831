"""The first words of each folder say what it is for, where to enter, and what it rests on.

`__init__` docstrings end with "Front doors:", a line a module that other folders import, and
"Imports:", the folders that this one does. Both are held against the imports, both ways.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("engine", "web", "training", "workflows")
PACKAGE = "the package"
COMMAND = "web.cli"
"""What the installed command enters."""

_DOOR = re.compile(r"^    ([a-z_]+|the package): \S")


def folders() -> list[Path]:
    """Return the folders of modules that explain themselves."""
    inner = [
        each.parent for top in ("engine", "web") for each in (ROOT / top).glob("*/__init__.py")
    ]
    return sorted([*inner, ROOT / "training"])


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(file): file for top in PRODUCT for file in (ROOT / top).rglob("*.py")}
FOLDERS = {dotted(folder): folder for folder in folders()}


def home(module: str) -> str:
    """Return the folder that a module belongs to; a module that stands alone is its own."""
    parts = module.split(".")
    for size in (2, 1):
        if ".".join(parts[:size]) in FOLDERS:
            return ".".join(parts[:size])
    return ".".join(parts[:2])


def imported(source: str) -> Iterator[str]:
    """Yield the modules of the product that a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PRODUCT):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def arrows() -> dict[str, set[str]]:
    """Return folder or lone module -> the modules of others that it imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, file in MODULES.items():
        for target in imported(file.read_text("utf-8")):
            if home(target) != home(module):
                found[home(module)].add(target)
    return found


ARROWS = arrows()


def doors_used(folder: str) -> set[str]:
    """Return the modules of a folder that others import; the package itself under its words."""
    targets = {each for each in set().union(*ARROWS.values(), {COMMAND}) if home(each) == folder}
    return {PACKAGE if each == folder else each.removeprefix(f"{folder}.") for each in targets}


def folders_imported(folder: str) -> set[str]:
    """Return what a folder imports: in the engine by the last word, elsewhere in full."""
    homes = {home(each) for each in ARROWS[folder]}
    inside = folder.startswith("engine.")
    return {each.removeprefix("engine.") if inside else each for each in homes}


def said(docstring: str) -> tuple[set[str], set[str]]:
    """Return (front doors, imports) as a docstring has them."""
    doors = {m.group(1) for line in docstring.splitlines() if (m := _DOOR.match(line))}
    text = docstring.partition("\nImports: ")[2].replace("\n", " ").rstrip(" .")
    named = {each.strip() for each in text.split(",") if each.strip()}
    return doors, named - {"nothing of the project"}


@pytest.mark.parametrize("folder", sorted(FOLDERS))
class TestEveryFolder:
    def test_names_the_doors_that_others_use(self, folder: str) -> None:
        docstring = ast.get_docstring(ast.parse(MODULES[folder].read_text("utf-8"))) or ""

        assert said(docstring)[0] == doors_used(folder)

    def test_names_what_it_imports(self, folder: str) -> None:
        docstring = ast.get_docstring(ast.parse(MODULES[folder].read_text("utf-8"))) or ""

        assert said(docstring)[1] == folders_imported(folder)


class TestTheEngine:
    def test_is_seen_at_a_glance(self) -> None:
        files = [each.name for each in (ROOT / "engine").glob("*.py")]
        inner = [name for name in FOLDERS if name.startswith("engine.")]

        assert len(files) <= 6
        assert len(inner) <= 14


class TestTheSearchItself:
    def test_reads_doors_and_imports(self) -> None:
        text = "A job.\n\nFront doors:\n    one: a\n    the package: b\n\nImports: x, y.z,\nw.\n"

        assert said(text) == ({"one", "the package"}, {"x", "y.z", "w"})
