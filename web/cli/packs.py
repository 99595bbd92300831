"""Packs: checked, published."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import Finding, PackRefused
from engine.publishing import publish as publishing
from engine.publishing.check import check_files
from engine.storage import database, published_versions
from web.cli import pack_files
from web.cli.console import Console, Failure
from web.cli.words import Commands, add_command


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
    console.say(_findings(findings) or "Nothing found.", [asdict(each) for each in findings])
    errors = sum(each.severity == "error" for each in findings)
    if errors:
        raise Failure(f"{errors} {'error' if errors == 1 else 'errors'} found.")
    return 0


def publish(console: Console, given: argparse.Namespace) -> None:
    """Publish packs, all of them or none."""
    engine = console.connect()
    with database.transaction(engine) as connection:
        done = [
            _publish(console, connection, pack_files.find_pack(named), given.reason)
            for named in given.packs
        ]
    console.say("\n".join(f"{each['pack']} {each['definition']}" for each in done), done)


def publish_first(console: Console, connection: Any) -> list[dict[str, str]]:
    """Publish the packs of this repository that have never been published here."""
    return [
        _publish(console, connection, folder, "first publication")
        for folder in pack_files.own_packs()
        if not published_versions.list_publications(connection, folder.name)
    ]


def _publish(console: Console, connection: Any, folder: Path, reason: str) -> dict[str, str]:
    """Publish one folder. Before the training clock is set up it counts as the real time."""
    try:
        definition = publishing.publish(
            console.context(connection), pack_files.read_pack(folder), reason=reason
        )
    except PackRefused as refused:
        sys.stderr.write(_findings(list(refused.findings)) + "\n")
        raise Failure(f"The pack {folder.name} was refused.") from refused
    pack = published_versions.get_definition(connection, definition).pack
    return {"pack": pack.id, "definition": definition}


def _findings(findings: list[Finding]) -> str:
    return "\n".join(
        f"{each.severity}: {each.file}{f' {each.element}' if each.element else ''}: {each.message}"
        for each in findings
    )
