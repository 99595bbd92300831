"""Print how much of each folder the last `make test COVERAGE=1` reached.

    python scripts/coverage_by_folder.py

Reads .coverage. The per cent are of statements and branches together; of a branch both ways count.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import coverage

NOT_COUNTED = (
    "Not counted is what runs in a process of its own: servers and workers that tests start and"
    " kill, and the child that tries a pack."
)
COUNTED = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def folder_of(file: str) -> str:
    """Return the first two parts of a module's path, of what stands in a top folder the first."""
    return "/".join(PurePath(file).parts[:-1][:2])


def by_folder(files: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """Return folder -> what was counted in it, from the files of coverage's JSON report."""
    found: dict[str, Counter[str]] = {}
    for file, report in sorted(files.items()):
        counted = {name: report["summary"][name] for name in COUNTED}
        found.setdefault(folder_of(file), Counter()).update(counted)
    return found


def per_cent(counted: Mapping[str, int]) -> str:
    """Return "87.3": cut off, so that 100.0 means all."""
    all_there_is = counted["num_statements"] + counted["num_branches"]
    reached = counted["covered_lines"] + counted["covered_branches"]
    return f"{reached * 1000 // all_there_is / 10:.1f}"


def table(folders: Mapping[str, Counter[str]]) -> Iterator[str]:
    total = sum(folders.values(), Counter())
    yield f"{'folder':<24}{'statements':>12}{'branches':>12}{'per cent':>12}"
    for name, counted in [*folders.items(), ("all", total)]:
        statements, branches = counted["num_statements"], counted["num_branches"]
        if statements:
            yield f"{name:<24}{statements:>12}{branches:>12}{per_cent(counted):>12}"


def main() -> int:
    """Print the table; 1 when nothing was measured."""
    measured = coverage.Coverage()
    try:
        measured.load()
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "coverage.json"
            measured.json_report(outfile=str(report))
            files = json.loads(report.read_text("utf-8"))["files"]
    except coverage.exceptions.CoverageException as error:
        sys.stderr.write(f"{error} Run make test COVERAGE=1 first.\n")
        return 1
    lines = ["", "Branch coverage by folder", *table(by_folder(files)), NOT_COUNTED]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
