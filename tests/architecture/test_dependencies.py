"""What the product imports is declared, so that no other package's own needs decide about it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("engine", "workflows", "web", "training")


def imported() -> Iterator[str]:
    """Yield the top packages that the product imports, its own and Python's left out."""
    for package in PRODUCT:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                match node:
                    case ast.Import(names=names):
                        found = [each.name for each in names]
                    case ast.ImportFrom(module=str(module), level=0):
                        found = [module]
                    case _:
                        continue
                tops = {name.partition(".")[0] for name in found}
                yield from tops - set(PRODUCT) - sys.stdlib_module_names


def declared() -> set[str]:
    """Return the distributions that pyproject.toml names, as the index spells them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {normal(re.split(r"[^\w.-]", each)[0]) for each in project["dependencies"]}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class TestDependencies:
    def test_are_declared_where_they_are_imported(self) -> None:
        distributions = packages_distributions()
        needed = {normal(distributions[name][0]) for name in imported()}

        assert needed - declared() == set()
