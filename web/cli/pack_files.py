"""Packs on disk: this checkout's own in `bpmn_diagrams/`, or a folder anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.errors import Finding
from training.demo_file import FILE as FILE
from training.demo_file import Demo, read_demo
from training.scenario_file import FILE as SCENARIOS

FOLDER = Path(__file__).parents[2] / "bpmn_diagrams"
PARTS = ("pack.toml", "*.bpmn", "*.dmn", "forms/*.json")

Check = Callable[[dict[str, bytes]], list[Finding]]


class NoPack(Exception):
    """There is no pack of that id, or the folder holds none; the sentence says which."""


def own_packs() -> list[Path]:
    """Return the folders of the packs that come with the program, by id."""
    return sorted(path.parent for path in FOLDER.glob("*/pack.toml"))


def find_pack(named: str) -> Path:
    """Return the folder that `named` means: a pack's id, or a path.

    Raises:
        NoPack: neither is there.
    """
    for folder in (FOLDER / named, Path(named)):
        if (folder / "pack.toml").is_file():
            return folder
    known = ", ".join(path.name for path in own_packs())
    raise NoPack(f"There is no pack {named}: name a folder with a pack.toml, or one of {known}.")


def read_pack(folder: Path) -> dict[str, bytes]:
    """Return the files of a pack by their path inside it; other files in the folder are not its.

    Raises:
        OSError: a file cannot be read.
    """
    found = sorted(path for part in PARTS for path in folder.glob(part) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a pack with what stands beside it: made-up people, scenarios."""
    beside = [folder / name for name in (FILE, SCENARIOS)]
    return read_pack(folder) | {each.name: each.read_bytes() for each in beside if each.is_file()}


def read_demos(folders: Mapping[str, Path]) -> dict[str, Demo]:
    """Return pack -> what its demo.toml says, of packs by their ids; one without says nothing.

    Raises:
        DemoRefused: one cannot be read.
    """
    files = {pack: folder / FILE for pack, folder in folders.items()}
    return {
        pack: read_demo(pack, file.read_bytes()) if file.is_file() else Demo(pack)
        for pack, file in files.items()
    }


def own_demos() -> dict[str, Demo]:
    """Return what the demo.toml of each pack says that comes with the program."""
    return read_demos({folder.name: folder for folder in own_packs()})


def check_paths(paths: Sequence[str], check: Check) -> list[Finding]:
    """Return what `check` finds in folders (each a pack) and files; unreadable is a finding too.

    Files that stand beside a pack.toml which is named as well are checked as one pack.
    """
    loose = [path for path in map(Path, paths) if not path.is_dir()]
    roots = {path.parent for path in loose if path.name == "pack.toml"}
    groups: dict[Path | None, dict[str, Path]] = {}
    for folder in (path for path in map(Path, paths) if path.is_dir()):
        inside = [path for part in PARTS for path in sorted(folder.glob(part))]
        groups[folder] = {path.relative_to(folder).as_posix(): path for path in inside}
        groups[folder].setdefault("pack.toml", folder / "pack.toml")
    for path in loose:
        root = next((each for each in roots if path.is_relative_to(each)), None)
        name = str(path) if root is None else path.relative_to(root).as_posix()
        groups.setdefault(root, {})[name] = path
    return [finding for files in groups.values() for finding in _check(files, check)]


def _check(files: dict[str, Path], check: Check) -> list[Finding]:
    readable, findings = {}, []
    for name, path in files.items():
        try:
            readable[name] = path.read_bytes()
        except OSError as error:
            message = f"The file cannot be read: {error.strerror}."
            findings.append(Finding("error", name, "", "unreadable", message))
    return findings + (check(readable) if readable else [])
