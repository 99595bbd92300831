"""Generated processes on the SpiffWorkflow in use and on another: step by step, nothing differs.

What is seen of each step is compared, and each side plays each step from the text that the other
left. The other version is installed from the package index into a folder of its own, first on the
path of a child process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.proofs import generated
from tests.proofs.processes import Move as Drawn
from tests.states.instances import Move, definition_of, play
from tests.states.shapes import drawn_files, played

ROOT = Path(__file__).parents[2]
PROCESSES = 2
RUNS = 1_000
SEED = 21
EXAMPLES = 3
NEWEST = "newest"
"""The newest that the index has, pre-releases too: what the next upgrade brings. It must do all
that the version in use does."""
LAST_BEFORE = "3.1.2"
"""The last before the one in use. It does some things otherwise, which the comparison must find:
event gateways wait another way, and ends of branches merge their nested data differently."""
EVENT_GATEWAY = "eventBasedGateway"

Step = tuple[dict[str, Any], str | None]
"""What is seen of a step, and the text that it left."""


class Unreachable(Exception):
    """The package index could not be reached, or does not have the version."""


@dataclass
class Compared:
    """What a comparison went through, and what it found."""

    runs: int = 0
    steps: int = 0
    completed: int = 0
    read_across: int = 0
    texts_alike: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    """Runs by what differed first in them."""
    examples: list[str] = field(default_factory=list)
    """The drawings and moves of the first that differed, to be run again."""

    def add(self, other: Compared) -> None:
        self.runs += other.runs
        self.steps += other.steps
        self.completed += other.completed
        self.read_across += other.read_across
        self.texts_alike += other.texts_alike
        self.differing += other.differing
        self.examples = [*self.examples, *other.examples][:EXAMPLES]


def newest() -> dict[str, Any]:
    """Compare with the newest version; each difference is a problem."""
    result = _compared(NEWEST)
    if result.get("differing"):
        result["problems"] = result["examples"]
    return result


def last_before() -> dict[str, Any]:
    """Compare with the version before the one in use; finding nothing is a miss."""
    result = _compared(LAST_BEFORE)
    if "skipped" not in result and not result["differing"]:
        result["missed"] = [f"what {LAST_BEFORE} does otherwise"]
    return result


def _compared(wanted: str) -> dict[str, Any]:
    proof = {"proof": f"SpiffWorkflow {version('SpiffWorkflow')} and another do the same"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            install(wanted, Path(folder))
        except Unreachable as error:
            return {**proof, "skipped": str(error)}
        with other_side(Path(folder)) as other:
            found = other.version
        if found == version("SpiffWorkflow"):
            return {**proof, "skipped": f"{found} is the newest and in use"}
        compared = Compared()
        parts = range(SEED, SEED + RUNS // generated.RUNS_AT_ONCE)
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            part = partial(compare, Path(folder), runs=generated.RUNS_AT_ONCE)
            for each in pool.map(part, parts):
                compared.add(each)
    return {**proof, "other": found, **vars(compared)}


def install(wanted: str, folder: Path) -> None:
    """Install a version into a folder, without what it depends on.

    Raises:
        Unreachable: it cannot be had.
    """
    which = "SpiffWorkflow" if wanted == NEWEST else f"SpiffWorkflow=={wanted}"
    done = subprocess.run(
        ["scripts/uv.sh", "pip", "install", "--quiet", "--no-deps", "--prerelease", "allow",
         "--target", str(folder), which],
        cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        raise Unreachable(f"the package index could not be reached or has no {which}")


class OtherSide:
    """The child process with the other version."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version = str(self._hear()["version"])

    def play(self, files: dict[str, str], moves: list[Move], texts: list[str | None]) -> list[Step]:
        """Play each move from its text, or from what the one before it left."""
        assert self._process.stdin is not None
        asked = {"files": files, "moves": moves, "texts": texts}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return [(seen, text) for seen, text in self._hear()]

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the other SpiffWorkflow's process ended; run it to see why")
        return json.loads(line)


@contextmanager
def other_side(folder: Path | None) -> Iterator[OtherSide]:
    """Start the other side; without a folder it has the SpiffWorkflow in use."""
    path = os.pathsep.join(str(each) for each in (folder, ROOT) if each)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.other_side"],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield OtherSide(process)
    finally:
        process.communicate()


def compare(folder: Path | None, seed: int, *, runs: int) -> Compared:
    """Compare generated runs of a seed with the version in a folder."""
    compared = Compared()
    with other_side(folder) as other:
        generated.each(
            runs, seed, lambda xml, drawn: hold(other, xml, drawn, compared), shrink=False
        )
    return compared


def hold(other: OtherSide, xml: bytes, drawn: list[Drawn], compared: Compared) -> None:
    """Run one drawing on both sides, and across; write down what differs first."""
    files = drawn_files(xml)
    definition = definition_of(files)
    moves: list[Move] = []
    ours: list[Step] = []
    for move, seen, text in played(definition, drawn):
        moves.append(move)
        ours.append((seen, text))
        if seen["failed"] or seen["completed"]:
            break
    theirs = other.play(files, moves, [None] * len(moves))
    compared.runs += 1
    compared.steps += len(moves)
    compared.completed += bool(ours[-1][0].get("completed"))
    difference = _difference("played", ours, theirs)
    if difference is None:
        compared.texts_alike += sum(
            _but_for_head(left[1]) == _but_for_head(right[1])
            for left, right in zip(ours, theirs, strict=True)
        )
        compared.read_across += 2 * (len(moves) - 1)
        difference = _across(other, files, moves, ours, theirs)
    if difference is not None:
        gateway = EVENT_GATEWAY in files["case.bpmn"]
        compared.differing[f"{difference}{', with an event gateway' if gateway else ''}"] += 1
        if len(compared.examples) < EXAMPLES:
            compared.examples.append(f"{difference}: {json.dumps([files, moves])}")


def _across(
    other: OtherSide,
    files: dict[str, str],
    moves: list[Move],
    ours: list[Step],
    theirs: list[Step],
) -> str | None:
    """Play each move but the first from the text that the other side left before it."""
    definition = definition_of(files)
    there = other.play(files, moves[1:], _texts(ours))
    here = [
        play(definition, text, move) for text, move in zip(_texts(theirs), moves[1:], strict=True)
    ]
    return _difference("our texts read there", ours[1:], there) or _difference(
        "their texts read here", here, theirs[1:]
    )


def _texts(steps: list[Step]) -> list[str | None]:
    """Return the texts that all moves but the first begin with."""
    return [text for _, text in steps[:-1]]


def _difference(how: str, ours: list[Step], theirs: list[Step]) -> str | None:
    for (here, _), (there, _) in zip(ours, theirs, strict=True):
        fields = sorted(name for name in here if here[name] != there.get(name))
        if fields:
            failed = f" ({there['failed'][:70]})" if there["failed"] else ""
            return f"{how}, {' '.join(fields)}{failed}"
    return None


def _but_for_head(text: str | None) -> str | None:
    """Return a text without what names its writer."""
    return None if text is None else text[text.index('"next"') :]
