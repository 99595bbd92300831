"""What past releases wrote, one folder for each format of the state: read, never written again.

`format_N/written.json` says by what; `packs` holds the files of the versions that the rest ran on,
`cases` cases cut where something waits, with the texts of their instances in plain sight and the
other rows of their database beside it, `instances` single drawings likewise, and
`database.rows.json.xz` a whole small database.
"""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.states.rows import Rows

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Kept:
    """Something of one format: its name, and what its file says."""

    folder: Path
    name: str
    said: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.folder.name}-{self.name}"

    @property
    def written(self) -> dict[str, Any]:
        """Return by what it was written: commit, release, SpiffWorkflow, revision of the tables."""
        return dict(json.loads((self.folder / "written.json").read_text("utf-8")))


def formats() -> list[Path]:
    return sorted(HERE.glob("format_*"), key=lambda each: int(each.name.partition("_")[2]))


def kept(kind: str) -> list[Kept]:
    """Return what is kept of a kind, "cases" or "instances", of all formats."""
    return [
        Kept(folder, file.stem, json.loads(file.read_text("utf-8")))
        for folder in formats()
        for file in sorted((folder / kind).glob("*.json"))
    ]


def packs(folder: Path) -> dict[str, dict[str, bytes]]:
    """Return hash -> files of the versions that a format's cases ran on."""
    files = (folder / "packs").glob("*.tar.xz")
    return {file.name.partition(".")[0]: unpack(file) for file in files}


def pack(file: Path, files: dict[str, bytes]) -> None:
    """Keep the files of one version, the same bytes for the same files."""
    with tarfile.open(file, "w:xz", preset=9) as archive:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def unpack(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        return {each.name: _content(archive, each) for each in archive.getmembers()}


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    found = archive.extractfile(member)
    assert found is not None
    return found.read()


def write_rows(file: Path, kept: Rows) -> None:
    """Keep a database's rows, its tables in their order."""
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    file.write_bytes(lzma.compress(text.encode(), preset=9))


def read_rows(file: Path) -> Rows:
    return dict(json.loads(lzma.decompress(file.read_bytes())))


def rows_of(case: Kept) -> Rows:
    """Return the rows of the database that a case was cut from."""
    beside = read_rows(case.folder / "cases" / f"{case.name}.rows.json.xz")
    return {**beside, "instance": case.said["instances"]}
