"""The corpus: every hostile or invalid file, with what a check says about it and how fast.

`python -m tests.engine.publishing.corpus.everything` writes the figures.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass

from engine.errors import Finding
from engine.publishing.check import check_files
from tests.engine.publishing.corpus.expressions import EXPRESSIONS
from tests.engine.publishing.corpus.files import FILES
from tests.engine.publishing.corpus.hostile import Hostile
from tests.engine.publishing.corpus.structure import GROWING, RUNNING, STRUCTURE
from workflows.permanence.domain import DOMAIN

CORPUS = [*EXPRESSIONS, *STRUCTURE, *GROWING, *RUNNING, *FILES]


@dataclass(frozen=True)
class Answer:
    """What was said about one file, after how many seconds of the processor."""

    findings: list[Finding]
    seconds: float


def check(hostile: Hostile) -> Answer:
    """Check a file as part of the small pack."""
    started = _processor()
    findings = check_files(hostile.files, domain=DOMAIN)
    return Answer(findings, _processor() - started)


def _processor() -> float:
    """Seconds of the processor that this process and its children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    """Check every file; write how many there are, and the slowest."""
    answers = {hostile.name: check(hostile) for hostile in CORPUS}
    slowest = max(answers, key=lambda name: answers[name].seconds)
    sys.stdout.write(
        f"{len(CORPUS)} files ({len(EXPRESSIONS)} expressions, {len(STRUCTURE)} diagrams,"
        f" {len(GROWING) + len(RUNNING)} that must be run, {len(FILES)} files),"
        f" {sum(len(each.findings) for each in answers.values())} findings;"
        f" slowest: {slowest}, {answers[slowest].seconds:.2f} s\n"
    )


if __name__ == "__main__":
    main()
