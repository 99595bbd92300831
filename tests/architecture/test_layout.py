"""Rules about the code that import-linter cannot state."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("engine", "workflows", "web")

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def is_commit(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "commit"


def runs_text(node: ast.Call) -> bool:
    """A call of the builtin eval, exec or compile, however it is reached."""
    match node.func:
        case ast.Name(id="eval" | "exec" | "compile" | "__import__"):
            return True
        case ast.Attribute(value=ast.Name(id="builtins" | "__builtins__")):
            return True
    return False


def reads_clock(node: ast.Call) -> bool:
    """datetime.now(), datetime.datetime.now(), date.today(), time.time() and their like."""
    match node.func:
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return (owner, name) in CLOCKS
        case ast.Attribute(value=ast.Attribute(attr=owner), attr=name):
            return (owner, name) in CLOCKS
    return False


def calls(source: str, wanted: Callable[[ast.Call], bool]) -> list[int]:
    """Return the line numbers of the calls in `source` that `wanted` picks."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and wanted(node)
    ]


def find_in_product(
    wanted: Callable[[ast.Call], bool], packages: tuple[str, ...] = PRODUCT
) -> Iterator[str]:
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            yield from (f"{name}:{line}" for line in calls(file.read_text("utf-8"), wanted))


class TestProduct:
    def test_commits_in_one_place_only(self) -> None:
        places = {found.partition(":")[0] for found in find_in_product(is_commit)}

        assert places <= {"engine/storage/database.py"}

    def test_never_runs_text_as_code(self) -> None:
        assert list(find_in_product(runs_text)) == []

    def test_reads_no_clock_below_web(self) -> None:
        found = find_in_product(reads_clock, ("engine", "workflows"))

        assert [place for place in found if not place.startswith("engine/firing/loop.py:")] == []


class TestTheSearchesThemselves:
    @pytest.mark.parametrize(
        ("wanted", "source"),
        [
            (is_commit, "session.commit()"),
            (is_commit, "self.session.connection().commit()"),
            (runs_text, "eval('1')"),
            (runs_text, "builtins.exec('1')"),
            (reads_clock, "datetime.now(UTC)"),
            (reads_clock, "datetime.datetime.now()"),
            (reads_clock, "dt.date.today()"),
            (reads_clock, "time.time()"),
        ],
    )
    def test_find_what_they_look_for(self, wanted: Callable[[ast.Call], bool], source: str) -> None:
        assert calls(source, wanted) == [1]

    @pytest.mark.parametrize(
        ("wanted", "source"),
        [
            (is_commit, "commit()"),
            (runs_text, "evaluator.eval('1')"),
            (reads_clock, "clock.now()"),
            (reads_clock, "time.perf_counter()"),
        ],
    )
    def test_leave_other_calls_alone(self, wanted: Callable[[ast.Call], bool], source: str) -> None:
        assert calls(source, wanted) == []
