"""`permanence new-pack`: a pack that runs as it stands, for somebody to make their own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from training.demo_file import FILE as PEOPLE
from training.scenario_file import FILE as SCENARIOS
from web.cli import pack_files
from web.cli.console import Console, Failure
from web.cli.words import Commands, add_command

STARTER = Path(__file__).parent / "starter"
"""The pack that a new one is copied from, unless another is named."""

_ID = re.compile(r"[a-z][a-z0-9_-]{0,49}")
_ID_LINE = re.compile(r'^id = "[^"]*"', re.MULTILINE)
_TITLE_LINE = re.compile(r'^title = "[^"]*"', re.MULTILINE)


def add_to(commands: Commands) -> None:
    """Add this command to the command line."""
    line = add_command(commands, "new-pack", new_pack, "write the files of a pack that runs")
    line.add_argument(
        "id", metavar="ID", help="small letters, digits, - and _: a name in addresses"
    )
    line.add_argument(
        "--title", help="what people read; default: from the id, or of the other pack"
    )
    line.add_argument(
        "--from",
        dest="source",
        metavar="PACK",
        help="copy this pack instead: its id, or its folder",
    )
    line.add_argument(
        "--in",
        dest="parent",
        type=Path,
        default=pack_files.FOLDER,
        metavar="FOLDER",
        help="where its folder is made; default: beside the packs that come with the program",
    )


def new_pack(console: Console, given: argparse.Namespace) -> None:
    """Write a pack's files into a folder of its own and say what comes next.

    Raises:
        Failure: the id is none, or the folder is there already.
        NoPack: there is no pack to copy.
    """
    if not _ID.fullmatch(given.id):
        raise Failure(f"{given.id!r} is no id: write small letters, digits, - and _, like my_pack.")
    folder: Path = given.parent / given.id
    if folder.exists():
        raise Failure(f"{folder} is there already. Choose another id, or another folder with --in.")
    source = pack_files.find_pack(given.source) if given.source else STARTER
    title = given.title or (None if given.source else given.id.replace("_", " ").capitalize())
    files = _renamed(pack_files.read_folder(source), given.id, title)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    named = given.id if given.parent == pack_files.FOLDER else str(folder)
    text = (
        f"Written: {folder}, {len(files)} files. Begin with pack.toml. Then:\n"
        f"  permanence check {folder}\n"
        f"  PERMANENCE_MODE=training permanence init --demo --pack {named}\n"
        f'  permanence publish {named} --reason "What changed"'
    )
    console.say(text, {"folder": str(folder), "files": sorted(files)})


def _renamed(files: dict[str, bytes], id: str, title: str | None) -> dict[str, bytes]:
    """Return a pack's files under another id, by which its made-up people are called too."""
    pack = files["pack.toml"].decode()
    found = _ID_LINE.search(pack)
    if found is None:
        raise Failure('The pack to copy has no line id = "…" in its pack.toml. Write one.')
    before = found[0].split('"')[1]
    pack = _ID_LINE.sub(f'id = "{id}"', pack, count=1)
    if title is not None:
        plain = title.replace("\\", "\\\\").replace('"', '\\"')
        pack = _TITLE_LINE.sub(lambda _: f'title = "{plain}"', pack, count=1)
    renamed = {**files, "pack.toml": pack.encode()}
    of_people = re.compile(rf"\b{re.escape(before)}\.(?=[a-z<])")
    for path in (PEOPLE, SCENARIOS):
        if path in files:
            renamed[path] = of_people.sub(f"{id}.", files[path].decode()).encode()
    return renamed
