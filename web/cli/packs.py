"""Packs: checked, published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from engine.errors import Finding, PackRefused
from engine.packs.manifest import parse_pack
from engine.packs.version import Definition
from engine.publishing import publish as publishing
from engine.publishing.check import check_files
from engine.storage import database, published_versions
from engine.storage.database import Connection, Engine
from training.demo_check import require_known
from training.scenario_file import FILE as SCENARIOS
from training.scenarios import check_scenarios
from training.toml_entries import DemoRefused
from web.cli import pack_files
from web.cli.console import Console, Failure
from web.cli.progress import on_terminal
from web.cli.words import Commands, add_command

FIRST = "first publication"
"""Why a pack of this repository was published by `init`."""


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    check_line = add_command(commands, "check", check, "check a pack's files, or its folder")
    check_line.add_argument("files", nargs="+", metavar="FILE")
    publish_line = add_command(commands, "publish", publish, "publish packs for new cases")
    publish_line.add_argument("packs", nargs="+", metavar="PACK", help="a pack's id, or its folder")
    publish_line.add_argument("--reason", default="published from the command line")


def check(console: Console, given: argparse.Namespace) -> int:
    """Print what is wrong with a pack's files; 1 when something forbids publishing."""
    findings = pack_files.check_paths(given.files, partial(check_files, domain=console.domain))
    if not any(each.severity == "error" for each in findings):
        findings += [found for each in map(Path, given.files) for found in _demo_findings(each)]
        findings += _played(console, [Path(each) for each in given.files if Path(each).is_dir()])
    console.say(_findings(findings) or "Nothing found.", [asdict(each) for each in findings])
    errors = sum(each.severity == "error" for each in findings)
    if errors:
        raise Failure(f"{errors} {'error' if errors == 1 else 'errors'} found.")
    return 0


def _played(console: Console, folders: Iterable[Path]) -> list[Finding]:
    """Return what does not come out as the scenarios beside packs tell."""
    findings: list[Finding] = []
    with on_terminal(sys.stderr) as tell:
        for folder in folders:
            scenarios = folder / SCENARIOS
            if scenarios.is_file():
                files, told = pack_files.read_pack(folder), scenarios.read_bytes()
                findings += check_scenarios(files, told, domain=console.domain, tell=tell)
    return findings


def _demo_findings(folder: Path) -> list[Finding]:
    """Return what is wrong with the made-up people beside a pack that passed its checks."""
    if not (folder / pack_files.FILE).is_file():
        return []
    definition = Definition(pack_files.read_pack(folder))
    try:
        [demo] = pack_files.read_demos({definition.pack.id: folder}).values()
        require_known(demo, definition)
    except DemoRefused as refused:
        return [Finding("error", pack_files.FILE, "", "demo", refused.why)]
    return []


def publish(console: Console, given: argparse.Namespace) -> None:
    """Publish packs, all of them or none. They are checked before anybody has to wait."""
    engine = console.connect()
    folders = [pack_files.find_pack(named) for named in given.packs]
    with database.reading(engine) as connection:
        in_force = versions_in_force(connection)
    checked = [check_folder(console, folder) for folder in folders]
    with database.transaction(engine) as connection:
        done = put_all_in_force(
            console, connection, checked, reason=given.reason, instead_of=in_force
        )
    console.say("\n".join(f"{each['pack']} {each['definition']}" for each in done), done)


def versions_in_force(connection: Connection) -> dict[str, str]:
    """Return pack -> the hash of its version in force."""
    return {row.pack: row.definition for row in published_versions.list_packs(connection)}


def check_folder(console: Console, folder: Path) -> Definition:
    """Return the pack in a folder, once every check has passed it.

    Raises:
        Failure: it was refused; the findings are on stderr.
    """
    try:
        return publishing.checked(pack_files.read_pack(folder), domain=console.domain)
    except PackRefused as refused:
        sys.stderr.write(_findings(list(refused.findings)) + "\n")
        raise Failure(f"The pack {folder.name} was refused.") from refused


def put_all_in_force(
    console: Console,
    connection: Connection,
    definitions: Iterable[Definition],
    *,
    reason: str,
    instead_of: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """Put checked packs in force. Before the training clock is set up it counts as real time."""
    done = []
    for definition in definitions:
        pack = definition.pack.id
        publishing.put_in_force(
            console.context(connection),
            definition,
            reason=reason,
            instead_of=(instead_of or {}).get(pack),
        )
        done.append({"pack": pack, "definition": definition.hash})
    return done


def never_published(
    console: Console, engine: Engine, folders: Mapping[str, Path]
) -> list[Definition]:
    """Return those of these packs, by id, that were never published here, checked."""
    with database.reading(engine) as connection:
        known = versions_in_force(connection)
    return [check_folder(console, folder) for pack, folder in folders.items() if pack not in known]


def folders_of(named: Sequence[str] | None) -> dict[str, Path]:
    """Return id -> folder of the packs named by id or folder; without names of all our own.

    Raises:
        NoPack: one is not there.
        PackRefused: a pack.toml cannot be read.
    """
    found = [pack_files.find_pack(each) for each in named] if named else pack_files.own_packs()
    return {parse_pack((each / "pack.toml").read_bytes()).id: each for each in found}


def _findings(findings: list[Finding]) -> str:
    return "\n".join(
        f"{each.severity}: {each.file}{f' {each.element}' if each.element else ''}: {each.message}"
        for each in findings
    )
